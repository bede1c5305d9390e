"""The priority array of one point: every live claim, and who wins (after BACnet, ANSI/ASHRAE 135 clause 19.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from agent.core.command import Command
from agent.core.frozen import quick
from agent.core.point import SafeEnd


@quick
@dataclass(frozen=True, slots=True)
class PriorityArray:
    """All claims on one point, strongest first. Order of arrival does not matter."""

    claims: tuple[Command, ...] = ()

    @staticmethod
    def of(claims: Iterable[Command]) -> PriorityArray:
        """The array of these claims. Who replaces whom is settled before; equal claims count once."""
        several = list(claims)
        if len(several) < 2:
            return PriorityArray(tuple(several))
        if len({_slot(claim) for claim in several}) == len(several):
            return PriorityArray(tuple(sorted(several, key=_slot)))
        return PriorityArray(tuple(sorted(set(several), key=_rank)))

    @property
    def winner(self) -> Command | None:
        """The strongest claim that carries a value; None when all have relinquished."""
        return next((claim for claim in self.claims if claim.value is not None), None)

    def strongest(self, safe_end: SafeEnd | None) -> Command | None:
        """Like `winner`, but among values of one priority the one nearest the safe end (undeclared: low) wins."""
        first = self.winner
        if first is None:
            return None
        tied = [one for one in self.claims if one.value is not None and one.priority == first.priority]
        if len(tied) == 1 or any(isinstance(one.value, str) for one in tied):
            return first
        pick = max if safe_end is SafeEnd.HIGH else min
        return pick(tied, key=lambda one: float(one.value or 0.0))

    def live(self, elapsed: float) -> PriorityArray:
        """Without the values whose time is up. Bounds latch: they never run out by time."""
        if all(claim.expires is None or elapsed < claim.expires for claim in self.claims):
            return self
        return PriorityArray(tuple(kept for claim in self.claims if (kept := _alive(claim, elapsed))))

    def slot(self, priority: int) -> Command | None:
        """What stands in one numbered slot, for people who know BACnet."""
        return next((claim for claim in self.claims if claim.priority == priority), None)


_slot = attrgetter("priority", "source")


def _rank(claim: Command) -> tuple[int, str, str]:
    """One source may hold a slot with several claims: a total order over all that tells them apart."""
    told_apart = f"{claim.value} {claim.low} {claim.high} {claim.expires} {claim.reason}"
    return claim.priority, claim.source, told_apart


def _alive(claim: Command, elapsed: float) -> Command | None:
    if claim.expires is None or elapsed < claim.expires:
        return claim
    if claim.low is None and claim.high is None:
        return None
    return claim if claim.value is None else replace(claim, value=None)
