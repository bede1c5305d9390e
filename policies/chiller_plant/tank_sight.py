"""A chilled-water tank as the picture of this tick shows it: what it holds, what may be taken from it, what it gives now."""

from __future__ import annotations

from dataclasses import dataclass

from agent.calc.cooling import WATER
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

STILL = 1.0  # l/s: less is the noise of a meter


@dataclass(frozen=True, slots=True, kw_only=True)
class TankSight:
    """kWh against the water that comes back, degC, l/s. `fault`: why it cannot be used."""

    holds: float
    stored: float
    top: float | None
    bottom: float | None
    flow: float | None  # into it; negative: out of it
    fault: str = ""

    @property
    def level(self) -> float:
        """Share of what it holds when all of it is cold."""
        return self.stored / self.holds if self.holds > 0.0 else 0.0


def tank_of(snapshot: Snapshot) -> Equipment | None:
    """The first tank of the area that can be commanded."""
    return next(
        (one for one in snapshot.equipment("tank") if {"charge", "discharge"} & one.roles.keys()), None
    )


def tank_sight(snapshot: Snapshot, tank: Equipment, *, cold: float, warm: float, back: float) -> TankSight:
    """`cold`, `warm`: degC of a full and an empty tank as its makers count; `back`: of the water that really comes back."""
    top, middle, bottom = (
        snapshot.number_of(tank, role) for role in ("tank_top_temp", "tank_middle_temp", "tank_bottom_temp")
    )
    holds = tank.nameplate.get("holds", 0.0)
    level = snapshot.number_of(tank, "state_of_charge")
    stored = snapshot.number_of(tank, "stored")
    if level is not None:
        level /= 100.0
    elif stored is not None and holds > 0.0:
        level = stored / holds
    else:
        known = [one for one in (top, middle, bottom) if one is not None]
        level = (warm - sum(known) / len(known)) / (warm - cold) if len(known) >= 2 else None
    fault = "its content is not known" if level is None else ""
    if holds <= 0.0:
        fault = "no `holds` (kWh) on its nameplate"
    heat = holds / (warm - cold)  # kWh/K
    return TankSight(
        holds=heat * (back - cold),
        stored=holds * min(max(level or 0.0, -1.0), 1.2) + heat * (back - warm),
        top=top,
        bottom=bottom,
        flow=snapshot.number_of(tank, "tank_flow"),
        fault=fault,
    )


def tank_gives(snapshot: Snapshot) -> float:
    """KW that the tank gives to the coils now; negative: what the machines make for it. 0 where it is not measured."""
    tank = tank_of(snapshot)
    flow = None if tank is None else snapshot.number_of(tank, "tank_flow")
    loop = next(snapshot.equipment("loop"), None)
    if tank is None or loop is None or flow is None or abs(flow) <= STILL:
        return 0.0
    role = "tank_top_temp" if flow > 0.0 else "tank_bottom_temp"
    far = snapshot.number_of(loop, "chilled_water_supply_temp" if flow > 0.0 else "chilled_water_return_temp")
    near = snapshot.number_of(tank, role)
    if far is None or near is None:
        return 0.0
    return -flow * WATER * max(near - far if flow > 0.0 else far - near, 0.0)
