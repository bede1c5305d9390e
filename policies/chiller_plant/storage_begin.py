"""Where a storage plan begins: with what runs, and with the plan before, which is kept as long as a change is not worth a start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.core.learning import History
from agent.core.serial import from_plain
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.stages import counted, grouped
from policies.chiller_plant.storage_plan import LEARNING, SLOT, StoragePlan
from policies.chiller_plant.storage_program import Program, Solved, solve

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage

WHOLE = 28  # slots of whole sets of machines; beyond they may be mixed
WORTH = 1.0  # starts: what a change of the plan before has to save
UNKNOWN = frozenset({""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Where a plan begins: kWh held, the machines that run, and the plan before."""

    start: float
    stored: float
    running: frozenset[str]
    before: StoragePlan | None

    def kept(self, program: Program) -> dict[int, frozenset[str]]:
        """By block: the set that the plan before has for all of it."""
        found: dict[int, set[frozenset[str]]] = {}
        for place, one in enumerate(program.slots):
            if one.block < program.whole:
                found.setdefault(one.block, set()).add(self._set_at(self.start + place * SLOT))
        return {block: sets.pop() for block, sets in found.items() if len(sets) == 1 and UNKNOWN not in sets}

    def _set_at(self, utc: float) -> frozenset[str]:
        before = self.before
        slot = None if before is None or utc >= before.start + WHOLE * SLOT else before.at(utc)
        return UNKNOWN if slot is None else frozenset(slot.names)


def steadily(program: Program, begin: Begin) -> Solved:
    """The sets of the plan before stay unless a change saves more than a start: the solver's own slack is no reason to start.

    Raises NoPlanError.
    """
    kept = begin.kept(program)
    found = solve(program)
    if not kept:
        return found
    same = solve(replace(program, kept=kept))
    return found if found.cost < same.cost - WORTH * program.start else same


def plan_before(rule: Storage, history: History) -> StoragePlan | None:
    artefact = history.artefacts.get(rule.name)
    if artefact is None or (artefact.kind, artefact.version) != (LEARNING.kind, LEARNING.version):
        return None
    return from_plain(StoragePlan, artefact.content)


def running_now(picture: Snapshot, layout: Layout, before: StoragePlan | None, utc: float) -> frozenset[str]:
    """As many machines of each size as run and are to go on, the first ones of it: which of like machines runs is no plan's business."""
    on = [id_ for id_, one in layout.machines.items() if picture.value(one.equipment, "status") is True]
    groups = grouped(layout.machines)
    slot = None if before is None else before.at(utc)
    most = counted(groups, on if slot is None else slot.names)  # who has just been let go is stopping
    running = map(min, counted(groups, on), most)
    return frozenset(id_ for ids, number in zip(groups, running, strict=True) for id_ in ids[:number])
