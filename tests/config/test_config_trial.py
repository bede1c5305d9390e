"""The book of a site file on probation: the site file itself is what holds whenever anything about the other one is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import trial as trial_module
from agent.config.trial import (
    BOOK,
    TEXT,
    Trial,
    begin_trial,
    end_trial,
    forget_trial,
    present_site,
    read_trial,
)
from agent.core.site import Catalogue


@pytest.fixture
def file(site_text: str, write_site: Callable[[str], Path]) -> Path:
    return write_site(site_text)


def put_on_probation(file: Path, catalogue: Catalogue, text: str) -> Path:
    folder = present_site(file, catalogue).folder
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    begin_trial(folder, Trial(owner="anna", reason="try", made=1.0, seconds=900.0, digest=digest), text)
    return folder


def test_the_file_on_probation_is_run_from_the_place_of_the_site_file(
    file: Path, site_text: str, catalogue: Catalogue
) -> None:
    changed = site_text.replace("shed_below: 60 %", "shed_below: 50 %")
    assert changed != site_text
    before = present_site(file, catalogue)
    assert (before.on_probation, before.trial) == (False, None)
    folder = put_on_probation(file, catalogue, changed)
    present = present_site(file, catalogue)
    assert present.on_probation
    assert present.site.digest != before.site.digest
    assert present.site.store == before.site.store  # relative to the site file, not to where it lies
    assert file.read_text() == site_text  # untouched
    forget_trial(folder)
    assert present_site(file, catalogue).trial is None


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda folder: (folder / TEXT).write_text("version: 1"), "its text was damaged"),
        (lambda folder: (folder / TEXT).unlink(), "its text was damaged"),
        (lambda folder: (folder / BOOK).write_text('{"own'), None),
        (lambda folder: (folder / BOOK).write_text("[]"), None),
    ],
)
def test_whatever_is_damaged_the_site_file_holds(
    spoil: Callable[[Path], None], why: str | None, file: Path, site_text: str, catalogue: Catalogue
) -> None:
    folder = put_on_probation(file, catalogue, site_text + "\n")
    spoil(folder)
    present = present_site(file, catalogue)
    assert not present.on_probation
    assert (present.trial.over if present.trial else None) == why


def test_one_that_cannot_be_loaded_any_more_is_over_for_good(
    file: Path, site_text: str, catalogue: Catalogue
) -> None:
    folder = put_on_probation(file, catalogue, site_text + "\nno_such_section: 1\n")
    present = present_site(file, catalogue)
    assert present.trial is not None
    assert "no_such_section" in present.trial.over
    kept = read_trial(folder)
    assert kept is not None
    assert kept.over == present.trial.over


def test_a_disk_that_refuses_does_not_keep_a_failing_file_in_charge(
    file: Path, site_text: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put_on_probation(file, catalogue, site_text + "\n")
    running = read_trial(folder)
    assert running is not None

    def refuses(*_: object, **__: object) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(trial_module, "write_site", refuses)
    monkeypatch.setattr(Path, "unlink", refuses)
    over = end_trial(folder, running, "the plant")
    assert over.over == "the plant"
    assert present_site(file, catalogue).on_probation  # so says the disk
    assert not present_site(file, catalogue, over).on_probation  # and this process knows better
