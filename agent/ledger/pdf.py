"""Paper: a small writer of PDF 1.4 pages with words, lines and boxes. No library, no font file.

Words stand in Helvetica, which every viewer has; characters beyond Windows Latin in the viewer's own Song face by the
predefined Chinese encoding (ISO 32000-1:2008, 9.7.5.2). Coordinates are points from the upper left corner.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from itertools import groupby

from agent.ledger.drawing import Box, Drawing, Line, Words

A4 = (595.0, 842.0)
_PLAIN = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *(556,) * 10, 278, 278, 584, 584, 584,
    556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667,
    944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556,
    556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Widths of space to tilde in Helvetica, thousandths of the size (Adobe Core 14 metrics)."""
_BOLD = 1.07  # times as wide, near enough to break lines


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Points."""
    total = sum(_PLAIN[ord(one) - 32] if " " <= one <= "~" else 556 if _latin(one) else 1000 for one in text)
    return total * size / 1000.0 * (_BOLD if bold else 1.0)


def broken(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit; a word that does not is cut."""
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width_of(joined, size, bold=bold) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        while width_of(word, size, bold=bold) > room and len(word) > 1:
            cut = next(
                n
                for n in range(len(word) - 1, 0, -1)
                if n == 1 or width_of(word[:n], size, bold=bold) <= room
            )
            lines.append(word[:cut])
            word = word[cut:]  # noqa: PLW2901 - the rest of a word too long for a line
        line = word
    return [*lines, line] if line or not lines else lines


@dataclass(slots=True)
class Page:
    """One sheet and what is drawn on it."""

    size: tuple[float, float] = A4
    parts: list[str] = field(default_factory=list)

    def words(
        self, x: float, y: float, text: str, size: float = 9.5, *, bold: bool = False, colour: str = "#1d2733"
    ) -> None:
        """`y` is the base line."""
        self.parts.append(f"BT {_colour(colour)} rg 1 0 0 1 {x:.2f} {self.size[1] - y:.2f} Tm")
        for latin, run in groupby(text, _latin):
            piece = "".join(run)
            if latin:
                shown = piece.encode("cp1252").hex()
                self.parts.append(f"/{'F2' if bold else 'F1'} {size:g} Tf <{shown}> Tj")
            else:
                self.parts.append(f"/F3 {size:g} Tf <{piece.encode('utf-16-be').hex()}> Tj")
        self.parts.append("ET")

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 0.5) -> None:
        high = self.size[1]
        self.parts.append(
            f"{_colour(colour)} RG {width:g} w {x1:.2f} {high - y1:.2f} m {x2:.2f} {high - y2:.2f} l S"
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        low = self.size[1] - y - height
        self.parts.append(f"{_colour(colour)} rg {x:.2f} {low:.2f} {width:.2f} {height:.2f} re f")

    def draw(self, drawing: Drawing, x: float, y: float) -> None:
        """With its upper left corner there."""
        for one in drawing.shapes:
            if isinstance(one, Line):
                self.line(x + one.x1, y + one.y1, x + one.x2, y + one.y2, one.colour, one.width)
            elif isinstance(one, Box):
                self.box(x + one.x, y + one.y, max(one.width, 0.0), max(one.height, 0.0), one.colour)
            else:
                self._anchored(one, x, y)

    def _anchored(self, one: Words, x: float, y: float) -> None:
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[one.anchor]
        left = x + one.x - share * width_of(one.text, one.size)
        self.words(left, y + one.y, one.text, one.size, colour=one.colour)


def pdf(pages: list[Page], title: str) -> bytes:
    """The file. The same pages give the same bytes."""
    fonts = "<< /F1 3 0 R /F2 4 0 R /F3 5 0 R >>"
    kids = " ".join(f"{9 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
            for name in ("Helvetica", "Helvetica-Bold")
        ),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 7 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
            b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> /Producer (Plantroom) >>".encode(),
    ]
    for place, page in enumerate(pages):
        wide, high = page.size
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:g} {high:g}] /Contents {10 + 2 * place} 0 R"
            f" /Resources << /Font {fonts} >> >>".encode()
        )
        packed = zlib.compress("\n".join(page.parts).encode("ascii"), 9)
        objects.append(
            f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream"
        )
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    """Numbered objects, the table of where they lie, and the trailer."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 8 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _latin(one: str) -> bool:
    try:
        one.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _colour(text: str) -> str:
    """`#rrggbb` as three shares."""
    return " ".join(f"{int(text[place : place + 2], 16) / 255.0:.3f}" for place in (1, 3, 5))
