"""Answers as JSON, and errors as one plain sentence: nothing the page or a script asks ends in a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from agent.core.errors import BusError, DeviceError, PlantroomError
from agent.core.serial import to_plain

log = logging.getLogger("plantroom.web")

COMPRESS_FROM = 8_192  # bytes; below that a phone on 4G gains nothing


class TurnedAwayError(PlantroomError):
    """A request that is turned away: HTTP status, a sentence for the person, names that come close."""

    def __init__(
        self, status: int, sentence: str, nearest: Sequence[str] = (), retry_after: float | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.nearest = tuple(nearest)
        self.retry_after = retry_after


def encode(value: Any) -> bytes:
    """JSON of views and plain values; NaN and infinity become null."""
    return orjson.dumps(value, default=to_plain, option=orjson.OPT_NON_STR_KEYS)


def answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    body = encode(value)
    response = web.Response(body=body, status=status, content_type="application/json", headers=headers)
    if len(body) >= COMPRESS_FROM:
        response.enable_compression()
    return response


def refuse(refusal: TurnedAwayError) -> web.Response:
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(refusal.retry_after)))
    content = {"error": refusal.sentence, "nearest": list(refusal.nearest)}
    return answer(content, status=refusal.status, headers=headers)


def refusal_of(error: Exception) -> TurnedAwayError:
    """What a person is told of an error that came from behind the console."""
    if isinstance(error, TurnedAwayError):
        return error
    if isinstance(error, KeyError):
        return TurnedAwayError(404, _what_is_missing(error), _nearest(error))
    if isinstance(error, PermissionError):
        return TurnedAwayError(403, str(error) or "not allowed")
    if isinstance(error, ValueError):
        return TurnedAwayError(400, str(error) or "the request makes no sense")
    if isinstance(error, TimeoutError):
        return TurnedAwayError(504, "no answer in time; look at the point again before repeating this")
    if isinstance(error, BusError | DeviceError):
        return TurnedAwayError(502, str(error) or "the device did not answer")
    if isinstance(error, PlantroomError):
        return TurnedAwayError(503, str(error) or "the agent cannot do this now")
    if isinstance(error, web.HTTPException):
        return _refusal_of_http(error)
    log.error("a request failed", exc_info=error)
    return TurnedAwayError(500, "the agent failed to answer this; its log says why")


def _refusal_of_http(error: web.HTTPException) -> TurnedAwayError:
    sentences = {
        404: "there is no such address here",
        405: "this address does not take that method",
        413: "the request is too large",
    }
    return TurnedAwayError(error.status, sentences.get(error.status, error.reason))


def _what_is_missing(error: KeyError) -> str:
    """The sentence of the error, or one made around the bare name that was looked up."""
    if type(error) is not KeyError:
        return str(error)
    said = str(error.args[0]) if error.args else ""
    if " " in said:
        return said
    return f"there is no {said!r}" if said else "there is no such thing"


def _nearest(error: KeyError) -> tuple[str, ...]:
    """Names in its `nearest`, or after the sentence: `KeyError("no point x", "y", "z")` or `KeyError("no point x", ["y", "z"])`."""
    names: list[str] = [str(name) for name in getattr(error, "nearest", ())]
    for argument in error.args[1:]:
        names.extend([argument] if isinstance(argument, str) else map(str, argument))
    return tuple(names[:5])


@web.middleware
async def explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: turns whatever was raised into a sentence. Cancellation passes through."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return refuse(refusal_of(error))
    except Exception as error:  # noqa: BLE001 - the boundary: refusal_of logs what it does not know
        return refuse(refusal_of(error))
