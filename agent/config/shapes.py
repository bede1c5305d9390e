"""Shapes (pydantic models) against documents: every mismatch becomes a problem with line, column and mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.config.document import Document, Where
from agent.config.names import nearest
from agent.config.quantities import QuantityError

WANTED = {
    "string": "text (in quotes if it looks like something else)",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list: [a, b]",
    "tuple": "a list: [a, b]",
    "dict": "a section of its own keys",
    "model": "a section of its own keys",
}
"""What is wanted, by how pydantic's error types begin: string_type, int_parsing ..."""

Shape = TypeVar("Shape", bound=BaseModel)


def fit(shape: type[Shape], data: Any, document: Document, where: Where = ()) -> Shape | None:
    """The data in that shape, or None with all its problems noted."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        seen: set[Where] = set()
        for detail in error.errors(include_url=False):
            place, known = _place(shape, data, detail)
            if place not in seen:  # a union complains once for each of its members
                seen.add(place)
                _note(detail, place, known, document, where)
        return None


def _note(detail: ErrorDetails, place: Where, known: Iterable[str], document: Document, where: Where) -> None:
    kind = detail["type"]
    name = str(place[-1])[:60] if place else ""
    if kind == "extra_forbidden":
        document.add((*where, *place), f"'{name}' is not a key known here", nearest(name, known), key=True)
    elif kind == "missing":
        document.add((*where, *place[:-1]), f"'{name}' is missing", f"add {name}: ...", key=len(place) > 1)
    elif isinstance(error := detail.get("ctx", {}).get("error"), QuantityError):
        document.add((*where, *place), str(error), error.mend)
    elif kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", detail.get("ctx", {}).get("expected", ""))
        document.add((*where, *place), _found(detail["input"], kind), nearest(detail["input"], choices))
    elif kind == "invalid_key":
        document.add((*where, *place), f"{_written(detail['input'])} is no name", "a key is text", key=True)
    else:
        document.add((*where, *place), _found(detail["input"], kind), _wanted(detail, name))


def _wanted(detail: ErrorDetails, name: str) -> str:
    first, _, rest = detail["type"].partition("_")
    if first in WANTED and rest in ("type", "parsing", "from_float", "attributes_type"):
        return f"'{name}' wants {WANTED[first]}" if name else f"wanted is {WANTED[first]}"
    message = detail["msg"]
    return f"'{name}': {message[:1].lower()}{message[1:]}" if name else message


def _written(value: Any) -> str:
    """As it stands in the file."""
    return str(value).lower() if isinstance(value, bool) else f"'{str(value)[:60]}'"


def _found(value: Any, kind: str) -> str:
    if isinstance(value, dict):
        return "a section stands where a value is wanted"
    if isinstance(value, list):
        return "a list stands where another value is wanted"
    if value is None:
        return "nothing stands here"
    text = str(value)[:60]
    if kind in ("enum", "literal_error"):
        return f"'{text}' is none of the choices"
    if kind.startswith(("greater", "less", "too_", "string_too")):
        return f"{_written(value) if isinstance(value, str) else text} is out of bounds"
    return f"{_written(value)} is not of the wanted type"


def _place(shape: type[BaseModel], data: Any, detail: ErrorDetails) -> tuple[Where, Iterable[str]]:
    """The error's place in the data (without pydantic's union tags), and the keys valid there."""
    place: list[str | int] = []
    here = data
    loc = detail["loc"]
    for index, step in enumerate(loc):
        absent = detail["type"] == "missing" and index == len(loc) - 1
        if isinstance(here, dict) and (step in here or absent):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            here = here[step]
        else:
            continue
        place.append(step)
    return tuple(place), _fields_at(shape, tuple(place[:-1]))


def _fields_at(shape: type[BaseModel], place: Where) -> list[str]:
    model: type[BaseModel] = shape
    for step in place:
        field = model.model_fields.get(str(step))
        model = (_model_in(field.annotation) if field else None) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model a field's annotation names, if any: Model, Model | None, dict[str, Model], list[Model]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_in(part)) is not None:
            return found
    return None
