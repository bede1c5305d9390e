"""A whole property behind one meter: whatever draws or gives electricity there, in one climate.

Parts are anything with a step, a power and outputs: a chilled-water plant, a computer room, offices, charging points, PV,
a battery, a garage. What they store, what can break and when something happens is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Protocol

from hil.plant.load import Outdoors
from hil.plant.meter import ElectricityMeter, MeterDesign
from hil.plant.variables import Failing, Inputs, Outputs, Storing, VariableInfo, describe
from hil.plant.weather import Climate, weather_outputs

FINEST = 60.0  # s: weather is taken anew after so long


class Part(Protocol):
    """One consumer or source of the property."""

    @property
    def power(self) -> float:
        """KW drawn, mean over the last step; negative is given."""
        ...

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors, /) -> Any: ...

    def outputs(self) -> Outputs: ...

    def commands(self) -> Sequence[str]:
        """Names of its variables that may be commanded."""
        ...


class Sheltered:
    """A part that asks nothing of the weather (a garage), and the commands it takes."""

    def __init__(self, thing: Any, commands: Sequence[str]) -> None:
        """`thing` has `power`, `step(dt, inputs)` and `outputs()`."""
        self.thing = thing
        self._commands = tuple(commands)

    @property
    def power(self) -> float:
        return float(self.thing.power)

    def step(self, dt: float, inputs: Inputs, _outdoors: Outdoors) -> None:
        self.thing.step(dt, inputs)

    def outputs(self) -> Outputs:
        found: Outputs = self.thing.outputs()
        return found

    def commands(self) -> Sequence[str]:
        return self._commands


class Premises:
    """A property as a `Plant`. The object `grid` is its main meter, `outdoor_air` the weather."""

    def __init__(
        self, parts: Sequence[Part], climate: Climate, start: float, *, seed: int = 1, base: float = 0.0
    ) -> None:
        """`start` UTC seconds; `base` kW is drawn by everything nobody modelled."""
        self.parts = tuple(parts)
        self.meter = ElectricityMeter(MeterDesign(name="grid", digits=8, pulse=0.01))
        self.utc = start
        self.base = base
        self._climate = climate
        self._seed = seed
        self._outdoors = Outdoors(start, climate.at(start, seed))

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        left = dt
        while left > 1e-9:
            part = min(left, FINEST)
            left -= part
            self.utc += part
            self._outdoors = Outdoors(self.utc, self._climate.at(self.utc, self._seed))
            for one in self.parts:
                one.step(part, inputs, self._outdoors)
            self.meter.step(part, self.base + sum(one.power for one in self.parts))
        return self.outputs()

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        result = weather_outputs(self._outdoors.weather) | self.meter.outputs()
        for one in self.parts:
            result |= one.outputs()
        return result

    def variables(self) -> Mapping[str, VariableInfo]:
        commands = [name for one in self.parts for name in one.commands()]
        known = describe((*self.outputs(), *commands), ())
        wanted = frozenset(commands)
        return {name: VariableInfo(info.unit, name in wanted) for name, info in known.items()}

    def stored(self) -> Mapping[str, float]:
        return {
            name: kwh
            for one in self._things()
            if isinstance(one, Storing)
            for name, kwh in one.stored().items()
        }

    def failures(self) -> Mapping[str, str]:
        return {
            name: what
            for one in self._things()
            if isinstance(one, Failing)
            for name, what in one.failures().items()
        }

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        self._breakable(name).fail(name, amount)

    def mend(self, name: str) -> None:
        self._breakable(name).mend(name)

    def next_event(self) -> float:
        events = (one.next_event() for one in self._things() if hasattr(one, "next_event"))
        return min(events, default=inf)

    def _things(self) -> Sequence[Any]:
        return [one.thing if isinstance(one, Sheltered) else one for one in self.parts]

    def _breakable(self, name: str) -> Failing:
        for one in self._things():
            if isinstance(one, Failing) and name in one.failures():
                return one
        raise KeyError(name)
