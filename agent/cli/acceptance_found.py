"""From the store to what the acceptance is judged on: registers, light, and commands with their answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.cli.acceptance_file import AcceptanceFile, Period
from agent.core.equipment import Equipment
from agent.core.point import Point
from agent.core.reading import Quality
from agent.core.site import Site
from agent.ledger.acceptance import Acceptance
from agent.ledger.group_light import GroupLight, group_light
from agent.ledger.group_talk import Answer, GroupTalk, Order, answered
from agent.ledger.register import REACH, DayUse, StoredSample, daily_use, days_between, midnight
from agent.ledger.saving import MeteredDay, compare_periods, split
from agent.telemetry.trace import Trace, TracedSample, WrittenValue

REGISTER_SPACING = 300.0  # s between the samples of a register that are read
LIGHT_SPACING = 2.0
LOOKED_AT = 20  # of a group's last commands that stood long enough
KEPT = 400  # commands among which these are looked for
PATIENCE = 10.0  # s beyond the point's settle time in which an answer is looked for
LEAST_TOLERANCE = 0.5  # %


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found, with the days behind it."""

    acceptance: Acceptance
    before: list[DayUse]
    after: list[DayUse]


def find(site: Site, wanted: AcceptanceFile) -> Found:
    """Raises StoreError."""
    zone, trace = ZoneInfo(site.place.timezone), Trace(site.store.path)
    registers = [site.equipment[name].roles["energy"] for name in wanted.meters]
    before, after = (
        [use for point in registers for use in _days(trace, point, period, zone)]
        for period in (wanted.baseline, wanted.monitoring)
    )
    saving, why = None, ""
    try:
        days = [_complete(uses, len(registers), wanted.calendar) for uses in (before, after)]
        saving = compare_periods(days[0], days[1], wanted.limits.confidence / 100.0)
    except ValueError as error:
        why = str(error)
    lamps = wanted.lamps
    parts = None
    if lamps is not None and saving is not None:
        old, new = lamps.before_power * lamps.before_count, lamps.after_power * lamps.after_count
        parts = split(saving, old, new)
    groups = [
        one
        for one in site.equipment.values()
        if one.kind == "lamp_group" and (not wanted.groups or one.id in wanted.groups)
    ]
    first, last = wanted.monitoring.days
    span = midnight(first, zone), midnight(last + dt.timedelta(days=1), zone)
    acceptance = Acceptance(
        limits=wanted.limits,
        saving=saving,
        why=why,
        split=parts,
        lights=[_light(trace, one, span, wanted) for one in groups],
        talks=list(_talks(trace, site, groups, span)),
    )
    return Found(acceptance, before, after)


def _days(trace: Trace, point: str, period: Period, zone: ZoneInfo) -> list[DayUse]:
    """Every sample around each midnight, and some of each day, so that a register that went back is seen."""
    first, last = period.days
    days = days_between(first, last)
    borders = [midnight(day, zone) for day in (*days, last + dt.timedelta(days=1))]
    found = {
        one.key: one
        for since, until, spacing in (
            (borders[0], borders[-1], REGISTER_SPACING),
            *((border - REACH, border + REACH, 0.0) for border in borders),
        )
        for one in trace.samples(point, since, until, spacing)
    }
    samples = sorted(found.values(), key=lambda one: (one.time, one.key))
    return daily_use(list(_stored(point, samples)), point, days, zone)


def _complete(uses: Sequence[DayUse], meters: int, calendar: str) -> list[MeteredDay]:
    """Days on which every meter is known."""
    by_day: dict[dt.date, list[float]] = {}
    for one in uses:
        if one.kwh is not None:
            by_day.setdefault(one.day, []).append(one.kwh)
    working = CALENDARS[calendar].working
    return [
        MeteredDay(day, "worked" if working(day) else "off", sum(parts))
        for day, parts in sorted(by_day.items())
        if len(parts) == meters
    ]


def _light(trace: Trace, group: Equipment, span: tuple[float, float], wanted: AcceptanceFile) -> GroupLight:
    lux: list[StoredSample] = []
    presence: list[StoredSample] = []
    if {"illuminance", "presence"} <= group.roles.keys():
        since = max(span[0], span[1] - wanted.sensor_window)
        lux, presence = (
            list(_stored(group.roles[role], trace.samples(group.roles[role], since, span[1], LIGHT_SPACING)))
            for role in ("illuminance", "presence")
        )
    return group_light(group.id, group.name or group.id, wanted.by_hand, lux, presence)


def _stored(point: str, samples: Sequence[TracedSample]) -> Iterator[StoredSample]:
    for one in samples:
        if one.quality is not Quality.BAD and isinstance(one.value, bool | int | float):
            yield StoredSample(point, one.time, float(one.value), one.place)


def _talks(
    trace: Trace, site: Site, groups: Sequence[Equipment], span: tuple[float, float]
) -> Iterator[GroupTalk]:
    points = {point.id: point for device in site.devices.values() for point in device.points.values()}
    wanted = {id_ for group in groups if (id_ := group.roles.get("lamp_level", "")) in points}
    writes = trace.writes(wanted, *span, KEPT)
    for group in groups:
        point = points.get(group.roles.get("lamp_level", ""))
        mine = [] if point is None else list(_orders(writes[point.id]))
        answers = () if point is None else tuple(_answers(trace, point, mine))
        yield GroupTalk(group.id, group.name or group.id, answers)


def _orders(writes: Sequence[WrittenValue]) -> Iterator[Order]:
    for one in writes:
        if isinstance(one.value, int | float):
            yield Order(one.record, one.time, float(one.value), "" if one.result == "sent" else one.result)


def _answers(trace: Trace, point: Point, orders: Sequence[Order]) -> Iterator[Answer]:
    """Of the last orders that stood long enough to be seen."""
    settle = point.writing.settle
    pairs = [*pairwise(orders), (orders[-1], None)] if orders else []
    stood = [
        (one, later.time if later is not None else one.time + settle + PATIENCE)
        for one, later in pairs
        if later is None or later.time - one.time >= settle
    ]
    shows = point.writing.feedback or point.id
    for order, until in stood[-LOOKED_AT:]:
        seen = trace.samples(shows, order.time, min(until, order.time + settle + PATIENCE))
        shown = [(one.value, one.place) for one in _stored(shows, seen)]
        yield answered(order, shown, max(point.writing.tolerance, LEAST_TOLERANCE))
