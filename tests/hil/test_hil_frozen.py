"""The yardstick does not change unseen: sizes, arms, baselines, weather and traffic are as they were frozen."""

import re
from pathlib import Path

import pytest

from hil import frozen
from hil.ready_site.hold_out import HELD_OUT

ROOT = Path(__file__).parents[2]


def test_nothing_that_savings_are_measured_with_has_changed():
    moved = frozen.changed()
    assert not moved, (
        "the yardstick has changed:\n"
        + "\n".join(moved)
        + '\nwrite an entry in DECISIONS.md (why, and what the figures were before), then: python -m hil.frozen "its title"'
    )


def test_each_freeze_has_its_entry_in_the_decisions():
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## \d+\. (.+)$", text, re.MULTILINE)
    assert frozen.read_book()["decisions"]
    for decision in frozen.read_book()["decisions"]:
        assert decision in titles


def test_sizes_arms_baselines_weather_and_traffic_are_among_the_frozen():
    names = set(frozen.hashes())
    for one in (
        "sites/vanke_cloud_city/plant.yaml", "sites/vanke_cloud_city/arms.yaml", "sites/data_centre/plant.yaml",
        "baselines/all_on.py", "baselines/sequential.py", "data/weather_statistics.json", "plant/traffic.py",
        "compare/days.py",
    ):  # fmt: skip
        assert one in names


@pytest.fixture
def copy(tmp_path, monkeypatch):
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines/weak.py").write_text("FULL = 100\n")
    monkeypatch.setattr(frozen, "HIL", tmp_path)
    monkeypatch.setattr(frozen, "BOOK", tmp_path / "frozen.json")
    frozen.freeze("The yardstick")
    return tmp_path


def test_a_bent_baseline_a_new_and_a_lost_one_are_seen(copy):
    assert frozen.changed() == []
    (copy / "baselines/weak.py").write_text("FULL = 120\n")
    (copy / "baselines/more.py").write_text("")
    assert frozen.changed() == ["baselines/more.py: new", "baselines/weak.py: changed"]
    (copy / "baselines/weak.py").unlink()
    assert "baselines/weak.py: gone" in frozen.changed()


def test_a_closed_book_asks_for_a_decision_of_its_own(copy):
    frozen.freeze("The yardstick")  # open: nobody has tuned anything on it
    frozen.freeze("The yardstick", close=True)
    with pytest.raises(ValueError, match="has been used"):
        frozen.freeze("The yardstick")
    frozen.freeze("A tower that was too small")
    assert frozen.read_book()["decisions"] == ["The yardstick", "A tower that was too small"]
    assert frozen.read_book()["open"] is False


def test_the_book_is_closed():
    assert frozen.read_book()["open"] is False


def test_nobody_uses_the_machines_that_are_held_out():
    """Named only where the machines' data stand, are held against their source, and are swapped in."""
    allowed = ("hil/data/", "hil/ready_site/hold_out.py", "tests/hil/plant/")
    found = []
    for folder, pattern in (
        ("hil", "*.py"),
        ("hil", "*.yaml"),
        ("policies", "*.py"),
        ("tests", "*.py"),
        ("drivers", "*"),
    ):
        for path in (ROOT / folder).rglob(pattern):
            name = path.relative_to(ROOT).as_posix()
            if not path.is_file() or name.startswith(allowed) or "__pycache__" in name:
                continue
            found += [name for one in HELD_OUT if one in _without_hold_out(path.read_text(errors="replace"))]
    assert not found


def _without_hold_out(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "hold_out:" not in line)
