"""What the low-load policy remembers from tick to tick, and its picture of one tick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.calc.cooling import WATER
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout, Machine
from policies.chiller_plant.tank_sight import TankSight

if TYPE_CHECKING:
    from policies.chiller_plant.low_load import LowLoad


class Turn(StrEnum):
    """Whose turn it is."""

    IDLE = "idle"  # machines alone, or nobody
    FILL = "fill"  # machines carry the coils and fill the tank
    REST = "rest"  # the tank alone carries the coils
    CALL = "call"  # it still does, until a machine has come


@dataclass(frozen=True, slots=True, kw_only=True)
class LowLoadState:
    """Times in seconds; `flow` % commanded of the tank; `pressure` kPa held while it is alone."""

    elapsed: float | None = None
    turn: Turn = Turn.IDLE
    since: float = 0.0  # in this turn
    low: float = 0.0  # for which the load has been low enough for the tank
    worked: float = 0.0  # for which a machine has run without a break
    hot: float = 0.0  # for which the tank alone has been too weak
    still: float = 0.0  # for which no pump has pressed
    filling: bool = False  # it has been emptied: it is filled before machines rest again
    full: bool = False
    load: float | None = None  # kW of the coils, smoothed
    flow: float = 0.0
    pressure: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LowLoadPicture:
    """One tick: the parameters, what is seen, and how much time has passed (s)."""

    rule: LowLoad
    snapshot: Snapshot
    layout: Layout
    tank: Equipment
    sight: TankSight
    seconds: float

    @property
    def running(self) -> list[Machine]:
        """Machines that are seen to run."""
        return [
            one
            for one in self.layout.machines.values()
            if self.snapshot.value(one.equipment, "status") is True
        ]

    @property
    def usable(self) -> float:
        """KWh that may be taken out."""
        return max(self.sight.stored - self.rule.emptiest / 100.0 * self.sight.holds, 0.0)

    @property
    def asked(self) -> bool:
        """Whether any coil wants the plant; yes where nobody tells."""
        told = self.water("plant_requests")
        return told is None or told > 0.0

    @property
    def most(self) -> float:
        """KW that the tank can give to the water that comes back now."""
        rated = self.tank.nameplate.get("rated_flow")
        if rated is None:
            return 0.5 * self.sight.holds  # emptied in two hours at most, where nothing tells more
        return rated * WATER * max(self.back - self.cold, 0.0)

    @property
    def back(self) -> float:
        """DegC of the water that comes back, that of an empty tank where it cannot be seen."""
        found = self.water("chilled_water_return_temp")
        return self.rule.warm if found is None else found

    @property
    def cold(self) -> float:
        """DegC of the water that the tank gives."""
        return self.rule.charge_setpoint if self.sight.bottom is None else self.sight.bottom

    def water(self, role: str) -> float | None:
        """Of the loop."""
        return None if self.layout.loop is None else self.snapshot.number_of(self.layout.loop, role)
