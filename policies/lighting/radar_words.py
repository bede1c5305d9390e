"""Why a lamp group burns as it does, in sentences that a caretaker understands."""

from __future__ import annotations

from policies.lighting.radar_state import GroupWatch, Hold
from policies.lighting.radar_travel import CAR


def duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120.0 else f"{seconds / 60.0:g} min"


def who(pace: float) -> str:
    """Whom a measured pace stands for; somebody where none was measured."""
    if pace <= 0.0:
        return "somebody"
    return "car" if pace >= CAR else "somebody on foot"


def here(name: str, watch: GroupWatch, origin: str) -> str:
    return f"{name}: {who(watch.pace)} from {origin}" if origin else f"{name}: somebody is here"


def stuck(name: str, limit: float) -> str:
    return f"{name}: the radar may be stuck, it has seen somebody for over {duration(limit)}; lit"


def blind(name: str, watch: GroupWatch) -> str:
    return (
        f"{name}: the radar may be blind, {watch.passed_by} times somebody was next door and never here; lit"
    )


def unknown(name: str, why: str) -> str:
    return f"{name}: the radar is silent ({why or 'no fresh reading'}); lit to be safe"


def held(name: str, watch: GroupWatch, now: float, origin: str) -> str:
    rest = f"{max(watch.until - now, 0.0):.0f} s more"
    if watch.hold is Hold.START:
        return f"{name}: just started, nothing is known yet; lit for {rest}"
    if watch.hold is Hold.DOUBT:
        return f"{name}: the radar was silent until just now; lit for {rest}"
    if watch.hold is Hold.LEFT:
        return f"{name}: last one seen to go on; lit for {rest}"
    if watch.hold is Hold.LOST:
        return f"{name}: somebody was not seen to leave; lit for {rest}"
    if watch.hold is Hold.NEAR:
        return f"{name}: somebody was lost next door in {origin}; lit for {rest}"
    return f"{name}: held after the last movement; lit for {rest}"


def way_in(name: str, origin: str, pace: float) -> str:
    return f"{name}: {who(pace)} in {origin} may come in"


def expected(name: str, origin: str, pace: float, seconds: float) -> str:
    when = f"expected in {seconds:.0f} s" if seconds >= 0.5 else "expected now"
    return f"{name}: {who(pace)} from {origin} {when}"


def empty(name: str, level: float) -> str:
    return f"{name}: nobody here or on the way; dimmed to {level:g} %"


def fading(name: str, level: float) -> str:
    return f"{name}: nobody here or on the way; coming down to {level:g} %"


def overdue(name: str, origin: str) -> str:
    return f"{name}: somebody from {origin} should be next door by now and may come in"


def entrance(name: str, level: float) -> str:
    return f"{name}: people come in here from outside; kept at {level:g} %"
