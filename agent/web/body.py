"""What a request carries: declared fields, checked once, each mistake answered with a sentence that names the field."""

from __future__ import annotations

import asyncio
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from agent.core.point import Value
from agent.web.answers import TurnedAwayError

PATIENCE = 10.0  # seconds for a body to arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a body or query. `kind`: text, secret (a text taken as it is), number, switch, value, values (by name)."""

    name: str
    kind: str = "text"
    required: bool = True
    default: Any = None
    low: float | None = None
    high: float | None = None
    longest: int = 200
    choices: tuple[str, ...] = ()
    help: str = ""


REASON = Field(name="reason", longest=500, help="why, in a sentence; kept in the audit record")


async def read_body(request: web.Request, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The checked fields of a JSON body. Raises TurnedAwayError or ValueError."""
    if not fields:
        return {}
    if request.content_type != "application/json":
        raise TurnedAwayError(415, "send JSON (Content-Type: application/json)")
    try:
        async with asyncio.timeout(PATIENCE):
            text = await request.read()
    except TimeoutError as error:
        raise TurnedAwayError(408, "the request did not arrive in time") from error
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("send a JSON object")  # noqa: TRY004 - a wrong request, answered with 400
    _refuse_unknown(data, fields)
    return {field.name: _check(field, data.get(field.name)) for field in fields}


def read_query(query: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Any]:
    """The checked fields of a query string. Raises ValueError."""
    _refuse_unknown(query, fields)
    return {field.name: _check(field, _from_text(field, query.get(field.name))) for field in fields}


def check_value(value: Any, name: str = "value") -> Value:
    """A value as a point may hold it: a finite number, true or false, or a short text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > 1e18:
            raise ValueError(f"{name} must be a finite number")
        return value
    if isinstance(value, str) and 0 < len(value) <= 200:
        return value
    raise ValueError(f"{name} must be a number, true or false, or a short text")


def _refuse_unknown(data: Mapping[str, Any], fields: tuple[Field, ...]) -> None:
    names = [field.name for field in fields]
    for name in data:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, 3)
            raise TurnedAwayError(400, f"there is no field {str(name)[:40]!r} here", near or names)


def _from_text(field: Field, text: str | None) -> Any:
    if text is None or field.kind == "text":
        return text
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{field.name} must be a number") from error


def _check(field: Field, value: Any) -> Any:
    if value is None:
        if field.required:
            raise ValueError(f"{field.name} is missing")
        return field.default
    if field.kind == "value":
        return check_value(value, field.name)
    if field.kind == "values":
        return _check_values(field, value)
    if field.kind == "switch":
        if not isinstance(value, bool):
            raise ValueError(f"{field.name} must be true or false")
        return value
    if field.kind == "secret":
        return _check_secret(field, value)
    return _check_number(field, value) if field.kind == "number" else _check_text(field, value)


def _check_values(field: Field, value: Any) -> dict[str, Value]:
    if not isinstance(value, dict) or not 0 < len(value) <= 50:
        raise ValueError(f"{field.name} must be an object of names and values")
    return {str(name)[:200]: check_value(one, str(name)[:40]) for name, one in value.items()}


def _check_secret(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= field.longest:
        raise ValueError(f"{field.name} must be a text of at most {field.longest} characters")
    return value


def _check_number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{field.name} must be a number")
    if field.low is not None and value < field.low:
        raise ValueError(f"{field.name} must be at least {field.low:g}")
    if field.high is not None and value > field.high:
        raise ValueError(f"{field.name} must be at most {field.high:g}")
    return float(value)


def _check_text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{field.name} must be a text")  # noqa: TRY004 - a wrong request, answered with 400
    text = value.strip()
    if field.required and not text:
        raise ValueError(f"{field.name} is missing")
    if len(text) > field.longest:
        raise ValueError(f"{field.name} is too long (at most {field.longest} characters)")
    if not text.isprintable():
        raise ValueError(f"{field.name} holds characters that cannot be shown")
    if field.choices and text not in field.choices:
        near = difflib.get_close_matches(text, field.choices, 3) or field.choices
        raise TurnedAwayError(400, f"{field.name} must be one of {', '.join(field.choices)}", near)
    return text
