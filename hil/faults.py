"""Faults thrown at the wire in front of a simulated device, addressed by the device's id or its bus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class FaultKind(StrEnum):
    """What goes wrong with a reply."""

    DROP = "drop"  # never sent
    DELAY = "delay"  # sent late; the line waits for it
    LATE = "late"  # sent late, while the line goes on with other requests
    EXCEPTION = "exception"  # an exception reply instead
    CUT = "cut"  # the connection is closed instead (a serial line drops the reply)
    HALF = "half"  # half a frame
    GARBAGE = "garbage"  # bytes that are no frame at all
    CHECKSUM = "checksum"  # one bit wrong: bad CRC on a line, a wrong length field on TCP
    WRONG_UNIT = "wrong_unit"  # somebody else's address in the reply
    REPEAT = "repeat"  # sent twice
    LOSS = "loss"  # request or reply is lost, as it falls
    STALL = "stall"  # nothing is heard and nothing answered; the connection stays open


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `seconds` real seconds of delay, `code` of an exception, `times` replies it hits (None: all).

    `share` is the part of the replies it hits, at random.
    """

    kind: FaultKind
    seconds: float = 0.0
    code: int = 4
    times: int | None = None
    share: float = 1.0


Alter = Callable[[bytes], Sequence[tuple[float, bytes]]]
"""What becomes of a right reply on the wire: pieces and the real seconds after which each is sent."""


@dataclass(slots=True)
class _Standing:
    fault: Fault
    left: int | None


class WireFaults:
    """The faults that stand at present. Those of a device strike before those of its bus, and these before `ANY`.

    `buses` says which bus a device is on (`bus:<id>` is the bus's key); `alter` sees every reply that no fault hits.
    """

    ANY = "*"

    def __init__(self, alter: Alter | None = None, seed: int = 1) -> None:
        self._standing: dict[str, dict[FaultKind, _Standing]] = {}
        self.alter = alter
        self.buses: dict[str, str] = {}
        self.chance = Random(seed)
        self.hits = 0

    def throw(self, key: str, fault: Fault) -> None:
        """From now on, for as many replies as the fault says. Replaces what stood there."""
        self._standing[key] = {fault.kind: _Standing(fault, fault.times)}

    def add(self, key: str, fault: Fault) -> None:
        """Beside what stands there already; the same kind is replaced."""
        self._standing.setdefault(key, {})[fault.kind] = _Standing(fault, fault.times)

    def clear(self, key: str | None = None, kind: FaultKind | None = None) -> None:
        """Mend one kind at one place, one place, or all."""
        if key is None:
            self._standing.clear()
        elif kind is None:
            self._standing.pop(key, None)
        else:
            self._standing.get(key, {}).pop(kind, None)

    def take(self, device: str) -> Fault | None:
        """The fault that hits the next reply of this device."""
        if not self._standing:
            return None
        for key in (device, f"bus:{self.buses.get(device, '')}", self.ANY):
            here = self._standing.get(key)
            for one in tuple(here.values()) if here else ():
                if one.fault.share >= 1.0 or self.chance.random() < one.fault.share:
                    self._count(key, one)
                    return one.fault
        return None

    def _count(self, key: str, one: _Standing) -> None:
        self.hits += 1
        if one.left is not None:
            one.left -= 1
            if one.left <= 0:
                del self._standing[key][one.fault.kind]
