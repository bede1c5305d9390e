"""Zones by the clock: on in time for the hours of use, off after them, on days off and as early as the zone allows.

Each zone learns from its own mornings how long it takes to its set-point, and from its evenings how fast it leaves it: it starts no
earlier than it must and stops as early as nobody feels. Until that is known a fixed lead holds. A person keeps it on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.comfort.zone_hours import Opening, ZoneHours, opening
from policies.comfort.zone_pace import ZonePace, came, started, stopped, went

_PATIENCE = 3.0  # ticks; a longer gap counts as this long
_BACK = 2.0  # K inside a protection limit before the unit stops again
_WATCH = 1800.0  # s of an evening that tell how fast a zone leaves its set-point
_LATE = 3600.0  # s after the longest lead at which a morning counts as not arrived


class AfterHours(StrEnum):
    """What a unit does when nobody needs the zone."""

    OFF = "off"
    SET_BACK = "set_back"


class Season(StrEnum):
    """What the set-points are for."""

    COOLING = "cooling"
    HEATING = "heating"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWatch:
    """What is remembered of one zone."""

    on: bool | None = None  # None: nothing decided yet
    coasting: bool = False
    early: bool = False  # on for the coming hours of use
    protecting: str = ""  # from what
    pressed: bool = False
    asked: float = 0.0  # s it stays on because somebody asked
    pace: ZonePace = field(default_factory=ZonePace)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesState:
    """Of all zones."""

    elapsed: float | None = None
    zones: Mapping[str, ZoneWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a zone is wanted to do, and why. `needed`: for people, so that its morning is one to learn from."""

    on: bool
    reason: str
    needed: bool = True
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSchedule:
    """Switches zones by calendar, with optimal start and stop, set-back and requests to keep on."""

    kind: ClassVar[str] = "comfort.zone"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("zone_temp", "zone", required=False, without="a fixed lead, no early stop, no protection"),
        RoleNeed("status", "zone", required=False, without="a unit counts as running when it is told to"),
        RoleNeed("keep_on", "zone", required=False, without="nobody can ask for more hours at the zone"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "zone", Priority.SCHEDULE),
        RoleClaim("enable", "zone", Priority.CRITICAL_SERVICE),
        RoleClaim("zone_setpoint", "zone", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter((), help="zones it switches; all of its area when not given")
    start: str = parameter("08:00", help="local time of day at which use begins on working days (HH:MM)")
    end: str = parameter("18:00", help="and at which it ends")
    rest_start: str = parameter("", help="the same on days off; closed all day when not given")
    rest_end: str = parameter("", help="and its end")
    calendar: str = parameter(
        "cn", help="which days are worked: cn (with holidays and make-up days), weekly or daily"
    )
    after_hours: AfterHours = parameter(AfterHours.OFF, help="what units do outside the hours")
    cooling_setpoint: float = parameter(
        26.0, unit="degC", low=18.0, high=30.0, help="wanted in the cooling months"
    )
    heating_setpoint: float = parameter(
        18.0, unit="degC", low=10.0, high=26.0, help="wanted in the heating months"
    )
    set_back_cooling: float = parameter(
        30.0, unit="degC", low=20.0, high=40.0, help="outside the hours, where they are set back"
    )
    set_back_heating: float = parameter(
        12.0, unit="degC", low=5.0, high=22.0, help="outside the hours, where they are set back"
    )
    cooling_months: tuple[int, ...] = parameter(
        (5, 6, 7, 8, 9, 10), low=1, high=12, help="months in which the zone is cooled"
    )
    heating_months: tuple[int, ...] = parameter(
        (12, 1, 2), low=1, high=12, help="months in which the zone is heated"
    )
    lead: float = parameter(
        3600.0, unit="s", low=0.0, high=14400.0, help="start before use, until the zone's own pace is known"
    )
    longest_lead: float = parameter(
        10800.0, unit="s", low=0.0, high=28800.0, help="never earlier than this, however far it is"
    )
    stop_early: float = parameter(
        1800.0, unit="s", low=0.0, high=7200.0, help="never stops earlier than this; 0: not before the end"
    )
    stop_drift: float = parameter(
        0.5, unit="K", low=0.1, high=3.0, help="what a zone may drift by the end when it stops early"
    )
    keep_on_for: float = parameter(
        7200.0, unit="s", low=300.0, high=43200.0, help="how long a request keeps the zone on"
    )
    protect_below: float = parameter(
        8.0, unit="degC", low=2.0, high=16.0, help="colder than this the unit runs at any hour"
    )
    protect_above: float = parameter(
        38.0, unit="degC", low=28.0, high=50.0, help="warmer than this the unit runs at any hour"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "after_hours", AfterHours(self.after_hours))
        _ = self.hours
        if set(self.cooling_months) & set(self.heating_months):
            raise ValueError("a month is in cooling_months and in heating_months")
        if self.set_back_cooling < self.cooling_setpoint or self.set_back_heating > self.heating_setpoint:
            raise ValueError("a set-back asks for more than the set-point")
        if self.lead > self.longest_lead:
            raise ValueError("lead lies above longest_lead")

    @property
    def hours(self) -> ZoneHours:
        return ZoneHours(self.start, self.end, self.rest_start, self.rest_end, self.calendar)

    def initial_state(self) -> ZonesState:
        return ZonesState()

    def decide(self, snapshot: Snapshot, state: ZonesState) -> tuple[Sequence[Command], ZonesState]:
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        season, now = self._season(snapshot), None
        if snapshot.utc_trusted:
            now = opening(self.hours, snapshot.utc, snapshot.model.place.timezone)
        commands: list[Command] = []
        zones = {}
        for one in snapshot.equipment("zone"):
            if "enable" not in one.roles or (self.equipment and one.id not in self.equipment):
                continue
            before = state.zones.get(one.id, ZoneWatch())
            watch = self._seen(snapshot, one, before, seconds, season)
            wish, watch = self._wish(snapshot, one, watch, now, season)
            zones[one.id] = self._followed(snapshot, one, watch, wish, season)
            commands += self._commands(one, wish, season)
        return commands, ZonesState(elapsed=snapshot.elapsed, zones=zones)

    def _season(self, snapshot: Snapshot) -> Season:
        if not snapshot.utc_trusted:
            return Season.NONE
        month = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone)).month
        if month in self.cooling_months:
            return Season.COOLING
        return Season.HEATING if month in self.heating_months else Season.NONE

    def _away(self, snapshot: Snapshot, zone: Equipment, season: Season) -> float | None:
        """Kelvin to the set-point, below 0 beyond it; None: unknown or there is none."""
        found = snapshot.number_of(zone, "zone_temp")
        if found is None or season is Season.NONE:
            return None
        return (
            found - _held(snapshot, zone, self.cooling_setpoint)
            if season is Season.COOLING
            else _held(snapshot, zone, self.heating_setpoint) - found
        )

    def _seen(
        self, snapshot: Snapshot, zone: Equipment, before: ZoneWatch, seconds: float, season: Season
    ) -> ZoneWatch:
        """What has happened since the last look: a button, a morning, an evening."""
        pressed = snapshot.value(zone, "keep_on") is True
        asked = max(before.asked - seconds, 0.0)
        if pressed and not before.pressed:
            asked = self.keep_on_for
        away, pace = self._away(snapshot, zone, season), before.pace
        runs = snapshot.value(zone, "status")
        if before.on and runs is not False:
            longest = self.longest_lead + _LATE
            pace = came(pace, away, seconds, longest, heats=season is Season.HEATING)
        elif before.on:
            pace = replace(pace, coming=None)  # told to run, and it does not: nothing to learn from
        elif before.on is False:
            pace = went(pace, None if runs is True else away, seconds, _WATCH)
        return replace(before, pressed=pressed, asked=asked, pace=pace)

    def _wish(
        self, snapshot: Snapshot, zone: Equipment, watch: ZoneWatch, now: Opening | None, season: Season
    ) -> tuple[Wish, ZoneWatch]:
        found = snapshot.number_of(zone, "zone_temp")
        watch = replace(
            watch, protecting=_protects(found, watch.protecting, self.protect_below, self.protect_above)
        )
        if now is None:
            return Wish(True, "the clock is not trusted: as in the hours of use"), watch
        away = self._away(snapshot, zone, season)
        coasting = now.open and self._coasts(watch, away, now.end - snapshot.utc)
        early = not now.open and self._starts(watch, now.begin - snapshot.utc, away, season)
        watch = replace(watch, coasting=coasting, early=early)
        if watch.asked > 0.0 and (coasting or not now.open):
            return Wish(True, f"somebody asked for it: on for {watch.asked / 60.0:.0f} min more"), watch
        if coasting:
            ends = _clock(snapshot, now.end)
            return Wish(
                False, f"holds by itself until {ends}, drifting by less than {self.stop_drift:g} K"
            ), watch
        if now.open:
            return Wish(True, f"{now.day}, in use until {_clock(snapshot, now.end)}"), watch
        return self._closed(snapshot, watch, now, self._lead(watch, away, season)[1]), watch

    def _starts(self, watch: ZoneWatch, begins: float, away: float | None, season: Season) -> bool:
        """Whether it is time; what has started early goes on until the hours of use."""
        lead, _ = self._lead(watch, away, season)
        return begins <= lead or (watch.early and begins <= self.longest_lead)

    def _closed(self, snapshot: Snapshot, watch: ZoneWatch, now: Opening, how: str) -> Wish:
        """Outside the hours: early for the next ones, protected, or off."""
        at = "further notice" if now.begin == inf else _clock(snapshot, now.begin)
        if watch.early:
            return Wish(True, f"early for {at}: {how}")
        if watch.protecting:
            urgent = watch.protecting == "cold"
            return Wish(True, f"{now.day}, closed, but too {watch.protecting}", needed=False, urgent=urgent)
        return Wish(False, f"{now.day}, closed until {at}", needed=False)

    def _lead(self, watch: ZoneWatch, away: float | None, season: Season) -> tuple[float, str]:
        """How long before use it has to start, and by what that is known."""
        if season is Season.NONE:
            return 0.0, "neither cooled nor heated this month"
        if away is not None and away <= 0.0:
            return 0.0, "it is there already"
        known = (watch.pace.heating if season is Season.HEATING else watch.pace.cooling).known
        if away is None or known is None:
            return self.lead, f"{self.lead / 60.0:.0f} min, its own pace is not known yet"
        lead = min(known * away, self.longest_lead)
        return lead, f"{away:.1f} K to go take it {lead / 60.0:.0f} min"

    def _coasts(self, watch: ZoneWatch, away: float | None, left: float) -> bool:
        """Whether it may stop before the end of use; once stopped it stays so while it holds."""
        leaving = watch.pace.leaving.known
        if leaving is None or away is None or left > self.stop_early or away > self.stop_drift:
            return False
        return watch.coasting or max(away, 0.0) + leaving * left <= self.stop_drift

    def _followed(
        self, snapshot: Snapshot, zone: Equipment, watch: ZoneWatch, wish: Wish, season: Season
    ) -> ZoneWatch:
        """A start or a stop opens a new page of what is learned."""
        pace, away = watch.pace, self._away(snapshot, zone, season)
        if wish.on and not watch.on:
            pace = started(pace, away if wish.needed and watch.on is not None else None)
        elif watch.on and not wish.on:
            pace = stopped(pace, away)
        return replace(watch, on=wish.on, pace=pace)

    def _commands(self, zone: Equipment, wish: Wish, season: Season) -> Iterator[Command]:
        back = self.after_hours is AfterHours.SET_BACK and not wish.needed and not wish.urgent
        priority = Priority.CRITICAL_SERVICE if wish.urgent else Priority.SCHEDULE
        reason = f"{zone.name or zone.id}: {wish.reason}" + (", set back" if back else "")
        yield self._command(zone.roles["enable"], wish.on or back, reason, priority)
        setpoint = self._setpoint(season, back=back)
        if setpoint is not None and "zone_setpoint" in zone.roles:
            yield self._command(zone.roles["zone_setpoint"], setpoint, reason, Priority.SCHEDULE)

    def _setpoint(self, season: Season, *, back: bool) -> float | None:
        if season is Season.COOLING:
            return self.set_back_cooling if back else self.cooling_setpoint
        if season is Season.HEATING:
            return self.set_back_heating if back else self.heating_setpoint
        return None

    def _command(self, point: str, value: bool | float, reason: str, priority: Priority) -> Command:
        return Command(point=point, priority=priority, source=self.name, value=value, reason=reason)


def _protects(found: float | None, before: str, below: float, above: float) -> str:
    """From what a zone at `found` degC is to be kept: cold, hot or (empty) nothing; a little is not enough to end it."""
    if found is None:
        return ""
    if found < below + (_BACK if before == "cold" else 0.0):
        return "cold"
    return "hot" if found > above - (_BACK if before == "hot" else 0.0) else ""


def _held(snapshot: Snapshot, zone: Equipment, wanted: float) -> float:
    """The set-point that is really held where ours was asked for: limits may have moved it, and nothing comes further."""
    decision = snapshot.decisions.get(zone.roles.get("zone_setpoint", ""))
    if decision is None or decision.wanted != wanted or not isinstance(decision.value, int | float):
        return wanted
    return float(decision.value)


def _clock(snapshot: Snapshot, utc: float) -> str:
    """Local time of day; with the day where it is not today."""
    zone = ZoneInfo(snapshot.model.place.timezone)
    then, today = datetime.fromtimestamp(utc, zone), datetime.fromtimestamp(snapshot.utc, zone)
    return then.strftime("%H:%M" if then.date() == today.date() else "%Y-%m-%d %H:%M")
