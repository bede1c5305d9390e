"""Tidal dimming: more light in the busy hours, less when the tide is out, and full light where somebody is seen.

The tide is the clock's, by kind of day, and what each group's own traffic says once that is learned. It speaks with the
weakest voice: a radar policy, the cloud and people stand above it, and what it says shows wherever they say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.learning import History, Learning
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.lighting.radar_watch import believed
from policies.lighting.traffic import LEARNING, LampTraffic, learn_traffic, traffic_now


@dataclass(frozen=True, slots=True)
class TideState:
    """Nothing to remember: level is a function of the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidal:
    """Dims lamp groups by time of day, kind of day and traffic; lit where somebody is seen."""

    kind: ClassVar[str] = "lighting.tidal"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("presence", "lamp_group", required=False, without="the hour alone decides"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    groups: tuple[str, ...] = parameter((), help="lamp groups it dims; all of its area when not given")
    busy_level: float = parameter(50.0, unit="%", low=0.0, high=100.0, help="level in the busy hours")
    quiet_level: float = parameter(25.0, unit="%", low=0.0, high=100.0, help="level in the quiet hours")
    presence_level: float = parameter(
        100.0,
        unit="%",
        low=0.0,
        high=100.0,
        help="level at least where a radar sees somebody or is silent: what the lux limit takes",
    )
    busy_from: str = parameter("07:00", help="local time of day the busy hours begin (HH:MM)")
    busy_to: str = parameter("22:00", help="local time of day they end (HH:MM)")
    rest_day_from: str = parameter("09:00", help="the same on days off")
    rest_day_to: str = parameter("22:00", help="the same on days off")
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    busy_traffic: float = parameter(
        10.0,
        unit="%",
        low=0.1,
        high=100.0,
        help="share of the time with somebody there that is busy, once traffic has been learned",
    )

    def __post_init__(self) -> None:
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")
        if self.quiet_level > self.busy_level:
            raise ValueError("quiet_level lies above busy_level")
        for begin, end in ((self.busy_from, self.busy_to), (self.rest_day_from, self.rest_day_to)):
            _window(begin, end)

    def initial_state(self) -> TideState:
        return TideState()

    def decide(self, snapshot: Snapshot, state: TideState) -> tuple[Sequence[Command], TideState]:
        usual = traffic_now(snapshot, self.name, self.calendar)
        clock = self._by_the_clock(snapshot)
        commands = []
        for group in snapshot.equipment("lamp_group"):
            if "lamp_level" not in group.roles or (self.groups and group.id not in self.groups):
                continue
            level, reason = self._level(snapshot, group, usual.get(group.id), clock)
            commands.append(
                Command(
                    point=group.roles["lamp_level"],
                    priority=Priority.SCHEDULE,
                    source=self.name,
                    value=level,
                    reason=reason,
                )
            )
        return commands, state

    def learn(self, history: History) -> LampTraffic:
        """Raises NothingToLearnError while too few days are known."""
        return learn_traffic(history, self.calendar)

    def _level(
        self, snapshot: Snapshot, group: Equipment, share: float | None, clock: tuple[float, str]
    ) -> tuple[float, str]:
        level, reason = clock
        if share is not None:
            level = self._by_traffic(share)
            reason = f"at this hour somebody is here {100.0 * share:.1f} % of the time: {level:g} %"
        if "presence" in group.roles:
            seen = believed(snapshot.reading(group, "presence"), snapshot.elapsed, None)
            if seen is not False and level < self.presence_level:
                level, reason = self.presence_level, "somebody is here" if seen else "the radar is silent"
        return level, f"{group.name or group.id}: {reason}"

    def _by_traffic(self, share: float) -> float:
        """In steps of 5 %: between the two levels as the traffic lies between nothing and busy."""
        part = min(100.0 * share / self.busy_traffic, 1.0)
        level = self.quiet_level + part * (self.busy_level - self.quiet_level)
        return min(max(5.0 * round(level / 5.0), self.quiet_level), self.busy_level)

    def _by_the_clock(self, snapshot: Snapshot) -> tuple[float, str]:
        if not snapshot.utc_trusted:
            return self.busy_level, "the clock is not trusted: as in the busy hours"
        local = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))
        worked = CALENDARS[self.calendar].working(local.date())
        hours = (self.busy_from, self.busy_to) if worked else (self.rest_day_from, self.rest_day_to)
        begin, end = _window(*hours)
        now = local.time()
        busy = begin <= now < end if begin < end else now >= begin or now < end
        day = "working day" if worked else "day off"
        if busy:
            return self.busy_level, f"busy hours of a {day} until {hours[1]}: {self.busy_level:g} %"
        return self.quiet_level, f"quiet hours of a {day} until {hours[0]}: {self.quiet_level:g} %"


def _window(begin: str, end: str) -> tuple[time, time]:
    """Raises ValueError with a sentence for the installer."""
    try:
        window = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"busy hours from {begin!r} to {end!r}: write both as HH:MM") from None
    if window[0] == window[1]:
        raise ValueError(f"busy hours from {begin} to {end} have no length")
    return window
