"""Lamp times as a picture: a row for each site with its number, the times, and the night as a bar. PNG, made here.

Names are in the message beside it: the picture has the few letters it needs, five by seven, and no font file.
PNG: ISO/IEC 15948, palette colour.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, ROW, HEAD = 720, 44, 40
BAR = (470, 230)  # from x, wide: noon to noon
SCALE = 3
_PALETTE = ((255, 255, 255), (34, 34, 34), (196, 206, 220), (255, 176, 32), (225, 225, 225))
WHITE, INK, NIGHT, LIT, LINE = range(5)

_GLYPHS = {
    "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010204081F", "3": "1F02040201110E",
    "4": "02060A121F0202", "5": "1F101E0101110E", "6": "0608101E11110E", "7": "1F010204080808",
    "8": "0E11110E11110E", "9": "0E11110F01020C", ":": "00040400040400", "-": "0000001F000000",
    "%": "18190204081303", ".": "00000000000C0C", "O": "0E11111111110E", "N": "11191513111111",
    "F": "1F10101E101010", "#": "0A0A1F0A1F0A0A", " ": "00000000000000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictureRow:
    """`changes`: local time of day and what the lamps do then (`on`, `off`, `50 %`), from noon to noon."""

    number: int
    changes: tuple[tuple[str, str], ...]


def times_picture(heading: str, rows: Sequence[PictureRow]) -> bytes:
    """A PNG file."""
    canvas = _Canvas(WIDE, HEAD + ROW * len(rows))
    canvas.write(12, 10, heading)
    for place, row in enumerate(rows):
        y = HEAD + ROW * place
        canvas.fill(0, y, WIDE, 1, LINE)
        canvas.write(12, y + 11, str(row.number))
        said = "  ".join(f"{time} {what.upper()}" for time, what in row.changes[:1] + row.changes[-1:])
        canvas.write(80, y + 11, said)
        _bar(canvas, y + 10, row)
    return canvas.png()


def _bar(canvas: _Canvas, y: int, row: PictureRow) -> None:
    x, wide = BAR
    canvas.fill(x, y, wide, ROW - 20, NIGHT)
    changes = [(_share(time), what != "off") for time, what in row.changes]
    lit = bool(changes) and not changes[0][1]
    since = 0.0
    for share, on in [*changes, (1.0, False)]:
        if lit:
            canvas.fill(x + int(since * wide), y, max(1, int((share - since) * wide)), ROW - 20, LIT)
        lit, since = on, share


def _share(time: str) -> float:
    """Of the day that begins at noon."""
    hours, minutes = time.split(":")
    return ((int(hours) * 60 + int(minutes) - 720) % 1440) / 1440.0


class _Canvas:
    """Palette numbers, row by row."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._rows = [bytearray(width) for _ in range(height)]

    def fill(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        end = min(x + width, self._size[0])
        for row in self._rows[y : y + height]:
            row[x:end] = bytes([colour]) * (end - x)

    def write(self, x: int, y: int, text: str) -> None:
        for character in text:
            glyph = bytes.fromhex(_GLYPHS.get(character, _GLYPHS["#"]))
            for line, bits in enumerate(glyph):
                for column in range(5):
                    if bits >> (4 - column) & 1 and x + (column + 1) * SCALE < self._size[0]:
                        self.fill(x + column * SCALE, y + line * SCALE, SCALE, SCALE, INK)
            x += 6 * SCALE

    def png(self) -> bytes:
        width, height = self._size
        raw = b"".join(b"\0" + bytes(row) for row in self._rows)
        return b"".join(
            (
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
                _chunk(b"PLTE", b"".join(bytes(colour) for colour in _PALETTE)),
                _chunk(b"IDAT", zlib.compress(raw, 6)),
                _chunk(b"IEND", b""),
            )
        )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
