"""Which machines the optimiser wants to run: a virtual point that it writes and the sequence may go by.

The optimiser never starts or stops a machine: the sequence does, in its order, with its proofs and guards. The point is made where
both policies stand in the site file: see agent.config.inner_points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core.command import Priority
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.stage_rule import HOPELESS_FOR, emptied, failed, falls_short
from policies.chiller_plant.stages import Stage, counted

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence
    from policies.chiller_plant.stage_rule import Situation, StageTimers

ROLE = "wanted_machines"
_BETWEEN = ", "


@dataclass(frozen=True, slots=True)
class Wish:
    """The machines by id, and why."""

    machines: tuple[str, ...]
    reason: str = ""
    strong: bool = False  # of somebody stronger than the optimiser, who knows what is to come


def read_wish(snapshot: Snapshot, loop: Equipment | None) -> Wish | None:
    """What is wished at present; None while the optimiser has no opinion, or there is none."""
    point = None if loop is None else loop.roles.get(ROLE)
    if loop is None or point is None:
        return None
    value = snapshot.value(loop, ROLE)
    decision = snapshot.decisions.get(point)
    if not isinstance(value, str) or not value or decision is None or decision.winner is None:
        return None
    known = snapshot.model.equipment
    machines = tuple(name for name in value.split(_BETWEEN) if name in known)
    strong = decision.winner.priority < Priority.OPTIMISER
    return Wish(machines, decision.winner.reason, strong) if machines else None


def called(snapshot: Snapshot, loop: Equipment | None) -> bool:
    """Whether somebody stronger than the optimiser wants machines: they are to run though no coil asks for them."""
    wish = read_wish(snapshot, loop)
    return wish is not None and wish.strong


def begun(wish: Wish, groups: Sequence[Sequence[str]], stages: Sequence[Stage]) -> Stage | None:
    """The stage of a wish that stands before any machine runs; None where it is not there."""
    counts = counted(groups, wish.machines)
    return next((one for one in stages if one.counts == counts and one.capacity > 0.0), None)


def written(machines: tuple[str, ...]) -> str:
    """The wish as the point's text."""
    return _BETWEEN.join(machines)


def steered(
    wish: Wish | None,
    rule: PlantSequence,
    timers: StageTimers,
    at: Situation,
    groups: Sequence[Sequence[str]],
    ruled: tuple[Stage, str],
) -> tuple[Stage, str]:
    """The stage to go to: that of the wish in place of the part-load rule's, which goes on to judge failsafes and lost machines.

    `ruled` is what the guideline's own rule says. The minimum stage time holds for a wish too; a plant that has no machine on
    yet is begun by the rule. A failsafe brings machines, it takes none away from a wish.
    """
    if wish is None or not at.available or at.current.capacity <= 0.0:
        return ruled
    counts = counted(groups, wish.machines)
    stage = next((one for one in at.stages if one.counts == counts), None)
    if stage is None or stage.capacity <= 0.0:
        return ruled
    if not wish.strong and emptied(timers, at) is not None:
        return ruled
    hopeless = timers.hopeless >= HOPELESS_FOR
    if (hopeless or falls_short(rule, timers)) and ruled[0].capacity >= stage.capacity:
        return ruled
    if not wish.strong and failed(timers, at, stage):
        return ruled
    if stage.counts != at.current.counts and timers.held < rule.stage_time:
        return at.current, timers.reason
    return stage, wish.reason
