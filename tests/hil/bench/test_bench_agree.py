"""Stories that come along, shortened, on virtual time and on real sockets: the same verdicts, figures within 2 %, counts within 1."""

import asyncio
from pathlib import Path

import pytest

from hil.scenario.load import load_scenario
from hil.scenario.run import run_live, run_on_sim
from hil.scenario.words import MACHINE_FIGURES

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).parents[3] / "hil" / "scenarios"
SHORTER = {  # of the story of the tripped chiller
    "length: 3 h": "length: 30 min",
    "{at: 1 h, name: trip, throw: plant:chiller_2.trip, for: 20 min}": "{at: 5 min, name: trip, throw: plant:chiller_2.trip, for: 8 min}",
    "20 min after trip": "8 min after trip",
    "<= 7.5 degC": "<= 9 degC",
}
DUSK = """\
version: 1
name: The street lights come on
site: demo
areas: [outdoor]
start: 2026-07-15 19:00
length: 30 min
pace: 10 s
expect:
  - {name: day, always: "street.lamp_switch is false", from: 2 min, until: 10 min}
  - {name: night, finally: "street.lamp_switch is true"}
"""
ENERGIES = ("kwh", "cooling_kwh_th", "eer_sys", "exact_energy", "needed_energy", "cost", "peak_kw")
COUNTS = ("starts", "dark_arrivals", "late_appearances")
SECONDS = ("late_switch_on_seconds", "burning_by_day_seconds")
POLL = 60.0  # s: of the longest tick of the street; more than one tick apart is not the same


def trip():
    text = (FOLDER / "chiller_trip.yaml").read_text()
    for long, short in SHORTER.items():
        assert long in text, "the story has changed"
        text = text.replace(long, short)
    return text


@pytest.mark.parametrize("text", [trip(), DUSK], ids=["chiller_trip", "dusk"])
async def test_sim_and_live_agree_on_the_demonstration_site(tmp_path, text):
    path = tmp_path / "story.yaml"
    path.write_text(text)
    sim = await asyncio.to_thread(run_on_sim, load_scenario(path))
    live = await run_live(load_scenario(path), speed=60.0)
    if any("busy" in one for one in live.warnings):
        live = await run_live(load_scenario(path), speed=60.0)
    said = f"warnings: {live.warnings}"
    assert {one.name: one.met for one in live.verdicts} == {one.name: True for one in sim.verdicts}, said
    assert all(one.met for one in sim.verdicts)
    compared = 0
    for name, value in sim.figures.items():
        base = name.partition(".")[0]
        if value is None or (base in MACHINE_FIGURES and base not in (name, "starts")):
            continue
        if base in ENERGIES:
            assert live.figures[name] == pytest.approx(value, rel=0.02, abs=0.02), f"{name}, {said}"
        elif base in COUNTS:
            assert abs(live.figures[name] - value) <= 1.0, f"{name}, {said}"
        elif base in SECONDS:
            assert abs(live.figures[name] - value) <= POLL, f"{name}, {said}"
        else:
            continue
        compared += 1
    assert compared >= 4
