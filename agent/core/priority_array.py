"""The priority array of one point: every live claim, and who wins (after BACnet, ANSI/ASHRAE 135 clause 19.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.core.command import Command


@dataclass(frozen=True, slots=True)
class PriorityArray:
    """All claims on one point, strongest first. Order of arrival does not matter."""

    claims: tuple[Command, ...] = ()

    @staticmethod
    def of(claims: Iterable[Command]) -> PriorityArray:
        """The array of these claims; a later claim of the same source and priority replaces an earlier one."""
        latest = {(claim.priority, claim.source): claim for claim in claims}
        return PriorityArray(tuple(latest[key] for key in sorted(latest)))

    @property
    def winner(self) -> Command | None:
        """The strongest claim that carries a value; None when all have relinquished."""
        return next((claim for claim in self.claims if claim.value is not None), None)

    def live(self, elapsed: float) -> PriorityArray:
        """Without the values whose time is up. Bounds latch: they never run out by time."""
        return PriorityArray(tuple(kept for claim in self.claims if (kept := _alive(claim, elapsed))))

    def slot(self, priority: int) -> Command | None:
        """What stands in one numbered slot, for people who know BACnet."""
        return next((claim for claim in self.claims if claim.priority == priority), None)


def _alive(claim: Command, elapsed: float) -> Command | None:
    if claim.expires is None or elapsed < claim.expires:
        return claim
    if claim.low is None and claim.high is None:
        return None
    return replace(claim, value=None)
