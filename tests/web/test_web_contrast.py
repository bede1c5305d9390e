"""The colours of the page can be read: WCAG 2.2 contrast (success criterion 1.4.3) of every pair of ink and ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = Path(__file__).parents[2] / "agent" / "web" / "ui" / "src" / "style.css"
PAIRS = (
    ("ink", "back"),
    ("ink", "card"),
    ("ink", "field"),
    ("quiet", "back"),
    ("quiet", "card"),
    ("quiet", "field"),
    ("on-chosen", "chosen"),
    ("warning", "warning-back"),
    ("warning", "card"),
    ("critical", "critical-back"),
    ("critical", "card"),
    ("held", "held-back"),
    ("held", "card"),
)


def palettes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    return {
        name: dict(re.findall(r"--([\w-]+): (#\w{6})", text))
        for name, text in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_pair_can_be_read(scheme: str, ink: str, ground: str) -> None:
    palette = palettes()[scheme]
    assert contrast(palette[ink], palette[ground]) >= 4.5
