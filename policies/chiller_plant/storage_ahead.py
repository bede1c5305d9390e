"""The coils' load of the next two days: the site's forecast where there is one, else the last day of the same kind, as today goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.calc.calendar import CALENDARS
from agent.core.learning import History, NothingToLearnError
from agent.core.serial import from_plain
from policies.chiller_plant.load_forecast_model import LEARNING, STALE, LoadForecast
from policies.chiller_plant.storage_past import DAY_QUARTERS, QUARTER, StoragePast

LEAST_DAYS = 0.9
USUAL_ERROR = 0.15  # of a load that is taken from the day before
SEEN = 12  # quarter hours over which today is held against the pattern
FADES = 32.0  # quarter hours in which today's difference from the pattern fades
ODD = (0.6, 1.4)  # today is not believed to be further from the pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """kW by quarter hour from `start` (UTC)."""

    start: float
    kw: Any
    source: str
    error: float

    def mean(self, utc: float, seconds: float) -> float:
        first = round((utc - self.start) / QUARTER)
        last = max(first + round(seconds / QUARTER), first + 1)
        part = self.kw[max(first, 0) : last]
        return float(part.mean()) if len(part) else 0.0


def load_ahead(history: History, past: StoragePast, start: float, number: int, calendar: str) -> Ahead:
    """`number` quarter hours from `start` on. Raises NothingToLearnError where not even a day is known."""
    import numpy as np

    found = _forecast(history)
    if found is not None:
        values = [found.at(start + QUARTER * (place + 0.5)) for place in range(number)]
        known = [one for one in values if one is not None]
        if len(known) >= DAY_QUARTERS:
            day = known[-DAY_QUARTERS:]
            known += [day[place % DAY_QUARTERS] for place in range(number - len(known))]
            error = found.track.error(found.track.own)
            return Ahead(
                start=start,
                kw=np.array(known),
                source="forecast",
                error=USUAL_ERROR if error is None else error,
            )
    return _as_before(past, start, number, calendar)


def _forecast(history: History) -> LoadForecast | None:
    for artefact in history.artefacts.values():
        if (artefact.kind, artefact.version) == (LEARNING.kind, LEARNING.version):
            return (
                from_plain(LoadForecast, artefact.content) if history.until - artefact.utc <= STALE else None
            )
    return None


def _as_before(past: StoragePast, start: float, number: int, calendar: str) -> Ahead:
    import numpy as np

    load = past.load
    if np.isfinite(load).sum() < LEAST_DAYS * DAY_QUARTERS:
        raise NothingToLearnError(
            f"load is measured over {np.isfinite(load).sum() / 4.0:.0f} h: a day is needed"
        )
    kinds: dict[Any, bool] = {}
    days = CALENDARS[calendar]

    def working(utc: float) -> bool:
        day = past.local(utc).date()
        if day not in kinds:
            kinds[day] = days.working(day)
        return kinds[day]

    first = round((start - past.start) / QUARTER)
    _check(past, first, working)
    ratio = _ratio(past, first, working)
    usual = float(np.nanmean(load))
    values = []
    for place in range(number):
        one = _like(load, working, past, first + place)
        one = usual if one != one else one  # noqa: PLR0124 - NaN
        values.append(one * (1.0 + (ratio - 1.0) * float(np.exp(-place / FADES))))
    return Ahead(start=start, kw=np.array(values), source="as the days before", error=USUAL_ERROR)


def _check(past: StoragePast, first: int, working: Any) -> None:
    """After days off alone a working day would be taken for one more: its tank would be sold before the dear hours."""
    import numpy as np

    def works(place: int) -> bool:
        return bool(working(past.utc(place) + 1.0))

    recent = range(max(past.number - 8 * DAY_QUARTERS, 0), past.number)
    seen = any(works(place) for place in recent if np.isfinite(past.load[place]))
    if not seen and any(works(first + place) for place in range(DAY_QUARTERS)):
        raise NothingToLearnError("no working day has been measured yet")


def _ratio(past: StoragePast, first: int, working: Any) -> float:
    """Today's load against the pattern over the last hours; little is believed while little load has been seen."""
    import numpy as np

    load = past.load
    recent = range(max(first - SEEN, 0), min(first, past.number))
    expected = np.array([_like(load, working, past, place) for place in recent])
    seen = np.array([load[place] for place in recent])
    sound = np.isfinite(expected) & np.isfinite(seen) & (expected > 0.0)
    if not sound.any():
        return 1.0
    whole = float(expected[sound].sum())
    belief = min(whole / (0.5 * SEEN * float(np.nanmean(load))), 1.0) if np.nanmean(load) > 0.0 else 0.0
    return 1.0 + belief * (float(np.clip(seen[sound].sum() / whole, *ODD)) - 1.0)


def _like(load: Any, working: Any, past: StoragePast, place: int) -> float:
    """The load at this time of the newest day of the same kind that is known, else of the newest day; NaN without any."""
    other = float("nan")
    kind = working(past.utc(place) + 1.0)
    for back in range(1, 9):
        at = place - back * DAY_QUARTERS
        if at < 0:
            break
        if at >= len(load) or load[at] != load[at]:
            continue
        if working(past.utc(at) + 1.0) == kind:
            return float(load[at])
        other = float(load[at]) if other != other else other  # noqa: PLR0124 - NaN
    return other
