"""The page on the test bench names every quirk and every fault, and its examples are read as written."""

import dataclasses
import re
from pathlib import Path

import pytest

from hil.fault_kinds import KINDS
from hil.servers.quirks import Quirks, read_quirks
from hil.wiring import read_expression

PAGE = (Path(__file__).parents[2] / "docs/test-bench.md").read_text()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda one: one.kind)
def test_every_fault_is_on_the_page_with_its_places_and_amount(kind):
    amount = "" if kind.amount is None else f"{kind.amount:g} {kind.unit}".strip()
    assert f"| `{kind.kind}` | {', '.join(kind.places)} | {amount} | {kind.help} |" in PAGE


@pytest.mark.parametrize("quirk", [one.name for one in dataclasses.fields(Quirks)])
def test_every_quirk_is_on_the_page(quirk):
    assert f"`{quirk}`" in PAGE


def test_the_examples_are_understood():
    texts = re.findall(r"io\.\w+: ([^,}]+)", PAGE)
    assert len(texts) == 3
    for text in texts:
        read_expression(float(text) if text.isdigit() else text)
    assert read_quirks({"max_registers": 1, "read_back_lag": 3}).max_registers == 1
