"""What the energy of a run costs: electricity by period, fuel, and the demand charge by month, in parts of it that were run."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.calc.tariff import Tariff
from hil.bench.watched import Moment
from hil.kpi_counts import QUARTER

Hottest = Callable[[date], float]
"""Highest outdoor temperature of a local day, degC."""


@dataclass(slots=True)
class Month:
    """One month as far as it was run. kWh, currency, kW, seconds."""

    kwh: float = 0.0
    cooling: float = 0.0
    energy_cost: float = 0.0
    peak: float = 0.0
    seconds: float = 0.0


@dataclass(slots=True)
class Spending:
    """Watches a plant. `machines` and `cooling` are names of variables in kW."""

    machines: tuple[str, ...]
    cooling: tuple[str, ...]
    timezone: str
    tariff: Tariff | None = None
    hottest: Hottest | None = None
    feed_in: float | None = None  # paid for a kWh that is given to the grid
    fuels: Mapping[str, float] = field(default_factory=dict)  # variables in kW -> price of a kWh
    months: dict[int, Month] = field(default_factory=lambda: defaultdict(Month))
    _last: tuple[float, float] | None = None
    _quarter: tuple[float, float, int] = (0.0, 0.0, 0)  # kWs and seconds so far, its number

    def stepped(self, moment: Moment) -> None:
        truth, dt = moment.truth, moment.dt
        now = (sum(truth[name] for name in self.machines), sum(truth[name] for name in self.cooling))
        before = self._last or now
        self._last = now
        power, cooling = 0.5 * (before[0] + now[0]), 0.5 * (before[1] + now[1])
        local = datetime.fromtimestamp(moment.utc - 0.5 * dt, ZoneInfo(self.timezone))
        month = self.months[local.month]
        kwh = power * dt / 3600.0
        month.kwh += kwh
        month.cooling += cooling * dt / 3600.0
        month.seconds += dt
        if self.tariff is not None:
            hottest = None if self.hottest is None else self.hottest(local.date())
            price = self.tariff.price(local, hottest)
            month.energy_cost += kwh * (price if kwh > 0.0 or self.feed_in is None else self.feed_in)
        for name, price in self.fuels.items():
            month.energy_cost += price * truth[name] * dt / 3600.0
        self._meet(month, power, moment, dt)

    def cost(self, month: int, year: int) -> float:
        """Of one month. The demand charge counts for the share of the month that was run."""
        one = self.months[month]
        charge = self.tariff.demand if self.tariff else None
        share = one.seconds / (86_400.0 * calendar.monthrange(year, month)[1])
        return one.energy_cost + (0.0 if charge is None else charge.cost(one.peak) * min(share, 1.0))

    def _meet(self, month: Month, power: float, moment: Moment, dt: float) -> None:
        """Quarters of an hour by the clock; a step is taken to lie in the one in which it ends."""
        number = int((moment.utc - 1e-3) // QUARTER)
        energy, seconds, last = self._quarter
        if number != last:
            energy = seconds = 0.0
        energy, seconds = energy + power * dt, seconds + dt
        self._quarter = (energy, seconds, number)
        if seconds > 0.99 * QUARTER:
            month.peak = max(month.peak, energy / seconds)


def joined(parts: list[Mapping[int, Month]]) -> dict[int, Month]:
    """The months of several runs together."""
    result: dict[int, Month] = defaultdict(Month)
    for months in parts:
        for number, one in months.items():
            into = result[number]
            into.kwh += one.kwh
            into.cooling += one.cooling
            into.energy_cost += one.energy_cost
            into.seconds += one.seconds
            into.peak = max(into.peak, one.peak)
    return dict(result)


def hottest_of(at: Callable[[float], float], timezone: str) -> Hottest:
    """From the weather of the run itself, hour by hour."""

    @lru_cache(maxsize=512)
    def hottest(day: date) -> float:
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp()
        return max(at(midnight + 3600.0 * hour) for hour in range(24))

    return hottest
