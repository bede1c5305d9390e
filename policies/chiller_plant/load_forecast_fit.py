"""The load of the next two days from calendar, weather and what has just been: fitted afresh each time, nothing assumed of the house.

For each kind of day and quarter hour a level, recent days first. Around it the load follows outdoor air (dry bulb, wet bulb, the
last day's warmth) with slopes by part of the day, and each weekday has a habit of its own; both held back by ridge terms, so that a few
weeks do not teach nonsense. What is left over now is carried forward and fades as it has faded before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

HALF_LIFE = 28.0  # days after which the past counts half
BLOCKS = 6  # parts of the day with slopes of their own
RIDGE = 500.0  # quarter hours of evidence that a slope is nothing
HABIT = 0.3  # days of evidence that a weekday is like the others
LEADS = (1, 2, 4, 8, 16, 32, 64, 96, 192)  # quarter hours ahead at which fading is measured
DAY_QUARTERS = 96
WEEK = 0.6  # of what the same time last week was beside the model: half way to "as last week, but for weather and calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Calendar and weather of a run of quarter hours; arrays of one length.

    `quarter` 0..95; `kind` 0 working, 1 not; `weekday` 0..6; `weather` three columns: dry bulb, wet bulb, mean dry bulb of 24 h.
    """

    quarter: Any
    kind: Any
    weekday: Any
    weather: Any

    def part(self, first: int, last: int) -> Days:
        return Days(
            quarter=self.quarter[first:last],
            kind=self.kind[first:last],
            weekday=self.weekday[first:last],
            weather=self.weather[first:last],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadModel:
    """Arrays: levels and mean weather by kind and quarter, slopes, and how a left-over fades by lead."""

    level: Any  # (2, 96)
    usual: Any  # (2, 96, 3)
    spread: Any  # (3,)
    slopes: Any
    habits: Any  # (2, 7, 96)
    fading: Any  # (leads, 2): of now, and of the same time a day before
    largest: float

    def expects(self, days: Days) -> Any:
        """Load in kW, before what is left over now."""
        import numpy as np

        base = self.level[days.kind, days.quarter]
        habit = self.habits[days.kind, days.weekday, days.quarter]
        return np.clip(
            base + habit + _features(self.usual, self.spread, days) @ self.slopes, 0.0, self.largest
        )


def fit_model(load: Any, days: Days, age: Any) -> LoadModel:
    """`load` in kW with NaN for unknown, `age` in days before now, as arrays."""
    import numpy as np

    known = np.isfinite(load) & np.isfinite(days.weather).all(axis=1)
    recent = np.where(known, 0.5 ** (age / HALF_LIFE), 0.0)
    filled, weather = np.where(known, load, 0.0), np.where(known[:, None], days.weather, 0.0)
    spread = np.maximum(np.std(days.weather[known], axis=0), 0.5)
    largest = 1.2 * float(np.max(load[known]))
    weight = recent
    for _ in range(2):
        model = _weighted(filled, weather, weight, days, spread, largest)
        miss = np.where(known, np.abs(filled - model.expects(days)), np.nan)
        weight = recent * _soundness(miss)
    model = _weighted(filled, weather, weight, days, spread, largest)
    over = np.where(known, load - model.expects(days), np.nan)
    return replace(model, fading=_fading(over, weight))


def _weighted(load: Any, weather: Any, weight: Any, days: Days, spread: Any, largest: float) -> LoadModel:
    """Levels, slopes and habits with these weights; nothing fades yet."""
    import numpy as np

    level, usual = _levels(load, weather, weight, days)
    features = _features(usual, spread, days)
    left = load - level[days.kind, days.quarter]
    gram = (features * weight[:, None]).T @ features + RIDGE * np.eye(features.shape[1])
    slopes = np.linalg.solve(gram, (features * weight[:, None]).T @ left)
    return LoadModel(
        level=level,
        usual=usual,
        spread=spread,
        slopes=slopes,
        habits=_habits(left - features @ slopes, weight, days),
        fading=np.zeros((len(LEADS), 2)),
        largest=largest,
    )


def _habits(left: Any, weight: Any, days: Days) -> Any:
    """What each quarter hour of each weekday is over the others of its kind, held back by `HABIT` days of evidence against it."""
    import numpy as np

    place = (days.kind * 7 + days.weekday) * DAY_QUARTERS + days.quarter
    total = np.bincount(place, weight, 14 * DAY_QUARTERS)
    sums = np.bincount(place, weight * left, 14 * DAY_QUARTERS)
    return (sums / (total + HABIT)).reshape(2, 7, DAY_QUARTERS)


def _soundness(miss: Any) -> Any:
    """Days that were unlike all others (a holiday nobody told of, a broken meter) count little; likewise single quarter hours."""
    import numpy as np

    spans = np.arange(len(miss)) // DAY_QUARTERS
    known = np.isfinite(miss)
    each = np.where(known, miss, 0.0)
    by_day = np.bincount(spans, each) / np.maximum(np.bincount(spans, known.astype(float)), 1.0)
    usual = max(float(np.median(by_day)), 1e-6)
    day = np.minimum(1.0, 2.0 * usual / np.maximum(by_day, 1e-9)) ** 2
    return np.where(known, day[spans], 0.0)


def foretell(model: LoadModel, ahead: Days, left_over: Any) -> Any:
    """Load in kW for each quarter hour of `ahead`. `left_over`: of the last week, newest last, NaN where unknown."""
    import numpy as np

    steps = np.arange(1, len(ahead.quarter) + 1)
    recent = np.asarray(left_over, dtype=float)
    now = float(np.nanmean(recent[-4:])) if np.isfinite(recent[-4:]).any() else 0.0
    day_before = np.nan_to_num(np.resize(recent[-DAY_QUARTERS:], DAY_QUARTERS))
    by_now = np.interp(steps, LEADS, model.fading[:, 0])
    by_day = np.interp(steps, LEADS, model.fading[:, 1])
    carried = by_now * now + by_day * day_before[(steps - 1) % DAY_QUARTERS]
    week = np.nan_to_num(recent[-7 * DAY_QUARTERS :])
    if len(week) == 7 * DAY_QUARTERS:
        carried += WEEK * week[(steps - 1) % len(week)]
    return np.clip(model.expects(ahead) + carried, 0.0, model.largest)


def _levels(load: Any, weather: Any, weight: Any, days: Days) -> tuple[Any, Any]:
    """Weighted means by kind of day and quarter hour; a kind that was not seen takes the other's."""
    import numpy as np

    place = days.kind * DAY_QUARTERS + days.quarter
    total = np.bincount(place, weight, 2 * DAY_QUARTERS)
    columns = [np.bincount(place, weight * one, 2 * DAY_QUARTERS) for one in (load, *weather.T)]
    means = np.array([np.where(total > 0.0, one / np.maximum(total, 1e-9), np.nan) for one in columns])
    means = means.reshape(4, 2, DAY_QUARTERS)
    for kind in (0, 1):
        missing = ~np.isfinite(means[:, kind])
        means[:, kind] = np.where(missing, means[:, 1 - kind], means[:, kind])
    means = np.nan_to_num(means)
    return means[0], np.moveaxis(means[1:], 0, 2)


def _features(usual: Any, spread: Any, days: Days) -> Any:
    """Weather against what is usual then, by kind of day and part of the day."""
    import numpy as np

    number = len(days.quarter)
    block = days.quarter * BLOCKS // DAY_QUARTERS
    weather = np.nan_to_num((days.weather - usual[days.kind, days.quarter]) / spread)
    rows = np.arange(number)
    slopes = np.zeros((number, BLOCKS * 6))
    for column in range(3):
        slopes[rows, (days.kind * 3 + column) * BLOCKS + block] = weather[:, column]
    return slopes


def _fading(over: Any, weight: Any) -> Any:
    """Least squares of what is left over at each lead on what is left over now (mean of an hour), and a day before then."""
    import numpy as np

    found = np.zeros((len(LEADS), 2))
    padded = np.concatenate([np.full(3, np.nan), over])
    hour = np.mean(np.stack([padded[shift : shift + len(over)] for shift in range(4)]), axis=0)
    for at, lead in enumerate(LEADS):
        back = DAY_QUARTERS * (
            1 + (lead - 1) // DAY_QUARTERS
        )  # the newest day whose same time is known by now
        first = max(back, lead)
        then, now, before = (
            over[first:],
            hour[first - lead : len(over) - lead],
            over[first - back : len(over) - back],
        )
        sound = np.isfinite(then) & np.isfinite(now) & np.isfinite(before)
        if sound.sum() < 2 * DAY_QUARTERS:
            continue
        design = np.column_stack([now[sound], before[sound]])
        heavy = weight[first:][sound]
        gram = (design * heavy[:, None]).T @ design
        gram += 0.5 * np.trace(gram) / 2.0 * np.eye(2)
        found[at] = np.clip(np.linalg.solve(gram, (design * heavy[:, None]).T @ then[sound]), 0.0, 1.0)
    return found


def quarters(values: Any, since: float, step: float) -> tuple[float, Any]:
    """Values of a finer step as means of quarter hours, and the UTC second of the first. NaN where less than half is known."""
    import numpy as np

    each = round(900.0 / step)
    skip = int(-since // step % each)
    column = np.asarray(values, dtype=float)[skip:]
    column = column[: len(column) // each * each].reshape(-1, each)
    known = np.isfinite(column)
    number = known.sum(axis=1)
    means = np.where(known, column, 0.0).sum(axis=1) / np.maximum(number, 1)
    return since + skip * step, np.where(number * 2 >= each, means, np.nan)
