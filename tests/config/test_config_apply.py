from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import apply
from agent.config.apply import diff, generations_of, roll_back, write_site
from agent.config.load import load_site
from agent.core.site import Catalogue


def test_diff_names_what_changed(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    old = load_site(write_site(site_text), catalogue)
    changed = site_text.replace("shed_below: 60 %", "shed_below: 50 %").replace("tick: 1 s", "tick: 2 s")
    changed = changed.replace("  budget: {unit: kW, label: Demand budget}", "  target: {unit: kW}")
    new = load_site(write_site(changed), catalogue)
    assert {str(change) for change in diff(old, new)} == {
        "policies.shed changed",
        "areas.garage changed",
        "points.virtual.budget removed",
        "points.virtual.target added",
    }
    assert diff(old, old) == ()


def test_the_last_versions_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    for number in range(5):
        write_site(path, f"v{number}", generations=3)
    assert path.read_text() == "v4"
    assert [kept.read_text() for kept in generations_of(path)] == ["v3", "v2", "v1"]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "site.yaml",
        "site.yaml.1",
        "site.yaml.2",
        "site.yaml.3",
    ]


def test_rolling_back_twice_is_where_one_was(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    write_site(path, "old")
    write_site(path, "new")
    roll_back(path)
    assert path.read_text() == "old"
    roll_back(path)
    assert path.read_text() == "new"


def test_nothing_to_roll_back_to(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    write_site(path, "only")
    with pytest.raises(FileNotFoundError, match="no earlier version"):
        roll_back(path)


def test_the_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    write_site(path, "a")
    path.chmod(0o600)
    write_site(path, "b")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "site.yaml"
    write_site(path, "good")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(apply.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_site(path, "half")
    assert path.read_text() == "good"
    assert [one.name for one in tmp_path.iterdir()] == ["site.yaml"]
