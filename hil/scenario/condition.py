"""Conditions as people write them: `chiller_2.status is true and loop.chilled_water_supply_temp <= 9 degC`.

A signal is a variable of the plant's truth (`chiller_1.power`), a reading as the agent has it (`point:ch1.power`), the
last decision on a point (`decided:ch1.enable`), whether an alarm stands (`alarm:bus:plant`, with `*` for any text) or who
is in charge of an area (`authority:plant`). `and` binds before `or`; a signal without value fulfils nothing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.config.quantities import QuantityError, quantity
from agent.core.point import Value

Read = Callable[[str], Value | None]
UnitOf = Callable[[str], str | None]
"""The unit of a signal; raises ConditionError for one that does not exist. None: the signal is text."""

_TERM = re.compile(r"\s*([A-Za-z_][\w.:*@-]*)\s*(<=|>=|==|!=|<|>|\bis not\b|\bis\b)\s*(\S.{0,60}?)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUAL = {"is": True, "==": True, "is not": False, "!=": False}
NEAR = 1e-6


class ConditionError(ValueError):
    """Not a condition. `mend` says how to write one."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison. `tolerance` widens it on the side that forgives."""

    signal: str
    sign: str
    value: Value
    tolerance: float = 0.0

    def holds(self, read: Read) -> bool:
        found = read(self.signal)
        if found is None:
            return False
        if self.sign in _EQUAL:
            return self._same(found) is _EQUAL[self.sign]
        if isinstance(found, str) or isinstance(self.value, str):
            return False
        limit = float(self.value)
        limit += self.tolerance if self.sign[0] == "<" else -self.tolerance
        return _COMPARE[self.sign](float(found), limit)

    def _same(self, found: Value) -> bool:
        if isinstance(found, str) or isinstance(self.value, str):
            return str(found) == str(self.value)
        return abs(float(found) - float(self.value)) <= max(self.tolerance, NEAR)


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives, each of which is fulfilled by all its terms. `text` is as it was written."""

    text: str
    alternatives: tuple[tuple[Term, ...], ...]

    def holds(self, read: Read) -> bool:
        return any(all(term.holds(read) for term in terms) for terms in self.alternatives)

    @property
    def signals(self) -> tuple[str, ...]:
        return tuple(term.signal for terms in self.alternatives for term in terms)


def parse_condition(text: str, unit_of: UnitOf, tolerance: str | float | None = None) -> Condition:
    """The condition in this text. Raises ConditionError."""
    alternatives = tuple(
        tuple(_term(part, unit_of, tolerance) for part in re.split(r"\s+and\s+", one))
        for one in re.split(r"\s+or\s+", text)
    )
    return Condition(text.strip(), alternatives)


def _term(text: str, unit_of: UnitOf, tolerance: str | float | None) -> Term:
    match = _TERM.fullmatch(text)
    if match is None:
        raise ConditionError(
            f"'{text.strip()[:60]}' is not a condition",
            "write <signal> <= 9 degC, or <signal> is true (also <, >, >=, is not)",
        )
    signal, sign, written = match[1], match[2], match[3]
    unit = unit_of(signal)
    switch = {"true": True, "on": True, "false": False, "off": False}.get(written)
    if sign in _EQUAL and switch is not None:
        return Term(signal, sign, switch)
    if unit is None:
        if sign not in _EQUAL:
            raise ConditionError(f"{signal} has no order", "use is or is not")
        return Term(signal, sign, written)
    try:
        wide = 0.0 if tolerance is None else quantity(tolerance, _difference(unit))
        return Term(signal, sign, quantity(written, unit), wide)
    except QuantityError as error:
        raise ConditionError(f"{signal}: {error}", error.mend) from error


def _difference(unit: str) -> str:
    return "K" if unit == "degC" else unit
