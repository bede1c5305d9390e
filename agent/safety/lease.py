"""A lease on the plant: of several boxes one acts. It lies in one register of a device, taken in turn and renewed again and again.

The register holds box * 1000 + beat; 0 is free. Whoever holds it writes another beat each round; who watches takes it when it
has stood unchanged for `expires`, waits, and acts only when its own value still stands there (Fischer's protocol: L. Lamport,
"A Fast Mutual Exclusion Algorithm", 1987, section 2). All times are those of the box's own clock that never jumps, so no two clocks
have to agree. What was last confirmed counts from when that beat was begun to be written: nobody can have seen it earlier.

    acts for a quarter of `expires` after that, gives back until half of it; another box takes it after all of it at the earliest
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

BEATS = 1000
ROUNDS = 12  # in `expires`
ACT, WRITE, SETTLE = 0.25, 0.5, 0.25  # shares of `expires`


class Phase(StrEnum):
    """Where this box stands."""

    WATCHING = "watching"
    CLAIMING = "claiming"
    HOLDING = "holding"
    TWIN = "twin"  # somebody else has our number; never again in this run


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One box's view. Times in elapsed site seconds."""

    box: int
    expires: float
    phase: Phase = Phase.WATCHING
    seen: int | None = None  # as it was last read
    since: float = 0.0  # for so long it has stood unchanged
    written: int = 0  # the beat that is to be read back
    before: int = 0  # and the one before it, should the write not have arrived
    begun: float = 0.0  # when `written` was begun to be written
    confirmed: float = float("-inf")

    def acts(self, now: float) -> bool:
        return self.phase is Phase.HOLDING and now - self.confirmed <= ACT * self.expires

    def may_write(self, now: float) -> bool:
        """Longer than it acts: what is held is given back first."""
        return self.phase is Phase.HOLDING and now - self.confirmed <= WRITE * self.expires

    @property
    def holder(self) -> int:
        """The box whose number was read last; 0: nobody, or not known."""
        return owner(self.seen or 0)


def owner(value: int) -> int:
    return value // BEATS


def looked(lease: Lease, value: int | None, now: float, nonce: int) -> tuple[Lease, int | None]:
    """After one look (None: it cannot be read): the new view, and what is to be written.

    `nonce`: a number that no two boxes share; it tells apart two that were given one number.
    """
    if lease.phase is Phase.TWIN:
        return replace(lease, seen=value), None
    if lease.phase is Phase.HOLDING:
        return _holding(lease, value, now)
    if lease.phase is Phase.CLAIMING:
        return _claiming(lease, value, now)
    return _watching(lease, value, now, nonce)


def wrote(lease: Lease, now: float) -> Lease:
    """The write has ended. A claim that was so long on its way may have overtaken somebody: it does not count."""
    if lease.phase is Phase.CLAIMING and now - lease.begun > SETTLE / 2 * lease.expires:
        return _watch(lease, None, now)
    return lease


def _watching(lease: Lease, value: int | None, now: float, nonce: int) -> tuple[Lease, int | None]:
    if value is None or value not in {lease.seen, 0}:
        return _watch(lease, value, now), None
    if value != 0 and now - lease.since < lease.expires:
        return lease, None
    first = lease.box * BEATS + nonce % BEATS
    claim = replace(lease, phase=Phase.CLAIMING, seen=value, written=first, before=first, begun=now)
    return claim, first


def _claiming(lease: Lease, value: int | None, now: float) -> tuple[Lease, int | None]:
    if value != lease.written:
        return _watch(lease, value, now), None
    if now - lease.begun < SETTLE * lease.expires:
        return replace(lease, seen=value), None
    return _renewed(replace(lease, phase=Phase.HOLDING, confirmed=lease.begun), value, now)


def _holding(lease: Lease, value: int | None, now: float) -> tuple[Lease, int | None]:
    if now - lease.confirmed > WRITE * lease.expires:
        return _watch(lease, value, now), None
    if value is None:
        return lease, None
    if owner(value) != lease.box:
        return _watch(lease, value, now), None
    if value == lease.written:
        return _renewed(replace(lease, confirmed=lease.begun), value, now)
    if value == lease.before:
        return replace(lease, seen=value, begun=now), lease.written
    return replace(lease, phase=Phase.TWIN, seen=value), None


def _renewed(lease: Lease, value: int, now: float) -> tuple[Lease, int | None]:
    after = lease.box * BEATS + (value + 1) % BEATS
    return replace(lease, seen=value, before=value, written=after, begun=now), after


def _watch(lease: Lease, value: int | None, now: float) -> Lease:
    return replace(lease, phase=Phase.WATCHING, seen=value, since=now, confirmed=float("-inf"))
