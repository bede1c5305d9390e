"""Written settings to the dataclass that declares them: buses, devices, policies, uplinks.

Reads agent.core.parameter declarations, so a driver or policy never checks its own settings for type and bounds.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, Union

from agent.config.document import Document, Where
from agent.config.names import nearest
from agent.config.quantities import UNITS, QuantityError, quantity
from agent.config.references import References
from agent.core.parameter import ParameterSpec, parameters


class _Wrong(Exception):  # noqa: N818 - control flow inside this module
    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Settings:
    """Builds declared settings from one document. `references` resolves {secret: ...}, {file: ...} and {folder: ...}."""

    document: Document
    references: References

    def build(
        self,
        owner: type,
        data: Mapping[str, Any],
        where: Where,
        *,
        shared: tuple[str, ...] = (),
        given: Mapping[str, Any] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> Any | None:
        """An instance of `owner`, or None with every problem noted.

        `shared` are keys of the entry that are not settings; `given` are fields we set ourselves; `units` are those
        of plain dataclasses that declare none.
        """
        given, units = given or {}, units or {}
        specs = {
            spec.name: replace(spec, unit=units.get(spec.name, spec.unit))
            for spec in parameters(owner)
            if spec.name not in given
        }
        values: dict[str, Any] = dict(given)
        before = len(self.document.problems)
        for key, value in data.items():
            if key in shared:
                continue
            if key not in specs:
                mend = nearest(key, [*specs, *shared])
                self.document.add((*where, key), f"'{str(key)[:60]}' is not a key known here", mend, key=True)
                continue
            try:
                values[key] = self._value(specs[key], value, (*where, key))
            except _Wrong as error:
                self.document.add((*where, key), f"{key}: {error}", error.mend)
        for spec in specs.values():
            if spec.required and spec.name not in data:
                mend = f"add {spec.name}: {_hint(spec)}"
                self.document.add(where, f"'{spec.name}' is missing", mend, key=True)
        return None if len(self.document.problems) > before else self._make(owner, values, where)

    def values(self, owner: type, data: Mapping[str, Any], where: Where) -> Mapping[str, Any] | None:
        """Some declared settings of `owner` by themselves, or None with every problem noted."""
        specs = {spec.name: spec for spec in parameters(owner)}
        before = len(self.document.problems)
        values: dict[str, Any] = {}
        for key, value in data.items():
            try:
                values[key] = self._value(specs[key], value, (*where, key))
            except _Wrong as error:
                self.document.add((*where, key), f"{key}: {error}", error.mend)
        return None if len(self.document.problems) > before else values

    def _make(self, owner: type, values: dict[str, Any], where: Where) -> Any | None:
        try:
            return owner(**values)
        except (ValueError, TypeError) as error:  # the dataclass's own cross-checks
            self.document.add(where, self.references.redacted(str(error))[:300], key=True)
            return None

    def _value(self, spec: ParameterSpec, value: Any, where: Where) -> Any:
        if not (isinstance(value, dict) and set(value) & {"secret", "file", "folder"}):
            return _convert_checked(spec, value)
        text, error = self.references.resolve(value, where)
        if error is not None:
            raise _Wrong(*error)
        try:
            return _convert_checked(spec, text)
        except _Wrong:  # its words would quote the secret
            raise _Wrong("what the reference holds does not fit", f"wanted: {_hint(spec)}") from None


def _convert_checked(spec: ParameterSpec, value: Any) -> Any:
    result = convert(spec.type, value, spec.unit)
    for item in result if isinstance(result, tuple | frozenset) else (result,):
        _check_bounds(spec, item)
    return result


def convert(kind: Any, value: Any, unit: str) -> Any:
    """A written value as declared. Raises a private error with message and mend."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _convert_union(typing.get_args(kind), value, unit)
    if origin is Literal:
        return _choose({str(choice): choice for choice in typing.get_args(kind)}, value)
    if origin in (tuple, frozenset, set, list):
        return _convert_list(origin, typing.get_args(kind), value, unit)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _convert_mapping(typing.get_args(kind), value, unit)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choose({str(member.value): member for member in kind}, value)
    return _SCALARS.get(kind, _as_is)(value, unit)


def _convert_union(options: tuple[Any, ...], value: Any, unit: str) -> Any:
    if value is None and type(None) in options:
        return None
    errors: list[_Wrong] = []
    for option in (option for option in options if option is not type(None)):
        try:
            return convert(option, value, unit)
        except _Wrong as error:
            errors.append(error)
    raise errors[0]


def _convert_list(origin: type, arguments: tuple[Any, ...], value: Any, unit: str) -> Any:
    if not isinstance(value, list):
        raise _Wrong("a list is wanted", f"write [{value if isinstance(value, str) else '...'}]")
    item = arguments[0] if arguments else Any
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            raise _Wrong(f"{len(arguments)} values are wanted", "give that many")
        return tuple(convert(kind, one, unit) for kind, one in zip(arguments, value, strict=True))
    return origin(convert(item, one, unit) for one in value)


def _convert_mapping(arguments: tuple[Any, ...], value: Any, unit: str) -> Any:
    if not isinstance(value, dict):
        raise _Wrong("a section is wanted", "write {name: value}")
    key_kind, item = arguments or (str, Any)
    return {convert(key_kind, key, ""): convert(item, one, unit) for key, one in value.items()}


def _choose(choices: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, str | int) and str(value) in choices:
        return choices[str(value)]
    lower = {name.lower(): choice for name, choice in choices.items()}
    if isinstance(value, str) and value.lower() in lower:
        return lower[value.lower()]
    raise _Wrong(f"'{str(value)[:40]}' is none of the choices", nearest(value, choices))


def _as_bool(value: Any, _unit: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong(f"'{str(value)[:40]}' is not a switch", "write true or false")


def _as_float(value: Any, unit: str) -> float:
    if isinstance(value, str) and unit not in UNITS:  # a unit outside the table is only taken as it is
        value = value.removesuffix(unit).strip()
        unit = ""
    try:
        return quantity(value, unit)
    except QuantityError as error:
        raise _Wrong(str(error), error.mend) from error


def _as_int(value: Any, unit: str) -> int:
    number = _as_float(value, unit)
    if number != int(number):
        raise _Wrong(f"{number:g} is not a whole number", f"write {int(number)}")
    return int(number)


def _as_text(value: Any, _unit: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        raise _Wrong(f"{value} is a number here, text is wanted", f'write "{value}" in quotes')
    raise _Wrong("text is wanted", "write a word or a text in quotes")


def _as_is(value: Any, _unit: str) -> Any:
    return value


_SCALARS: Mapping[Any, Callable[[Any, str], Any]] = {
    bool: _as_bool,
    float: _as_float,
    int: _as_int,
    str: _as_text,
}


def _check_bounds(spec: ParameterSpec, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.low is not None and value < spec.low:
        raise _Wrong(f"{value:g}{unit} is below the least allowed {spec.low:g}{unit}", _range(spec))
    if spec.high is not None and value > spec.high:
        raise _Wrong(f"{value:g}{unit} is above the most allowed {spec.high:g}{unit}", _range(spec))


def _range(spec: ParameterSpec) -> str:
    low = "" if spec.low is None else f"{spec.low:g}"
    high = "" if spec.high is None else f"{spec.high:g}"
    return f"allowed: {low}..{high} {spec.unit}".rstrip()


def _hint(spec: ParameterSpec) -> str:
    return f"<{spec.help}>" if spec.help else (f"<{spec.unit}>" if spec.unit else "...")
