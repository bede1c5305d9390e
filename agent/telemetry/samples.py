"""Samples as they lie on the disk: one packed row a block, and the key that names a block for ever.

The packing is pure. Types are kept (a switch comes back as a bool, a missing value as None): the layout, stored once,
says which value is what; the row holds only numbers.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from types import NoneType
from typing import Any, NamedTuple

from agent.core.point import Value
from agent.core.reading import Quality, ReadingBlock

SEQUENCE_BITS = 38  # 8 years of 1,000 blocks a second in one run
_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1

Values = tuple[Value | None, ...]


def make_key(epoch: int, sequence: int) -> int:
    """One integer for (epoch, sequence) that sorts like the pair and fits SQLite's 63 bits."""
    return epoch << SEQUENCE_BITS | sequence


def split_key(key: int) -> tuple[int, int]:
    return key >> SEQUENCE_BITS, key & _SEQUENCE_MASK


class Row(NamedTuple):
    """One stored block. `flags`: bit 0 time trusted, the rest the code of the packing."""

    key: int
    layout: int
    time: float
    flags: int
    data: bytes
    quality: bytes | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the numbers of a row mean. `types`: a letter a value (f i b n), empty for rows kept as JSON text."""

    id: int
    device: str
    points: tuple[str, ...]
    types: str


_LETTERS: dict[type, str] = {float: "f", int: "i", bool: "b", NoneType: "n"}
_PLAIN = frozenset((*_LETTERS, str))
_CODES = "jbhiqfd"  # JSON, then typecodes of `array`
_JSON = _CODES.index("j")
_NO_TIME = 1e12
SHORT_WAYS = 256  # more than there are families, to tuples of names met before
_SHAPES = 64  # layouts a read plan may have before its odd blocks are kept as JSON


def _json(values: Values) -> tuple[int, bytes]:
    return _JSON, json.dumps(values, separators=(",", ":")).encode()


def _bytes(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _encode_integers(numbers: tuple[Any, ...], values: Values) -> tuple[int, bytes]:
    low, high = min(numbers, default=0), max(numbers, default=0)
    for code, bits in (("b", 7), ("h", 15), ("i", 31), ("q", 63)):
        if -(1 << bits) <= low and high < 1 << bits:
            return _CODES.index(code), _bytes(array(code, numbers))
    return _json(values)


def encode(types: str, values: Values) -> tuple[int, bytes]:
    """Code and bytes of the smallest packing that gives back exactly these values."""
    if not types and values:
        return _json(values)
    numbers: tuple[Any, ...] = values
    if "n" in types:
        numbers = tuple(0 if value is None else value for value in values)
    if "f" not in types:
        return _encode_integers(numbers, values)
    try:
        doubles = array("d", numbers)
        single = array("f", numbers)
    except OverflowError:
        return _json(values)
    if tuple(single) == numbers:
        return _CODES.index("f"), _bytes(single)
    if "i" in types and tuple(doubles) != numbers:  # an integer past 2**53
        return _json(values)
    return _CODES.index("d"), _bytes(doubles)


def decode(types: str, code: int, data: bytes) -> Values:
    if code == _JSON:
        return tuple(json.loads(data))
    numbers = array(_CODES[code])
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    if types.count("f") == len(types):
        return tuple(numbers)
    return tuple(_restore(letter, number) for letter, number in zip(types, numbers, strict=True))


def _restore(letter: str, number: float) -> Value | None:
    if letter == "n":
        return None
    if letter == "f":
        return float(number)
    return bool(number) if letter == "b" else int(number)


def _plain(value: Any) -> Value | None:
    """A value of some library's own type as one of ours."""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return None if value is None else str(value)


class _Family:
    """One read plan: a device, its points, and the layouts its blocks have had."""

    __slots__ = ("by_types", "device", "points", "text")

    def __init__(self, device: str, points: tuple[str, ...]) -> None:
        self.device = device
        self.points = points
        self.by_types: dict[tuple[type, ...], Layout] = {}
        self.text: Layout | None = None


class Packer:
    """Turns blocks into rows and knows every layout. `fresh` are layouts no commit has taken yet."""

    def __init__(self, layouts: Iterable[Layout] = ()) -> None:
        self.layouts: dict[int, Layout] = {}
        self.fresh: list[Layout] = []
        self._families: dict[tuple[str, tuple[str, ...]], _Family] = {}
        self._near: dict[int, _Family] = {}
        kinds = {letter: kind for kind, letter in _LETTERS.items()}
        for layout in layouts:
            self.layouts[layout.id] = layout
            family = self._families.setdefault(
                (layout.device, layout.points), _Family(layout.device, layout.points)
            )
            if layout.types:
                family.by_types[tuple(kinds[letter] for letter in layout.types)] = layout
            else:
                family.text = layout
        self._next = max(self.layouts, default=0) + 1

    def pack(self, key: int, block: ReadingBlock) -> Row:
        """Raises ValueError only for a block that is not one: values and points of different number."""
        family = self._near.get(id(block.points))
        if family is None or family.points is not block.points or family.device != block.device:
            family = self._find(block)
        values, time, trusted = block.values, block.time, block.time_trusted
        if len(values) != len(block.points):
            raise ValueError(f"{len(values)} values for {len(block.points)} points of {block.device}")
        if not abs(time) < _NO_TIME:  # a device's broken clock: not a number, or the end of days
            time, trusted = 0.0, False
        types = tuple(map(type, values))
        layout = family.by_types.get(types)
        if layout is None:
            if not _PLAIN.issuperset(types):
                values = tuple(map(_plain, values))
                types = tuple(map(type, values))
            layout = self._shape(family, types)
        code, data = encode(layout.types, values)
        return Row(
            key,
            layout.id,
            time,
            code << 1 | trusted,
            data,
            pack_quality(block.qualities),
            _reason(block.reason) if block.reason else None,
        )

    def unpack(self, row: Row) -> ReadingBlock:
        """The block as it was appended; `elapsed` belongs to a run and is not kept."""
        layout = self.layouts[row.layout]
        return ReadingBlock(
            layout.device,
            layout.points,
            decode(layout.types, row.flags >> 1, row.data),
            row.time,
            0.0,
            unpack_quality(row.quality, len(layout.points)),
            row.reason or "",
            bool(row.flags & 1),
        )

    def _find(self, block: ReadingBlock) -> _Family:
        family = self._families.get((block.device, block.points))
        if family is None:
            family = self._families[block.device, block.points] = _Family(block.device, block.points)
        family.points = block.points
        if len(self._near) > SHORT_WAYS + 2 * len(self._families):
            self._near.clear()  # names that were put together for one block leave their place here when they go
        self._near[id(block.points)] = family
        return family

    def _shape(self, family: _Family, types: tuple[type, ...]) -> Layout:
        numeric = str not in types and bool(types)
        if numeric and len(family.by_types) < _SHAPES:
            letters = "".join(_LETTERS[kind] for kind in types)
            layout = family.by_types[types] = self._add(family, letters)
            return layout
        if family.text is None:
            family.text = self._add(family, "")
        return family.text

    def _add(self, family: _Family, types: str) -> Layout:
        layout = Layout(self._next, family.device, family.points, types)
        self._next += 1
        self.layouts[layout.id] = layout
        self.fresh.append(layout)
        return layout


def _reason(text: str) -> str:
    """Errors of the system may carry bytes that are no text; the file takes only text."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def pack_quality(qualities: tuple[Quality, ...] | None) -> bytes | None:
    """None for all GOOD, one byte where all are the same, else one a value."""
    if qualities is None:
        return None
    packed = bytes(qualities)
    if packed.count(packed[:1]) < len(packed):
        return packed
    return None if packed[:1] == bytes((Quality.GOOD,)) else packed[:1]


def unpack_quality(packed: bytes | None, count: int) -> tuple[Quality, ...] | None:
    if packed is None:
        return None
    if len(packed) == 1:
        return (Quality(packed[0]),) * count
    return tuple(map(Quality, packed))
