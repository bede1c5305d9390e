"""The heating tank as its sensors show it: how much of it is hot enough to heat with, and what that is in kWh."""

from __future__ import annotations

from dataclasses import dataclass

from agent.calc.cooling import WATER
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

USABLE = 2.0  # K below the supply set-point: water that still heats
LEAST_SPREAD = 5.0  # K between full and empty at least: what a tank holds is not made endless
KWH = WATER / 3.6  # kWh a m3 and kelvin


@dataclass(frozen=True, slots=True, kw_only=True)
class TankHeat:
    """`hot`: share of the tank above the usable temperature; `holds`: kWh between hot and cold all through."""

    hot: float
    holds: float
    top: float | None
    bottom: float | None


def tank_of(snapshot: Snapshot) -> Equipment | None:
    """The first heating tank: one with a sensor in it."""
    return next((one for one in snapshot.equipment("tank") if "tank_top_temp" in one.roles), None)


def tank_heat(snapshot: Snapshot, tank: Equipment | None, setpoint: float, back: float) -> TankHeat | None:
    """None when too little can be read. `back`: degC of the water that comes back from the building."""
    if tank is None:
        return None
    top, middle, bottom = (
        snapshot.number_of(tank, role) for role in ("tank_top_temp", "tank_middle_temp", "tank_bottom_temp")
    )
    seen = [(1.0, top), (0.5, middle), (0.0, bottom)]
    known = [(height, one) for height, one in seen if one is not None]
    if len(known) < 2:
        return None
    holds = tank.nameplate.get("volume", 0.0) * KWH * max(setpoint - back, LEAST_SPREAD)
    return TankHeat(hot=hot_share(known, setpoint - USABLE), holds=holds, top=top, bottom=bottom)


def hot_share(sensors: list[tuple[float, float]], usable: float) -> float:
    """Share of the height above which the water is at least `usable` degC; sensors from the top down."""
    (height, above), *rest = sensors
    if above < usable:
        return 0.0
    for lower, below in rest:
        if below < usable:
            part = (above - usable) / max(above - below, 1e-6)
            return 1.0 - height + part * (height - lower)
        height, above = lower, below
    return 1.0
