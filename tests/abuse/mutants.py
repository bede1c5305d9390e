"""Mutation operators on Modbus replies. Pure: a right frame in, pieces with the seconds after which each is sent out.

What nobody could tell from a right answer is left out, since it proves nothing: on TCP, which has no checksum, a
changed payload (so too a torn reply whose missing bytes another one brings) or another exchange's transaction number; on RTU, which has no number, a second copy of the very answer
that the next request asks for, and a damage that the checksum happens to fit.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Sequence

from tests.rtu_frames import framed, is_framed

Pieces = Sequence[tuple[float, bytes]]
UNTOUCHED = 0.25  # of the replies, so that right values are read in between
EXCEPTION_BIT = 0x80
NEAR_NUMBERS = 2000  # transaction numbers so close to the right one could be another exchange's


class Mutator:
    """Alters the replies of one line until `quota` of them were mutated; then all arrive as they are."""

    def __init__(
        self, seed: int, quota: int, late: tuple[float, float], now: Callable[[], float], *, rtu: bool
    ) -> None:
        self._chance = random.Random(seed)
        self._now = now
        self._all_sent = 0.0  # when the last delayed piece is out
        self._late = late
        self._rtu = rtu
        self._before: deque[bytes] = deque(maxlen=12)
        self._operators = RTU if rtu else TCP
        self.left = quota
        self.made: Counter[str] = Counter()

    def __call__(self, frame: bytes) -> Pieces:
        self._before.append(frame)
        if not self.left or self._chance.random() < UNTOUCHED:
            return ((0.0, frame),)
        self.left -= 1
        while True:
            name = self._chance.choice(sorted(self._operators))
            pieces = self._operators[name](self, frame)
            if pieces != ((0.0, frame),) and not self._undetectable(pieces, frame):
                self.made[name] += 1
                self._all_sent = max(self._all_sent, self._now() + pieces[-1][0])
                return pieces

    def _undetectable(self, pieces: Pieces, frame: bytes) -> bool:
        if self._rtu:
            return _passes(pieces, frame)
        torn = len(pieces[0][1]) < len(frame)
        return torn and self._now() <= self._all_sent

    @property
    def chance(self) -> random.Random:
        return self._chance

    def other(self, frame: bytes) -> bytes:
        """An earlier reply of another unit or shape; the frame itself where there was none."""
        at = 0 if self._rtu else 6
        refusal = frame[at + 1] & EXCEPTION_BIT  # does not show what an answer would look like
        others = [
            one
            for one in self._before
            if one[at] != frame[at]
            or (one[at + 1] ^ frame[at + 1]) & 0x7F
            or (one[at + 2] != frame[at + 2] and not refusal)
        ]
        return self._chance.choice(others) if others else frame

    def lateness(self) -> float:
        return self._chance.uniform(*self._late)


def _passes(pieces: Pieces, frame: bytes) -> bool:
    """Whether something else than the right answer bears its head, length and a checksum that fits."""
    first = pieces[0][1][: len(frame)]
    return first != frame and len(first) == len(frame) and first[:3] == frame[:3] and is_framed(first)


def _flipped(frame: bytes, at: int, bits: int) -> bytes:
    return frame[:at] + bytes((frame[at] ^ bits,)) + frame[at + 1 :]


def _byte(at: int, *, repaired: bool = False) -> Callable[[Mutator, bytes], Pieces]:
    """One byte changed; `repaired` makes the checksum right again, as a device does that means what it says."""

    def change(mutator: Mutator, frame: bytes) -> Pieces:
        changed = _flipped(frame, at, mutator.chance.randrange(1, 256))
        return ((0.0, framed(changed[:-2]) if repaired else changed),)

    return change


def transaction(mutator: Mutator, frame: bytes) -> Pieces:
    number = (
        int.from_bytes(frame[:2], "big") + mutator.chance.randrange(NEAR_NUMBERS, 0x10000 - NEAR_NUMBERS)
    ) & 0xFFFF
    return ((0.0, number.to_bytes(2, "big") + frame[2:]),)


def length(mutator: Mutator, frame: bytes) -> Pieces:
    near = int.from_bytes(frame[4:6], "big") + mutator.chance.choice((-3, -2, -1, 1, 2, 3, 8))
    number = mutator.chance.choice((near, mutator.chance.randrange(0x10000), 0, 1))
    return ((0.0, frame[:4] + number.to_bytes(2, "big") + frame[6:]),)


def damaged(mutator: Mutator, frame: bytes) -> Pieces:
    """Several bytes anywhere: payload and checksum too."""
    for _ in range(mutator.chance.randint(1, 4)):
        frame = _flipped(frame, mutator.chance.randrange(len(frame)), mutator.chance.randrange(1, 256))
    return ((0.0, frame),)


def one_bit(mutator: Mutator, frame: bytes) -> Pieces:
    return ((0.0, _flipped(frame, mutator.chance.randrange(len(frame)), 1 << mutator.chance.randrange(8))),)


def byte_lost(mutator: Mutator, frame: bytes) -> Pieces:
    at = mutator.chance.randrange(len(frame))
    return ((0.0, frame[:at] + frame[at + 1 :]),)


def byte_added(mutator: Mutator, frame: bytes) -> Pieces:
    at = mutator.chance.randrange(len(frame))
    return ((0.0, frame[:at] + mutator.chance.randbytes(1) + frame[at:]),)


def words_swapped(_: Mutator, frame: bytes) -> Pieces:
    return (
        ((0.0, frame[:3] + frame[5:7] + frame[3:5] + frame[7:]),) if len(frame) > 8 else ((0.0, frame[::-1]),)
    )


def truncated(mutator: Mutator, frame: bytes) -> Pieces:
    return ((0.0, frame[: mutator.chance.randrange(len(frame))]),)


def extended(mutator: Mutator, frame: bytes) -> Pieces:
    return ((0.0, frame + mutator.chance.randbytes(mutator.chance.randint(1, 12))),)


def preceded(mutator: Mutator, frame: bytes) -> Pieces:
    return ((0.0, mutator.chance.randbytes(mutator.chance.randint(1, 12)) + frame),)


def repeated(_: Mutator, frame: bytes) -> Pieces:
    return ((0.0, frame + frame),)


def repeated_later(mutator: Mutator, frame: bytes) -> Pieces:
    """The copy falls into the next exchange, of another unit or block."""
    return ((0.0, frame), (mutator.chance.uniform(0.001, 0.006), frame))


def merged(mutator: Mutator, frame: bytes) -> Pieces:
    """Together with an earlier reply, before or behind it."""
    other = mutator.other(frame)
    return ((0.0, other + frame if mutator.chance.random() < 0.5 else frame + other),)


def another(mutator: Mutator, frame: bytes) -> Pieces:
    """An earlier reply instead."""
    return ((0.0, mutator.other(frame)),)


def late(mutator: Mutator, frame: bytes) -> Pieces:
    return ((mutator.lateness(), frame),)


def in_pieces(mutator: Mutator, frame: bytes) -> Pieces:
    """The end comes late or never is whole: the second piece lacks a byte or two half of the time."""
    at = mutator.chance.randrange(1, len(frame) - 2)
    lack = mutator.chance.choice((0, 0, 1, 2))
    return ((0.0, frame[:at]), (mutator.lateness(), frame[at : len(frame) - lack]))


COMMON = {
    one.__name__: one
    for one in (truncated, extended, preceded, repeated, repeated_later, merged, another, late, in_pieces)
}
TCP = {
    "transaction": transaction,
    "protocol": lambda mutator, frame: _byte(mutator.chance.choice((2, 3)))(mutator, frame),
    "length": length,
    "unit": _byte(6),
    "function": _byte(7),
    "byte_count": _byte(8),
    **COMMON,
}
RTU = {
    "unit": _byte(0),
    "function": _byte(1),
    "byte_count": _byte(2),
    "unit_repaired": _byte(0, repaired=True),
    "function_repaired": _byte(1, repaired=True),
    "byte_count_repaired": _byte(2, repaired=True),
    "checksum": lambda mutator, frame: _byte(len(frame) - mutator.chance.choice((1, 2)))(mutator, frame),
    **{one.__name__: one for one in (damaged, one_bit, byte_lost, byte_added, words_swapped)},
    **COMMON,
}
