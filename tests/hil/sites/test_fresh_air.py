"""Fresh air by need, from the sensor on the wire to the damper and the fan: the stories, and a short piece of each on real sockets."""

from pathlib import Path

import pytest

from hil.ready_site.ready_site import load_ready_site
from hil.scenario.load import load_scenario
from hil.scenario.run import run_live, run_on_sim
from hil.wiring import automatic_wiring

STORIES = Path(__file__).parents[3] / "hil" / "scenarios"
HEAD = f"""\
version: 1
site: {STORIES / "fresh_air"}
warm_up: 10 min
sensors: false
pace: 10 s
speed: 120
"""
ROOM = """\
name: People come to a meeting
areas: [rooms]
start: 2026-07-15 08:25
length: 23 min
steps:
  - {at: 18 min, name: dead, throw: point:rs1.co2 sentinel, for: 10 min}
expect:
  - {name: little is enough at first, within: 5 min, after: 1 min, that: "room_1.damper <= 25 % and point:rs1.co2 < 700"}
  - {name: the sensor shows it, within: 17 min, after: 1 min, that: point:rs1.co2 > 750}
  - {name: the damper follows, within: 17 min, after: 1 min, that: room_1.damper > 30 %}
  - {name: nothing opens all the way while it can be read, never: room_1.damper > 98 %, from: 3 min, until: dead}
  - {name: a dead sensor opens it, within: 4 min, after: dead, that: "room_1.damper >= 99 % and room_2.damper < 98 %"}
"""
GARAGE = """\
name: A queue at the barrier
areas: [garage]
start: 2026-07-15 04:30
length: 20 min
steps:
  - {at: 3 min, name: queue, throw: plant:hall.queue, amount: 25, for: 10 min}
  - {at: 15 min, name: dead, throw: point:gas.co_2 sentinel, for: 10 min}
expect:
  - {name: no fan while nobody is there, within: 2 min, after: 30 s, that: "garage_fan_1.status is false and garage_fan_3.status is false"}
  - {name: it shows on the wire, within: 6 min, after: queue, that: point:gas.co_1 > 25}
  - {name: a fan starts, within: 6 min, after: queue, that: garage_fan_1.status is true}
  - {name: one follows the other, within: 9 min, after: queue, that: "garage_fan_2.status is true and garage_fan_2.speed > 60 %"}
  - {name: a dead sensor starts all, within: 3 min, after: dead, that: "garage_fan_1.speed >= 99 % and garage_fan_2.speed >= 99 % and garage_fan_3.speed >= 99 %"}
  - {name: and is told, within: 3 min, after: dead, that: "decided:virtual.air_alarm is true"}
"""


def test_every_role_finds_its_variable():
    ready = load_ready_site(STORIES / "fresh_air")
    wired = automatic_wiring(ready.site("policy"), ready.make_plant("policy", 0.0, 1).variables())
    assert not wired.missing


@pytest.mark.parametrize("story", ["meeting_room_air", "garage_air"])
def test_the_stories_end_well(story):
    outcome = run_on_sim(load_scenario(STORIES / f"{story}.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []


@pytest.mark.integration
@pytest.mark.parametrize("story", [ROOM, GARAGE], ids=["room", "garage"])
async def test_over_real_sockets_air_follows_its_sensor_and_a_dead_one_means_air(tmp_path, story):
    path = tmp_path / "story.yaml"
    path.write_text(HEAD + story)
    outcome = await run_live(load_scenario(path))
    assert [one.name for one in outcome.verdicts if not one.met] == []
