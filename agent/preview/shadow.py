"""Shadow beside what was: for the hours in which the agent did not write, where each point was and where it would have been.

The saving is the difference of the machines' own power curves between the two, day by day; its interval is a bootstrap over
days with the curves' own daily error. Too few days, or curves that never saw such a position, are said and not guessed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from agent.control.preview_job import Job, MachineShadow, PointShadow, Shadow
from agent.core.equipment import AreaModel, Authority
from agent.core.point import Point, Value
from agent.preview.bootstrap import over_days
from agent.preview.curves import error_of
from agent.preview.hands import Hands
from agent.preview.lines import Line, thinned
from agent.preview.machines import MOVING, Machine, Values, machines_of
from agent.preview.recorded import Held, Recorded

FEWEST_DAYS = 5  # whole days under the interval
WHOLE = 0.8  # of a day that must be known
MOST_UNKNOWN = 0.2  # of the time for which a machine's curve may not know what it would have drawn
METHOD = (
    "difference of the machines' metered power curves between where they were and where they would have been; "
    "90 % interval by bootstrap over days, with the curves' own daily error"
)


@dataclass(slots=True)
class _Sum:
    """One machine on its way through the steps. Energies in kWh by local day."""

    machine: Machine
    drew: dict[dt.date, float] = field(default_factory=lambda: defaultdict(float))
    saved: dict[dt.date, float] = field(default_factory=lambda: defaultdict(float))
    error: dict[dt.date, float] = field(default_factory=lambda: defaultdict(float))
    moved: dict[dt.date, float] = field(default_factory=lambda: defaultdict(float))
    steps: int = 0
    unknown: int = 0
    fitted: list[float] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)

    def see(self, day: dt.date, hours: float, seen: Values, places: Values, would: Values) -> None:
        self.steps += 1
        moved = self.machine.moved(places, would)
        was = self.machine.power(seen, places, None)
        then = self.machine.power(seen, places, would) if moved else was
        if was is None or then is None:
            self.unknown += 1
            return
        self.drew[day] += was * hours
        self.saved[day] += (was - then) * hours
        self.moved[day] += hours * moved
        if (measured := self.machine.measured(seen)) is not None:
            self.error[day] += (measured - was) * hours
            self.fitted.append(was)
            self.measured.append(measured)

    @property
    def good(self) -> bool:
        return self.steps > 0 and self.unknown <= MOST_UNKNOWN * self.steps


def shadow(job: Job) -> Shadow:
    """Raises StoreError."""
    model = job.model
    recorded = Recorded(job.store, model, job.since, job.until, job.step)
    hands = Hands(job.store, model.area.id, job.authority)
    seen = recorded.readings(model.points)
    would = recorded.decisions()
    commanded = [one for one in model.points.values() if one.commandable and one.id in would]
    steps = [
        step
        for step in range(1, recorded.count + 1)
        if hands.at(recorded.time(step) - 0.5 * job.step) != Authority.AGENT.value and _any(would, step)
    ]
    zone = ZoneInfo(model.place.timezone)
    days = {step: dt.datetime.fromtimestamp(recorded.time(step) - 1.0, zone).date() for step in steps}
    points = [_point(one, seen, would[one.id], recorded, steps) for one in commanded]
    machines, lacking = machines_of(model)
    sums = _summed(machines, _Pictures(model, seen, would), recorded, days)
    result = _Estimate(sums, list(days.values()), job.step / 3600.0)
    return Shadow(
        area=model.area.id,
        since=job.since,
        until=job.until,
        step=job.step,
        hours=len(steps) * job.step / 3600.0,
        points=tuple(points),
        machines=(
            *result.machines(),
            *(MachineShadow(equipment=k, kwh_day=None, note=v) for k, v in lacking.items()),
        ),
        saving=result.saving,
        share=result.share,
        method=METHOD if result.saving else "",
        note=" ".join(filter(None, (result.note, _not_counted(model, points)))),
    )


def _summed(
    machines: Sequence[Machine], pictures: _Pictures, recorded: Recorded, days: Mapping[int, dt.date]
) -> list[_Sum]:
    """The curves learn from all of the past, whoever was in charge; the sums are of the steps that count."""
    sums = [_Sum(one) for one in machines]
    for step in range(1, recorded.count + 1):
        values, places, _ = pictures.at(step)
        for one in sums:
            one.machine.learn(values, places)
    for step, day in days.items():
        picture = pictures.at(step)
        for one in sums:
            one.see(day, recorded.step / 3600.0, *picture)
    return sums


class _Pictures:
    """Where everything was and would have been, at one step."""

    def __init__(self, model: AreaModel, seen: Mapping[str, Held], would: Mapping[str, Held]) -> None:
        self._seen = seen
        self._would = would
        self._shown = {
            id_: model.points[id_].writing.feedback or id_ for id_ in self._would if id_ in model.points
        }

    def at(self, step: int) -> tuple[Values, Values, Values]:
        values = {id_: one.at(step) for id_, one in self._seen.items()}
        places = {id_: values.get(shown) for id_, shown in self._shown.items()}
        return values, places, {id_: one.at(step) for id_, one in self._would.items()}


class _Estimate:
    """All machines together, by whole days."""

    def __init__(self, sums: list[_Sum], days: list[dt.date], hours: float) -> None:
        self._sums = [one for one in sums if one.good]
        self._all = sums
        known: dict[dt.date, float] = defaultdict(float)
        for day in days:
            known[day] += hours
        self.days = sorted(day for day, count in known.items() if count >= WHOLE * 24.0)
        self._known = known
        self.note = self._lack()
        self.saving = None
        self.share = None
        if not self.note:
            saved, drew, error = (self._daily(what) for what in ("saved", "drew", "error"))
            exposed = [min(max(one.moved[day] for one in self._sums) / known[day], 1.0) for day in self.days]
            self.saving = over_days(saved, error, exposed)
            self.share = sum(saved) / sum(drew) if sum(drew) > 0.0 else None

    def machines(self) -> list[MachineShadow]:
        return [self._machine(one) for one in self._all if one.steps]

    def _machine(self, one: _Sum) -> MachineShadow:
        error = error_of(one.fitted, one.measured)
        name, method = one.machine.name, one.machine.method
        if not one.good:
            share = 100.0 * one.unknown / one.steps if one.steps else 100.0
            note = f"not enough data: for {share:.0f} % of the time nothing like it was ever measured"
            return MachineShadow(equipment=name, kwh_day=None, method=method, note=note)
        hours = sum(self._known[day] for day in one.saved)
        kwh = 24.0 * sum(one.saved.values()) / hours if hours else 0.0
        return MachineShadow(equipment=name, kwh_day=kwh, method=method, fit_error=error)

    def _daily(self, what: str) -> list[float]:
        return [
            24.0 / self._known[day] * sum(getattr(one, what)[day] for one in self._sums) for day in self.days
        ]

    def _lack(self) -> str:
        if not self._known:
            return (
                "there is nothing to compare: the agent was in charge all that time, or nothing was decided."
            )
        if not self._all:
            return "no estimate: no machine of this area has a meter."
        if not self._sums:
            return "not enough data: the machines' meters have not seen positions like these."
        if len(self.days) < FEWEST_DAYS:
            return (
                f"not enough data: {len(self.days)} of at least {FEWEST_DAYS} whole days in which the agent did not "
                "write and both sides are known."
            )
        return ""


def _point(
    point: Point, seen: Mapping[str, Held], would: Held, recorded: Recorded, steps: list[int]
) -> PointShadow:
    shown = seen.get(point.writing.feedback or point.id)
    line_is, line_would = Line(point), Line(point)
    known = differing = 0
    last: tuple[Value | None, Value | None] = (None, None)
    for step in steps:
        one, other = (None if shown is None else shown.at(step)), would.at(step)
        if one is None or other is None:
            continue
        known += 1
        differing += not _alike(one, other, point)
        line_is.add(recorded.time(step), one)
        line_would.add(recorded.time(step), other)
        last = one, other
    hour = recorded.step / 3600.0
    return PointShadow(
        point=point.id,
        label=point.label,
        unit=point.unit,
        kind=point.kind.value,
        hours=known * hour,
        hours_differing=differing * hour,
        mean_is=line_is.mean,
        mean_would=line_would.mean,
        is_now=last[0],
        would_now=last[1],
        line_is=thinned(line_is.corners, 500),
        line_would=thinned(line_would.corners, 500),
    )


def _alike(one: Value, other: Value, point: Point) -> bool:
    if isinstance(one, str | bool) or isinstance(other, str | bool):
        return one == other
    return abs(one - other) <= max(point.writing.tolerance, 0.01 * abs(one), 1e-6)


def _any(would: Mapping[str, Held], step: int) -> bool:
    return any(one.at(step) is not None for one in would.values())


def _not_counted(model: AreaModel, points: list[PointShadow]) -> str:
    """Points that would be elsewhere and whose effect on power is not estimated here."""
    moving = {one.roles[role] for one in model.equipment.values() for role in MOVING if role in one.roles}
    others = [
        one.point
        for one in points
        if one.hours_differing > 0.0 and one.point not in moving and not one.point.startswith("virtual.")
    ]
    if not others:
        return ""
    return f"Not in the estimate, because their effect on power is not known here: {', '.join(others)}."
