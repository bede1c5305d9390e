"""From raw words to values: the decoding half of the register codec. Pure.

A block is compiled once into a `BlockCodec` (shared by all devices of one profile): one `struct` unpack gives all raw
numbers, then one small function a value makes it an engineering value or a `Flaw` (a BAD reading and its reason).
Nothing is done for a block whose bytes are those of the last answer, and unchanged values stay the same objects.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from agent.core.point import Value
from agent.core.reading import Quality
from agent.core.register import RawType
from drivers.modbus.cells import FORMATS, Cell, Flaw, converter_of, wire_bytes

MOST_REASONS = 3  # a block's reason names this many bad points, then counts the rest


@dataclass(frozen=True, slots=True)
class Decoded:
    """One answer decoded: what `ReadingBlock` needs. `cells` holds values with their flaws, None when all are good."""

    payload: bytes
    values: tuple[Value | None, ...]
    cells: tuple[Any, ...] | None = None
    qualities: tuple[Quality, ...] | None = None
    reason: str = ""


class BlockCodec:
    """Decodes the answers to one block read. Holds no state: what is remembered is the caller's last `Decoded`."""

    __slots__ = ("_converters", "_gather", "_names", "_places", "_structure")

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self._names = tuple(cell.name for cell in cells)
        self._places: tuple[int, ...] | None = None
        self._gather: Callable[[bytes], tuple[int, ...]] | None = None
        self._structure = struct.Struct("")
        if cells[0].bit_table:
            self._places = tuple(cell.at for cell in cells)
        else:
            self._structure, self._gather = _layout(cells)
        converters = tuple(converter_of(cell) for cell in cells)
        self._converters = None if all(one is None for one in converters) else converters

    def decode(self, payload: bytes, last: Decoded | None = None) -> Decoded:
        """The values of one answer; `last` itself when nothing changed. `payload` has the right length."""
        if last is not None and last.payload == payload:
            return last
        raw = self._unpack(payload)
        if self._converters is None:
            return Decoded(payload, raw)
        if last is None:
            cells = tuple([raw_ if one is None else one(raw_) for one, raw_ in zip(self._converters, raw)])  # noqa: B905 - same length, hot
        else:
            before = self._unpack(last.payload)
            olds = last.cells or last.values
            cells = tuple(
                [
                    old if now == then else now if one is None else one(now)
                    for one, now, then, old in zip(self._converters, raw, before, olds)  # noqa: B905 - same length, hot
                ]
            )
        if Flaw in map(type, cells):
            return self._flawed(payload, cells)
        return Decoded(payload, cells)

    def _unpack(self, payload: bytes) -> tuple[Any, ...]:
        if self._places is not None:
            bits = int.from_bytes(payload, "little")
            return tuple([bits >> place & 1 for place in self._places])
        if self._gather is not None:
            payload = bytes(self._gather(payload))
        # a padded answer is longer than the block
        return self._structure.unpack_from(payload)

    def _flawed(self, payload: bytes, cells: tuple[Any, ...]) -> Decoded:
        reasons = [
            f"{name}: {cell.reason}"
            for name, cell in zip(self._names, cells, strict=True)
            if type(cell) is Flaw
        ]
        if len(reasons) > MOST_REASONS:
            reasons[MOST_REASONS:] = [f"and {len(reasons) - MOST_REASONS} more"]
        return Decoded(
            payload,
            tuple([cell.value if type(cell) is Flaw else cell for cell in cells]),
            cells,
            tuple([Quality.BAD if type(cell) is Flaw else Quality.GOOD for cell in cells]),
            "; ".join(reasons),
        )


@lru_cache(maxsize=4096)
def compile_block(cells: tuple[Cell, ...]) -> BlockCodec:
    """The codec of a block; the same object for equal blocks, so that a thousand equal devices cost one."""
    return BlockCodec(cells)


def _layout(cells: tuple[Cell, ...]) -> tuple[struct.Struct, Callable[[bytes], tuple[int, ...]] | None]:
    """One unpack for the block: with pad bytes over holes, or, where bytes are swapped or shared, gathered first."""
    formats, indices, position, plain = [">"], list[int](), 0, True
    for cell in cells:
        size, start = cell.length * 2, cell.at * 2
        order = wire_bytes(cell.type, cell.order, cell.length)
        plain = plain and order == tuple(range(size)) and start >= position
        if plain:
            formats.append(f"{start - position}x" if start > position else "")
        position = start + size
        formats.append(f"{size}s" if cell.type is RawType.STRING else FORMATS[cell.type])
        indices.extend(start + index for index in order)
    if plain:
        return struct.Struct("".join(formats)), None
    packed = "".join(part for part in formats if not part.endswith("x"))
    return struct.Struct(packed), itemgetter(*indices)
