"""How fast a zone comes to its set-point and how fast it leaves it, learned from its own mornings and evenings.

One number each, seconds per kelvin and kelvin per second, as the mean of the last ten that were seen whole. Before three
were seen nothing is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST = 3  # mornings or evenings before a pace is believed
_LAST = 10
_REACHED = 0.3  # K from the set-point: there
_WORTH = 1.0  # K: a shorter way says little of the pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A mean of what was seen."""

    value: float = 0.0
    seen: int = 0

    @property
    def known(self) -> float | None:
        return self.value if self.seen >= LEAST else None

    def with_one(self, found: float) -> Pace:
        share = 1.0 / min(self.seen + 1, _LAST)
        return Pace(value=self.value + share * (found - self.value), seen=self.seen + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One morning or evening under way: how far it was, and how long ago that was."""

    away: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonePace:
    """Of one zone. Seconds per kelvin towards the set-point, kelvin per second away from it."""

    cooling: Pace = Pace()
    heating: Pace = Pace()
    leaving: Pace = Pace()
    coming: Trial | None = None
    going: Trial | None = None


def started(pace: ZonePace, away: float | None) -> ZonePace:
    """The unit starts with so many kelvin to go (None: unknown)."""
    trial = Trial(away=away) if away is not None and away >= _WORTH else None
    return replace(pace, coming=trial, going=None)


def stopped(pace: ZonePace, away: float | None) -> ZonePace:
    """The unit stops so many kelvin from the set-point, on the warm side when cooling."""
    return replace(pace, coming=None, going=None if away is None else Trial(away=away))


def came(pace: ZonePace, away: float | None, seconds: float, longest: float, *, heats: bool) -> ZonePace:
    """The unit has run for `seconds` more. A morning that does not arrive counts as far as it came."""
    trial = pace.coming
    if trial is None:
        return pace
    if away is None:
        return replace(pace, coming=None)
    trial = replace(trial, seconds=trial.seconds + seconds)
    done = trial.away - away
    if away > _REACHED and trial.seconds < longest:
        return replace(pace, coming=trial)
    found = min(trial.seconds / max(done, 0.1), longest)
    if heats:
        return replace(pace, coming=None, heating=pace.heating.with_one(found))
    return replace(pace, coming=None, cooling=pace.cooling.with_one(found))


def went(pace: ZonePace, away: float | None, seconds: float, watch: float) -> ZonePace:
    """The unit has stood for `seconds` more; after `watch` of them it is known how fast the zone leaves."""
    trial = pace.going
    if trial is None:
        return pace
    if away is None:
        return replace(pace, going=None)
    trial = replace(trial, seconds=trial.seconds + seconds)
    if trial.seconds < watch:
        return replace(pace, going=trial)
    found = max(away - trial.away, 0.0) / trial.seconds
    return replace(pace, going=None, leaving=pace.leaving.with_one(found))
