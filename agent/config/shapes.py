"""Shapes (pydantic models) against documents: every mismatch becomes a problem with line, column and mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.config.document import Document, Where
from agent.config.names import nearest
from agent.config.quantities import QuantityError

Shape = TypeVar("Shape", bound=BaseModel)


def fit(shape: type[Shape], data: Any, document: Document, where: Where = ()) -> Shape | None:
    """The data in that shape, or None with all its problems noted."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(shape, data, detail, document, where)
        return None


def without(data: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """The mapping without these keys."""
    dropped = set(keys)
    return {key: value for key, value in data.items() if key not in dropped}


def _note(shape: type[BaseModel], data: Any, detail: ErrorDetails, document: Document, where: Where) -> None:
    place, model = _place(shape, data, detail["loc"])
    kind = detail["type"]
    name = str(place[-1])[:60] if place else ""
    if kind == "extra_forbidden":
        document.add((*where, *place), f"'{name}' is not a key known here", nearest(name, model), key=True)
    elif kind == "missing":
        document.add((*where, *place[:-1]), f"'{name}' is missing", f"add {name}: ...", key=len(place) > 1)
    elif isinstance(error := detail.get("ctx", {}).get("error"), QuantityError):
        document.add((*where, *place), str(error), error.mend)
    else:
        message = detail["msg"]
        mend = f"'{name}': {message[:1].lower()}{message[1:]}" if name else message
        document.add((*where, *place), _found(detail["input"], kind), mend)


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
        return f"{text} is out of bounds"
    return f"'{text}' is not of the wanted type"


def _place(shape: type[BaseModel], data: Any, loc: tuple[int | str, ...]) -> tuple[Where, Iterable[str]]:
    """The error's place in the data (without pydantic's union tags), and the keys valid there."""
    place: list[str | int] = []
    here, known = data, list(shape.model_fields)
    for index, step in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(here, dict):
            if step not in here and not last:
                continue
            if not last:
                known = _fields_below(shape, loc[: index + 1], known)
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            here = here[step]
        elif not last or isinstance(here, list):
            continue
        else:
            break
        if step != "[key]":
            place.append(step)
    return tuple(place), known


def _fields_below(shape: type[BaseModel], loc: tuple[int | str, ...], default: list[str]) -> list[str]:
    model: type[BaseModel] | None = shape
    for step in loc:
        field = model.model_fields.get(str(step)) if model else None
        if field is None:
            continue
        model = _model_in(field.annotation)
    return list(model.model_fields) if model else default


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model a field's annotation names, if any: Model, Model | None, dict[str, Model], list[Model]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_in(part)) is not None:
            return found
    return None
