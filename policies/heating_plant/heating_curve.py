"""How warm the heating water has to be: by the outdoor air, trimmed by the rooms, off in the warm season.

Colder outside, warmer water, straight between two points (the heating curve). Rooms that stay too cool or too warm move the whole curve, slowly
and within limits. Heating begins when the mean outdoor temperature of about a day falls below a limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.calc.timers import smoothed
from agent.core.snapshot import Snapshot

DAY = 86_400.0  # s: time constant of the outdoor mean that decides on the season
SEASON_BAND = 2.0  # K warmer than `heat_below` before the season ends
STALE = 3600.0  # s for which an outdoor temperature that is lost is still believed
SLOW = 3600.0  # s: a room too cool by 1 K moves the curve by `trim_gain` in this time


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """degC. `cold`: supply at the outdoor temperature `coldest`; `mild`: supply at `mildest`."""

    coldest: float
    cold: float
    mildest: float
    mild: float

    def at(self, outdoor: float) -> float:
        share = (self.mildest - outdoor) / (self.mildest - self.coldest)
        return self.mild + min(max(share, 0.0), 1.0) * (self.cold - self.mild)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The outdoor air as remembered. None: never seen."""

    now: float | None = None
    unseen: float = 0.0  # s since it was last read
    mean: float | None = None  # of about a day
    heats: bool = True

    @property
    def known(self) -> float | None:
        """What may be decided by: an old reading only for a while."""
        return self.now if self.unseen <= STALE else None


def outdoor_of(snapshot: Snapshot) -> float | None:
    """Temperature of the first weather station that can be read."""
    for one in snapshot.equipment("weather"):
        found = snapshot.number_of(one, "outdoor_dry_bulb")
        if found is not None:
            return found
    return None


def looked_outside(before: Outside, found: float | None, seconds: float, heat_below: float) -> Outside:
    """The memory after this look. Without an outdoor temperature it is heated."""
    if found is None:
        unseen = before.unseen + seconds
        return Outside(now=before.now, unseen=unseen, mean=before.mean, heats=before.heats or unseen > STALE)
    mean = smoothed(before.mean, found, seconds, DAY)
    warm = mean > heat_below + (SEASON_BAND if before.heats else 0.0)
    return Outside(now=found, unseen=0.0, mean=mean, heats=not warm or found < heat_below - 10.0)


def rooms_of(snapshot: Snapshot) -> float | None:
    """Mean room temperature in degC of the area's zones that can be read; None without any."""
    found = [snapshot.number_of(one, "zone_temp") for one in snapshot.equipment("zone")]
    known = [one for one in found if one is not None]
    return sum(known) / len(known) if known else None


def trimmed(
    before: float, rooms: float | None, wanted: float, seconds: float, gain: float, most: float
) -> float:
    """K by which the curve is moved; it goes back by itself while no room can be read."""
    if rooms is None:
        return smoothed(before, 0.0, seconds, SLOW)
    error = min(max(wanted - rooms, -1.0), 1.0)
    return min(max(before + gain * error * seconds / SLOW, -most), most)
