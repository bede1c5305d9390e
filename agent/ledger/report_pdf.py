"""A report on paper: A4, blocks one under the other, tables over as many pages as they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.ledger.blocks import Block, Heading, Table, Text, Verdict
from agent.ledger.drawing import Drawing
from agent.ledger.pdf import A4, Page, broken, pdf, width_of

SIDE, TOP, BOTTOM = 45.0, 50.0, 55.0
ROOM = A4[0] - 2.0 * SIDE
CELL, PAD, LEAD = 8.0, 6.0, 1.32  # size of words in tables, space between columns, line over size
_GOOD, _BAD, _DIM, _RULE = "#15803d", "#b91c1c", "#5a6675", "#cbd5e1"
_SMALLEST = 36.0  # pt, a column


def paper(blocks: Iterable[Block], title: str) -> bytes:
    """The PDF file."""
    sheets, row = _Sheets(title), list(blocks)
    for one, after in zip(row, [*row[1:], None], strict=True):
        if isinstance(one, Heading):
            sheets.heading(one, after.height if isinstance(after, Drawing) else 60.0)
        elif isinstance(one, Text):
            sheets.lines(one.text, 8.5 if one.small else 9.5, _DIM if one.small else "#1d2733")
        elif isinstance(one, Verdict):
            sheets.verdict(one)
        elif isinstance(one, Table):
            sheets.table(one)
        else:
            sheets.drawing(one)
    return pdf(sheets.numbered(), title)


@dataclass(slots=True)
class _Sheets:
    """The pages so far, and how far down the last one is written."""

    title: str
    pages: list[Page] = field(default_factory=lambda: [Page()])
    y: float = TOP

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def room(self, height: float) -> None:
        """Turn the page unless so much is left."""
        if self.y + height > A4[1] - BOTTOM:
            self.pages.append(Page())
            self.y = TOP

    def heading(self, one: Heading, beneath: float) -> None:
        """Not alone at the foot of a page: `beneath` is what must stand on it too."""
        size = 17.0 if one.level == 1 else 12.0
        self.room(size * LEAD + 25.0 + beneath)
        self.y += 4.0 if one.level == 1 else 12.0
        self.lines(one.text, size, bold=True)

    def verdict(self, one: Verdict) -> None:
        self.room(40.0)
        self.y += 20.0
        colour = _GOOD if one.good else _BAD
        self.page.words(SIDE, self.y, one.word, 18.0, bold=True, colour=colour)
        left = SIDE + width_of(one.word, 18.0, bold=True) + 10.0
        self.page.words(left, self.y, one.text, 10.0)
        self.y += 8.0

    def lines(self, text: str, size: float, colour: str = "#1d2733", *, bold: bool = False) -> None:
        for line in broken(text, size, ROOM, bold=bold):
            self.room(size * LEAD)
            self.y += size * LEAD
            self.page.words(SIDE, self.y, line, size, bold=bold, colour=colour)
        self.y += 0.45 * size

    def drawing(self, one: Drawing) -> None:
        self.room(one.height + 6.0)
        self.page.draw(one, SIDE, self.y + 3.0)
        self.y += one.height + 6.0

    def table(self, table: Table) -> None:
        wide = column_widths(table)
        self._row(table, table.head, wide, bold=True)
        for row in table.rows:
            before = len(self.pages)
            self.room(_height(row, wide))
            if len(self.pages) > before:
                self._row(table, table.head, wide, bold=True)
            self._row(table, row, wide)
        self.y += 6.0

    def _row(self, table: Table, row: Sequence[str], wide: Sequence[float], *, bold: bool = False) -> None:
        height = _height(row, wide, bold=bold)
        self.room(height)
        x = SIDE
        for place, (cell, room) in enumerate(zip(row, wide, strict=True)):
            for number, line in enumerate(broken(cell, CELL, room - PAD, bold=bold)):
                shift = room - PAD - width_of(line, CELL, bold=bold) if place in table.right else 0.0
                self.page.words(x + shift, self.y + (number + 1) * CELL * LEAD, line, CELL, bold=bold)
            x += room
        self.y += height
        self.page.line(SIDE, self.y, SIDE + sum(wide), self.y, _RULE)

    def numbered(self) -> list[Page]:
        """With a foot on each page."""
        for number, page in enumerate(self.pages, 1):
            text = f"{self.title} - page {number} of {len(self.pages)}"
            page.words(SIDE, A4[1] - 30.0, text, 7.5, colour=_DIM)
        return self.pages


def column_widths(table: Table) -> list[float]:
    """As wide as the widest cell; what is too much for the page is taken from the widest columns."""
    wanted = [
        max(width_of(one, CELL, bold=True) for one in column) + PAD
        for column in zip(table.head, *table.rows, strict=True)
    ]
    excess = sum(wanted) - ROOM
    while excess > 0.5:
        widest = max(wanted)
        second = max([one for one in wanted if one < widest - 0.01], default=_SMALLEST)
        many = [place for place, one in enumerate(wanted) if one >= widest - 0.01]
        cut = min(excess / len(many), widest - max(second, _SMALLEST))
        if cut <= 0.0:
            break
        for place in many:
            wanted[place] -= cut
        excess -= cut * len(many)
    return wanted


def _height(row: Sequence[str], wide: Sequence[float], *, bold: bool = False) -> float:
    lines = max(len(broken(cell, CELL, room - PAD, bold=bold)) for cell, room in zip(row, wide, strict=True))
    return lines * CELL * LEAD + 3.5
