"""Any bytes as a site file, and a good site with anything in any place: a site, or problems that each have a place."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agent.config.document import parse_document
from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from agent.plugins import find_catalogue
from hil.demo_folder import Ports, lay_out
from tests.fuzz.boxes import box

YAMLISH = st.lists(
    st.sampled_from(
        ["a", "b: ", "- ", "\n", "  ", "\n  ", "{", "}", "[", "]", "&x ", "*x", "!!int ", "!t ", "'", '"', "|", ">", "? ",
         "<<: ", "%YAML 1.1\n", "---\n", "...\n", "#", "1e999", "0x10", "~", "\t", "\x00", "\ud7ff", "\ufeff", "2026-01-01"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["", "ch1", "ch1.enable", "10 s", "-5 min", "1e400 s", "07:00", "../../etc/passwd", "${x}", "0 s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@box(800)
@given(st.one_of(st.binary(max_size=200), YAMLISH.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_a_document_with_places(content: bytes) -> None:
    document = parse_document(content, "site.yaml")
    lines = content.decode("utf-8", "replace").splitlines() or [""]
    marks = [*document.problems, *document.keys.values(), *document.values.values()]
    assert all(1 <= mark.line <= len(lines) + 1 and mark.column >= 1 for mark in marks), marks
    assert all(problem.message for problem in document.problems)
    if not document.problems:
        there = set(places(document.data))
        assert there <= set(document.values) | set(document.keys) | {()}, "something has no place"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("site"), Ports(plant=1, bms=2, mqtt=3, https=4, web=5), 1.0).site


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


@box(40)
@given(data=st.data())
def test_anything_in_any_place_is_a_site_or_problems(site: Path, data: st.DataObject) -> None:
    tree = copy.deepcopy(parse_document(site.read_bytes(), "site").data)
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(places(tree)[1:]))
        spot = tree
        for step in way:
            spot = spot[step]
        spot[last] = data.draw(VALUES)
    spoilt = site.with_name("spoilt.yaml")
    with spoilt.open("w", encoding="utf-8", errors="surrogatepass") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
    lines = spoilt.read_bytes().count(b"\n") + 1
    try:
        points, problems = load_site(spoilt, find_catalogue()).points, ()
    except ConfigurationError as error:
        points, problems = {}, error.problems
    assert points or problems
    for problem in problems:
        assert problem.message
        assert problem.column >= 1
        assert not problem.file.endswith("spoilt.yaml") or 1 <= problem.line <= lines
