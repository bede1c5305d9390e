"""Key figures of a run, from the truth of the plant and from the writes of the agent, never from what sensors say.

EER-sys has the boundary of JGJ/T 177: delivered cooling over the electricity of chillers, both pump groups and towers.
What is counted is told by a Counting (see hil.kpi_counting).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from agent.calc.tariff import Account, total_cost
from hil.bench.watched import Moment
from hil.kpi_counting import Counting
from hil.kpi_counts import Demand, Integral, Runs
from hil.plant.variables import Plant, Storing, Variable

HOUR = 3600.0

Figures = dict[str, float | None]


class Kpis:
    """Watches a plant and counts. `figures` may be asked at any time."""

    def __init__(self, counting: Counting, timezone: str) -> None:
        self.counting = counting
        self._zone = ZoneInfo(timezone)
        self._power = {name: Integral() for name in counting.machines}
        self._runs = {name: Runs() for name in counting.running}
        self._cooling = Integral()
        self._comfort = {name: Integral() for name in counting.zones}
        self._dim = {name: Integral() for name in counting.lit}
        self._demand = Demand()
        self._account = None if counting.tariff is None else Account(counting.tariff)
        self._first: dict[str, float] = {}
        self._last: Mapping[str, Variable] = {}
        self._writes: Mapping[str, int] = {}
        self._stored: tuple[float, float] | None = None
        self._elapsed = 0.0

    def stepped(self, moment: Moment) -> None:
        truth, dt_, counting = moment.truth, moment.dt, self.counting
        energy = 0.0
        for name, variable in counting.machines.items():
            energy += self._power[name].add(truth[variable], dt_)
        for name, variable in counting.running.items():
            self._runs[name].see(bool(truth[variable]), moment.elapsed)
        self._demand.add(energy, moment.utc, dt_)
        if self._account is not None:
            begin = dt.datetime.fromtimestamp(moment.utc - dt_, self._zone)
            self._account.add(begin, dt_, energy / dt_)
        if counting.cooling:
            self._cooling.add(sum(truth[name] for name in counting.cooling), dt_)
        if counting.zones:
            self._see_comfort(moment)
        for name, (lux, present) in counting.lit.items():
            self._dim[name].add(1.0 if truth[present] and truth[lux] < counting.lux else 0.0, dt_)
        self._see_counters(moment)

    def figures(self) -> Figures:
        """All figures; None where one does not apply."""
        hour = self._elapsed / HOUR
        by_machine = {name: one.total / HOUR for name, one in self._power.items()}
        kwh = sum(by_machine.values())
        cooling = self._cooling.total / HOUR if self.counting.cooling else None
        applies = bool(self.counting.machines)
        result: Figures = {
            "hours": hour,
            "kwh": kwh if applies else None,
            "cooling_kwh_th": cooling,
            "eer_sys": cooling / kwh if cooling is not None and kwh > 0.0 else None,
            "cost": None if self._account is None else total_cost(self._account.bills()),
            "peak_kw": self._demand.finish() if applies else None,
            "carbon_kg": None if self.counting.carbon is None else kwh * self.counting.carbon,
            "degree_hours": self._total(self._comfort, HOUR),
            "lux_minutes_below": self._total(self._dim, 60.0),
            "stored_kwh_change": None if self._stored is None else self._stored[1] - self._stored[0],
            "starts": float(sum(one.starts for one in self._runs.values())) if self._runs else None,
        }
        result |= {f"kwh.{name}": value for name, value in by_machine.items()}
        for name, one in self._runs.items():
            result[f"starts.{name}"] = float(one.starts)
            result[f"shortest_on_s.{name}"] = one.shortest_on
            result[f"shortest_off_s.{name}"] = one.shortest_off
        result["writes"] = float(sum(self._writes.values()))
        result |= {f"writes.{point}": float(count) for point, count in self._writes.items()}
        return result | self._counters()

    def see_writes(self, writes: Mapping[str, int]) -> None:
        """How often each point was written since the beginning."""
        self._writes = writes

    def see_stored(self, plant: Plant) -> None:
        """What it holds at present, where it holds anything; the first call is the beginning."""
        if not isinstance(plant, Storing):
            return
        total = sum(plant.stored().values())
        self._stored = (total if self._stored is None else self._stored[0], total)

    def _see_comfort(self, moment: Moment) -> None:
        low, high = self.counting.band
        truth = moment.truth
        occupied = self._occupied(moment.utc)
        for name, (temperature, presence) in self.counting.zones.items():
            present = occupied if presence is None else bool(truth[presence])
            value = truth[temperature]
            outside = max(low - value, value - high, 0.0) if present else 0.0
            self._comfort[name].add(outside, moment.dt)

    def _occupied(self, utc: float) -> bool:
        begin, end = self.counting.hours
        if begin <= 0.0 and end >= 24.0:
            return True
        local = dt.datetime.fromtimestamp(utc, self._zone)
        return begin <= local.hour + local.minute / 60.0 < end and local.weekday() in self.counting.days

    def _see_counters(self, moment: Moment) -> None:
        if not self._first:
            self._first = {
                name: float(moment.truth[name]) for names in self.counting.counters.values() for name in names
            }
        self._last = moment.truth
        self._elapsed += moment.dt

    def _counters(self) -> Figures:
        return {
            figure: sum(float(self._last[name]) - self._first[name] for name in names) if self._last else 0.0
            for figure, names in self.counting.counters.items()
        }

    @staticmethod
    def _total(parts: Mapping[str, Integral], unit: float) -> float | None:
        return sum(one.total for one in parts.values()) / unit if parts else None
