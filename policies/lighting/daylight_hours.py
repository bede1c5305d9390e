"""Why office lamps burn at all: working hours, somebody there, a scene, a "keep on"; and the warning before they go out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.core.snapshot import Snapshot
from policies.lighting.daylight_state import RoomState


class Phase(StrEnum):
    """What the hour and the people ask for."""

    LIT = "lit"
    KEPT = "kept"  # somebody has asked for it, seen or not
    LUNCH = "lunch"
    SCENE = "scene"
    WARNING = "warning"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What staff set: local times of day, seconds, and which calendar says what a working day is."""

    work: tuple[time, time]
    lunch: tuple[time, time] | None
    calendar: str
    keep_on: float
    warning: float

    def now(
        self, snapshot: Snapshot, state: RoomState, people: bool | None, pressed: bool, seconds: float
    ) -> tuple[Phase, str, RoomState]:
        """What holds, why, and the state with its timers. `people` None: no sensor says anything about them."""
        rising = pressed and not state.pressed
        kept = self.keep_on if rising else max(state.kept - seconds, 0.0)
        state = replace(state, kept=kept, pressed=pressed)
        phase, why = self._wanted(snapshot, people, kept, pressed)
        if phase is not Phase.OUT:
            return phase, why, replace(state, warned=0.0, out=False)
        warned = state.warned + seconds
        if state.out or warned > self.warning:
            return Phase.OUT, why, replace(state, warned=0.0, out=True)
        left = max(round((self.warning - warned) / 10.0) * 10, 0)
        words = f"{why}; out in {left} s unless somebody presses keep on"
        return Phase.WARNING, words, replace(state, warned=warned)

    def _wanted(
        self, snapshot: Snapshot, people: bool | None, kept: float, pressed: bool
    ) -> tuple[Phase, str]:
        if pressed or kept > 0.0:
            more = f", {round(kept / 60.0)} min more" if kept > 0.0 else ""
            return Phase.KEPT, f"somebody asked for it{more}"
        if not snapshot.utc_trusted:
            return Phase.LIT, "the clock is not trusted: as in working hours"
        local = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))
        worked = CALENDARS[self.calendar].working(local.date())
        if worked and self.lunch is not None and _inside(self.lunch, local.time()):
            return Phase.LUNCH, f"lunch until {self.lunch[1]:%H:%M}"
        if worked and _inside(self.work, local.time()):
            return Phase.LIT, f"working hours until {self.work[1]:%H:%M}"
        if people:
            return Phase.LIT, "after hours, but somebody is here"
        day = "after hours" if worked else "no working day"
        return Phase.OUT, f"{day}, nobody asked for light"


def window(begin: str, end: str, what: str) -> tuple[time, time] | None:
    """Two local times of day; None where both are empty. Raises ValueError with a sentence for the installer."""
    if not begin and not end:
        return None
    try:
        found = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"{what} from {begin!r} to {end!r}: write both as HH:MM") from None
    if found[0] == found[1]:
        raise ValueError(f"{what} from {begin} to {end} has no length")
    return found


def _inside(span: tuple[time, time], now: time) -> bool:
    begin, end = span
    return begin <= now < end if begin < end else now >= begin or now < end
