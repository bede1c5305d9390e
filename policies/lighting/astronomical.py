"""Astronomical lighting: on at sunset, off at sunrise, each moved by an offset; a curfew if wanted.

A function of the site clock alone: whatever minute the agent starts, the answer is the one it would have had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.sun import Night, SunEvent, current_night, nights
from agent.calc.sun_solver import Spot
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AstronomicalState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Astronomical:
    """Switches lamp groups by the sun."""

    kind: ClassVar[str] = "lighting.astronomical"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
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
        0.0, unit="s", low=-14400.0, high=14400.0, help="later (or earlier, negative) than the event"
    )
    off_offset: float = parameter(
        0.0, unit="s", low=-14400.0, high=14400.0, help="later (or earlier, negative) than the event"
    )
    level: float = parameter(100.0, unit="%", low=1.0, high=100.0, help="level of dimmable groups when on")
    curfew_from: str = parameter("", help="local time of day the curfew begins (HH:MM); none when not given")
    curfew_to: str = parameter("", help="local time of day the curfew ends (HH:MM)")
    curfew_level: float = parameter(
        0.0, unit="%", low=0.0, high=100.0, help="level during the curfew; 0 switches off"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "on_at", SunEvent(self.on_at))
        object.__setattr__(self, "off_at", SunEvent(self.off_at))
        if self.on_at.rising or not self.off_at.rising:
            raise ValueError("on_at is sunset or dusk, off_at is dawn or sunrise")
        _curfew(self.curfew_from, self.curfew_to)

    def initial_state(self) -> AstronomicalState:
        return AstronomicalState()

    def decide(
        self, snapshot: Snapshot, state: AstronomicalState
    ) -> tuple[Sequence[Command], AstronomicalState]:
        level, reason = self.level_at(snapshot)
        return tuple(self._commands(self._chosen(snapshot), level, reason)), state

    def level_at(self, snapshot: Snapshot) -> tuple[float, str]:
        """What the lamps should give now (%), and why."""
        if not snapshot.utc_trusted:
            return self.level, "the clock is not trusted: lit to be safe"
        place = snapshot.model.place
        spot, zone = Spot(place.latitude, place.longitude), ZoneInfo(place.timezone)
        night = current_night(snapshot.utc, spot, self.on_at, self.off_at, self.on_offset, self.off_offset)
        if night is None:
            return 0.0, self._day_reason(snapshot.utc, spot, zone)
        window = _curfew(self.curfew_from, self.curfew_to)
        if window is not None and _inside(window, datetime.fromtimestamp(snapshot.utc, zone).time()):
            return self.curfew_level, (f"curfew {self.curfew_from}-{self.curfew_to}: {self.curfew_level:g} %")
        return self.level, self._night_reason(night, zone)

    def _chosen(self, snapshot: Snapshot) -> Iterable[Equipment]:
        return (one for one in snapshot.equipment("lamp_group") if not self.groups or one.id in self.groups)

    def _commands(self, groups: Iterable[Equipment], level: float, reason: str) -> Iterable[Command]:
        values = {"lamp_switch": level > 0.0, "lamp_level": level}
        for group in groups:
            for role, value in values.items():
                if role in group.roles:
                    yield Command(
                        point=group.roles[role],
                        priority=Priority.SCHEDULE,
                        source=self.name,
                        value=value,
                        reason=reason,
                    )

    def _night_reason(self, night: Night, zone: ZoneInfo) -> str:
        since, until = "the sun does not rise today", "until further notice"
        if night.begins:
            since = f"on since {_clock(night.start, zone)} ({_event(self.on_at, self.on_offset)})"
        if night.ends:
            until = f"off at {_clock(night.end, zone)} ({_event(self.off_at, self.off_offset)})"
        return f"night: {since}, {until}"

    def _day_reason(self, utc: float, spot: Spot, zone: ZoneInfo) -> str:
        starts = (
            night.start + self.on_offset
            for night in nights(utc, spot, self.on_at, self.off_at)
            if night.begins
        )
        coming = min((start for start in starts if start > utc), default=None)
        if coming is None:
            return f"day: the sun does not get as low as {self.on_at} tonight"
        return f"day: on at {_clock(coming, zone)} ({_event(self.on_at, self.on_offset)})"


def _curfew(begin: str, end: str) -> tuple[time, time] | None:
    """The window of local time; None without one. Raises ValueError with a sentence for the installer."""
    if not begin and not end:
        return None
    try:
        window = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"curfew from {begin!r} to {end!r}: write both as HH:MM") from None
    if window[0] == window[1]:
        raise ValueError(f"curfew from {begin} to {end} has no length")
    return window


def _inside(window: tuple[time, time], now: time) -> bool:
    begin, end = window
    return begin <= now < end if begin < end else now >= begin or now < end


def _clock(utc: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(utc, UTC).astimezone(zone).strftime("%H:%M")


def _event(event: SunEvent, offset: float) -> str:
    if offset == 0.0:
        return str(event)
    return f"{event} {'+' if offset > 0.0 else '-'} {abs(offset) / 60.0:g} min"
