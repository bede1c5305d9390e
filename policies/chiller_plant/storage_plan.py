"""A storage plan as data: what the tank and the machines shall do in each half hour of two days, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.core.learning import DAY, Learning
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact

LEARNING = Learning(kind="storage_plan", version=1, window=32.0 * DAY, every=3600.0, deadline=90.0)
SLOT = 1800.0  # s
SLOTS = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Means of half an hour, kW of cooling: what machines make, what the tank gives (negative: takes); `stored` kWh at its end."""

    machines: float
    tank: float
    stored: float
    load: float
    most: float = 0.0  # that these machines may make without a higher demand
    names: tuple[str, ...] = ()  # the machines that do this cheapest; () with `machines` above 0: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlan:
    """`target`: kW of the month's demand that is held; `peak`: of the month so far. Cost of the horizon, with and without the tank."""

    start: float
    slots: tuple[Slot, ...]
    target: float | None = None
    planned_peak: float = 0.0
    peak: float = 0.0
    month: tuple[int, int] = (0, 0)
    cost: float = 0.0
    without: float = 0.0
    hottest: float | None = None
    warm: float = 0.0  # degC of the water that comes back to the tank; 0: not known
    source: str = ""  # of the load
    error: float = 0.0  # of the forecast, share
    targets: Mapping[str, float] = field(default_factory=dict)  # local date on which a target was found -> kW

    def at(self, utc: float) -> Slot | None:
        place = int((utc - self.start) // SLOT)
        return self.slots[place] if 0 <= place < len(self.slots) else None

    def stored_at(self, utc: float, begin: float) -> float | None:
        """KWh that it expects at a time, straight within a slot; `begin` where it starts."""
        place = (utc - self.start) / SLOT
        if not 0.0 <= place < len(self.slots):
            return None
        index = int(place)
        before = begin if index == 0 else self.slots[index - 1].stored
        return before + (place - index) * (self.slots[index].stored - before)


_READ: dict[str, StoragePlan] = {}
_KEPT = 8


def read_plan(artefact: Artefact) -> StoragePlan:
    """Raises TypeError or ValueError for content that is none."""
    found = _READ.get(artefact.digest)
    if found is None:
        found = from_plain(StoragePlan, artefact.content)
        if len(_READ) >= _KEPT:
            _READ.clear()
        _READ[artefact.digest] = found
    return found
