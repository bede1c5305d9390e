"""The reference of the site file says what the declarations say."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from agent.config.check import check_site
from agent.plugins import find_catalogue

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "site-file.md"


def test_the_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    try:
        made = importlib.import_module("make_site_file").page()
    except KeyError as missing:
        pytest.fail(f"docs/site_file_words.py has no words for {missing}")
    assert made == PAGE.read_text(encoding="utf-8"), "run .venv/bin/python docs/make_site_file.py"


def test_its_example_has_no_errors(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "site.yaml").write_text(example[1], encoding="utf-8")
    report = check_site(tmp_path / "site.yaml", find_catalogue())
    assert report.problems == ()
