"""Several plants under one agent: nothing that befalls one changes anything of the other, and starts lie apart."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from hil.plant.several import Several
from hil.plant.variables import Failing, Storing
from hil.ready_site.ready_site import hil_catalogue
from hil.ready_site.several import make_several
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from hil.scenario.staging import plant_of
from hil.wiring import automatic_wiring

FOLDER = Path(__file__).parents[2] / "hil" / "scenarios"
PLANT = FOLDER / "two_plants" / "plant.yaml"
TOLD = (
    "south_chiller_*.power", "south_loop.*temp", "south_*pump_*.speed", "south_tower_*.power", "south_*.energy", "*_chiller_*.enable",
)  # fmt: skip
APART = 45.0  # s at the least: a minute between turns less the ticks of the bench, which take a minute too


@pytest.fixture(scope="module")
def outcomes():
    """The story, and the same without what befalls the north."""
    loaded = load_scenario(FOLDER / "two_plants.yaml")
    names = [one for one in loaded.staging.variables if any(_fits(one, pattern) for pattern in TOLD)]
    quiet = replace(loaded.scenario, steps=(), expectations=(), record=tuple(names))
    story = replace(loaded.scenario, record=tuple(names))
    again = load_scenario(FOLDER / "two_plants.yaml")
    return run_on_sim(replace(loaded, scenario=story)), run_on_sim(replace(again, scenario=quiet))


def _fits(name, pattern):
    return re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), name) is not None


def test_the_story_ends_well(outcomes):
    assert [one.name for one in outcomes[0].verdicts if not one.met] == []


def test_the_south_goes_on_to_the_last_digit_as_if_the_north_were_well(outcomes):
    told, quiet = (one.recording.columns for one in outcomes)
    south = [name for name in told if name.startswith("south_")]
    assert len(south) > 20
    assert any(max(told[name]) > min(told[name]) + 1.0 for name in south)
    for name in south:
        assert list(told[name]) == list(quiet[name]), name
    north = [name for name in told if name.startswith("north_")]
    assert any(list(told[name]) != list(quiet[name]) for name in north)  # or the story tells nothing


def test_machines_on_one_mains_are_started_apart(outcomes):
    recording = outcomes[1].recording
    starts = []
    for name in recording.names:
        if not re.fullmatch(r"(north|south)_chiller_\d\.enable", name):
            continue
        column = recording.columns[name]
        starts += [
            (recording.elapsed[place], name.partition("_")[0])
            for place in range(1, len(column))
            if column[place] > column[place - 1]
        ]
    starts.sort()
    assert {plant for _, plant in starts} == {"north", "south"}
    for (first, one), (second, other) in pairwise(starts):
        assert one == other or second - first >= APART, starts


def test_each_area_knows_only_its_own_machines_and_the_turns_are_different():
    site = load_site(FOLDER / "two_plants" / "site.yaml", hil_catalogue())
    for name, model in site.areas.items():
        assert all(one.startswith(f"{name}_") for one in model.equipment)
        bound = [one for one in model.points if not one.startswith("virtual.")]
        assert all(one.startswith(f"{name}_") for one in bound)
    turns = [model.area.start_turn for model in site.areas.values()]
    assert {turn.place for turn in turns} == {0, 1}
    assert {turn.length for turn in turns} == {75.0}
    variables = plant_of(PLANT)(0.0, 1).variables()
    assert not automatic_wiring(site, variables).missing


def test_plants_side_by_side_store_fail_and_are_commanded_alone():
    plants = plant_of(PLANT)(1_784_080_800.0, 1)
    assert isinstance(plants, Several)
    assert isinstance(plants, Storing)
    assert isinstance(plants, Failing)
    assert set(plants.stored()) >= {"north_chilled_water", "south_chilled_water"}
    plants.fail("south_chiller_1.trip", 1.0)
    shown = plants.step(60.0, {"north_chiller_2.enable": False})
    shown = plants.step(60.0, {"north_chiller_2.enable": False})
    assert (shown["south_chiller_1.alarm"], shown["north_chiller_1.alarm"]) == (True, False)
    assert (shown["north_chiller_2.enable"], shown["south_chiller_2.enable"]) == (False, True)
    both = shown["north_plant_meter.power"] + shown["south_plant_meter.power"]
    assert shown["mains.power"] == pytest.approx(both)
    plants.mend("south_chiller_1.trip")
    with pytest.raises(KeyError):
        plants.fail("west_chiller_1.trip", 1.0)
    with pytest.raises(ConfigurationError, match="several"):
        make_several({"common": {}, "plants": {}}, 0.0, 1)
