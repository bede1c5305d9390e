"""The quick way through a year of the garage: ticks left out change nothing, and a run in several goes is one run."""

from datetime import date

import pytest

from agent.config.document import read_document
from hil.compare.days import Block
from hil.ready_site.garage import garage_map
from hil.ready_site.ready_site import load_ready_site
from hil.sites.boen_garage.kept import kept
from hil.sites.boen_garage.make_site import FOLDER, site_text
from hil.sites.boen_garage.year import DirectRun

DAY = Block(date(2025, 3, 3), 1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The garage with two short aisles and the traffic of a large one."""
    folder = tmp_path_factory.mktemp("small")
    text = (FOLDER / "plant.yaml").read_text(encoding="utf-8")
    text = text.replace("lamp_count: 458", "lamp_count: 74").replace("aisles: 8", "aisles: 2")
    text = text.replace("pieces: 4", "pieces: 2").replace("cars: 300 ", "cars: 600 ")
    (folder / "plant.yaml").write_text(text, encoding="utf-8")
    plan = garage_map(read_document(folder / "plant.yaml").data)
    (folder / "site.yaml").write_text(site_text(plan), encoding="utf-8")
    return load_ready_site(folder)


def hour(ready, *, by_instants):
    start = DAY.start("Asia/Shanghai") + 18 * 3600.0
    run = DirectRun(
        ready.site("policy"), ready.make_plant("policy", start, 1), start, by_instants=by_instants
    )
    asked = 0
    decide = run._decide

    def counted():
        nonlocal asked
        asked += 1
        decide()

    run._decide = counted
    truth = run.run_until(3600.0)
    return {name: value for name, value in truth.items() if name.startswith("garage.")}, asked


def test_ticks_that_are_left_out_change_nothing(small):
    quick, asked = hour(small, by_instants=True)
    slow, every = hour(small, by_instants=False)
    assert quick["garage.crossings"] > 50.0
    assert quick == pytest.approx(slow, rel=1e-9)
    assert asked < 0.8 * every


def test_what_was_run_is_not_run_again_and_other_policies_begin_anew(tmp_path, monkeypatch):
    book, runs = tmp_path / "days.jsonl", []

    def run(arm, block, seed):
        runs.append(seed)
        return {"kwh": float(seed)}

    work = [("policy", DAY, seed) for seed in (1, 2, 3)]
    assert kept(book, run, work, -1.0) == []
    assert kept(book, run, work[:2], 60.0) == [(DAY, {"kwh": 1.0}), (DAY, {"kwh": 2.0})]
    assert [part["kwh"] for _, part in kept(book, run, work, 60.0)] == [1.0, 2.0, 3.0]
    assert runs == [1, 2, 3]
    monkeypatch.setattr("hil.sites.boen_garage.kept._state", lambda: "another")
    with pytest.raises(ValueError, match="begin a new file"):
        kept(book, run, work, 60.0)
