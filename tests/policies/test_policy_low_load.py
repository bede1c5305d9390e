"""policies.chiller_plant.low_load: whose turn it is as a table, the way from machine to tank and back, and what a lost sensor costs."""

from __future__ import annotations

from typing import Any

import pytest

from policies.chiller_plant.low_load import LowLoad
from tests.policies.snapshots import Bench, bad, machine, model

CHILLER = ("enable", "status", "chilled_water_setpoint")
TANK = (
    *("charge", "discharge", "flow_command", "state_of_charge", "tank_flow"),
    *("tank_top_temp", "tank_bottom_temp"),
)
LOOP = (
    *("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp"),
    *("differential_pressure", "requests", "plant_requests"),
)
AREA = model(
    machine("c1", "chiller", CHILLER, capacity=1000.0),
    machine("c2", "chiller", CHILLER, capacity=1000.0),
    machine("loop", "loop", LOOP),
    machine("tank", "tank", TANK, holds=1000.0, rated_flow=20.0),
    tick=60.0,
)
REST, FILL, IDLE = (False, True), (True, False), (False, False)  # charge, discharge


def bench(level: float, load: float, running: str = "c1", **more: Any) -> Bench:
    one = Bench(LowLoad(name="turns", **more), AREA, {})
    one.values = {f"{id_}.status": id_ in running.split() for id_ in ("c1", "c2")}
    one.values |= {
        "loop.chilled_water_flow": load / 4.19 / 6.0,
        "loop.chilled_water_supply_temp": 6.0,
        "loop.chilled_water_return_temp": 12.0,
        "loop.differential_pressure": 40.0,
        "loop.requests": 0.0,
        "loop.plant_requests": 1.0,
        "tank.state_of_charge": level,
        "tank.tank_flow": 0.0,
        "tank.tank_top_temp": 12.0,
        "tank.tank_bottom_temp": 6.0,
    }
    return one


def moves(one: Bench) -> tuple[Any, Any]:
    return one.wishes["tank.charge"].value, one.wishes["tank.discharge"].value


def stopped(one: Bench) -> None:
    """What the plant makes of it: machine and pumps stand."""
    one.values |= {"c1.status": False, "loop.differential_pressure": 0.0}


@pytest.mark.parametrize(
    ("level", "load", "running", "turn", "word"),
    [
        (90.0, 200.0, "c1", "rest", "little for a machine"),
        (90.0, 320.0, "c1", "fill", "may make"),  # above 30 % of a machine
        (25.0, 200.0, "c1", "fill", "may make"),  # not enough for an hour
        (97.0, 320.0, "c1", "idle", "full"),
        (50.0, 620.0, "c1", "idle", "nothing to spare"),  # 8 % of a machine is not worth colder water
        (50.0, 320.0, "c1 c2", "idle", "nothing to spare"),  # all the water of two would have to be colder
        (90.0, 200.0, "", "idle", "no machine runs"),
    ],
)
def test_whose_turn_it_is(level, load, running, turn, word):
    one = bench(level, load, running)
    one.run(2400.0)
    assert one.state.turn == turn
    assert word in one.reason("tank.charge")
    assert one.wishes["c1.enable"].value is (False if turn == "rest" else None)
    if turn != "rest":
        assert moves(one) == (FILL if turn == "fill" else IDLE)


def test_a_machine_works_for_half_an_hour_and_the_load_is_low_for_five_minutes_first():
    one = bench(90.0, 200.0)
    one.run(1740.0)
    assert one.state.turn != "rest"
    one.run(180.0)
    assert one.state.turn == "rest"
    brief = bench(90.0, 320.0)
    brief.run(2400.0)
    brief.values["loop.chilled_water_flow"] = 200.0 / 4.19 / 6.0
    brief.run(240.0)
    assert brief.state.turn != "rest"
    brief.run(600.0)
    assert brief.state.turn == "rest"


def test_the_tank_begins_when_the_pumps_stand_and_not_later_than_after_eight_minutes():
    """A bypass of its own keeps the opening it had, and would take the tank's water, until nothing presses."""
    one = bench(90.0, 200.0)
    one.run(2100.0)
    assert one.wishes["c1.enable"].value is False
    assert moves(one) == IDLE
    stopped(one)
    one.run(60.0)
    assert moves(one) == IDLE
    one.run(60.0)
    assert moves(one) == REST
    assert one.wishes["tank.flow_command"].value == pytest.approx(40.0, abs=2.0)  # 8 of 20 l/s
    stubborn = bench(90.0, 200.0)
    stubborn.run(1920.0 + 480.0)
    assert moves(stubborn) == REST


def resting(level: float = 90.0, load: float = 200.0) -> Bench:
    one = bench(level, load)
    one.run(2100.0)
    stopped(one)
    one.run(180.0)
    one.values["loop.differential_pressure"] = 20.0
    one.run(60.0)
    assert moves(one) == REST
    return one


@pytest.mark.parametrize(
    ("changes", "minutes", "word"),
    [
        ({"tank.state_of_charge": 13.0}, 1, "nearly empty"),
        ({"loop.chilled_water_flow": 420.0 / 4.19 / 6.0}, 10, "too much for the tank"),
        ({"loop.chilled_water_supply_temp": 13.5}, 26, "too weak"),
    ],
)
def test_machines_are_called_while_the_tank_goes_on(changes, minutes, word):
    one = resting()
    one.values |= changes
    one.run(60.0 * minutes)
    assert one.state.turn == "call"
    assert word in one.reason("c1.enable")
    assert one.wishes["c1.enable"].value is None  # the sequence may start one
    assert moves(one) == REST
    one.values["c1.status"] = True
    one.run(180.0)
    assert moves(one) == REST  # it has to come first
    one.run(120.0)
    assert moves(one) != REST


def test_an_emptied_tank_is_filled_before_machines_rest_again():
    one = resting()
    one.values["tank.state_of_charge"] = 13.0
    one.run(60.0)
    one.values |= {"c1.status": True, "tank.state_of_charge": 60.0}
    one.run(7200.0)
    assert one.state.turn == "fill"
    one.values["tank.state_of_charge"] = 97.0
    one.run(120.0)
    assert one.state.turn == "rest"


def test_water_to_be_stored_is_made_colder_slowly_and_only_cold_water_goes_in():
    one = bench(20.0, 400.0)
    one.values["loop.chilled_water_supply_temp"] = 9.0
    assert one.run(60.0)["c1.chilled_water_setpoint"] == 9.0
    assert one.run(60.0)["c1.chilled_water_setpoint"] == 8.5  # half a kelvin a minute, from what was decided
    one.run(600.0)
    assert moves(one) == IDLE
    one.values["loop.chilled_water_supply_temp"] = 6.5
    one.run(120.0)
    assert moves(one) == FILL


@pytest.mark.parametrize(
    ("asking", "level", "begins"),
    [(1.0, 90.0, True), (3.0, 90.0, False), (0.0, 90.0, False), (1.0, 30.0, False)],
)
def test_a_morning_with_few_who_ask_begins_with_the_tank(asking, level, begins):
    one = bench(level, 0.0, "")
    one.values |= {"loop.plant_requests": 0.0, "loop.differential_pressure": 0.0}
    one.run(1200.0)
    assert one.state.turn == "idle"
    one.values["loop.plant_requests"] = asking
    one.run(60.0)
    assert (one.wishes["c1.enable"].value is False) is begins
    one.run(60.0)
    assert moves(one) == (REST if begins else IDLE)


def test_a_tank_that_nobody_asks_stands_and_machines_are_free():
    one = resting()
    one.values["loop.plant_requests"] = 0.0
    one.run(60.0)
    assert moves(one) == IDLE
    assert one.wishes["c1.enable"].value is None


def test_the_pressure_follows_those_who_ask_for_more():
    one = resting()
    one.values |= {"loop.requests": 2.0, "loop.differential_pressure": 20.0}
    one.run(300.0)
    assert one.state.pressure == pytest.approx(30.0, abs=2.0)
    before = one.wishes["tank.flow_command"].value
    one.run(60.0)
    assert one.wishes["tank.flow_command"].value > before
    one.values |= {"loop.requests": 0.0, "loop.differential_pressure": 60.0}
    one.run(2400.0)
    assert one.state.pressure == 20.0
    assert one.wishes["tank.flow_command"].value == 5.0


@pytest.mark.parametrize("lost", ["loop.chilled_water_flow", "tank.tank_flow", "tank.state_of_charge"])
def test_without_a_sensor_the_tank_rests_and_the_machines_are_the_sequences(lost):
    one = resting()
    one.values[lost] = bad()
    if lost == "tank.state_of_charge":
        one.values |= {"tank.tank_top_temp": bad(), "tank.tank_bottom_temp": bad()}
    wishes = one.run(60.0)
    assert moves(one) == IDLE
    assert wishes["c1.enable"] is None
    assert "the tank rests" in one.reason("tank.charge")


def test_a_plant_without_a_tank_is_left_alone():
    area = model(machine("c1", "chiller", CHILLER, capacity=1000.0), machine("loop", "loop", LOOP))
    assert Bench(LowLoad(name="turns"), area, {}).run() == {}


@pytest.mark.parametrize(
    "wrong", [{"charge_setpoint": 11.0}, {"warm": 9.0}, {"supply_warm": 9.5}, {"pressure_min": 70.0}]
)
def test_limits_that_contradict_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match="must lie below"):
        LowLoad(name="turns", **wrong)
