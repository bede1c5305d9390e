"""The profile format: channels, defaults and everything that is refused, with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config.profiles import find_profiles, load_profile
from agent.core.errors import ConfigurationError, Problem
from agent.core.point import Access, Release, ReleaseKind, SafeEnd, ValueKind
from agent.core.register import Register, Table

HEAD = """\
id: mine
vendor: Acme
model: C100
kind: chiller
protocols: [modbus-rtu]
document: Acme C100 map, page 3
confidence: direct
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def run(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return path

    return run


def _problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_profile(path)
    return caught.value.problems


def test_a_line_reads_like_a_datasheet(write: Callable[[str], Path]) -> None:
    line = (
        "{table: coil, address: 7, access: read_write, role: enable, safe_end: low, release: {value: true}}"
    )
    profile = load_profile(write(f"{HEAD}timeout_reverts: true\npoints: {{start: {line}}}\n"))
    point, source = profile.points["start"], profile.sources["start"]
    assert point.kind is ValueKind.SWITCH
    assert point.access is Access.READ_WRITE
    assert point.release == Release(ReleaseKind.VALUE, value=True)
    assert point.safe_end is SafeEnd.LOW
    assert point.has_device_timeout
    assert isinstance(source, Register)
    assert (source.table, source.address) == (Table.COIL, 7)


def test_defaults_steps_and_bits(write: Callable[[str], Path]) -> None:
    text = """\
defaults: {table: input, type: int16}
repeat:
  - {count: 3, first: 0, step: 10, steps: {"b_{n}": 2}, points: {"a_{n}": {address: 100}, "b_{n}": {address: 5}}}
  - {count: 2, bits: true, points: {"x_{n}": {address: 50, type: uint16, bit: 4, label: "Input {n}"}}}
"""
    profile = load_profile(write(HEAD + text))
    places = {
        name: (one.address, one.bit) for name, one in profile.sources.items() if isinstance(one, Register)
    }
    assert places == {
        "a_0": (100, None),
        "a_1": (110, None),
        "a_2": (120, None),
        "b_0": (5, None),
        "b_1": (7, None),
        "b_2": (9, None),
        "x_1": (50, 4),
        "x_2": (50, 5),
    }
    assert profile.groups["a_2"] == "2"
    assert profile.points["x_2"].label == "Input 2"
    assert profile.points["x_2"].kind is ValueKind.SWITCH


def test_the_kind_of_codes(write: Callable[[str], Path]) -> None:
    text = """\
points:
  a: {table: holding, address: 1, codes: {0: "off", 5: "on"}}
  b: {table: holding, address: 2, codes: {0: idle, 5: run}}
  c: {table: holding, address: 3, type: string, length: 8}
  d: {table: holding, address: 20, bit: 3}
  e: {table: holding, address: 20, bit: 4, bits: 3}
"""
    points = load_profile(write(HEAD + text)).points
    kinds = {name: point.kind.value for name, point in points.items()}
    assert kinds == {"a": "switch", "b": "enum", "c": "text", "d": "switch", "e": "number"}
    assert points["b"].choices == ("idle", "run")


@pytest.mark.parametrize(
    ("line", "words", "mend"),
    [
        ("{table: holding}", "needs its address", "zero-based"),
        ("{address: 3}", "needs its table", "holding"),
        ("{table: holding, address: 65535, type: float32}", "beyond the last register", ""),
        ("{table: holding, address: 70000}", "out of bounds", "65535"),
        ("{table: holding, address: 1, type: flot32}", "not a raw type", "float32"),
        ("{table: coil, address: 1, type: uint16}", "holds bits only", "leave type out"),
        ("{table: holding, address: 1, bit: 14, bits: 4}", "leaves its register", ""),
        ("{table: holding, address: 1, scale: 0}", "scale of 0", ""),
        ("{table: holding, address: 1, scale: big}", "not a plain number", ""),
        ("{table: holding, address: 1, scale: 1e-310}", "scale of 1e-310", "factor"),
        ("{table: holding, address: 1, scale: 1e300}", "out of bounds", "1000000000000"),
        ("{table: holding, address: 1, scale: 0.1, offset: 1e308}", "out of bounds", "1000000000000"),
        ("{node: x, scale: 0}", "scale of 0", ""),
        ("{table: holding, address: 1, node: x}", "not both", ""),
        ("{table: input, address: 1, access: read_write}", "cannot be written", "read"),
        ("{table: coil, address: 1, access: read_write}", "never the prior", "release"),
        ("{table: holding, address: 1, access: write, release: prior}", "no prior value", "release"),
        ("{table: holding, address: 1, release: {value: 1, mode: 2}}", "either a value or a mode", ""),
        ("{table: holding, address: 1, release: never}", "none of the choices", ""),
        ("{table: holding, address: 1, role: enable}", "role enable is a switch", "bit"),
        ("{table: holding, address: 1, unit: kWat}", "not a unit", "did you mean 'kW"),
        ("{table: holding, address: 1, plausible: [5, 1]}", "not below", ""),
        ("{table: holding, address: 1, unit: degC, plausible: [0 K, 1]}", "temperature difference", ""),
        ("{table: holding, address: 1, kind: enum}", "needs its names", "codes"),
        ("{table: holding, address: 1, feedback: other}", "no point 'other'", ""),
        ("{table: holding, address: 1, adress: 2}", "'adress' is not a key", "did you mean 'address'?"),
        ("5", "not of the wanted type", ""),
    ],
)
def test_refused_lines(line: str, words: str, mend: str, write: Callable[[str], Path]) -> None:
    problems = _problems(write(f"{HEAD}points:\n  good: {{table: input, address: 9}}\n  start: {line}\n"))
    hits = [one for one in problems if words in one.message]
    assert hits, problems
    assert hits[0].line == 10
    assert any(mend in one.mend for one in hits)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD, 1, "at least one point"),
        (HEAD.replace("id: mine", "id: yours") + "points: {a: {table: coil, address: 1}}\n", 1, "called mine"),
        (HEAD.replace("vendor: Acme\n", ""), 1, "'vendor' is missing"),
        (HEAD + "defaults: 3\n", 8, "defaults is a section"),
        (HEAD + "heartbeat: {point: b, period: 5 s}\npoints: {a: {table: coil, address: 1}}\n", 8, "no point 'b'"),
        (HEAD + "heartbeat: {point: a, period: 5 s}\npoints: {a: {table: coil, address: 1}}\n", 8, "must be written"),
        (HEAD + "repeat: [{count: 2, points: {a: {table: coil, address: 1}}}]\n", 8, "{n}"),
        (HEAD + "repeat: [{count: 99, step: 999, points: {'a_{n}': {table: coil, address: 1}}}]\n", 8, "beyond"),
        (HEAD + "repeat: [{count: 9, steps: {x: 1}, points: {'a_{n}': {table: coil, address: 1}}}]\n", 8, "no point 'x'"),
        (HEAD + "points: {'1a': {table: coil, address: 1}}\n", 8, "cannot be a name"),
        ("- a\n- b\n", 1, ""),
        ("", 1, ""),
    ],
)  # fmt: skip
def test_refused_profiles(text: str, line: int, words: str, write: Callable[[str], Path]) -> None:
    hits = [one for one in _problems(write(text)) if words in one.message]
    assert hits
    assert hits[0].line == line


@pytest.mark.parametrize(
    ("confidence", "allowed"),
    [
        ("direct", True),
        ("own", True),
        ("repo-code", True),
        ("repo-template", True),
        ("direct-with-anomaly", False),
        ("secondary", False),
        ("mixed", False),
    ],
)
def test_only_evidenced_maps_may_be_written(
    confidence: str, allowed: bool, write: Callable[[str], Path]
) -> None:
    text = HEAD.replace("confidence: direct", f"confidence: {confidence}")
    path = write(f"{text}points: {{a: {{table: holding, address: 1, access: read_write}}}}\n")
    if allowed:
        assert load_profile(path).points["a"].commandable
    else:
        assert "may not be written to" in _problems(path)[0].message


def test_later_folders_win(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text("")
    (tmp_path / "one" / "b.yaml").write_text("")
    (tmp_path / "one" / ".hidden.yaml").write_text("")
    found = find_profiles([tmp_path / "one", tmp_path / "two", tmp_path / "missing"])
    assert found == {"a": tmp_path / "two" / "a.yaml", "b": tmp_path / "one" / "b.yaml"}


def test_one_mistake_is_said_once(write: Callable[[str], Path]) -> None:
    """A union of shapes complains for each of its members; a person made one mistake."""
    line = "{table: coil, address: 1, release: [1]}"
    assert len(_problems(write(f"{HEAD}points: {{a: {line}}}\n"))) == 1
