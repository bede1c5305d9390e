"""A forecast of the plant's load as data: 48 hours in quarter hours, how good the forecasts before it were, and who may read it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.learning import DAY, Learning
from agent.core.serial import from_plain
from agent.core.snapshot import Snapshot

LEARNING = Learning(kind="load_forecast", version=1, window=42.0 * DAY, every=3600.0, deadline=120.0)
QUARTER = 900.0
STALE = 3.0 * 3600.0  # s: an older forecast is not used


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How forecasts have fared against what came, forgetting slowly: weighted sums of squared errors in kW2, and of the load."""

    hours: float = 0.0
    weight: float = 0.0
    load: float = 0.0
    own: float = 0.0
    week: float = 0.0  # same time last week
    persistence: float = 0.0  # same time yesterday

    def error(self, squares: float) -> float | None:
        """CV-RMSE; None before anything was seen."""
        if self.weight <= 0.0 or self.load <= 0.0:
            return None
        return float((squares / self.weight) ** 0.5 / (self.load / self.weight))

    def words(self) -> str:
        own, week, yesterday = (self.error(one) for one in (self.own, self.week, self.persistence))
        if own is None or week is None or yesterday is None:
            return "error not known yet"
        return (
            f"off by {100.0 * own:.0f} % over {self.hours:.0f} h; same time last week {100.0 * week:.0f} %, "
            f"yesterday {100.0 * yesterday:.0f} %"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadForecast:
    """Mean load in kW of each `step` seconds from `start` (UTC). `weather`: where the weather ahead came from."""

    start: float
    kw: tuple[float, ...]
    step: float = QUARTER
    track: Track = Track()
    weather: str = "persistence"
    days: float = 0.0  # it was learned from
    pledge: tuple[
        float, ...
    ] = ()  # what was foretold a day ahead at `pledged`: the forecast that is being scored
    pledged: float = 0.0
    scored: float = 0.0  # UTC until which it has been

    def most(self, since: float, until: float) -> float | None:
        """The highest load between two times; None where nothing is foretold."""
        first = max(int((since - self.start) // self.step), 0)
        last = int((until - self.start) // self.step)
        return max(self.kw[first : last + 1], default=None)

    def at(self, utc: float) -> float | None:
        place = int((utc - self.start) // self.step)
        return self.kw[place] if 0 <= place < len(self.kw) else None


def current_forecast(snapshot: Snapshot) -> LoadForecast | None:
    """The site's load forecast, whoever made it; None without one that is fresh, or while the clock cannot be trusted."""
    for artefact in snapshot.artefacts.values():
        if (artefact.kind, artefact.version) != (LEARNING.kind, LEARNING.version):
            continue
        if snapshot.utc_trusted and snapshot.age_of(artefact) <= STALE:
            return _read(artefact.digest, artefact.content)
    return None


def coming_load(snapshot: Snapshot, ahead: float) -> float | None:
    """The highest load foretold from now to `ahead` seconds on, kW."""
    forecast = current_forecast(snapshot)
    return None if forecast is None else forecast.most(snapshot.utc, snapshot.utc + ahead)


_READ: dict[str, LoadForecast] = {}  # by digest, so that one forecast is taken apart once
_KEPT = 8


def _read(digest: str, content: object) -> LoadForecast:
    found = _READ.get(digest)
    if found is None:
        found = from_plain(LoadForecast, content)
        if len(_READ) >= _KEPT:
            _READ.clear()
        _READ[digest] = found
    return found
