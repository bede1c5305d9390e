"""The plant's load by time of day, learned from the past weeks, and the look ahead that follows from it.

For each quarter hour of a workday and of a rest day the median over the days: a day off, a fault or a heat wave does not move
it. It is never believed as a level, only as a rise from what is carried now: on a day unlike the others it errs by one
rise, not by a whole day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import floor, isnan
from statistics import fmean, median

from agent.calc.day_kind import QUARTER, QUARTERS, DayKind, local_day
from agent.core.equipment import Authority
from agent.core.learning import DAY, Column, History, Learning, NothingToLearnError
from agent.core.point import Point, ValueKind
from agent.core.reading import Reading
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_load import plant_load
from policies.chiller_plant.units import read_unit

LEARNING = Learning(kind="load_profile", version=1, window=28.0 * DAY, every=DAY, deadline=120.0)

STEP = 300.0  # s of one step of the past
LEAST_DAYS = 5  # measured at least half, before anything is learned
LEAST_SAMPLES = 3  # days behind one quarter hour
_LOOK = 300.0  # s between two looks into the coming hour
_ROLES = (
    *("status", "load", "cooling", "demand_limit", "condenser_entering_temp", "chilled_water_setpoint"),
    *("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp"),
)

Quarters = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProfile:
    """Median load in kW by kind of day and quarter hour (None: too few days), and the days it was learned from."""

    kw: Mapping[DayKind, Quarters] = field(default_factory=dict)
    days: Mapping[DayKind, int] = field(default_factory=dict)

    def at(self, utc: float, timezone: str) -> float | None:
        """Load in kW at this time, straight between the middles of two quarter hours."""
        before = floor(utc / QUARTER - 0.5) * QUARTER + QUARTER / 2.0
        low, high = self._of(before, timezone), self._of(before + QUARTER, timezone)
        if low is None or high is None:
            return None
        return low + (utc - before) / QUARTER * (high - low)

    def _of(self, utc: float, timezone: str) -> float | None:
        _, kind, quarter = local_day(utc, timezone)
        quarters = self.kw.get(kind, ())
        return quarters[quarter] if quarter < len(quarters) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the profile says from now on."""

    profile: LoadProfile
    utc: float
    timezone: str

    def rise(self, ahead: float) -> float:
        """By how many kW the load will have risen at most within `ahead` seconds; 0 where nothing is known."""
        now = self.profile.at(self.utc, self.timezone)
        if now is None:
            return 0.0
        steps = max(1, round(ahead / _LOOK))
        coming = (self.profile.at(self.utc + ahead * n / steps, self.timezone) for n in range(1, steps + 1))
        return max(0.0, *(0.0 if load is None else load - now for load in coming))

    def source(self) -> str:
        _, kind, _ = local_day(self.utc, self.timezone)
        return f"learned from {self.profile.days.get(kind, 0)} {kind.value.replace('_', ' ')}s"


def learn_profile(history: History, setpoint: float) -> LoadProfile:
    """From the same measurement that the rule goes by. Raises NothingToLearnError."""
    timezone = history.model.place.timezone
    days: dict[tuple[date, DayKind], dict[int, list[float]]] = {}
    for utc, load in loads(history, setpoint):
        on, kind, quarter = local_day(utc, timezone)
        days.setdefault((on, kind), {}).setdefault(quarter, []).append(load)
    measured = {day: found for day, found in days.items() if len(found) >= QUARTERS // 2}
    if len(measured) < LEAST_DAYS:
        raise NothingToLearnError(f"load is measured on {len(measured)} of at least {LEAST_DAYS} days")
    return LoadProfile(
        kw={kind: _medians([found for (_, of), found in measured.items() if of is kind]) for kind in DayKind},
        days={kind: sum(of is kind for _, of in measured) for kind in DayKind},
    )


def _medians(days: Sequence[Mapping[int, Sequence[float]]]) -> Quarters:
    quarters: list[float | None] = []
    for quarter in range(QUARTERS):
        found = [fmean(day[quarter]) for day in days if quarter in day]
        quarters.append(round(median(found), 1) if len(found) >= LEAST_SAMPLES else None)
    return tuple(quarters)


def loads(history: History, setpoint: float) -> Iterator[tuple[float, float]]:
    """(UTC, load in kW) for each step of the past in which the plant's load is known."""
    model = history.model
    points = [
        model.points[point]
        for one in model.equipment.values()
        if one.kind in ("loop", "chiller")
        for role, point in one.roles.items()
        if role in _ROLES and point in model.points
    ]
    columns = history.columns([point.id for point in points], STEP)
    chillers = [one for one in model.equipment.values() if one.kind == "chiller" and "enable" in one.roles]
    first = next(iter(columns.values()), None)
    for at in range(0 if first is None else len(first.values)):
        utc = 0.0 if first is None else first.start + (at + 0.5) * STEP
        picture = _then(history, utc, [(point, columns[point.id]) for point in points], at)
        found = plant_load(picture, [read_unit(picture, one, "", setpoint) for one in chillers])
        if found.kw is not None:
            yield utc, found.kw


def _then(history: History, utc: float, columns: Sequence[tuple[Point, Column]], at: int) -> Snapshot:
    """The plant at one step of the past, as far as it is known."""
    readings = {
        point.id: Reading(value >= 0.5 if point.kind is ValueKind.SWITCH else value, utc, 0.0)
        for point, column in columns
        if not isnan(value := column.values[at])
    }
    return Snapshot(
        model=history.model,
        readings=readings,
        utc=utc,
        utc_trusted=True,
        elapsed=0.0,
        authority=Authority.SHADOW,
    )
