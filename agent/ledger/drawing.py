"""A drawing of lines, boxes and words, made once and shown alike in a page and on paper. Units are points; y goes down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

GREY, BLUE, AMBER, RED = "#64748b", "#2563eb", "#b45309", "#b91c1c"


@dataclass(frozen=True, slots=True)
class Line:
    """Straight, from one place to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = GREY
    width: float = 0.6


@dataclass(frozen=True, slots=True)
class Box:
    """Filled."""

    x: float
    y: float
    width: float
    height: float
    colour: str = BLUE


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text. `anchor`: start, middle or end; `y` is the base line."""

    x: float
    y: float
    text: str
    size: float = 8.0
    anchor: str = "start"
    colour: str = GREY


Shape = Line | Box | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """`about` says in words what is to be seen."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    about: str


def svg(drawing: Drawing) -> str:
    """As an element of a page."""
    head = f'<svg viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" aria-label="{escape(drawing.about)}">'
    return head + "".join(_elements(drawing)) + "</svg>"


def _elements(drawing: Drawing) -> Iterator[str]:
    for one in drawing.shapes:
        if isinstance(one, Line):
            yield (
                f'<line x1="{one.x1:.1f}" y1="{one.y1:.1f}" x2="{one.x2:.1f}" y2="{one.y2:.1f}"'
                f' stroke="{one.colour}" stroke-width="{one.width:g}"/>'
            )
        elif isinstance(one, Box):
            yield (
                f'<rect x="{one.x:.1f}" y="{one.y:.1f}" width="{max(one.width, 0.0):.1f}"'
                f' height="{max(one.height, 0.0):.1f}" fill="{one.colour}"/>'
            )
        else:
            yield (
                f'<text x="{one.x:.1f}" y="{one.y:.1f}" font-size="{one.size:g}" text-anchor="{one.anchor}"'
                f' fill="{one.colour}">{escape(one.text)}</text>'
            )
