"""Whatever is done to a site file, it loads or gives problems with a place: never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agent.config.check import check_site
from agent.config.document import parse_document
from agent.config.load import load_site
from agent.core.site import Catalogue
from tests.config.site_mutations import mutate_text, mutate_tree

TEXT_SEEDS = range(160)
TREE_SEEDS = range(120)


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
    verdicts = [_judge(write_site(mutate_text(site_text, random.Random(seed))), catalogue) for seed in seeds]
    assert not all(verdicts)  # the mutations do hurt


@pytest.mark.parametrize("seeds", [TREE_SEEDS[start : start + 40] for start in range(0, len(TREE_SEEDS), 40)])
def test_mutated_tree(
    seeds: range, site_text: str, write_site: Callable[[bytes], Path], catalogue: Catalogue, tmp_path: Path
) -> None:
    yaml = YAML(typ="safe", pure=True)
    verdicts = []
    for seed in seeds:
        data = mutate_tree(parse_document(site_text.encode(), "site").data, random.Random(seed))
        target = tmp_path / "tree.yaml"
        yaml.dump(data, target)
        verdicts.append(_judge(write_site(target.read_bytes()), catalogue))
    assert not all(verdicts)


@pytest.mark.parametrize("seed", range(60))
def test_garbage(seed: int, write_site: Callable[[bytes], Path], catalogue: Catalogue) -> None:
    chance = random.Random(seed)
    assert not _judge(write_site(chance.randbytes(chance.randint(0, 400))), catalogue)
