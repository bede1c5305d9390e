"""The record of one tick: the snapshot, what the policies wished, what was decided and what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.frozen import quick
from agent.core.point import Value
from agent.core.snapshot import Snapshot


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOrder:
    """One value on its way to a device."""

    point: str
    value: Value
    reason: str
    why: str = "changed"  # changed, refresh, retry, reasserted, release, heartbeat, manual


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFault:
    """A policy that raised instead of deciding. Its commands run out; the tick goes on."""

    policy: str
    error: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """All of one tick; replaying `snapshot` and `states_before` gives the same commands and decisions."""

    area: str
    number: int
    snapshot: Snapshot
    states_before: Mapping[str, Any]
    states: Mapping[str, Any]
    commands: tuple[Command, ...]
    decisions: Mapping[str, Decision]
    writes: tuple[WriteOrder, ...] = ()
    faults: tuple[PolicyFault, ...] = field(default=())
    duration: float = 0.0  # real seconds from snapshot to decisions

    @property
    def good(self) -> bool:
        """Good enough for a device heartbeat: every policy decided."""
        return not self.faults
