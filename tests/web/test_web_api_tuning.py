"""Modes and tuning over the API: anybody near may look, changing needs a login and a reason, and nonsense is refused by field."""

from __future__ import annotations

import pytest

from agent.web.access import Access
from agent.web.api_tuning import TUNING
from agent.web.openapi import describe
from tests.web.conftest import Caller, Site

pytestmark = pytest.mark.integration

ENTER = {"mode": "enhanced", "seconds": 3600, "reason": "fair"}


async def test_a_visitor_looks_at_a_mode_and_what_it_would_change_and_changes_nothing(
    site: Site, visitor: Caller
) -> None:
    _, areas = await visitor.ask("GET", "/api/areas")
    plant = next(one for one in areas if one["id"] == "plant")
    assert [one["name"] for one in plant["modes"]] == ["energy_saving", "enhanced"]
    status, found = await visitor.ask("GET", "/api/areas/plant/mode-preview?mode=enhanced")
    assert (status, found["parameters"][0]["new"], found["points"][0]["new"]) == (200, 75.0, False)
    for path, body in (
        ("/api/areas/plant/mode", ENTER),
        ("/api/areas/plant/mode/end", {"reason": "x"}),
        ("/api/policies/shed/tune", {"values": {"shed_below": 70}, "reason": "x"}),
        ("/api/policies/shed/preview", {"values": {"shed_below": 70}}),
        ("/api/policies/shed/rehearsal", {"values": {"shed_below": 70}}),
        ("/api/tunings/undo", {"reason": "x"}),
        ("/api/tunings/t1/confirm", {"reason": "x"}),
        ("/api/areas/plant/shadow", {}),
    ):
        status, answer = await visitor.ask("POST", path, body)
        assert (status, answer["error"]) == (401, "log in to change something"), path
    assert site.console.calls == []


async def test_an_operator_chooses_a_mode_in_his_own_name_and_ends_it(site: Site, operator: Caller) -> None:
    status, area = await operator.ask("POST", "/api/areas/plant/mode", ENTER)
    assert (status, area["mode"]["name"], area["mode"]["owner"]) == (200, "enhanced", "user:wang")
    status, area = await operator.ask("POST", "/api/areas/plant/mode/end", {"reason": "over"})
    assert (status, area["mode"]) == (200, None)
    assert site.console.calls == [
        ("mode", "plant", "enhanced", 3600.0, "user:wang", "fair"),
        ("end_mode", "plant", "user:wang", "over"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/api/areas/plant/mode", {"mode": "enhanced"}, "reason is missing"),
        ("/api/areas/plant/mode", ENTER | {"seconds": 0}, "seconds must be at least 1"),
        ("/api/areas/plant/mode", ENTER | {"secnds": 5}, "there is no field 'secnds'"),
        ("/api/policies/shed/tune", {"reason": "x"}, "values is missing"),
        ("/api/policies/shed/tune", {"values": [], "reason": "x"}, "an object of names and values"),
        ("/api/policies/shed/tune", {"values": {"a": {}}, "reason": "x"}, "a must be a number"),
        ("/api/policies/shed/preview", {"values": {"a": 1}, "days": 1000}, "days must be at most 92"),
    ],
)
async def test_a_wrong_field_is_named(
    site: Site, operator: Caller, path: str, body: object, words: str
) -> None:
    status, answer = await operator.ask("POST", path, body)
    assert status == 400
    assert words in answer["error"]
    assert site.console.calls == []


async def test_a_comparison_has_fourteen_days_unless_told(site: Site, operator: Caller) -> None:
    status, found = await operator.ask("POST", "/api/areas/plant/shadow", {})
    assert (status, found["saving"]["days"]) == (200, 14)
    assert site.console.calls == [("shadow", "plant", 14.0)]


def test_every_route_is_described_and_nothing_is_changed_by_looking() -> None:
    document = describe(TUNING, "1.2.3")
    for route in TUNING:
        assert document["paths"][route.path][route.method.lower()]["summary"]
        assert (route.method == "GET") is (route.access is Access.LOOK)
    names = document["components"]["schemas"]
    assert {"ModeView", "ChangePreview", "TuningView", "Replay", "Shadow", "Interval"} <= names.keys()
