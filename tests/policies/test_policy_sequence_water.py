"""Guideline 36-2021 5.20.3 and 5.20.5-12 as tables: reset, requests, pumps, bypass, head pressure, towers, economiser."""

from dataclasses import replace

import pytest

from policies.chiller_plant.chilled_pumps import Pumping, flow_ratio_number, speed_loop
from policies.chiller_plant.chilled_water_reset import Reset, reset_step, setpoints, thrifty, warmest_supply
from policies.chiller_plant.condenser_pumps import design_speed
from policies.chiller_plant.economiser import Economiser, EconomiserDesign, economiser_step, predicted
from policies.chiller_plant.head_pressure import HeadCaps, head_caps, head_loop
from policies.chiller_plant.minimum_flow import MinimumFlow, Wanted, minimum_flow, minimum_of
from policies.chiller_plant.pi_loop import SHUT, Loop, Rolling, launched, rolled
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.requests import Requests, requests
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.tower_fans import (
    Towers,
    cell_number,
    fan_step,
    part_load_cap,
    return_setpoint,
    target_lift,
)
from tests.policies.snapshots import bad, machine, model, snapshot

RULE = PlantSequence(name="plant")


@pytest.mark.parametrize(
    ("count", "value"),
    [
        (0, 0.48),  # trimmed by 0.02
        (2, 0.48),  # two are ignored
        (3, 0.51),  # 0.03 for one that counts, less the trim
        (4, 0.54),
        (5, 0.55),  # 0.07 at most, less the trim
        (9, 0.55),
    ],
)
def test_trim_and_respond(count, value):
    now = Reset(value=0.5, running=900.0)
    for _ in range(30):
        now = reset_step(RULE, now, 10.0, requests=float(count), running=True, frozen=False)
    assert now.value == pytest.approx(value)


def test_reset_waits_holds_and_begins_anew():
    now = Reset()
    for _ in range(89):
        now = reset_step(RULE, now, 10.0, requests=0.0, running=True, frozen=False)
    assert now.value == 1.0  # the first quarter of an hour
    now = Reset(value=0.4, running=5000.0)
    for _ in range(200):
        now = reset_step(RULE, now, 10.0, requests=0.0, running=True, frozen=True)
    assert now.value == 0.4
    blind = reset_step(RULE, now, 3000.0, requests=None, running=True, frozen=False)
    assert blind.value == 0.4
    assert reset_step(RULE, now, 10.0, requests=0.0, running=False, frozen=False).value == 1.0


@pytest.mark.parametrize(
    ("above", "at_end", "minutes", "thrift"),
    [
        (3.0, True, 10, 0.5),  # 3 % a minute from 0.8
        (3.0, True, 60, 0.2),
        (-0.4, True, 10, 0.8),  # near enough
        (-0.8, True, 10, 1.0),
        (3.0, False, 5, 0.95),
        (None, True, 5, 0.8),
    ],
)
def test_machines_at_their_end_are_sent_less_water(above, at_end, minutes, thrift):
    now = Reset(value=1.0, thrift=0.8)
    for _ in range(6 * minutes):
        now = thrifty(now, 10.0, above, at_end=at_end)
    assert now.thrift == pytest.approx(thrift)


@pytest.mark.parametrize(
    ("value", "supply", "pressure"),
    [(1.0, 7.0, 60.0), (0.75, 11.3, 60.0), (0.5, 15.6, 60.0), (0.25, 15.6, 47.25), (0.0, 15.6, 34.5)],
)
def test_the_map_resets_temperature_first_then_pressure(value, supply, pressure):
    found = setpoints(RULE, value, 99.0)
    assert (found.supply, found.pressure) == (pytest.approx(supply), pytest.approx(pressure))


def test_damp_days_keep_the_coils_cold():
    assert warmest_supply(RULE, 20.0) == 10.0
    assert warmest_supply(RULE, 5.0) == 15.6
    assert warmest_supply(RULE, None) == 15.6
    assert setpoints(RULE, 0.5, 10.0).supply == 10.0


@pytest.mark.parametrize(
    ("valves", "reset", "plant"),
    [([50.0], 0, 0), ([96.0], 1, 1), ([96.0, 86.0], 1, 1), ([96.0, 84.0], 0, 1), ([96.0, 11.0], 0, 1),
     ([96.0, 9.0], 0, 0), ([94.0], 0, 0)],
)  # fmt: skip
def test_requests_of_a_coil_valve(valves, reset, plant):
    coil = machine("ahu", "coil", ("valve",))
    now = Requests()
    for valve in valves:
        now = requests(snapshot(model(coil), {"ahu.valve": valve}), (coil,), now, 10.0)
    assert (now.reset, now.plant) == (reset, plant)


@pytest.mark.parametrize(
    ("temp", "humidity", "seconds", "count"),
    [
        (24.0, 50.0, 300, 0),
        (27.1, 50.0, 100, 0),
        (27.1, 50.0, 130, 2),
        (28.1, 50.0, 130, 3),
        (24.0, 66.0, 10, 2),
    ],
)
def test_requests_of_a_room(temp, humidity, seconds, count):
    zone = machine("zone", "zone", ("zone_temp", "zone_setpoint", "zone_humidity"))
    values = {"zone.zone_temp": temp, "zone.zone_setpoint": 25.0, "zone.zone_humidity": humidity}
    now = Requests()
    for _ in range(seconds // 10):
        now = requests(snapshot(model(zone), values), (zone,), now, 10.0)
    assert now.reset == count


def test_a_counter_that_cannot_be_read_keeps_its_last_count():
    loop = machine("loop", "loop", ("requests", "plant_requests"))
    now = requests(
        snapshot(model(loop), {"loop.requests": 4.0, "loop.plant_requests": 2.0}), (loop,), Requests(), 1.0
    )
    lost = requests(
        snapshot(model(loop), {"loop.requests": bad(), "loop.plant_requests": bad()}), (loop,), now, 1.0
    )
    assert (lost.reset, lost.plant) == (4.0, 2.0)
    nobody = requests(snapshot(model(), {}), (), Requests(), 1.0)
    assert (nobody.reset, nobody.plant) == (None, None)


@pytest.mark.parametrize(
    ("running", "ratio", "minutes", "after"),
    [
        (1, 0.29, 20, 1), (1, 0.31, 9, 1), (1, 0.31, 11, 2),  # 1/3 - 0.03
        (2, 0.64, 11, 3), (2, 0.30, 9, 2), (2, 0.30, 11, 1), (2, 0.31, 20, 2),
        (3, 0.99, 20, 3), (1, 0.0, 20, 1),
    ],
)  # fmt: skip
def test_pumps_are_staged_by_the_flow_ratio(running, ratio, minutes, after):
    now, number = Pumping(on=tuple("abc")[:running]), running
    for _ in range(minutes * 6):
        number, more, less = flow_ratio_number(RULE, now, 10.0, ratio, 3)
        now = replace(now, more=more, less=less)
        if number != running:
            break
    assert number == after


def test_pump_speed_follows_the_pressure_and_holds_without_it():
    now = Pumping(on=("a",), loop=Loop(integral=0.5, output=0.5))
    low, _ = speed_loop(RULE, now, 10.0, 30.0, 50.0, proven=True)
    high, _ = speed_loop(RULE, now, 10.0, 80.0, 50.0, proven=True)
    assert high.output < 0.5 < low.output
    held, blind = speed_loop(RULE, now, 10.0, None, 50.0, proven=True)
    assert (held, blind) == (now.loop, 10.0)
    assert speed_loop(RULE, now, 10.0, 80.0, 50.0, proven=False)[0].output == 1.0


def test_minimum_flow_setpoint_of_unequal_machines():
    layout = read_layout(
        model(
            machine(
                "a",
                "chiller",
                ("enable",),
                capacity=1000.0,
                rated_chilled_flow=50.0,
                minimum_chilled_flow=20.0,
            ),
            machine(
                "b",
                "chiller",
                ("enable",),
                capacity=500.0,
                rated_chilled_flow=25.0,
                minimum_chilled_flow=15.0,
            ),
        )
    )
    assert minimum_of(tuple(layout.machines.values())) == pytest.approx(0.6 * 75.0)
    assert minimum_of((layout.machines["a"],)) == pytest.approx(20.0)


def wanted(target):
    return Wanted(target=target, whole=60.0, low=0.0, high=2.0)


def test_minimum_flow_moves_slowly_and_opens_the_bypass():
    now = MinimumFlow(setpoint=20.0, target=20.0, loop=SHUT, flow=40.0)
    for _ in range(15):
        now = minimum_flow(RULE, now, 10.0, wanted=wanted(40.0), flow=60.0, proven=True)
    assert now.setpoint == pytest.approx(30.0)  # half of five minutes
    assert now.bypass == 0.0
    for _ in range(20):
        now = minimum_flow(RULE, now, 10.0, wanted=wanted(40.0), flow=20.0, proven=True)
    assert now.bypass > 50.0
    assert minimum_flow(RULE, now, 10.0, wanted=wanted(40.0), flow=20.0, proven=False).bypass == 100.0


def test_a_falling_flow_is_met_before_it_is_short():
    now = MinimumFlow(setpoint=30.0, target=30.0, loop=SHUT, flow=60.0)
    now = minimum_flow(RULE, now, 10.0, wanted=wanted(30.0), flow=45.0, proven=True)
    assert now.bypass > 30.0
    assert now.pumps > 0.0


@pytest.mark.parametrize(
    ("output", "variable", "economiser", "caps"),
    [
        (0.0, True, False, HeadCaps(fans=100.0, pump=100.0, valve=100.0)),
        (0.5, True, False, HeadCaps(fans=10.0, pump=100.0)),
        (1.0, True, False, HeadCaps(fans=10.0, pump=50.0)),
        (0.25, True, False, HeadCaps(fans=55.0)),
        (1.0, False, False, HeadCaps(fans=10.0, valve=30.0)),
        (0.75, False, False, HeadCaps(fans=10.0, valve=65.0)),
        (1.0, True, True, HeadCaps(valve=30.0)),
    ],
)
def test_head_pressure_map(output, variable, economiser, caps):
    found = head_caps(RULE, output, variable=variable, economiser=economiser, enabled=True)
    if economiser:
        assert found == caps
    else:
        assert (found.fans, found.pump, found.valve) == (caps.fans, caps.pump, caps.valve)


def test_head_pressure_acts_on_too_little_lift_only():
    now = head_loop(RULE, SHUT, 60.0, 20.0, 12.0, enabled=True)
    assert now.output == 0.0
    assert head_loop(RULE, now, 60.0, 8.0, 12.0, enabled=True).output > 0.3
    assert head_loop(RULE, now, 60.0, 8.0, 12.0, enabled=False).output == 0.0


@pytest.mark.parametrize(
    ("load", "lift"), [(1.0, 30.0), (0.9091, 28.2), (0.5, 20.1), (0.1, 12.18), (0.05, 12.0), (0.0, 12.0)]
)
def test_target_lift_is_the_guidelines_line(load, lift):
    # Lmax = 37 - 7 = 30, Lmin = 12: A = 19.8, B = 10.2
    assert target_lift(load, 12.0, 30.0) == pytest.approx(lift, abs=0.01)


@pytest.mark.parametrize(
    ("minutes", "load", "supply", "setpoint"),
    [
        (5, 0.5, 7.0, 31.4),
        (10, 0.5, 7.0, 31.4),
        (15, 0.5, 7.0, 29.25),
        (30, 0.5, 7.0, 27.1),
        (30, 1.0, 12.0, 37.0),
    ],
)
def test_condenser_return_setpoint(minutes, load, supply, setpoint):
    found = return_setpoint(RULE, supply=supply, part_load=load, lowest=12.0, since_start=minutes * 60.0)
    assert found == pytest.approx(setpoint)


@pytest.mark.parametrize(
    ("load", "cap"), [(0.0, 70.0), (0.25, 85.0), (0.5, 100.0), (0.9, 100.0), (None, 100.0)]
)
def test_part_load_caps_the_fans(load, cap):
    assert part_load_cap(load) == pytest.approx(cap)


@pytest.mark.parametrize(
    ("flow", "total", "cells"),
    [(0.0, 4, 0), (50.0, 4, 1), (100.0, 4, 2), (200.0, 4, 4), (300.0, 4, 4), (100.0, 1, 1)],
)
def test_cells_follow_the_condenser_flow(flow, total, cells):
    assert cell_number(RULE, flow, 100.0, total) == cells


def fans(temperature, seconds, before=None, head_cap=100.0):
    now = before or Towers(cells=("t",), turning=True, loop=SHUT)
    for _ in range(seconds // 10):
        now = fan_step(
            RULE, now, 10.0, temperature=temperature, setpoint=28.0, head_cap=head_cap, part_load=None
        )
    return now


def test_fans_stop_when_cold_and_come_back_when_warm():
    assert fans(27.0, 290).turning
    cold = fans(27.0, 310)
    assert not cold.turning
    assert fans(27.6, 900).turning  # within the deadband they stay
    assert not fans(29.0, 40, cold).turning  # off for at least a minute
    assert fans(29.0, 80, cold).turning
    assert not fans(28.5, 600, cold).turning
    assert not fans(35.0, 310, head_cap=10.0).turning  # head pressure holds them at their minimum
    assert fans(40.0, 600, head_cap=60.0).speed == 60.0
    assert not fan_step(
        RULE,
        replace(cold, cells=(), turning=True),
        10.0,
        temperature=35.0,
        setpoint=28.0,
        head_cap=100.0,
        part_load=None,
    ).turning


def test_predicted_water_behind_the_economiser():
    design = EconomiserDesign(approach=2.0, flow=100.0)
    # wet bulb 10 + 2 * 0.5 + (0 * (28 - 10) + 4)
    assert predicted(RULE, design, 10.0, 0.5, 0.0) == pytest.approx(15.0)
    assert predicted(RULE, design, 10.0, 3.0, 0.1) == pytest.approx(10.0 + 2.0 + 1.8 + 4.0)


def step(before, *, above, gain=None, seconds=10.0, full=True):
    return economiser_step(RULE, before, seconds, wanted=True, above=above, gain=gain, fans_full=full)


def test_the_economiser_comes_and_goes():
    assert not step(Economiser(held=1300.0), above=2.0).on
    assert step(Economiser(held=1300.0), above=2.1).on
    assert not step(Economiser(held=1100.0), above=2.1).on  # off for less than 20 min
    running = Economiser(on=True, held=1300.0)
    assert step(replace(running, useless=100.0), above=5.0, gain=0.9).on
    assert not step(replace(running, useless=115.0), above=5.0, gain=0.9).on
    assert step(replace(running, useless=900.0, held=600.0), above=5.0, gain=0.9).on


@pytest.mark.parametrize(
    ("held", "full", "tuning"),
    [(3700.0, True, -0.02), (3000.0, True, 0.0), (1500.0, True, 0.02), (1500.0, False, 0.0)],
)
def test_the_economisers_tuning(held, full, tuning):
    running = replace(Economiser(on=True, held=held, useless=900.0), slowed=not full)
    off = economiser_step(RULE, running, 10.0, wanted=False, above=0.0, gain=0.0, fans_full=full)
    assert off.tuning == pytest.approx(tuning)


def test_a_rolling_mean_forgets():
    now = Rolling()
    for value in [0.0] * 60 + [100.0] * 30:
        now = rolled(now, value, 10.0, 300.0)
    assert now.mean == pytest.approx(100.0)
    assert len(now.bins) <= 12


def test_condenser_pumps_do_not_follow_what_a_meter_cannot_tell():
    rule = PlantSequence(name="sequence")
    stands = launched(0.8)
    for flow, moves in [(100.0, False), (98.1, False), (101.9, False), (97.0, True), (103.0, True)]:
        after = design_speed(rule, stands, 60.0, flow=flow, wanted=100.0, settled=True)
        assert (after != stands) is moves
