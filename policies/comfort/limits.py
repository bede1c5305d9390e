"""Limits of comfort: what no other policy crosses. Bounds on set-points, a season without cooling, open windows.

It commands no zone: it bounds what others command. Cooling set-points stay at 26 degC or above, at 24 or above when it is over 40
outside, heating set-points at 18 or below (Chongqing Architectural Design Institute). In locked months, and while
a window is open, units stay off. A person may cross all of it: that is a level above, with a reason and an end.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot

_BACK = 1.0  # K below `hot_outdoors` before the usual bound holds again
_PATIENCE = 3.0  # ticks; a longer gap counts as this long


class Lock(StrEnum):
    """What a locked month does: the unit stays off, or only its set-point is out of reach and it still brings fresh air."""

    OFF = "off"
    SET_POINT = "set_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitState:
    """Seconds each window has been open, or has been shut again since (negative); whether it is hot outside."""

    elapsed: float | None = None
    hot: bool = False
    windows: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds the set-points of zones, and keeps them off in locked months and with open windows."""

    kind: ClassVar[str] = "comfort.limits"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("window_open", "zone", required=False, without="windows count as shut"),
        RoleNeed(
            "outdoor_dry_bulb", "weather", required=False, without="the usual cooling bound holds on any day"
        ),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("zone_setpoint", "zone", Priority.COMFORT_LIMIT),
        RoleClaim("enable", "zone", Priority.COMFORT_LIMIT),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter((), help="zones it holds; all of its area when not given")
    cooling_low: float = parameter(
        26.0, unit="degC", low=18.0, high=30.0, help="lowest set-point outside the heating months"
    )
    hot_outdoors: float = parameter(
        40.0, unit="degC", low=30.0, high=55.0, help="outdoor temperature above which the next one holds"
    )
    cooling_low_hot: float = parameter(
        24.0, unit="degC", low=16.0, high=30.0, help="lowest set-point when it is so hot outside"
    )
    heating_high: float = parameter(
        18.0, unit="degC", low=10.0, high=26.0, help="highest set-point in the heating months"
    )
    heating_months: tuple[int, ...] = parameter(
        (12, 1, 2), low=1, high=12, help="months in which set-points are those of heating"
    )
    locked_months: tuple[int, ...] = parameter(
        (), low=1, high=12, help="months in which nothing is cooled, such as [3, 4, 5]"
    )
    lock: Lock = parameter(
        Lock.OFF, help="what that does: units off, or a set-point out of reach where units bring fresh air"
    )
    locked_low: float = parameter(
        32.0, unit="degC", low=26.0, high=40.0, help="lowest set-point in locked months, with lock: set_point"
    )
    window_delay: float = parameter(
        120.0, unit="s", low=0.0, high=3600.0, help="a window has to be open so long"
    )
    window_hold: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="and shut again so long before the unit may run"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "lock", Lock(self.lock))
        if self.cooling_low_hot > self.cooling_low:
            raise ValueError("cooling_low_hot lies above cooling_low")
        if set(self.heating_months) & set(self.locked_months):
            raise ValueError("a month is in heating_months and in locked_months")

    def initial_state(self) -> LimitState:
        return LimitState()

    def decide(self, snapshot: Snapshot, state: LimitState) -> tuple[Sequence[Command], LimitState]:
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        zones = [one for one in snapshot.equipment("zone") if not self.equipment or one.id in self.equipment]
        outdoors = _outdoors(snapshot)
        hot = outdoors is not None and outdoors > self.hot_outdoors - (_BACK if state.hot else 0.0)
        windows = {
            one.id: self._window(snapshot, one, state.windows.get(one.id, 0.0), seconds)
            for one in zones
            if "window_open" in one.roles
        }
        state = LimitState(elapsed=snapshot.elapsed, hot=hot, windows=windows)
        commands: list[Command] = []
        for one in zones:
            commands += self._limits(snapshot, one, state)
        return commands, state

    def _window(self, snapshot: Snapshot, zone: Equipment, before: float, seconds: float) -> float:
        """Seconds open; below 0: shut again, and so many to go. A contact that cannot be read counts as shut."""
        if snapshot.value(zone, "window_open") is True:
            return before + seconds if before > 0.0 else max(seconds, 1e-3)
        if before >= self.window_delay:
            return -self.window_hold
        return min(before + seconds, 0.0) if before < 0.0 else 0.0

    def _limits(self, snapshot: Snapshot, zone: Equipment, state: LimitState) -> Iterator[Command]:
        month = _month(snapshot)
        if "zone_setpoint" in zone.roles:
            low, high, reason = self._bounds(month, state.hot)
            far = month in self.locked_months and self.lock is Lock.SET_POINT
            yield Command(
                point=zone.roles["zone_setpoint"],
                priority=Priority.COMFORT_LIMIT,
                source=self.name,
                value=low if far else None,  # also where nobody says a set-point
                low=low,
                high=high,
                reason=reason,
            )
        why = self._lock(month, state.windows.get(zone.id, 0.0))
        if why and "enable" in zone.roles:
            yield Command(
                point=zone.roles["enable"],
                priority=Priority.COMFORT_LIMIT,
                source=self.name,
                value=False,
                high=0.0,
                reason=why,
            )

    def _bounds(self, month: int | None, hot: bool) -> tuple[float | None, float | None, str]:
        if month is None:
            low = self.cooling_low_hot if not self.heating_months else None
            return low, None, "the clock is not trusted: only what holds in every month"
        if month in self.heating_months:
            return (
                None,
                self.heating_high,
                f"heating in {month_name[month]}: {self.heating_high:g} degC at most",
            )
        if month in self.locked_months and self.lock is Lock.SET_POINT:
            return (
                self.locked_low,
                None,
                f"no cooling in {month_name[month]}: {self.locked_low:g} degC at least",
            )
        if hot:
            return (
                self.cooling_low_hot,
                None,
                f"over {self.hot_outdoors:g} degC outside: {self.cooling_low_hot:g} degC at least",
            )
        return self.cooling_low, None, f"cooling in {month_name[month]}: {self.cooling_low:g} degC at least"

    def _lock(self, month: int | None, window: float) -> str:
        """Why the unit stays off; empty: it may run."""
        if window < 0.0:
            return f"the window was open; {-window:.0f} s more"
        if window > 0.0 and window >= self.window_delay:
            return "the window is open"
        if month in self.locked_months and self.lock is Lock.OFF:
            return f"no cooling in {month_name[month or 1]}"
        return ""


def _month(snapshot: Snapshot) -> int | None:
    if not snapshot.utc_trusted:
        return None
    return datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone)).month


def _outdoors(snapshot: Snapshot) -> float | None:
    found = (snapshot.number_of(one, "outdoor_dry_bulb") for one in snapshot.equipment("weather"))
    return next((value for value in found if value is not None), None)
