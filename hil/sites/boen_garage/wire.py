"""Lamp gateways on the wire: when a radar's reply ended, and when the command to its lamps began.

Stands in for the capture behind a rig's taps. It reads of Modbus what it needs: replies to reads of discrete inputs (the radars)
and writes of holding registers (the levels), at the addresses of the demonstration's gateway.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import time
from dataclasses import dataclass, field

LIT = 500  # register of a level: half light, in tenths of a per cent
GROUPS = range(8)
READ_DISCRETE, WRITE_ONE, WRITE_MANY = 2, 6, 16


@dataclass(frozen=True, slots=True)
class Reacted:
    """Seconds from the reply's last byte to the command's first, and what of it lies after the frame in flight."""

    whole: float
    after_frame: float


@dataclass(slots=True)
class _Line:
    asked: tuple[int, int, int] = (0, 0, 0)  # function, address, count
    seen: set[int] = field(default_factory=set)
    lit: set[int] = field(default_factory=lambda: set(GROUPS))
    waiting: dict[int, float] = field(default_factory=dict)  # group -> end of the reply
    coming: bytearray = field(default_factory=bytearray)
    quiet: float = 0.0  # last byte from the device


class LampWire:
    """Takes bytes as they pass. `serial`: frames of RTU, else of TCP."""

    def __init__(self, *, serial: bool) -> None:
        self.reactions: list[Reacted] = []
        self._serial = serial
        self._lines: dict[str, _Line] = {}

    def passed(self, bus: str, to_device: bool, data: bytes) -> None:
        now = time.monotonic()
        line = self._lines.setdefault(bus, _Line())
        if to_device:
            line.coming.clear()
            self._ask(line, self._pdu(data), now)
        else:
            line.quiet = now
            line.coming += data
            self._answer(line, self._pdu(bytes(line.coming)), now)

    def note(self, bus: str, text: str) -> None:
        """Notes are of no use here."""

    def close(self) -> None:
        """Nothing is open."""

    def _pdu(self, frame: bytes) -> bytes:
        return frame[1:-2] if self._serial else frame[7:]

    def _ask(self, line: _Line, pdu: bytes, now: float) -> None:
        if len(pdu) < 5:
            return
        function, address, count = pdu[0], _word(pdu, 1), _word(pdu, 3)
        line.asked = (function, address, count)
        if function == WRITE_ONE:
            self._told(line, address, count, now)
        elif function == WRITE_MANY:
            for n in range(count):
                self._told(line, address + n, _word(pdu, 6 + 2 * n), now)

    def _told(self, line: _Line, address: int, value: int, now: float) -> None:
        if address not in GROUPS:
            return
        if value < LIT:
            line.lit.discard(address)
            return
        line.lit.add(address)
        began = line.waiting.pop(address, None)
        if began is not None:
            self.reactions.append(Reacted(now - began, now - max(began, line.quiet)))

    def _answer(self, line: _Line, pdu: bytes, now: float) -> None:
        function, first, count = line.asked
        if function != READ_DISCRETE or len(pdu) < 2 or pdu[0] != READ_DISCRETE or len(pdu) < 2 + pdu[1]:
            return
        line.coming.clear()
        for n in range(count):
            group = first + n
            on = bool(pdu[2 + n // 8] >> n % 8 & 1)
            if on and group not in line.seen and group not in line.lit:
                line.waiting[group] = now
            (line.seen.add if on else line.seen.discard)(group)


def _word(pdu: bytes, at: int) -> int:
    return int.from_bytes(pdu[at : at + 2], "big")
