"""Two sensors that cannot both be right: said as an alarm of its own, which ends when they agree again.

One rule a function: an area at one instant in, who contradicts whom out. Tolerances are those of two good sensors each at
the edge of its class, and more; how long it has to last is for agent.alarms.sensor_watch to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

BACKWARDS = 1.5  # K: as in agent.calc.cooling
WET_ABOVE_DRY = 1.0  # K
FLOWS = 2.0  # l/s: well above what a standing meter shows

Doubt = tuple[str, Equipment, str]
"""What (a word for the alarm's id), where, and the sentence."""


def contradictions(snapshot: Snapshot) -> Iterator[Doubt]:
    """Everything that cannot be, as of now."""
    cooling = any(snapshot.value(one, "status") is True for one in snapshot.equipment("chiller"))
    pumps = [snapshot.value(one, "status") for one in snapshot.equipment("pump")]
    still = bool(pumps) and all(status is False for status in pumps) and not _a_tank_may_move(snapshot)
    for one in snapshot.model.equipment.values():
        yield from _air(snapshot, one)
        runs = snapshot.value(one, "status") is True if "status" in one.roles else cooling
        if runs:
            yield from _backwards(snapshot, one)
        if still:
            yield from _flow(snapshot, one)


def _a_tank_may_move(snapshot: Snapshot) -> bool:
    """A tank brings a pump of its own, which no status of a pump tells of."""
    return any(
        snapshot.value(one, role) is not False
        for one in snapshot.equipment("tank")
        for role in ("charge", "discharge")
        if role in one.roles
    )


def _backwards(snapshot: Snapshot, one: Equipment) -> Iterator[Doubt]:
    """While cooling, chilled water comes back warmer than it left, and condenser water leaves warmer than it entered."""
    pairs = (
        ("chilled_water", "chilled_water_supply_temp", "chilled_water_return_temp"),
        ("condenser_water", "condenser_entering_temp", "condenser_leaving_temp"),
    )
    for what, colder, warmer in pairs:
        cold, warm = snapshot.number_of(one, colder), snapshot.number_of(one, warmer)
        if cold is not None and warm is not None and cold - warm > BACKWARDS:
            names = what.replace("_", " ")
            text = f"{names} cannot be {cold:.1f} degC before and {warm:.1f} degC behind it while it cools"
            yield what, one, text if what == "condenser_water" else _reversed(cold, warm)


def _reversed(supply: float, back: float) -> str:
    return f"chilled water cannot leave at {supply:.1f} degC and come back at {back:.1f} degC while it cools"


def _air(snapshot: Snapshot, one: Equipment) -> Iterator[Doubt]:
    dry, wet = snapshot.number_of(one, "outdoor_dry_bulb"), snapshot.number_of(one, "outdoor_wet_bulb")
    if dry is not None and wet is not None and wet - dry > WET_ABOVE_DRY:
        yield "air", one, f"a wet bulb of {wet:.1f} degC above a dry bulb of {dry:.1f} degC cannot be"


def _flow(snapshot: Snapshot, one: Equipment) -> Iterator[Doubt]:
    for role in ("chilled_water_flow", "condenser_flow"):
        flow = snapshot.number_of(one, role)
        if flow is not None and flow > FLOWS:
            yield role, one, f"{flow:.1f} l/s cannot flow while every pump is seen to stand still"
