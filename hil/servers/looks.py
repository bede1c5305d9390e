"""How a device's point finds its value in the world, one by one or all of a device at once.

The bench on virtual time reads a hundred points half a million times a year; what is the same each time (which variable,
which sensor, in which order) is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from agent.core.point import Value
from hil.world import World

Look = Callable[[World], Value | None]
"""How a point's value is found in the world."""

_AS_IT_IS = frozenset({float, bool})
"""Types of a plant's variables that a point shows unchanged."""


@dataclass(frozen=True, slots=True)
class VariableLook:
    """The plant's variable, where needed times a factor (one phase's share of a power)."""

    name: str
    factor: float = 1.0

    def __call__(self, world: World) -> Value | None:
        value = world.read(self.name)
        return value if value is None or isinstance(value, bool) else value * self.factor


@dataclass(frozen=True, slots=True)
class ConstantLook:
    """Always the same."""

    value: Value | None

    def __call__(self, _world: World) -> Value | None:
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredLook:
    """What a sensor measured last, at its place among `values`; the truth while nothing was measured."""

    values: Sequence[Value | None]
    place: int
    before: VariableLook

    def __call__(self, world: World) -> Value | None:
        value = self.values[self.place]
        return self.before(world) if value is None and self.before.name in world.truth else value


def variable(name: str, factor: float = 1.0) -> Look:
    return VariableLook(name, factor)


def constant(value: Value | None) -> Look:
    """Always the same: nameplate values, mains frequency, what the plant does not model."""
    return ConstantLook(value)


class Gathering:
    """Several points of one device at once: the same values as one by one."""

    def __init__(
        self, points: Sequence[str], looks: Mapping[str, Look], written: Mapping[str, Value], world: World
    ) -> None:
        """Holds as long as the same points are written and look the same way."""
        self._measured_in: Sequence[Value | None] = ()
        truth: list[str] = []
        measured: list[int] = []
        sorts: list[list[int]] = [[], [], [], []]  # places by sort: truth, measured, written, others
        self._written_names: list[str] = []
        self._others: list[Look] = []
        for place, point in enumerate(points):
            look = looks[point]
            if point in written:
                sorts[2].append(place)
                self._written_names.append(point)
            elif _is_plain(look, world):
                sorts[0].append(place)
                truth.append(look.name)  # type: ignore[attr-defined]  # a VariableLook
            elif isinstance(look, MeasuredLook) and self._may_hold(look.values):
                sorts[1].append(place)
                measured.append(look.place)
            else:
                sorts[3].append(place)
                self._others.append(look)
        self._truth = _picker(truth)
        self._measured = _picker(measured)
        self._written = _picker(self._written_names)
        order = [place for sort in sorts for place in sort]
        self._in_order = _picker([order.index(place) for place in range(len(order))])

    def values(self, world: World, written: Mapping[str, Value]) -> Sequence[Value | None] | None:
        """None: something is out of the ordinary, ask one by one."""
        try:
            truth = self._truth(world.truth)
        except KeyError:
            return None
        measured = self._measured(self._measured_in)
        if None in measured or not _AS_IT_IS.issuperset(map(type, truth)):
            return None
        others = [look(world) for look in self._others]
        found: Sequence[Value | None] = self._in_order((*truth, *measured, *self._written(written), *others))
        return found

    def _may_hold(self, values: Sequence[Value | None]) -> bool:
        if not self._measured_in:
            self._measured_in = values
        return self._measured_in is values


def _is_plain(look: Look, world: World) -> bool:
    return isinstance(look, VariableLook) and look.factor == 1.0 and type(world.read(look.name)) in _AS_IT_IS


def _picker(names: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What lies under all these names or places, as a tuple."""
    if not names:
        return lambda _: ()
    if len(names) == 1:
        only = names[0]
        return lambda of: (of[only],)
    return itemgetter(*names)
