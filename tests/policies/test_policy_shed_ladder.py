"""The shed ladder as tables: down under a limit or an event, back with a spread, the rebound, and what it never takes."""

from dataclasses import replace

import pytest

from policies.chiller_plant.shed_ladder import ShedLadder
from policies.chiller_plant.shed_ladder_rungs import (
    Ladder,
    Need,
    capacity_limit,
    limit_now,
    moved,
    rooms_warmer,
    speed_limit,
    spoken,
    units_off,
    warmest,
)
from tests.policies.snapshots import Bench, bad, machine, model

RULE = ShedLadder(name="ladder", rungs=5.0)
FREE = Need(power=700.0, limit=None, event=False)


def led(state, need, seconds, step=10.0):
    for _ in range(round(seconds / step)):
        state = moved(RULE, state, need, step)
    return state


@pytest.mark.parametrize(
    ("position", "power", "limit", "event", "seconds", "found"),
    [
        (0.0, 700.0, None, False, 600, 0.0),  # nobody asks
        (0.0, 900.0, 800.0, False, 300, 1.0),  # far above: a rung in its time
        (0.0, 900.0, 800.0, False, 3600, 5.0),  # to the last one
        (0.0, 800.0, 800.0, False, 300, 0.3),  # within the margin: gently
        (2.0, 770.0, 800.0, False, 3600, 2.0),  # between margin and spread it stays
        (2.0, 700.0, 800.0, False, 600, 1.0),  # well below: a rung back, slower
        (2.0, 700.0, 800.0, True, 3600, 2.0),  # nothing comes back while the event goes on
        (0.0, 700.0, None, True, 600, 2.0),  # an event without a limit: so many rungs
        (0.0, 700.0, None, True, 3600, 3.0),
        (2.0, None, 800.0, False, 3600, 2.0),  # blind: as it is
        (2.0, 700.0, None, False, 600, 1.0),  # over
    ],
)
def test_position(position, power, limit, event, seconds, found):
    state = Ladder(position=position)
    need = Need(power=power, limit=limit, event=event)
    assert led(state, need, seconds).position == pytest.approx(found, abs=0.04)


@pytest.mark.parametrize(
    ("position", "more", "found"),
    [
        (3.0, {"risk": "the supply is at 15.0 degC"}, 2.0),  # given back, whatever the limit
        (3.0, {"near": True}, 3.0),  # nothing more
        (2.5, {"short": True}, 2.5),  # no pump slower
        (1.0, {"short": True}, 2.0),  # but warmer and less capacity
    ],
)
def test_what_is_at_risk_comes_first(position, more, found):
    need = Need(power=900.0, limit=800.0, event=False, **more)
    assert led(Ladder(position=position), need, 300).position == pytest.approx(found, abs=0.05)


def test_the_rebound_is_bounded_and_let_go_slowly():
    state = led(Ladder(), FREE, 7200)
    assert state.before == pytest.approx(700.0, abs=1.0)
    state = led(state, replace(FREE, limit=500.0), 1200)
    state = moved(RULE, state, FREE, 10.0)
    assert limit_now(RULE, state, FREE) == pytest.approx(735.0, abs=2.0)
    held = led(state, replace(FREE, power=735.0), 600)
    assert held.position >= state.position  # at its limit nothing comes back
    late = replace(held, ended=2.0 * RULE.rebound_time)
    assert limit_now(RULE, late, FREE) == pytest.approx(735.0 * 1.2, abs=5.0)
    assert limit_now(RULE, replace(late, position=0.0), FREE) is None
    assert limit_now(RULE, replace(held, position=0.0), FREE) is not None  # even with all back, for its time


def test_what_was_drawn_during_an_event_is_not_taken_for_what_was_before():
    state = led(Ladder(before=700.0), Need(power=400.0, limit=500.0, event=False), 3600)
    assert state.before == 700.0


@pytest.mark.parametrize(
    ("position", "supply", "capacity", "speed", "off", "rooms"),
    [
        (0.0, None, None, None, 0, 0.0),
        (0.5, 8.5, None, None, 0, 0.0),
        (1.0, 10.0, None, None, 0, 0.0),
        (1.5, 10.0, 80.0, None, 0, 0.0),
        (2.5, 10.0, 60.0, 80.0, 0, 0.0),
        (3.2, 10.0, 60.0, 60.0, 0, 0.0),
        (3.5, 10.0, 60.0, 60.0, 1, 0.0),
        (4.0, 10.0, 60.0, 60.0, 2, 0.0),
        (4.5, 10.0, 60.0, 60.0, 2, 1.0),
    ],
)
def test_rungs(position, supply, capacity, speed, off, rooms):
    state = Ladder(position=position, setpoint=7.0, running=("a", "b", "c"))
    assert warmest(RULE, state, damp=False) == supply
    assert capacity_limit(RULE, state) == capacity
    assert speed_limit(RULE, state) == speed
    assert units_off(RULE, state) == off
    assert rooms_warmer(RULE, state) == rooms
    assert len(spoken(state, FREE, None)) > 20


@pytest.mark.parametrize(
    ("setpoint", "damp", "found"),
    [(7.0, False, 10.0), (8.0, True, 10.0), (10.0, False, 12.0), (11.0, True, 11.0), (None, False, None)],
)
def test_damp_days_keep_the_coils_dry_and_nothing_is_made_colder(setpoint, damp, found):
    assert warmest(RULE, Ladder(position=1.0, setpoint=setpoint), damp=damp) == found


def test_parameters_that_would_swing_are_refused():
    with pytest.raises(ValueError, match="supply_most"):
        ShedLadder(name="x", supply_most=14.0, supply_risk=13.0)
    with pytest.raises(ValueError, match="spread"):
        ShedLadder(name="x", margin=10.0, spread=5.0)


def plant(**parameters):
    chillers = [
        machine(
            n, "chiller", ("enable", "status", "power", "chilled_water_setpoint", "demand_limit"), capacity=kw
        )
        for n, kw in (("a", 1000.0), ("b", 600.0), ("c", 1000.0))
    ]
    pump = machine("chwp", "pump", ("enable", "status", "speed_command", "power"), serves=("a",))
    loop = machine("loop", "loop", ("chilled_water_supply_temp", "chilled_water_flow", "emergency"))
    whole = machine("whole", "plant", ("power_limit", "demand_event"))
    weather = machine("air", "weather", ("outdoor_dry_bulb", "outdoor_humidity"))
    zone = machine("room", "zone", ("zone_temp", "zone_setpoint"))
    values = {
        "a.status": True,
        "b.status": True,
        "c.status": False,
        "a.power": 200.0,
        "b.power": 150.0,
        "c.power": 0.0,
        "chwp.status": True,
        "chwp.power": 50.0,
        "a.chilled_water_setpoint": 7.0,
        "b.chilled_water_setpoint": 7.0,
        "loop.chilled_water_supply_temp": 7.2,
        "loop.chilled_water_flow": 90.0,
        "loop.emergency": False,
        "whole.power_limit": bad("nobody says"),
        "whole.demand_event": False,
        "air.outdoor_dry_bulb": 30.0,
        "air.outdoor_humidity": 20.0,
        "room.zone_temp": 25.0,
        "room.zone_setpoint": 25.0,
    }
    return Bench(
        ShedLadder(name="ladder", **parameters), model(*chillers, pump, loop, whole, weather, zone), values
    )


def test_a_limit_by_a_point_through_the_policy():
    bench = plant(rungs=5.0)
    bench.run(60)
    assert all((one.value, one.low, one.high) == (None, None, None) for one in bench.wishes.values())
    bench.values["whole.power_limit"] = 300.0
    bench.run(450)  # 400 kW against 300: one rung and a half
    assert bench.wishes["a.chilled_water_setpoint"].low == 10.0
    assert bench.wishes["a.demand_limit"].high == pytest.approx(80.0, abs=3.0)
    assert bench.wishes["c.enable"].value is False  # no machine comes
    assert bench.wishes["a.enable"].value is None
    assert "300 kW allowed" in bench.reason("a.demand_limit")
    bench.run(750)  # all of four rungs
    assert bench.wishes["b.enable"].value is False  # the small one goes
    assert bench.wishes["chwp.speed_command"].high == 60.0
    bench.run(300)
    assert bench.wishes["room.zone_setpoint"].low == 27.0


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"loop.chilled_water_supply_temp": 15.0}, "the supply is at 15.0 degC"),
        ({"loop.chilled_water_supply_temp": bad()}, "cannot be read"),
        ({"room.zone_temp": 30.0}, "room is at 30.0 degC"),
    ],
)
def test_risk_gives_back_through_the_policy(values, word):
    bench = plant(limit=300.0)
    bench.run(600)
    before = bench.wishes["a.demand_limit"].high
    bench.values |= values
    bench.run(120)
    assert bench.wishes["a.demand_limit"].high > before
    assert word in bench.reason("a.demand_limit")


def test_pumps_keep_what_their_machines_need():
    bench = plant(limit=300.0)
    bench.values["loop.chilled_water_flow"] = 40.0
    bench.run(3600)
    assert bench.wishes["chwp.speed_command"].high in (None, 100.0, 99.0)
    assert "need their flow" in bench.reason("a.demand_limit")


def test_in_an_emergency_all_is_given_back_at_once():
    bench = plant(limit=300.0)
    bench.run(900)
    bench.values["loop.emergency"] = True
    bench.run(10)
    assert all((one.value, one.low, one.high) == (None, None, None) for one in bench.wishes.values())
    assert "nothing is shed" in bench.reason("a.demand_limit")
