"""What the pages on the bench name is there: files, tests, ready stories, commands."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.ready_site.factory import make_plant
from hil.wiring import automatic_wiring

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("models.md", "scenarios.md", "test-bench.md", "hil.md")]
FILE = re.compile(r"`?((?:hil|tests|docs)/[\w./-]+\.(?:py|yaml|json|md))`?")
PROOF = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def lacking(text: str) -> list[str]:
    files = [name for name in FILE.findall(text) if not (ROOT / name).is_file()]
    folder = ROOT / "tests/hil/plant"
    for name, test in PROOF.findall(text):
        if not (folder / name).is_file() or f"def {test}(" not in (folder / name).read_text():
            files.append(f"{name}::{test}")
    return files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    assert lacking(page.read_text()) == []


def test_the_page_of_models_has_a_proof_in_each_line() -> None:
    lines = [line for line in (ROOT / "docs/models.md").read_text().splitlines() if line.startswith("| ")]
    rows = [line for line in lines if not line.startswith("| model |")]
    assert len(rows) > 30
    assert [line for line in rows if not PROOF.search(line)] == []


def test_what_is_not_there_is_found() -> None:
    assert lacking("`hil/plant/moon.py` and `test_hydraulics.py::test_the_moon`") == [
        "hil/plant/moon.py",
        "test_hydraulics.py::test_the_moon",
    ]


def test_the_plant_and_the_site_of_the_fifteen_minutes_work_together(tmp_path: Path) -> None:
    page = (ROOT / "docs/hil.md").read_text()
    code, site = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("python", "yaml"))
    assert code is not None
    assert site is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    plant = names["make_plant"]()
    (tmp_path / "site.yaml").write_text(site[1])
    wired = automatic_wiring(load_site(tmp_path / "site.yaml", find_catalogue()), plant.variables())
    assert {"drive.enable", "drive.running", "drive.speed", "drive.power"} <= set(wired.bound)
    assert plant.step(60.0, {})["tank.zone_temp"] > 20.5
    assert plant.step(60.0, {"pump_1.enable": False})["pump_1.speed"] == 0.0


def test_the_own_machine_of_the_page_runs() -> None:
    page = (ROOT / "docs/hil.md").read_text()
    block = next(one for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "capacity_curve" in one)
    sizes = {**YAML(typ="safe", pure=True).load(block), "climate": "beijing"}
    sizes.pop("factory")
    plant = make_plant(sizes, 1_784_000_000.0, 1)
    rows = [plant.step(60.0, {}) for _ in range(120)]
    assert [unit.curves.capacity for unit in plant.plant.design.chillers] == [742.0, 900.0]
    assert 6.5 < float(rows[-1]["loop.chilled_water_supply_temp"]) < 7.5
    assert float(rows[-1]["loop.cooling"]) > 600.0
