"""How values and times are put into the sentences a facility engineer reads."""

from __future__ import annotations

import math

from agent.core.point import Value


def said(value: Value | None, unit: str = "") -> str:
    """A value as people say it: on, off, 26 degC, released."""
    if value is None:
        return "released"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    return f"{value:g} {unit}".rstrip()


def lasting(seconds: float) -> str:
    """A stretch of time, rounded up to the second: `3 min 20 s`."""
    whole = max(0, math.ceil(seconds - 1e-6))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if count]
    return " ".join(parts) or "0 s"
