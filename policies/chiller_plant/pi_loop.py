"""Control loops and rolling means as pure functions over small frozen states.

The guideline says PID and leaves the tuning to the field. These loops are PI: the derivative of a noisy sensor that is looked at
every ten seconds helps nobody. The reset acts in closed form, so that a tick of a minute is as stable as one of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from agent.core.frozen import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Output and its integral part, in the unit of the output."""

    integral: float = 0.0
    output: float = 0.0


SHUT, WIDE_OPEN = Loop(), Loop(integral=1.0, output=1.0)


def launched(at: float) -> Loop:
    """A loop biased to start from this output."""
    return Loop(integral=at, output=at)


def controlled(
    before: Loop,
    error: float,
    seconds: float,
    *,
    gain: float,
    reset: float,
    low: float = 0.0,
    high: float = 1.0,
) -> Loop:
    """One step. A positive `error` wants more output; `gain` is output per unit of error, `reset` s."""
    share = 1.0 - exp(-seconds / reset) if reset > 0.0 else 1.0
    integral = clipped(before.integral + gain * error * share, low, high)
    return Loop(integral=integral, output=clipped(integral + gain * error, low, high))


def clipped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def mapped(value: float, low: tuple[float, float], high: tuple[float, float]) -> float:
    """Straight between two points (x, y), held beyond them."""
    (x1, y1), (x2, y2) = low, high
    if x2 <= x1:
        return y2
    return y1 + (y2 - y1) * clipped((value - x1) / (x2 - x1), 0.0, 1.0)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """A window of (mean, seconds), oldest first."""

    bins: tuple[tuple[float, float], ...] = ()

    @property
    def mean(self) -> float | None:
        """None while there is nothing in the window."""
        total = sum(seconds for _, seconds in self.bins)
        return sum(value * seconds for value, seconds in self.bins) / total if total > 0.0 else None


_BINS = 10  # a window is kept in about so many


def rolled(before: Rolling, value: float, seconds: float, window: float) -> Rolling:
    """The window with `value`, which held for `seconds`, at its end."""
    bins = before.bins
    if seconds <= 0.0:
        return before if bins else Rolling(bins=((value, 1e-3),))
    if bins and bins[-1][1] + seconds <= window / _BINS:
        last, length = bins[-1]
        both = length + seconds
        bins = (*bins[:-1], ((last * length + value * seconds) / both, both))
    else:
        bins = (*bins, (value, seconds))
    total = sum(length for _, length in bins)
    while len(bins) > 1 and total - bins[0][1] >= window - 1e-6:
        total -= bins[0][1]
        bins = bins[1:]
    return Rolling(bins=bins)
