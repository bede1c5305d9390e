"""Two periods of a dedicated meter against each other: the saving, and how sure it is.

IPMVP option B (retrofit isolation, all parameters measured): energy is metered in both periods, nothing is modelled. Days are the
sample. Where both periods know each kind of day (worked, off), the baseline is weighted with the kinds of the monitored days;
elsewhere the plain means stand, and the report says so. The interval is Student's, with the degrees of freedom of Welch and
Satterthwaite; days are taken as independent. A constant error of the meter is in both periods and falls out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, variance

from agent.calc.student import t_quantile

FEWEST = 2  # days of a kind that tell how much they differ


@dataclass(frozen=True, slots=True)
class MeteredDay:
    """One complete day of all meters together."""

    day: dt.date
    kind: str
    kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """kWh a day; the saving and its interval as shares of the baseline."""

    before: float
    after: float
    before_error: float  # standard error, kWh a day
    after_error: float
    days_before: int
    days_after: int
    share: float
    low: float
    high: float
    confidence: float
    freedom: float
    by_kind: bool  # the baseline was weighted with the kinds of the monitored days

    @property
    def method(self) -> str:
        kinds = (
            "the baseline's kinds of day weighted as in the monitoring period"
            if self.by_kind
            else "plain means: the periods do not share enough days of each kind"
        )
        return (
            f"IPMVP option B, mean per day of the same dedicated meters, {kinds}; "
            f"{100.0 * self.confidence:g} % interval of Student's t with {_freedom(self.freedom)} degrees of freedom (Welch-Satterthwaite)"
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the baseline: what new lamps would have saved at the old hours, and what dimming saved on top."""

    swap: float
    control: float
    ratio: float  # power of all new lamps at full level over that of all old ones


def compare_periods(
    before: Sequence[MeteredDay], after: Sequence[MeteredDay], confidence: float = 0.9
) -> Saving:
    """Raises ValueError where too few days are known."""
    for days, name in ((before, "baseline"), (after, "monitoring")):
        if len(days) < FEWEST:
            raise ValueError(f"the {name} period has {len(days)} complete days; {FEWEST} are the fewest")
    kinds = {one.kind for one in after}
    by_kind = all(_count(days, kind) >= FEWEST for days in (before, after) for kind in kinds)
    weights = {kind: _count(after, kind) / len(after) for kind in kinds} if by_kind else {"": 1.0}
    mean_before, parts_before = _mean(before, weights)
    mean_after, parts_after = _mean(after, weights)
    if mean_before <= 0.0:
        raise ValueError("nothing was used in the baseline period")
    left = mean_after / mean_before
    parts = [(left * left * part, n) for part, n in parts_before] + parts_after
    spread = sum(part for part, _ in parts)
    below = sum(part * part / n for part, n in parts)
    freedom = spread * spread / below if below > 0.0 else inf
    reach = t_quantile(0.5 + confidence / 2.0, freedom) * sqrt(spread) / mean_before if spread > 0.0 else 0.0
    return Saving(
        before=mean_before,
        after=mean_after,
        before_error=sqrt(sum(part for part, _ in parts_before)),
        after_error=sqrt(sum(part for part, _ in parts_after)),
        days_before=len(before),
        days_after=len(after),
        share=1.0 - left,
        low=1.0 - left - reach,
        high=1.0 - left + reach,
        confidence=confidence,
        freedom=freedom,
        by_kind=by_kind,
    )


def split(saving: Saving, power_before: float, power_after: float) -> Split:
    """Lamp swap and control apart; powers of all lamps together at full level, in one unit. The old burning hours are taken for both."""
    ratio = power_after / power_before
    return Split(swap=1.0 - ratio, control=saving.share - (1.0 - ratio), ratio=ratio)


def _mean(days: Sequence[MeteredDay], weights: dict[str, float]) -> tuple[float, list[tuple[float, int]]]:
    """The weighted mean, and of each kind its part of the variance of that mean with its degrees of freedom."""
    mean, parts = 0.0, []
    for kind, weight in weights.items():
        values = list(_values(days, kind))
        mean += weight * fmean(values)
        parts.append((weight * weight * variance(values) / len(values), len(values) - 1))
    return mean, parts


def _values(days: Sequence[MeteredDay], kind: str) -> Iterator[float]:
    return (one.kwh for one in days if not kind or one.kind == kind)


def _count(days: Sequence[MeteredDay], kind: str) -> int:
    return sum(one.kind == kind for one in days)


def _freedom(value: float) -> str:
    return "any" if value == inf else f"{value:.1f}"
