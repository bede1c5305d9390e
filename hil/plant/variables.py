"""How a plant speaks: flat names of variables, `<object>.<quantity>`, in the units of the plant's documentation.

A quantity carries the word of the role it plays (`chiller_1.chilled_water_supply_temp` in degC, power in kW, flow in
l/s, speeds and levels in %), so that a face can be bound to an object by name. An *input* that is absent means that
nobody commands the machine from outside and its own local control decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Variable = float | bool
Inputs = Mapping[str, Variable]
Outputs = dict[str, Variable]

WATER_CP = 4.187  # kJ/(kg K), liquid water near 15 degC
LITRE_MASS = 1.0  # kg/l


# The unit of every quantity our own plants speak of; a quantity that is not named here is a switch or a count.
UNITS: Mapping[str, str] = {
    "power": "kW", "energy": "kWh", "cooling": "kW", "heating": "kW", "runtime": "h", "load": "%",
    "speed": "%", "speed_command": "%", "demand_limit": "%", "valve": "%", "valve_command": "%",
    "chilled_water_supply_temp": "degC", "chilled_water_return_temp": "degC", "chilled_water_setpoint": "degC",
    "condenser_entering_temp": "degC", "condenser_leaving_temp": "degC", "condenser_return_temp": "degC",
    "chilled_water_flow": "l/s", "condenser_flow": "l/s", "differential_pressure": "kPa", "header_pressure": "kPa",
    "chilled_valve": "%", "chilled_valve_command": "%", "condenser_valve": "%", "condenser_valve_command": "%",
    "available_capacity": "kW", "cooling_energy": "kWh", "makeup_flow": "l/s", "flow_command": "%", "tank_flow": "l/s",
    "state_of_charge": "%", "stored": "kWh", "tank_top_temp": "degC", "tank_middle_temp": "degC",
    "tank_bottom_temp": "degC", "hot_water_supply_temp": "degC", "hot_water_return_temp": "degC",
    "hot_water_setpoint": "degC", "hot_water_flow": "l/s", "heating_energy": "kWh", "source_entering_temp": "degC",
    "source_leaving_temp": "degC", "source_flow": "l/s", "wanted": "kW", "behind": "kWh",
    "outdoor_dry_bulb": "degC", "outdoor_wet_bulb": "degC", "outdoor_humidity": "%", "irradiance": "W/m2",
    "mass_temp": "degC", "carbon_dioxide": "ppm", "damper": "%", "damper_command": "%", "latent_cooling": "kW",
    "generation": "kW", "module_temp": "degC", "power_limit": "kW", "power_command": "kW",
    "health": "%", "energy_charged": "kWh", "energy_discharged": "kWh", "session_energy": "kWh", "unmet_energy": "kWh",
    "volume": "m3", "flow": "l/s", "blind": "%", "blind_command": "%", "daylight": "lx", "slat_angle": "deg",
    "zone_temp": "degC", "zone_humidity": "%", "zone_setpoint": "degC",
    "dark_seconds": "s", "dark_longest": "s", "first_appearance_delay": "s", "first_appearance_seconds": "s",
    "occupied_row_seconds": "s", "outside_band_seconds": "s", "below_band_seconds": "s",
    "exact_energy": "kWh", "before_energy": "kWh", "late_switch_on_seconds": "s", "early_on_seconds": "s",
    "burning_by_day_seconds": "s", "burning_by_day_energy": "kWh", "needed_energy": "kWh", "cloud_cover": "",
    "sun_altitude": "deg", "sun_azimuth": "deg",
    "lamp_level": "%", "lamp_level_status": "%", "illuminance": "lx",
    "carbon_monoxide": "ppm", "exhaust_air_flow": "l/s",
    "fuel": "kW", "fuel_energy": "kWh", "renewable_energy": "kWh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """What is known of one variable: its unit ("" for switches and counts), and whether it may be commanded."""

    unit: str = ""
    input: bool = False


class Plant(Protocol):
    """Anything with a step and a list of its variables: physics of ours, a recording, a co-simulation unit."""

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        """Advance `dt` seconds under these commands; all variables as they are at the end of it.

        `inputs` holds only what is commanded from outside. Everything else is the plant's own local control.
        """
        ...

    def variables(self) -> Mapping[str, VariableInfo]:
        """Every variable by name: all that `step` returns and all it can be commanded."""
        ...


class Eventful(Protocol):
    """A plant in which things happen between ticks: a bench may step from event to event and miss none."""

    def next_event(self) -> float:
        """Seconds from now until an output changes by itself (not through a command); inf when nothing will."""
        ...


@runtime_checkable
class Storing(Protocol):
    """A plant that holds energy back (tank, water, mass, battery)."""

    def stored(self) -> Mapping[str, float]:
        """Named stored energies in kWh; stored cold is positive."""
        ...


@runtime_checkable
class Failing(Protocol):
    """A plant whose machines can break."""

    def failures(self) -> Mapping[str, str]:
        """Names of what can break (`chiller_1.trip`) and what it means."""
        ...

    def fail(self, name: str, amount: float) -> None:
        """From the next step on."""
        ...

    def mend(self, name: str) -> None: ...


def describe(names: Collection[str], commands: Collection[str]) -> Mapping[str, VariableInfo]:
    """Infos of our own plants' variables; `commands` are the quantities that may be commanded."""
    parts = {name: name.rpartition(".")[2] for name in names}
    return {
        name: VariableInfo(UNITS.get(quantity, ""), quantity in commands) for name, quantity in parts.items()
    }


def commanded(inputs: Inputs, name: str) -> Variable | None:
    """What is commanded from outside. NaN is no command: a machine that is told no number keeps its own control."""
    value = inputs.get(name)
    return None if value is None or value != value else value  # noqa: PLR0124 - only NaN differs from itself


def switch(inputs: Inputs, name: str, local: bool) -> bool:
    """A commanded on/off, or what local control wants where there is no command."""
    value = commanded(inputs, name)
    return local if value is None else bool(value)


def number(inputs: Inputs, name: str, local: float, low: float = 0.0, high: float = 100.0) -> float:
    """A commanded number clamped to what the machine can do, or local control's."""
    return within(inputs.get(name), local, low, high)


def within(value: Variable | None, local: float, low: float = 0.0, high: float = 100.0) -> float:
    """The same of a value at hand."""
    told = local if value is None or value != value else float(value)  # noqa: PLR0124 - NaN, as above
    return min(max(told, low), high)


def outputs_of(name: str, quantities: Mapping[str, Variable]) -> Outputs:
    """The variables of one object under its full names."""
    return {f"{name}.{quantity}": value for quantity, value in quantities.items()}
