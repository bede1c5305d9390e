"""How fast a story may be told on real sockets."""

from pathlib import Path

import pytest

from hil.bench.watched import WatchedPlant
from hil.scenario.hurry import fell_behind, too_fast
from hil.scenario.load import load_scenario
from tests.hil.bench.bench_room import CoolingLoop, lay_out

FOLDER = Path(__file__).parents[2] / "hil" / "scenarios"
STORY = """\
version: 1
site: room
length: 1 h
steps:
  - {at: 5 min, name: dark, throw: "bus:room stall", for: 5 min}
  - {at: 20 min, name: hot, throw: "point:m1.supply bias", amount: 3, for: 10 s}
expect:
  - {name: told, within: 2 min, after: dark, that: "alarm:device:* is true"}
"""


def test_time_outs_longer_than_the_patience_of_the_story_are_told(tmp_path):
    scenario = load_scenario(lay_out(tmp_path, STORY)).scenario
    assert too_fast(scenario, 12.0) == ""
    said = too_fast(scenario, 20.0)
    assert "'told' is given 120 s" in said
    assert "--speed 12 or less" in said


def test_what_breaks_behind_the_sensor_waits_for_no_line(tmp_path):
    scenario = load_scenario(
        lay_out(tmp_path, STORY.replace("bus:room stall", "plant:chiller_1.trip"))
    ).scenario
    assert too_fast(scenario, 600.0) == ""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_story_that_comes_along_is_hurried(path):
    scenario = load_scenario(path).scenario
    assert too_fast(scenario, scenario.speed) == ""


def test_a_busy_machine_is_told():
    plant = WatchedPlant(CoolingLoop(), 0.0)
    plant.step(5.0, {})
    assert fell_behind(plant, 60.0) == ""
    plant.step(150.0, {})
    assert "for 2.5 s (150 s of the story) nothing was done" in fell_behind(plant, 60.0)
