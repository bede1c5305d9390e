"""Faults thrown at the wire in front of a simulated device, addressed by the device's id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `seconds` real seconds of delay, `code` of an exception, `times` replies it hits (None: all)."""

    kind: FaultKind
    seconds: float = 0.0
    code: int = 4
    times: int | None = None


class WireFaults:
    """The faults that stand at present. `ANY` hits every device."""

    ANY = "*"

    def __init__(self) -> None:
        self._standing: dict[str, tuple[Fault, int | None]] = {}
        self.hits = 0

    def throw(self, device: str, fault: Fault) -> None:
        """From now on, for as many replies as the fault says. Replaces what stood for this device."""
        self._standing[device] = (fault, fault.times)

    def clear(self, device: str | None = None) -> None:
        """Mend one device, or all."""
        if device is None:
            self._standing.clear()
        else:
            self._standing.pop(device, None)

    def take(self, device: str) -> Fault | None:
        """The fault that hits the next reply of this device."""
        key = device if device in self._standing else self.ANY
        standing = self._standing.get(key)
        if standing is None:
            return None
        fault, left = standing
        self.hits += 1
        if left is not None:
            if left <= 1:
                del self._standing[key]
            else:
                self._standing[key] = (fault, left - 1)
        return fault
