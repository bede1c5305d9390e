"""When outdoor lamps burn, and how brightly: from the sun, the terrain, offsets, and the late hours of each kind of day.

A function of the instant alone, so that a policy, a table of the year, a calendar file and a message to the staff say the
same. An evening belongs to the date on which it begins: its kind of day decides what happens after midnight as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS, WorkCalendar
from agent.calc.skyline import FLAT, Skyline
from agent.calc.sun import Night, SunEvent, current_night, nights
from agent.calc.sun_solver import Spot
from agent.core.equipment import Equipment

Evenings = Literal["all", "working", "off"]
NOON = time(12)


@dataclass(frozen=True, slots=True)
class LateHours:
    """A span of local time in which the lamps give less: `level` in %, 0 is off. On evenings of one kind of day, or all."""

    begin: time
    end: time
    level: float
    evenings: Evenings = "all"
    name: str = "curfew"

    def __str__(self) -> str:
        return f"{self.name} {self.begin:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class LampHours:
    """The rule for one circuit. `late`: the first of the spans that holds decides."""

    on_at: SunEvent = SunEvent.SUNSET
    off_at: SunEvent = SunEvent.SUNRISE
    on_offset: float = 0.0  # s
    off_offset: float = 0.0
    level: float = 100.0
    skyline: Skyline = FLAT
    late: tuple[LateHours, ...] = ()

    def __post_init__(self) -> None:
        if self.on_at.rising or not self.off_at.rising:
            raise ValueError("on_at is sunset or dusk, off_at is dawn or sunrise")

    def night(self, utc: float, spot: Spot) -> Night | None:
        """The night `utc` lies in; None by day."""
        return current_night(
            utc, spot, self.on_at, self.off_at, self.on_offset, self.off_offset, self.skyline
        )

    def next_on(self, utc: float, spot: Spot) -> float | None:
        """UTC seconds of the next lighting-up; None where the sun does not get as low in the coming night."""
        found = nights(utc, spot, self.on_at, self.off_at, self.skyline)
        starts = (night.start + self.on_offset for night in found if night.begins)
        return min((start for start in starts if start > utc), default=None)


@runtime_checkable
class BySun(Protocol):
    """A policy that goes by these hours, and says which."""

    @property
    def name(self) -> str: ...

    def hours(self, group: Equipment | None = None) -> LampHours: ...

    def days(self) -> WorkCalendar: ...


@dataclass(frozen=True, slots=True)
class Switching:
    """From `utc` on the lamps give `level` % (0: off). `why`: the event or the late hours."""

    utc: float
    level: float
    why: str


def late_hours(rule: LampHours, utc: float, timezone: str, calendar: WorkCalendar) -> LateHours | None:
    """The span of late hours that holds now."""
    if not rule.late:
        return None
    today = datetime.fromtimestamp(utc, ZoneInfo(timezone)).date()
    for span in rule.late:
        for back in (0, 1, 2):
            evening = today - timedelta(days=back)
            begin, end = span_times(span, evening, timezone)
            if begin <= utc < end and _holds(span, evening, calendar):
                return span
    return None


def level_at(rule: LampHours, utc: float, spot: Spot, timezone: str, calendar: WorkCalendar) -> float:
    """What the lamps give now, %."""
    if rule.night(utc, spot) is None:
        return 0.0
    span = late_hours(rule, utc, timezone, calendar)
    return rule.level if span is None else span.level


def switchings(
    rule: LampHours, start: float, end: float, spot: Spot, timezone: str, calendar: WorkCalendar
) -> Iterator[Switching]:
    """Every change of the level in [start, end), UTC seconds, in order."""
    before = level_at(rule, start - 1.0, spot, timezone, calendar)
    for utc, why in sorted(set(_moments(rule, start, end, spot, timezone))):
        level = level_at(rule, utc, spot, timezone, calendar)
        if level != before:
            yield Switching(utc, level, why)
        before = level


def burning(changes: Sequence[Switching], start: float, end: float, first: float) -> tuple[float, float]:
    """Hours that lamps burn in [start, end), and hours at full light that take the same; `first`: level at the start, %."""
    hours = full = 0.0
    level, since = first, start
    for utc, following in [*((one.utc, one.level) for one in changes), (end, 0.0)]:
        hours += (utc - since) / 3600.0 if level > 0.0 else 0.0
        full += (utc - since) / 3600.0 * level / 100.0
        level, since = following, utc
    return hours, full


@lru_cache(maxsize=512)
def span_times(span: LateHours, evening: date, timezone: str) -> tuple[float, float]:
    """UTC seconds of a span in the night that begins on `evening`. Hours that the clocks skip or repeat make no second span."""
    first = evening if span.begin >= NOON else evening + timedelta(days=1)
    last = first if span.end > span.begin else first + timedelta(days=1)
    zone = ZoneInfo(timezone)
    return (
        datetime.combine(first, span.begin, zone).timestamp(),
        datetime.combine(last, span.end.replace(fold=1), zone).timestamp(),
    )


def site_calendar(name: str, holidays: Sequence[str] = (), made_up: Sequence[str] = ()) -> WorkCalendar:
    """A calendar by its name, with days of the site's own: ISO dates, or `first/last`. Raises ValueError."""
    if name not in CALENDARS:
        raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")
    base = CALENDARS[name]
    if not holidays and not made_up:
        return base
    try:
        own = WorkCalendar.from_mapping(name, {"holidays": holidays, "made_up": made_up})
    except ValueError as error:
        raise ValueError(
            f"{[*holidays, *made_up]}: write days as 2027-02-05 or first/last ({error})"
        ) from None
    days: Mapping[date, str] = {**base.holidays, **own.holidays}
    return replace(base, holidays=days, made_up=(base.made_up - set(own.holidays)) | own.made_up)


Written = tuple[str, str, float]
"""From and to (HH:MM), and the level between, %."""


def late_spans(
    curfew: Written, rest: Written = ("", "", 0.0), dim: Written = ("", "", 0.0)
) -> tuple[LateHours, ...]:
    """Curfew (with another one, or `none`, in nights that begin on a day off) before late dimming. Raises ValueError."""
    found = []
    if rest[0] == "none" and not rest[1]:
        rest = ("", "", 0.0)
        apart: Evenings = "working"
    else:
        apart = "working" if rest[0] or rest[1] else "all"
    if curfew[0] or curfew[1]:
        found.append(read_late(*curfew, apart))
    if rest[0] or rest[1]:
        found.append(read_late(*rest, "off"))
    if dim[0] or dim[1]:
        found.append(read_late(*dim, name="dimmed"))
    return tuple(found)


def read_late(
    begin: str, end: str, level: float, evenings: Evenings = "all", name: str = "curfew"
) -> LateHours:
    """Of times as people write them (HH:MM). Raises ValueError with a sentence for the installer."""
    try:
        span = LateHours(time.fromisoformat(begin), time.fromisoformat(end), level, evenings, name)
    except ValueError:
        raise ValueError(f"{name} from {begin!r} to {end!r}: write both as HH:MM") from None
    if span.begin == span.end or span.begin.tzinfo or span.end.tzinfo:
        raise ValueError(f"{name} from {begin} to {end} has no length")
    return span


def _holds(span: LateHours, evening: date, calendar: WorkCalendar) -> bool:
    return span.evenings == "all" or calendar.working(evening) is (span.evenings == "working")


def _moments(
    rule: LampHours, start: float, end: float, spot: Spot, timezone: str
) -> Iterator[tuple[float, str]]:
    """Whatever may change the level, with its name."""
    day = start - 86_400.0
    while day < end + 86_400.0:
        for night in nights(day, spot, rule.on_at, rule.off_at, rule.skyline):
            yield from _within(
                start, end, night.start + (rule.on_offset if night.begins else 0.0), rule.on_at
            )
            yield from _within(start, end, night.end + (rule.off_offset if night.ends else 0.0), rule.off_at)
        evening = datetime.fromtimestamp(day, UTC).date()
        for span in rule.late:
            begin, until = span_times(span, evening, timezone)
            yield from _within(start, end, begin, span)
            yield from _within(start, end, until, f"end of {span}")
        day += 86_400.0


def _within(start: float, end: float, utc: float, why: object) -> Iterator[tuple[float, str]]:
    if start <= utc < end:
        yield utc, str(why)
