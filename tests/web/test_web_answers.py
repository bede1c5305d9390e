from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

import orjson
import pytest
from aiohttp import web

from agent.console.unknown_name import UnknownNameError
from agent.core.errors import BusError, DeviceError, PlantroomError
from agent.web.answers import TurnedAwayError, encode, refusal_of, refuse


class Colour(StrEnum):
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class View:
    name: str
    colour: Colour
    tags: frozenset[str]
    value: float


def test_views_become_json_and_what_is_no_number_becomes_null() -> None:
    view = View("a", Colour.GREY, frozenset({"y", "x"}), float("nan"))
    assert orjson.loads(encode([view])) == [
        {"name": "a", "colour": "grey", "tags": ["x", "y"], "value": None}
    ]


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (ValueError("too warm"), 400, "too warm"),
        (KeyError("there is no point x"), 404, "there is no point x"),
        (KeyError("chiller_9"), 404, "there is no 'chiller_9'"),
        (KeyError(), 404, "there is no such thing"),
        (UnknownNameError("point", "ch1.laod", ["ch1.load"]), 404, "there is no point 'ch1.laod'"),
        (PermissionError("not from the cloud"), 403, "not from the cloud"),
        (TimeoutError(), 504, "no answer in time; look at the point again before repeating this"),
        (BusError("line is down"), 502, "line is down"),
        (DeviceError("refused"), 502, "refused"),
        (PlantroomError("disk is full"), 503, "disk is full"),
        (web.HTTPRequestEntityTooLarge(1, 2), 413, "the request is too large"),
        (web.HTTPNotFound(), 404, "there is no such address here"),
        (TurnedAwayError(429, "wait"), 429, "wait"),
    ],
)
def test_each_error_has_a_status_and_a_sentence(error: Exception, status: int, sentence: str) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.sentence) == (status, sentence)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("no x", "y1", "y2"),
        KeyError("no x", ["y1", "y2"]),
        UnknownNameError("point", "y", ["y1", "y2", "other"]),
    ],
)
def test_names_that_come_close_ride_along(error: KeyError) -> None:
    assert sorted(refusal_of(error).nearest) == ["y1", "y2"]


def test_what_nobody_foresaw_tells_the_log_and_not_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "plantroom.web"):
        refusal = refusal_of(RuntimeError("secret path /data/x"))
    assert refusal.status == 500
    assert "secret" not in refusal.sentence
    assert "secret path" in caplog.text


def test_a_wait_is_told_in_the_header() -> None:
    assert refuse(TurnedAwayError(429, "wait", retry_after=0.2)).headers["Retry-After"] == "1"
    assert "Retry-After" not in refuse(TurnedAwayError(404, "gone")).headers
