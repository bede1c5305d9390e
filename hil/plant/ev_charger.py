"""Charging points for cars: who comes when and needs how much, and what the car takes.

Sessions are drawn a day ahead from seed, charger and date, so they depend neither on the step nor on what else runs. Arrival
and stay of commuters and the energy of a session follow the shape that Lee, Li and Low 2019 (ACN-Data, ACM e-Energy)
report for workplace charging: arrivals around 8:30, stays of 6-9 h, about 9 kWh with a long tail. Charging slows above 80 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.people import Working, weekdays
from hil.plant.variables import Inputs, Outputs, number, outputs_of

_EPOCH = date(1970, 1, 1)
_EFFICIENCY = 0.92  # of the car's charger, each way
_SLOWER = 0.8  # state of charge from which the car takes less
_TRICKLE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerDesign:
    """One charging point. kW; a `two_way` point can also draw from the car (V2G), never below `reserve`."""

    name: str
    power: float = 7.0
    minimum: float = 1.4  # 6 A on one phase: below, IEC 61851 pauses
    battery: float = 60.0  # kWh of a usual car
    use: float = 0.7  # share of working days on which somebody comes; a third of that on days off
    arrival: float = 8.5  # h, mean
    spread: float = 1.0  # h
    stay: float = 7.5  # h, mean
    two_way: bool = False
    reserve: float = 0.5


@dataclass(frozen=True, slots=True)
class Session:
    """One visit: UTC seconds from and to, kWh in the car's battery on arrival and wanted when it leaves."""

    begins: float
    ends: float
    content: float
    wanted: float


class Charger:
    """One charging point. Local control: full power from the moment of plugging in."""

    def __init__(
        self,
        design: ChargerDesign,
        start: float,
        utc_offset: timedelta,
        *,
        seed: int = 0,
        working: Working = weekdays,
    ) -> None:
        self.design = design
        self.energy = EnergyRegister()
        self.unmet = EnergyRegister()  # kWh that cars lacked when they left
        self.sessions = 0
        self.power = 0.0
        self.command = design.power
        self._utc = start
        self._shift = utc_offset.total_seconds()
        self._seed = seed
        self._working = working
        self._session: Session | None = None
        self._content = 0.0
        self._taken = 0.0
        self._plan = lru_cache(maxsize=4)(self._draw)

    def stored(self) -> dict[str, float]:
        """KWh given to the car that is plugged in."""
        return {self.design.name: self._content - self._session.content if self._session else 0.0}

    def visits(self, day: int) -> Sequence[Session]:
        """Who comes on a local day (days since 1970)."""
        return self._plan(day)

    def _draw(self, day: int) -> Sequence[Session]:
        design = self.design
        random = Random(f"{self._seed}/{design.name}/{day}")
        worked = self._working(_EPOCH + timedelta(days=day))
        if random.random() >= design.use * (1.0 if worked else 1.0 / 3.0):
            return ()
        midnight = day * 86400.0 - self._shift
        arrival = min(max(random.gauss(design.arrival, design.spread), 0.1), 22.0)
        leaving = min(arrival + max(random.gauss(design.stay, 1.5), 0.5), 23.9)
        content = design.battery * random.uniform(0.25, 0.7)
        needed = min(random.lognormvariate(2.1, 0.55), 0.98 * design.battery - content)
        return (Session(midnight + 3600.0 * arrival, midnight + 3600.0 * leaving, content, content + needed),)

    def step(self, dt: float, inputs: Inputs, _outdoors: Outdoors | None = None) -> float:
        """Mean kW over the step; negative when the car feeds the house."""
        design = self.design
        low = -design.power if design.two_way else 0.0
        self.command = number(inputs, f"{design.name}.power_command", design.power, low, design.power)
        now, end = self._utc, self._utc + dt
        used = 0.0
        while now < end:
            upto = min(end, self._next(now))
            used += self._exchange(now, upto)
            now = upto
            self._change(now)
        self._utc = end
        self.power = used * 3600.0 / dt if dt > 0.0 else 0.0
        self.energy.count(dt, self.power)
        return self.power

    def next_event(self) -> float:
        """Seconds until somebody comes or goes."""
        return self._next(self._utc) - self._utc

    def _next(self, utc: float) -> float:
        if self._session is not None:
            return self._session.ends
        day = int((utc + self._shift) // 86400.0)
        for ahead in (day, day + 1):
            for session in self._plan(ahead):
                if session.begins > utc:
                    return session.begins
        return (day + 2) * 86400.0 - self._shift

    def _change(self, utc: float) -> None:
        """Somebody leaves or comes at exactly this instant."""
        session = self._session
        if session is not None and utc >= session.ends:
            lacking = max(session.wanted - self._content, 0.0)
            self.unmet.count(3600.0, lacking)
            self._session = None
        if self._session is None:
            day = int((utc + self._shift) // 86400.0)
            come = next((one for one in self._plan(day) if one.begins == utc), None)
            if come is not None:
                self._session, self._content, self._taken = come, come.content, 0.0
                self.sessions += 1

    def _exchange(self, begin: float, end: float) -> float:
        """KWh from the house between two instants in which nobody comes or goes."""
        session, hours = self._session, (end - begin) / 3600.0
        if session is None or hours <= 0.0:
            return 0.0
        design, used = self.design, 0.0
        if self.command >= design.minimum:
            full = design.battery
            share = self._content / full
            slower = 1.0 if share <= _SLOWER else max((1.0 - share) / (1.0 - _SLOWER), _TRICKLE)
            power = min(self.command, design.power * slower)
            room = (
                max(session.wanted - self._content, 0.0)
                if not design.two_way
                else max(0.98 * full - self._content, 0.0)
            )
            used = min(power * hours, room / _EFFICIENCY)
            self._content += used * _EFFICIENCY
        elif self.command <= -design.minimum:
            left = max(self._content - design.reserve * design.battery, 0.0)
            used = -min(-self.command * hours, left * _EFFICIENCY)
            self._content += used / _EFFICIENCY
        self._taken += used
        return used

    def outputs(self) -> Outputs:
        session = self._session
        quantities = {
            "occupied": session is not None,
            "power": self.power,
            "power_command": self.command,
            "energy": self.energy.value,
            "session_energy": self._taken,
            "unmet_energy": self.unmet.value,
            "state_of_charge": 100.0 * self._content / self.design.battery if session else 0.0,
            "wanted_energy": max(session.wanted - self._content, 0.0) if session else 0.0,
            "stay": max(session.ends - self._utc, 0.0) if session else 0.0,
            "sessions": float(self.sessions),
        }
        return outputs_of(self.design.name, quantities)

    def commands(self) -> list[str]:
        return [f"{self.design.name}.power_command"]
