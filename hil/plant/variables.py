"""How a plant speaks: flat names of variables, `<object>.<quantity>`, in the units of the plant's documentation.

A quantity carries the word of the role it plays (`chiller_1.chilled_water_supply_temp` in degC, power in kW, flow in
l/s, speeds and levels in %), so that a face can be bound to an object by name. An *input* that is absent means that
nobody commands the machine from outside and its own local control decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Variable = float | bool
Inputs = Mapping[str, Variable]
Outputs = dict[str, Variable]

WATER_CP = 4.187  # kJ/(kg K), liquid water near 15 degC
LITRE_MASS = 1.0  # kg/l


class Plant(Protocol):
    """Anything with a step. `outputs` of the last step name every variable the plant has."""

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        """Advance `dt` seconds under these commands."""
        ...


def switch(inputs: Inputs, name: str, local: bool) -> bool:
    """A commanded on/off, or what local control wants where there is no command."""
    value = inputs.get(name)
    return local if value is None else bool(value)


def number(inputs: Inputs, name: str, local: float, low: float = 0.0, high: float = 100.0) -> float:
    """A commanded number clamped to what the machine can do, or local control's."""
    value = inputs.get(name)
    return min(max(local if value is None else float(value), low), high)


def outputs_of(name: str, quantities: Mapping[str, Variable]) -> Outputs:
    """The variables of one object under its full names."""
    return {f"{name}.{quantity}": value for quantity, value in quantities.items()}
