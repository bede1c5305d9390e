"""Engineering limits and ramps of one point: what the machine itself can stand, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from agent.core.decision import Stage
from agent.core.point import Limits, Point, Value
from agent.core.reading import Reading
from agent.safety.draft import Draft
from agent.safety.safety_state import Final
from agent.safety.wording import said


def apply_limits(draft: Draft, value: float) -> None:
    """Engineering limits hold for everyone, life safety included."""
    limits, unit = draft.point.limits, draft.point.unit
    if limits.low is not None and value < limits.low:
        draft.force(Stage.LIMIT, "low limit", limits.low, f"never below {said(limits.low, unit)}")
    elif limits.high is not None and value > limits.high:
        draft.force(Stage.LIMIT, "high limit", limits.high, f"never above {said(limits.high, unit)}")


def apply_ramp(draft: Draft, last: Final | None, now: float) -> None:
    """Let the value move away from the last final one no faster than its rates (per site second)."""
    target, limits = draft.value, draft.point.limits
    if last is None or (limits.raise_rate is None and limits.lower_rate is None):
        return
    if not is_number(target) or not is_number(last.value) or draft.passes(target > last.value):
        return
    start = within(limits, last.value)
    passed = max(0.0, now - last.at)
    if limits.raise_rate is not None and target > start + limits.raise_rate * passed:
        rate, reached = limits.raise_rate, start + limits.raise_rate * passed
    elif limits.lower_rate is not None and target < start - limits.lower_rate * passed:
        rate, reached = limits.lower_rate, start - limits.lower_rate * passed
    else:
        return
    unit = draft.point.unit
    reason = f"on its way to {said(target, unit)} at {said(rate * 60, unit)} a minute"
    draft.change(Stage.RAMP, "ramp", reached, reason)


def within(limits: Limits, value: float) -> float:
    """`value` inside the limits."""
    low = value if limits.low is None else max(limits.low, value)
    return low if limits.high is None else min(limits.high, low)


def present_value(point: Point, readings: Mapping[str, Reading]) -> Value | None:
    """What the point is now, as far as can be read: its own reading, else its feedback."""
    for name in (point.id, point.writing.feedback):
        reading = None if name is None else readings.get(name)
        if reading is not None and reading.usable:
            return reading.value
    return None


def is_number(value: Value | None) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
