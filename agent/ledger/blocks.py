"""A report as a row of blocks that know nothing of paper or page; shown by report_html and report_pdf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.ledger.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the title of the whole."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `small`: what is said beside the matter."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one word, large."""

    word: str
    good: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts. `right`: columns with numbers."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    right: frozenset[int] = frozenset()


Block = Heading | Text | Verdict | Table | Drawing
