"""Frozen dataclasses to plain JSON values and back: policy state, guard timers, overrides, recorded ticks."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, Union

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dataclasses become objects, enums their value, tuples and sets lists. Infinity is kept as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [to_plain(item) for item in items]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        return str(value)
    return value


def from_plain(kind: type[T], data: Any) -> T:
    """The inverse of `to_plain` for a declared type. Unknown keys are dropped, missing ones take their default.

    Raises TypeError or ValueError when the data cannot be of that type: the caller starts afresh and says so.
    """
    return typing.cast("T", _restore(kind, data))


def _restore(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any:
        return data
    if origin in (Union, types.UnionType):
        return _restore_union(typing.get_args(kind), data)
    if origin is not None:
        return _restore_generic(origin, typing.get_args(kind), data)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _restore_dataclass(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return _restore_scalar(kind, data)


def _restore_scalar(kind: Any, data: Any) -> Any:
    if kind is float and isinstance(data, int | float | str) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise TypeError(f"expected {kind.__name__}, found {type(data).__name__}")
    return data


def _restore_key(kind: Any, text: str) -> Any:
    """Keys of a JSON object are text, whatever they were before."""
    if kind in (int, float):
        return kind(text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind({str(member.value): member.value for member in kind}.get(text, text))
    return _restore(kind, text)


def _restore_union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in options:
        return None
    exact = [option for option in options if isinstance(option, type) and type(data) is option]
    for option in (*exact, *options):
        try:
            return _restore(option, data)
        except (TypeError, ValueError):
            continue
    raise TypeError(f"{data!r} fits none of {options}")


def _restore_generic(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = arguments
        if not isinstance(data, Mapping):
            raise TypeError("expected an object")
        return {_restore_key(key, k): _restore(item, v) for k, v in data.items()}
    if not isinstance(data, list):
        raise TypeError("expected a list")
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return tuple(_restore(kind, item) for kind, item in zip(arguments, data, strict=True))
    make = origin if origin in (tuple, list, set, frozenset) else tuple
    return make(_restore(arguments[0], item) for item in data)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _restore_dataclass(kind: type, data: Any) -> Any:
    if not isinstance(data, Mapping):
        raise TypeError(f"expected an object for {kind.__name__}")
    hints = _hints(kind)
    known = {
        field.name: _restore(hints[field.name], data[field.name])
        for field in dataclasses.fields(kind)
        if field.name in data
    }
    return kind(**known)
