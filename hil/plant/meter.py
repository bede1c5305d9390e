"""Registers of electricity, water, gas and heat meters: they only count up, in pulses, and roll over like the real ones."""

from __future__ import annotations

from dataclasses import dataclass

from hil.plant.variables import LITRE_MASS, WATER_CP, Outputs, outputs_of

GAS_HEAT = (
    9.97  # kWh/m3, lower heating value of natural gas 35.9 MJ/m3 (GB 17820-2018 asks for 34.0 gross and more)
)


class EnergyRegister:
    """One counter in kWh (or m3). `digits` before the point; after the last one it starts again at zero.

    `pulse` is the smallest amount the display knows (0: every fraction).
    """

    __slots__ = ("_full", "_offset", "_pulse", "_total")

    def __init__(self, start: float = 0.0, digits: int = 6, pulse: float = 0.0) -> None:
        self._total = start
        self._offset = 0.0
        self._full = 10.0**digits
        self._pulse = pulse

    @property
    def value(self) -> float:
        """What the display shows."""
        shown = self._total - self._offset
        if self._pulse > 0.0:
            shown = (shown + 1e-9 * self._pulse) // self._pulse * self._pulse
        return shown % self._full

    @property
    def total(self) -> float:
        """Without roll-over, steps or replacement: the truth for balances."""
        return self._total

    @property
    def pulses(self) -> int:
        """Pulses given since the start; 0 for a meter without."""
        return int((self._total + 1e-9 * self._pulse) // self._pulse) if self._pulse > 0.0 else 0

    def count(self, dt: float, power: float) -> None:
        """`power` kW for `dt` seconds. A meter of this kind does not count backwards."""
        if power > 0.0:
            self._total += power * dt / 3600.0

    def replace(self, start: float = 0.0) -> None:
        """Somebody hangs up a new meter that shows `start`."""
        self._offset = self._total - start


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDesign:
    """A meter on the wall. The unit of `pulse` is that of its register: kWh or m3."""

    name: str
    digits: int = 6
    pulse: float = 0.01
    start: float = 0.0
    starting: float = 0.0  # kW, l/s: below, it stands still (EN 1434, ISO 4064: every meter has such a flow)
    lowest_difference: float = 3.0  # K, heat meters (EN 1434-1: at most 3 K)

    def register(self) -> EnergyRegister:
        return EnergyRegister(self.start, self.digits, self.pulse)


class ElectricityMeter:
    """Active energy both ways, each in its own register, as a two-register meter has it."""

    def __init__(self, design: MeterDesign) -> None:
        self.design = design
        self.drawn = design.register()
        self.fed_in = design.register()
        self.power = 0.0

    def step(self, dt: float, power: float) -> None:
        """Mean kW over the step; negative is fed in."""
        self.power = power if abs(power) >= self.design.starting else 0.0
        self.drawn.count(dt, self.power)
        self.fed_in.count(dt, -self.power)

    def outputs(self) -> Outputs:
        return outputs_of(
            self.design.name,
            {"power": self.power, "energy": self.drawn.value, "energy_fed_in": self.fed_in.value},
        )


class WaterMeter:
    """Cubic metres of water."""

    def __init__(self, design: MeterDesign) -> None:
        self.design = design
        self.volume = design.register()
        self.flow = 0.0

    def step(self, dt: float, flow: float) -> None:
        """Mean l/s over the step."""
        self.flow = flow if flow >= self.design.starting else 0.0
        self.volume.count(dt, 3.6 * self.flow)

    def outputs(self) -> Outputs:
        return outputs_of(self.design.name, {"flow": self.flow, "volume": self.volume.value})


class GasMeter:
    """Cubic metres of natural gas for kW of heat set free (lower heating value)."""

    def __init__(self, design: MeterDesign) -> None:
        self.design = design
        self.volume = design.register()
        self.hourly = 0.0  # m3/h

    def step(self, dt: float, heat: float) -> None:
        self.hourly = max(heat, 0.0) / GAS_HEAT
        self.volume.count(dt, self.hourly)

    def outputs(self) -> Outputs:
        return outputs_of(self.design.name, {"gas_flow": self.hourly, "volume": self.volume.value})


class HeatMeter:
    """Heat or cold from flow and two temperatures, in two registers, as meters for both have them."""

    def __init__(self, design: MeterDesign) -> None:
        self.design = design
        self.heat = design.register()
        self.cold = design.register()
        self.volume = design.register()
        self.power = 0.0  # kW, positive: heat given to the house

    def step(self, dt: float, flow: float, supply: float, back: float) -> None:
        """Mean l/s and degC over the step."""
        running = flow >= max(self.design.starting, 1e-9)
        difference = supply - back
        counted = running and abs(difference) >= min(self.design.lowest_difference, 3.0)
        self.power = flow * LITRE_MASS * WATER_CP * difference if counted else 0.0
        self.heat.count(dt, self.power)
        self.cold.count(dt, -self.power)
        if running:
            self.volume.count(dt, 3.6 * flow)

    def outputs(self) -> Outputs:
        return outputs_of(
            self.design.name,
            {
                "heating": max(self.power, 0.0),
                "cooling": max(-self.power, 0.0),
                "heating_energy": self.heat.value,
                "cooling_energy": self.cold.value,
                "volume": self.volume.value,
            },
        )
