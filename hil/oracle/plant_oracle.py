"""What an oracle would have drawn in the place of the arms of a ready site with a chiller plant: `oracle_of`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from agent.calc.tariff import Tariff
from hil.compare.arm import counting_of
from hil.compare.trace import Trace as Recorded
from hil.oracle.bound import Bound, conductance, plant_bound, rounding
from hil.oracle.grids import Array
from hil.oracle.needs import HallNeed, Need, TracedNeed
from hil.oracle.storage import mixture_error, storage_bound
from hil.oracle.trace import Trace, recorded
from hil.plant.central_design import CentralDesign
from hil.plant.data_hall import DataHalls
from hil.plant.load import LoadSide
from hil.plant.served_plant import ServedPlant
from hil.ready_site.ready_site import COMPETENT, POLICY, WEAK, ReadySite

SERVED = (POLICY, COMPETENT, WEAK)
"""Whose service is given, the first that was run: the policy's own, so that the bound is at its equal cooling."""
NEAR = 0.7  # K of wet bulb
ODD = 0.1  # kW: less is noise of two sums
Figures = dict[str, Any]


def oracle_of(ready: ReadySite, traces: Mapping[str, Sequence[Recorded]]) -> Figures | None:
    """The figures of an arm, of what cannot be done better; None for a site without a central plant, or no traces."""
    arm = next((name for name in SERVED if traces.get(name)), None)
    if arm is None:
        return None
    plant = ready.make_plant(arm, float(traces[arm][0].utc[0]), 1)
    if not isinstance(plant, ServedPlant):
        return None
    site = ready.site(arm)
    calendar = _Calendar(ZoneInfo(site.place.timezone), _hottest(traces[arm], site.place.timezone))
    counting = counting_of(ready, site, plant.variables())
    trace = recorded(traces[arm])
    case = Case(plant.plant.design, plant.plant.load, trace)
    figures = case.with_tank(calendar, counting.tariff, ready.measure) if case.has_tank else None
    figures = figures or case.without_tank(calendar, counting.tariff)
    figures["plant_kwh"] = figures["kwh"]
    others = _others(traces[arm], tuple(counting.machines.values()))
    figures["kwh"] += float(others @ trace.hours)
    figures["peak_kw"] = max(figures["peak_kw"], float(others.max(initial=0.0)))
    if counting.tariff is not None and figures["cost"] is not None:
        prices = np.array(
            [calendar.price(counting.tariff, float(one)) for one in trace.utc + 1800.0 * trace.hours]
        )
        figures["cost"] += float((prices * others) @ trace.hours)
    return figures | {"served_arm": arm}


def _others(traces: Sequence[Recorded], counted: Sequence[str]) -> Array:
    """KW of what is counted and is no part of the plant (rooms' fans, lights, equipment): as the served arm ran it."""
    total: Array = np.zeros(0)
    for one in traces:
        known = [name for name in counted if name in one.names]
        whole = [sum(values) for values in zip(*(one.column(name) for name in known), strict=True)]
        plant = one.column("loop.power")
        more = np.array(whole) - np.array(plant) if whole else np.zeros(len(plant))
        total = np.concatenate([total, more])
    return np.where(total > ODD, total, 0.0)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Local time of a site, and how hot its days were."""

    zone: ZoneInfo
    hottest: Mapping[date, float]

    def local(self, utc: float) -> datetime:
        return datetime.fromtimestamp(utc, self.zone)

    def price(self, tariff: Tariff, utc: float) -> float:
        local = self.local(utc)
        return tariff.price(local, self.hottest.get(local.date()))

    def months(self, trace: Trace) -> dict[int, Array]:
        """Which windows lie in which month."""
        month = np.array([self.local(float(one)).month for one in trace.utc + 1.0])
        return {int(one): (month == one).astype(np.float64) for one in np.unique(month)}


def _hottest(traces: Sequence[Recorded], timezone: str) -> dict[date, float]:
    name, zone = "outdoor_air.outdoor_dry_bulb", ZoneInfo(timezone)
    result: dict[date, float] = {}
    for one in traces:
        for utc, value in zip(one.utc, one.column(name), strict=True):
            day = datetime.fromtimestamp(utc - 1.0, zone).date()
            result[day] = max(result.get(day, value), value)
    return result


@dataclass(frozen=True, slots=True)
class Case:
    """One plant and the service it is asked for."""

    design: CentralDesign
    load: LoadSide
    trace: Trace

    @property
    def has_tank(self) -> bool:
        """A tank that may be sold: beside an economiser it is the reserve of a data centre."""
        return self.design.storage is not None and self.design.economiser is None

    def need(self, trace: Trace | None = None) -> Need:
        """The coils of this load."""
        if isinstance(self.load, DataHalls):
            return HallNeed(trace or self.trace, self.load.designs)
        return TracedNeed(trace or self.trace, sum(branch.flow for branch in self.load.branches))

    def without_tank(self, calendar: _Calendar, tariff: Tariff | None) -> Figures:
        """The bound by quarters of an hour, rounded down by what its nodes may have added."""
        error = self.grid_error()
        bound = self._bound(self.trace)
        cost = None if tariff is None else self._bill(calendar, tariff, bound.power)
        return _figures(bound.kwh, cost, bound.peak_kw, bound.cooling, error)

    def grid_error(self) -> float:
        """Share by which nodes that lie apart raise the bound (see `rounding`), seen around the middle wet bulb."""
        trace = self.trace
        if trace.delivered <= 0.0:
            return 0.0
        middle = float(np.average(trace.wet_bulb, weights=trace.cooling + 1e-9))
        distance = np.abs(trace.wet_bulb - middle)
        part = trace.part(
            (distance <= max(NEAR, float(distance[trace.cooling > 0.0].min()))).astype(np.float64)
        )
        return rounding(self.design, part, self.need(part), conductance(tuple(self.load.branches)))

    def _bound(self, trace: Trace) -> Bound:
        of = conductance(tuple(self.load.branches))
        return plant_bound(self.design, trace, self.need(trace), branches=of)

    def with_tank(self, calendar: _Calendar, tariff: Tariff | None, measure: str) -> Figures:
        """Month by month with the tank, for the least bill or, where energy is measured, for the least energy."""
        hourly = self.trace.by_hour()
        kwh = bill = peak = 0.0
        for chosen in calendar.months(hourly).values():
            part = hourly.part(chosen)
            charge = tariff.demand if tariff is not None and measure == "cost" else None
            share = float(part.hours.sum()) / 730.0
            dear = 0.0 if charge is None or charge.contracted is not None else charge.price * min(share, 1.0)
            by_cost = measure == "cost" and tariff is not None
            found = storage_bound(
                self.design,
                part,
                self.need(part),
                (lambda utc: calendar.price(tariff, utc)) if by_cost and tariff else (lambda _: 1.0),
                demand_price=dear,
            )
            kwh, peak = kwh + found.kwh, max(peak, found.peak_kw)
            bill += self._month(calendar, tariff, part, found.power) if tariff else 0.0
        error = self.grid_error() + mixture_error(self.design, hourly, self.need)
        return _figures(kwh, bill if tariff else None, peak, self.trace.delivered, error)

    def _bill(self, calendar: _Calendar, tariff: Tariff, power: Array) -> float:
        return sum(
            self._month(calendar, tariff, self.trace.part(chosen), power[chosen != 0.0])
            for chosen in calendar.months(self.trace).values()
        )

    @staticmethod
    def _month(calendar: _Calendar, tariff: Tariff, trace: Trace, power: Array) -> float:
        """What a month of this power costs; the demand charge for the share of the month that is there."""
        prices = np.array([calendar.price(tariff, float(one)) for one in trace.utc + 1800.0 * trace.hours])
        energy = float((prices * power) @ trace.hours)
        share = min(float(trace.hours.sum()) / 730.0, 1.0)
        demand = tariff.demand.cost(float(power.max(initial=0.0))) if tariff.demand else 0.0
        return energy + share * demand


def _figures(kwh: float, cost: float | None, peak: float, cooling: float, error: float) -> Figures:
    """The keys of an arm. `error`: share by which nodes raise a bound; it is taken off."""
    rounded = 1.0 - error
    kwh, peak, cost = kwh * rounded, peak * rounded, None if cost is None else cost * rounded
    return {
        "kwh": kwh,
        "cost": cost,
        "peak_kw": peak,
        "eer_sys": cooling / kwh if kwh > 0.0 else None,
        "cooling_kwh_th": cooling,
        "degree_hours": None,
        "starts_per_day": None,
        "dark_arrivals": None,
        "grid_error": error,
    }
