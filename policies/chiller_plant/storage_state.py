"""What the storage policy remembers from tick to tick, and what it intends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.tank_sight import TankSight

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage


class Mode(StrEnum):
    """What the tank does."""

    IDLE = "idle"
    CHARGE = "charge"
    DISCHARGE = "discharge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is wanted now. kW of cooling: `machines` make, `tank` goes in or out. `names`: machines to run; () leaves that to others."""

    mode: Mode = Mode.IDLE
    machines: float = 0.0
    tank: float = 0.0
    names: tuple[str, ...] = ()
    alone: bool = False  # the tank carries everything: no machine runs
    bridges: bool = False  # it goes on alone until the machines that are called have come
    until: float = 0.0  # UTC
    source: str = "rule"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageState:
    """Times in seconds, flow and pressure of the tank's own control, latches, and the day's highest temperature."""

    elapsed: float | None = None
    mode: Mode = Mode.IDLE
    since: float = 1e6  # in this mode
    alone: bool = False
    left_alone: float = 1e6  # since the tank carried everything
    full: bool = False
    empty: bool = False
    flow: float = 0.0  # % commanded
    trim: float = 1.0  # of the charging flow: less where the machines cannot hold the cold
    pressure: float = 0.0  # kPa held while the tank is alone
    load: float | None = None  # kW, smoothed
    departed: float = 0.0  # for which reality has been far from the plan
    warm: float | None = None  # degC of the water that comes back, as the last plan found it
    names: tuple[str, ...] = ()  # machines that are called, and for how long
    named: float = 1e6
    digest: str = ""  # of the plan that is followed
    began: float = 0.0  # kWh held when it was taken up
    left: str = ""  # digest of a plan that reality has left
    day: str = ""
    hottest: float | None = None  # so far today
    before: float | None = None  # of yesterday
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePicture:
    """One tick: the parameters, what is seen, and how much time has passed (s)."""

    rule: Storage
    snapshot: Snapshot
    layout: Layout
    tank: Equipment
    sight: TankSight
    seconds: float

    @property
    def least(self) -> float:
        """KWh that are never sold."""
        return self.rule.least(self.sight.holds, self.layout.capacity)

    @property
    def running(self) -> int:
        """Machines that are seen to run."""
        return sum(self.runs(one) for one in self.layout.machines)

    def runs(self, machine: str) -> bool:
        return self.snapshot.value(self.layout.machines[machine].equipment, "status") is True

    def water(self, role: str) -> float | None:
        """Of the loop."""
        return None if self.layout.loop is None else self.snapshot.number_of(self.layout.loop, role)
