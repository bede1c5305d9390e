"""Whatever is done to a site file, it loads or gives problems with a place: never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agent.config.check import check_site
from agent.config.document import parse_document
from agent.config.load import load_site
from agent.core.site import Catalogue

TEXT_SEEDS = range(160)
TREE_SEEDS = range(120)

_SCRAPS = [
    "{", "}", "[", "]", ":", "- ", "\t", "&a ", "*a", "!!python/object:os.system ", "!x ", "%YAML 1.1\n", "---\n", "...",
    "'", '"', "|\n", ">", "#", "\x00", "\ufeff", "\u2028", "<<: ", "? ", "0x", "1e999", ".nan", "-.inf", "9" * 50,
    "null", "true", "\n  ", "é", "\U0001f600", "&a [*a]", "{a: {a: {a: 1}}}", "degC", " kg", '"\\uD800"', '"\\UFFFFFFFF"', '"\\0"', "12:30", "0o9", "1_000",
]  # fmt: skip
_VALUES: list[Any] = [
    "\x00", None, True, False, 0, -1, 1, 10**30, -(10**30), 1.5, 1e300, float("nan"), float("inf"), "", " ", "x", "10 kg", "5 s",
    "a.b", "ch1.enable", "virtual.x", ".", "..", "a.", ".b", "é", "x" * 5000, [], {}, [1], ["x"], {"a": 1}, {1: 2},
    {"secret": "bms"}, {"secret": "../bms"}, {"secret": "/etc/passwd"}, {"file": "box.pem"}, {"file": "\x00"}, {"file": 3},
    {"secret": []}, [[[]]], {"value": 1, "mode": 2}, "chiller", "plant", "60 %", "0 K", "ns=2;s=x", 65536, "1" * 300,
]  # fmt: skip


def _mutate_text(text: str, chance: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        what = chance.randrange(6)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randint(1, 60)]
        elif what == 2:
            data[at:at] = chance.choice(_SCRAPS).encode()
        elif what == 3:
            start = chance.randrange(len(data))
            data[at:at] = data[start : start + chance.randint(1, 200)]
        elif what == 4:
            del data[at:]
            data += b"\n"
        else:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines)
            data = bytearray(b"\n".join(lines))
    return bytes(data)


def _places(data: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [where, *(place for key, value in items for place in _places(value, (*where, key)))]


def _mutate_tree(data: Any, chance: random.Random) -> Any:
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice([place for place in _places(data) if place] or [("version",)])
        owner = data
        for step in way:
            owner = owner[step]
        what = chance.randrange(4)
        if what == 0:
            owner[last] = deepcopy(chance.choice(_VALUES))
        elif what == 1:
            del owner[last]
        elif what == 2 and isinstance(owner, dict):
            owner[chance.choice(["kind", "x", "unit", "role", 7, "", "device", "name "])] = owner.pop(last)
        elif isinstance(owner, dict):
            owner[chance.choice(list(owner))] = deepcopy(owner[last])
    return data


def _judge(path: Path, catalogue: Catalogue) -> bool:
    """Whether it loads; a file that does not must say where and what."""
    report = check_site(path, catalogue)
    for problem in (*report.problems, *report.warnings):
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert problem.file
        assert len(str(problem)) < 1500
    if report.good:
        assert load_site(path, catalogue).digest
    return report.good


@pytest.mark.parametrize("seeds", [TEXT_SEEDS[start : start + 40] for start in range(0, len(TEXT_SEEDS), 40)])
def test_mutated_text(
    seeds: range, site_text: str, write_site: Callable[[bytes], Path], catalogue: Catalogue
) -> None:
    verdicts = [_judge(write_site(_mutate_text(site_text, random.Random(seed))), catalogue) for seed in seeds]
    assert not all(verdicts)  # the mutations do hurt


@pytest.mark.parametrize("seeds", [TREE_SEEDS[start : start + 40] for start in range(0, len(TREE_SEEDS), 40)])
def test_mutated_tree(
    seeds: range, site_text: str, write_site: Callable[[bytes], Path], catalogue: Catalogue, tmp_path: Path
) -> None:
    yaml = YAML(typ="safe", pure=True)
    verdicts = []
    for seed in seeds:
        data = _mutate_tree(parse_document(site_text.encode(), "site").data, random.Random(seed))
        target = tmp_path / "tree.yaml"
        yaml.dump(data, target)
        verdicts.append(_judge(write_site(target.read_bytes()), catalogue))
    assert not all(verdicts)


@pytest.mark.parametrize("seed", range(60))
def test_garbage(seed: int, write_site: Callable[[bytes], Path], catalogue: Catalogue) -> None:
    chance = random.Random(seed)
    assert not _judge(write_site(chance.randbytes(chance.randint(0, 400))), catalogue)
