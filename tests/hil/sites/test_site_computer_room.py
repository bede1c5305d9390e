"""The computer room: a site that loads, a plant that is sized right, and no minute above 27 degC in any single fault."""

from pathlib import Path

import pytest

from agent.core.errors import ConfigurationError
from hil.ready_site.ready_site import load_ready_site
from hil.ready_site.room import make_room
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from hil.wiring import automatic_wiring

STORIES = Path(__file__).parents[3] / "hil" / "scenarios"
JULY = 1_752_595_200.0
FAULT = """version: 1
name: one fault
site: computer_room
start: 2026-07-15 12:00
length: {length} h
pace: 10 s
seed: {seed}
sensors: {sensors}
steps:
  - {{at: 70 min, throw: "{fault}", amount: {amount}, for: {minutes} min}}
expect:
  - {{name: never too warm, always: computer_room.zone_temp <= 27 degC}}
  - {{name: no tick fails, never: "alarm:tick:* is true"}}
"""


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("computer_room")


@pytest.mark.parametrize("arm", ["weak", "competent", "policy"])
def test_every_arm_loads_and_every_role_finds_its_variable(ready, arm):
    variables = ready.make_plant(arm, JULY, 1).variables()
    assert not automatic_wiring(ready.site(arm), variables).missing


def test_one_unit_carries_the_load_of_the_hottest_day(ready):
    """The second one is what may fail."""
    room = ready.make_plant("policy", JULY, 1).parts[0]
    for _ in range(24 * 60):
        ready_inputs = {"split_1.enable": True, "split_2.enable": False}
        room.step(60.0, ready_inputs, type("Out", (), {"weather": type("W", (), {"dry_bulb": 39.0})}))
    assert room.air < 25.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"units": {}}, "units"),
        ({"units": {"split_1": {"capacity": "12 degC"}}}, "units.split_1.capacity"),
        ({"room": {"equipmnt": "9 kW"}}, "equipment"),
        ({"climate": "atlantis"}, "atlantis"),
    ],
)
def test_a_wrong_size_is_named(ready, change, says):
    with pytest.raises(ConfigurationError, match=says):
        make_room({**ready.sizes, "factory": "", **change}, JULY, 1)


@pytest.mark.parametrize("story", ["computer_room_unit", "computer_room_sensor"])
def test_its_stories_end_well(story):
    outcome = run_on_sim(load_scenario(STORIES / f"{story}.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []


FAULTS = [
    ("plant:split_1.trip", 1),
    ("plant:split_2.fouling", 1),
    ("point:io.split_1_on stuck_actuator", 0),
    ("point:th1.temperature stuck", 22),
    ("point:th2.temperature stuck", 22),
    ("point:th2.temperature bias", -4),
    ("point:th2.temperature bias", -2),  # just not enough to be called a drift: it must not be learned either
    ("device:io off", 1),
]


@pytest.mark.parametrize(("fault", "amount"), FAULTS, ids=str)
def test_no_single_fault_makes_the_room_too_warm(tmp_path, fault, amount):
    path = tmp_path / "fault.yaml"
    length, minutes = (6, 290) if amount == -2 else (3, 90)
    text = FAULT.format(
        fault=fault, amount=amount, seed=len(fault), sensors="true", length=length, minutes=minutes
    )
    path.write_text(text)
    outcome = run_on_sim(load_scenario(path))
    assert [one.name for one in outcome.verdicts if not one.met] == []
