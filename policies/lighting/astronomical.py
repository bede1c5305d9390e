"""Astronomical lighting: on at sunset, off at sunrise, by place, terrain and offsets; less in the late hours.

A function of the site clock alone: whatever minute the agent starts, the answer is the one it would have had. A lux
sensor, where the area has one, lights the lamps under a storm cloud as well; it never keeps them dark for longer than
`bright_delay` allows, and one that cannot be believed changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.calendar import WorkCalendar
from agent.calc.lamp_hours import LampHours, late_hours, late_spans, site_calendar
from agent.calc.skyline import make_skyline
from agent.calc.sun import Night, SunEvent
from agent.calc.sun_solver import Spot
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.lighting.sky_watch import NO_SENSOR, Limits, Sky, SkyState, watch

SENSOR = "daylight_sensor"  # kind of equipment
OFFSET = 14_400.0


@dataclass(frozen=True, slots=True)
class AstronomicalState:
    """What the lux sensor has said; without one there is nothing to remember."""

    daylight: SkyState = field(default_factory=SkyState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Astronomical:
    """Switches lamp groups by the sun."""

    kind: ClassVar[str] = "lighting.astronomical"
    version: ClassVar[int] = 2
    state_version: ClassVar[int] = 2
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("illuminance", SENSOR, required=False, without="the sun alone decides"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("lamp_switch", "lamp_group", Priority.SCHEDULE),
        RoleClaim("lamp_level", "lamp_group", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    groups: tuple[str, ...] = parameter((), help="lamp groups it switches; all of its area when not given")
    on_at: SunEvent = parameter(
        SunEvent.SUNSET, help="lamps go on at: sunset or dusk (civil, sun at -6 degrees)"
    )
    off_at: SunEvent = parameter(SunEvent.SUNRISE, help="lamps go off at: dawn (civil) or sunrise")
    on_offset: float = parameter(
        0.0,
        unit="s",
        low=-OFFSET,
        high=OFFSET,
        help="later (or earlier, negative) than the event; a group's own on_offset goes before",
    )
    off_offset: float = parameter(
        0.0,
        unit="s",
        low=-OFFSET,
        high=OFFSET,
        help="later (or earlier, negative) than the event; a group's own off_offset goes before",
    )
    horizon: tuple[tuple[float, float], ...] = parameter(
        (), help="terrain as pairs of azimuth and height in degrees: [[90, 4], [120, 7], [270, 0]]"
    )
    ridge: tuple[tuple[float, float, float], ...] = parameter(
        (),
        help="or points of a ridge: [azimuth in degrees, height above the lamps in m, distance in m], three or more",
    )
    level: float = parameter(100.0, unit="%", low=1.0, high=100.0, help="level of dimmable groups when on")
    curfew_from: str = parameter("", help="local time of day the curfew begins (HH:MM); none when not given")
    curfew_to: str = parameter("", help="local time of day the curfew ends (HH:MM)")
    curfew_level: float = parameter(
        0.0, unit="%", low=0.0, high=100.0, help="level during the curfew; 0 switches off"
    )
    rest_curfew_from: str = parameter(
        "", help="the same in nights that begin on a day off; `none` for no curfew then"
    )
    rest_curfew_to: str = parameter("", help="the same in nights that begin on a day off")
    dim_from: str = parameter(
        "", help="local time of day from which lamps are dimmed (HH:MM); a curfew goes before"
    )
    dim_to: str = parameter("", help="local time of day to which they are dimmed (HH:MM)")
    dim_level: float = parameter(50.0, unit="%", low=1.0, high=100.0, help="level while dimmed")
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    holidays: tuple[str, ...] = parameter((), help="more days off: 2027-02-05, or first/last of several")
    made_up: tuple[str, ...] = parameter((), help="weekend days that are worked instead")
    daylight: bool = parameter(True, help="go by the area's lux sensor too, where there is one")
    dark_lux: float = parameter(
        30.0, unit="lx", low=1.0, high=1000.0, help="daylight below which lamps are lit, whatever the hour"
    )
    bright_lux: float = parameter(60.0, unit="lx", low=2.0, high=5000.0, help="daylight that ends it")
    dark_hold: float = parameter(
        120.0, unit="s", low=0.0, high=3600.0, help="how long it must be dark", restarts=("daylight",)
    )
    bright_hold: float = parameter(
        600.0, unit="s", low=0.0, high=7200.0, help="how long it must be bright", restarts=("daylight",)
    )
    bright_delay: float = parameter(
        0.0,
        unit="s",
        low=0.0,
        high=1800.0,
        help="the most that a bright sky may spare at either end of a night",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "on_at", SunEvent(self.on_at))
        object.__setattr__(self, "off_at", SunEvent(self.off_at))
        if self.bright_lux <= self.dark_lux:
            raise ValueError("bright_lux must lie above dark_lux")
        self.days()
        self.hours()

    def days(self) -> WorkCalendar:
        """The calendar with the site's own days. Raises ValueError."""
        return _days(self)

    def hours(self, group: Equipment | None = None) -> LampHours:
        """The rule, as it is for one group. Raises ValueError for parameters that mean nothing."""
        own = {} if group is None else group.nameplate
        return _hours(
            self,
            _bounded(own.get("on_offset", self.on_offset)),
            _bounded(own.get("off_offset", self.off_offset)),
        )

    def initial_state(self) -> AstronomicalState:
        return AstronomicalState()

    def decide(
        self, snapshot: Snapshot, state: AstronomicalState
    ) -> tuple[Sequence[Command], AstronomicalState]:
        daylight, sky = self._look(snapshot, state.daylight)
        commands: list[Command] = []
        for group in snapshot.equipment("lamp_group"):
            if not self.groups or group.id in self.groups:
                commands += self._commands(group, *self.level_at(snapshot, group, sky))
        return commands, AstronomicalState(daylight)

    def level_at(
        self, snapshot: Snapshot, group: Equipment | None = None, sky: Sky = NO_SENSOR
    ) -> tuple[float, str]:
        """What the lamps should give now (%), and why."""
        if not snapshot.utc_trusted:
            return self.level, "the clock is not trusted: lit to be safe"
        place, utc, rule = snapshot.model.place, snapshot.utc, self.hours(group)
        spot, zone = Spot(place.latitude, place.longitude), ZoneInfo(place.timezone)
        night, span = rule.night(utc, spot), late_hours(rule, utc, place.timezone, self.days())
        if night is None:
            if sky.dark and span is None:
                return self.level, f"only {sky.lux:.0f} lx of daylight: lit until {self.bright_lux:g} lx"
            return 0.0, _day_reason(rule, utc, spot, zone) + sky.note
        if span is not None:
            return span.level, f"{span}: {span.level:g} %"
        if sky.bright and self._spared(night, utc):
            return 0.0, f"still {sky.lux:.0f} lx of daylight"
        return self.level, _night_reason(rule, night, zone) + sky.note

    def _spared(self, night: Night, utc: float) -> bool:
        """Whether this end of the night may wait for the sky."""
        late = night.begins and utc < night.start + self.bright_delay
        return late or (night.ends and utc >= night.end - self.bright_delay)

    def _look(self, snapshot: Snapshot, state: SkyState) -> tuple[SkyState, Sky]:
        sensor = next((one for one in snapshot.equipment(SENSOR) if "illuminance" in one.roles), None)
        if sensor is None or not self.daylight or not snapshot.utc_trusted:
            return state, NO_SENSOR
        place = snapshot.model.place
        altitude = Spot(place.latitude, place.longitude).altitude(snapshot.utc)
        limits = Limits(self.dark_lux, self.bright_lux, self.dark_hold, self.bright_hold)
        reading = snapshot.reading(sensor, "illuminance")
        return watch(state, reading, altitude, snapshot.elapsed, limits)

    def _commands(self, group: Equipment, level: float, reason: str) -> Iterator[Command]:
        for role, value in (("lamp_switch", level > 0.0), ("lamp_level", level)):
            if role in group.roles:
                yield Command(
                    point=group.roles[role],
                    priority=Priority.SCHEDULE,
                    source=self.name,
                    value=value,
                    reason=reason,
                )


@lru_cache(maxsize=64)
def _days(policy: Astronomical) -> WorkCalendar:
    return site_calendar(policy.calendar, policy.holidays, policy.made_up)


@lru_cache(maxsize=256)
def _hours(policy: Astronomical, on_offset: float, off_offset: float) -> LampHours:
    return LampHours(
        on_at=policy.on_at,
        off_at=policy.off_at,
        on_offset=on_offset,
        off_offset=off_offset,
        level=policy.level,
        skyline=make_skyline(policy.horizon, policy.ridge),
        late=late_spans(
            (policy.curfew_from, policy.curfew_to, policy.curfew_level),
            (policy.rest_curfew_from, policy.rest_curfew_to, policy.curfew_level),
            (policy.dim_from, policy.dim_to, policy.dim_level),
        ),
    )


def _bounded(offset: float) -> float:
    return max(-OFFSET, min(OFFSET, offset))


def _night_reason(rule: LampHours, night: Night, zone: ZoneInfo) -> str:
    since, until = "the sun does not rise today", "until further notice"
    if night.begins:
        since = f"on since {_clock(night.start, zone)} ({_event(rule.on_at, rule.on_offset)})"
    if night.ends:
        until = f"off at {_clock(night.end, zone)} ({_event(rule.off_at, rule.off_offset)})"
    return f"night: {since}, {until}"


def _day_reason(rule: LampHours, utc: float, spot: Spot, zone: ZoneInfo) -> str:
    coming = rule.next_on(utc, spot)
    if coming is None:
        return f"day: the sun does not get as low as {rule.on_at} tonight"
    return f"day: on at {_clock(coming, zone)} ({_event(rule.on_at, rule.on_offset)})"


def _clock(utc: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(utc, UTC).astimezone(zone).strftime("%H:%M")


def _event(event: SunEvent, offset: float) -> str:
    if offset == 0.0:
        return str(event)
    return f"{event} {'+' if offset > 0.0 else '-'} {abs(offset) / 60.0:g} min"
