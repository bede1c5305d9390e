"""What electricity costs: flat, by time of use with any number of valleys and critical peaks, with a demand charge.

A tariff is data; all questions are pure. Times are local clock times of the place, as aware or naive datetimes whose digits
are local. A critical peak that depends on the weather asks for the day's highest outdoor temperature, forecast or measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

MINUTES = 1440
DEMAND_WINDOW = (
    15.0  # min: the mean over this window is what a demand meter sees (China, and most of the world)
)

Spans = tuple[tuple[int, int], ...]  # minutes of the day, [first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The clock of some months: period name -> spans. What no span covers is `otherwise`."""

    months: frozenset[int] = frozenset(range(1, 13))
    spans: Mapping[str, Spans] = field(default_factory=dict)
    otherwise: str = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalPeak:
    """Hours that are dearer still: in some months always, on other days when it gets as hot as `hot` degC."""

    spans: Spans
    months: frozenset[int] = frozenset()
    hot: float | None = None
    period: str = "critical"

    def applies(self, day: date, hottest: float | None) -> bool:
        if day.month in self.months:
            return True
        return self.hot is not None and hottest is not None and hottest >= self.hot


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandCharge:
    """The fixed part of a two-part tariff, per kW and month.

    Without `contracted` the month's maximum demand is paid (实际最大需量), with it the contract (合同最大需量), and what
    goes more than 5 % beyond it twice over.
    """

    price: float
    contracted: float | None = None
    tolerance: float = 0.05
    beyond: float = 2.0

    def cost(self, demand: float) -> float:
        if self.contracted is None:
            return self.price * demand
        over = max(demand - self.contracted * (1.0 + self.tolerance), 0.0)
        return self.price * (self.contracted + self.beyond * over)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tariff:
    """Prices per kWh by period, the clock that says which period it is, and the demand charge. Equal only to itself."""

    name: str
    prices: Mapping[str, float]
    seasons: tuple[Season, ...] = (Season(),)
    critical: CriticalPeak | None = None
    surcharge: float = 0.0  # per kWh at any time: funds, not multiplied by the ratios
    demand: DemandCharge | None = None
    currency: str = "CNY"
    source: str = ""

    def period(self, local: datetime, hottest: float | None = None) -> str:
        """Name of the period at a local time; `hottest` is the highest outdoor temperature of that day, degC."""
        critical = self.critical is not None and self.critical.applies(local.date(), hottest)
        return _clock(self, local.month, critical)[local.hour * 60 + local.minute]

    def price(self, local: datetime, hottest: float | None = None) -> float:
        """Per kWh."""
        return self.prices[self.period(local, hottest)] + self.surcharge

    def day_prices(self, day: date, hottest: float | None = None, step: int = 15) -> tuple[float, ...]:
        """Price of each `step` minutes of a day, mean over the step: what a planner looks at."""
        critical = self.critical is not None and self.critical.applies(day, hottest)
        minutes = _clock(self, day.month, critical)
        return tuple(
            sum(self.prices[name] for name in minutes[first : first + step]) / step + self.surcharge
            for first in range(0, MINUTES, step)
        )


@lru_cache(maxsize=512)
def _clock(tariff: Tariff, month: int, critical: bool) -> tuple[str, ...]:
    """The period of each minute of a day."""
    season = next((one for one in tariff.seasons if month in one.months), None)
    if season is None:
        raise ValueError(f"tariff {tariff.name} says nothing of month {month}")
    minutes = [season.otherwise] * MINUTES
    layers = dict(season.spans)
    if critical and tariff.critical is not None:
        layers[tariff.critical.period] = tariff.critical.spans
    for name, spans in layers.items():
        for first, last in spans:
            minutes[first:last] = [name] * (last - first)
    return tuple(minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One month: kWh and cost by period, the demand in kW and what it costs."""

    year: int
    month: int
    energy: Mapping[str, float]
    cost: Mapping[str, float]
    demand: float
    demand_cost: float

    @property
    def kwh(self) -> float:
        return sum(self.energy.values())

    @property
    def total(self) -> float:
        return sum(self.cost.values()) + self.demand_cost


class Account:
    """Counts what a load costs as it goes by, month by month."""

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff
        self._energy: dict[tuple[int, int], dict[str, float]] = {}
        self._cost: dict[tuple[int, int], dict[str, float]] = {}
        self._demand: dict[tuple[int, int], float] = {}
        self._window: tuple[datetime, float] | None = None  # its start and the kWh in it so far

    def add(self, local: datetime, seconds: float, power: float, hottest: float | None = None) -> None:
        """`power` kW (negative: fed in, earns nothing here) from `local` on."""
        name = self.tariff.period(local, hottest)
        month = (local.year, local.month)
        used = max(power, 0.0) * seconds / 3600.0
        energy, cost = self._energy.setdefault(month, {}), self._cost.setdefault(month, {})
        energy[name] = energy.get(name, 0.0) + used
        cost[name] = cost.get(name, 0.0) + used * (self.tariff.prices[name] + self.tariff.surcharge)
        self._meet(local, seconds, used)

    def _meet(self, local: datetime, seconds: float, used: float) -> None:
        width = int(DEMAND_WINDOW)
        start = local.replace(minute=local.minute // width * width, second=0, microsecond=0)
        before = self._window
        gathered = used + (before[1] if before is not None and before[0] == start else 0.0)
        self._window = (start, gathered)
        month = (start.year, start.month)
        self._demand[month] = max(
            self._demand.get(month, 0.0), gathered * 3600.0 / max(60.0 * DEMAND_WINDOW, seconds)
        )

    def bills(self) -> tuple[Bill, ...]:
        """All months so far; the last one as if it ended now."""
        return tuple(self._bill(month) for month in sorted(self._energy))

    def _bill(self, month: tuple[int, int]) -> Bill:
        peak, charge = self._demand.get(month, 0.0), self.tariff.demand
        return Bill(
            year=month[0],
            month=month[1],
            energy=dict(self._energy[month]),
            cost=dict(self._cost[month]),
            demand=peak,
            demand_cost=0.0 if charge is None else charge.cost(peak),
        )


def bill(
    tariff: Tariff,
    start: datetime,
    step: float,
    powers: Sequence[float],
    hottest: Mapping[date, float] | None = None,
) -> tuple[Bill, ...]:
    """A load of `powers` kW in equal steps (s) from the local time `start`, month by month."""
    account = Account(tariff)
    heat = hottest or {}
    for number, power in enumerate(powers):
        local = start + timedelta(seconds=number * step)
        account.add(local, step, power, heat.get(local.date()))
    return account.bills()


def total_cost(bills: Sequence[Bill]) -> float:
    return sum(one.total for one in bills)


def tariff_from(name: str, data: Mapping[str, Any]) -> Tariff:
    """From a configuration. `prices`, or `base` with `ratios`; `seasons` with spans like "14:00-19:00".

    Raises ValueError for spans that are no times, months or periods without a price.
    """
    prices = {str(key): float(value) for key, value in data.get("prices", {}).items()}
    for key, ratio in data.get("ratios", {}).items():
        prices.setdefault(str(key), float(data["base"]) * float(ratio))
    seasons = tuple(_season(one) for one in data.get("seasons", ({},)))
    critical = _critical(data["critical"]) if "critical" in data else None
    named = {period for season in seasons for period in (*season.spans, season.otherwise)}
    missing = (named | ({critical.period} if critical else set())) - set(prices)
    if missing:
        raise ValueError(f"tariff {name}: no price for {', '.join(sorted(missing))}")
    return Tariff(
        name=name,
        prices=prices,
        seasons=seasons,
        critical=critical,
        surcharge=float(data.get("surcharge", 0.0)),
        demand=DemandCharge(**data["demand"]) if "demand" in data else None,
        currency=str(data.get("currency", "CNY")),
        source=str(data.get("source", "")),
    )


def _season(data: Mapping[str, Any]) -> Season:
    spans = {
        str(name): tuple(_span(text) for text in texts)
        for name, texts in data.items()
        if name not in ("months", "otherwise")
    }
    months = frozenset(data.get("months", range(1, 13)))
    return Season(months=months, spans=spans, otherwise=str(data.get("otherwise", "flat")))


def _critical(data: Mapping[str, Any]) -> CriticalPeak:
    return CriticalPeak(
        spans=tuple(_span(text) for text in data["hours"]),
        months=frozenset(data.get("months", ())),
        hot=data.get("hot"),
        period=str(data.get("period", "critical")),
    )


def _span(text: str) -> tuple[int, int]:
    first, separator, last = text.partition("-")
    begin, end = _minute(first), _minute(last)
    if not separator or not begin < end:
        raise ValueError(f"{text!r} is no span of a day such as 14:00-19:00")
    return begin, end


def _minute(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    try:
        minute = int(hours) * 60 + int(minutes or 0)
    except ValueError:
        raise ValueError(f"{text!r} is no time of day") from None
    if not 0 <= minute <= MINUTES:
        raise ValueError(f"{text!r} is no time of day")
    return minute
