"""The stories that come with the bench: each can be read, is short enough for a person, and the short ones are told."""

from dataclasses import replace
from pathlib import Path

import pytest

from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim

FOLDER = Path(__file__).parents[2] / "hil" / "scenarios"
READY = sorted(FOLDER.glob("*.yaml"))


def test_there_are_stories():
    assert {path.stem for path in READY} >= {
        "bus_loss", "chiller_trip", "demo_day", "fault_storm", "garage_night", "pump_fails", "sensor_stuck"
    }  # fmt: skip


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_each_is_without_fault_and_fits_on_a_page(path):
    loaded = load_scenario(path)
    assert loaded.scenario.expectations
    assert len(path.read_text().splitlines()) <= 60


@pytest.mark.parametrize(
    "name",
    ["chiller_trip", "data_centre_utility", "demand_limit", "garage_night", "pump_fails", "sensor_stuck"],
)
def test_the_short_ones_end_well(name):
    outcome = run_on_sim(load_scenario(FOLDER / f"{name}.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []


@pytest.mark.parametrize(("name", "days"), [("demo_day", 1), ("year", 1)])
def test_no_sensor_is_doubted_without_cause(name, days):
    loaded = load_scenario(FOLDER / f"{name}.yaml")
    outcome = run_on_sim(replace(loaded, scenario=replace(loaded.scenario, length=days * 86_400.0)))
    doubt = [one for one in outcome.verdicts if "doubted" in one.name]
    assert [one.met for one in doubt] == [True]


@pytest.mark.slow
def test_the_agent_outlives_the_storm_of_a_day():
    outcome = run_on_sim(load_scenario(FOLDER / "fault_storm.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []
    thrown = [one.text for one in outcome.recording.happenings if one.kind == "fault"]
    assert len(thrown) > 150
    assert not [text for text in thrown if "could not be done" in text]
