"""Small timers and filters as pure functions: a policy keeps their numbers in its state.

They count seconds that were lived through, not stamps: a clock that starts anew after a restart, or an hour in which
nobody looked, never makes a timer jump.
"""

from __future__ import annotations

from math import exp


def passed(elapsed: float, before: float | None, longest: float) -> float:
    """Seconds since the decision before; 0 at a fresh start or on a clock that began anew, `longest` at most."""
    if before is None:
        return 0.0
    return min(max(elapsed - before, 0.0), longest)


def held(before: float, condition: bool, seconds: float) -> float:
    """How long a condition has lasted without a break: an on-delay compares it with its delay."""
    return before + seconds if condition else 0.0


def smoothed(before: float | None, value: float, seconds: float, time_constant: float) -> float:
    """First-order lag; starts at the value."""
    if before is None or time_constant <= 0.0:
        return value
    return before + (1.0 - exp(-seconds / time_constant)) * (value - before)


def slope(value: float, lagged: float, time_constant: float) -> float:
    """Trend per second: a first-order lag trails a steady ramp by slope times its time constant."""
    return (value - lagged) / time_constant
