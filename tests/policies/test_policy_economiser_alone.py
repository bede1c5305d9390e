"""A waterside economiser with a pump of its own as tables: one line for fans, pump and supply, and the takeover with its proofs."""

from dataclasses import replace

import pytest

from policies.chiller_plant.economiser import Economiser
from policies.chiller_plant.economiser_alone import (
    PROOF,
    SHY,
    alone_loop,
    alone_pump,
    alone_supply,
    cold_cap,
    fan_weight,
    least_capacity,
    took_over,
    tried,
)
from policies.chiller_plant.head_pressure import HeadCaps, head_caps
from policies.chiller_plant.pi_loop import launched
from policies.chiller_plant.plant_layout import Compressor
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.stage_rule import Situation, StageTimers, next_stage, timed
from policies.chiller_plant.stages import Stage

RULE = PlantSequence(name="plant")
ON = Economiser(on=True)
STAGES = tuple(
    Stage((number,), 1000.0 * number, 100.0 * number, Compressor.CONSTANT_SPEED) for number in range(6)
)


@pytest.mark.parametrize(
    ("output", "supply", "pump"), [(0.0, 13.0, 45.0), (0.5, 15.0, 53.8), (1.0, 17.0, 70.0), (1.4, 17.0, 70.0)]
)
def test_one_line_for_supply_and_pump(output, supply, pump):
    assert alone_supply(RULE, output) == pytest.approx(supply)
    assert alone_pump(RULE, replace(ON, loop=launched(output))) == pytest.approx(pump, abs=0.1)


@pytest.mark.parametrize("more", [{"trying": 10.0}, {"with_machines": 10.0}])
def test_beside_machines_the_pump_is_at_its_highest(more):
    assert alone_pump(RULE, replace(ON, loop=launched(0.0), **more)) == 70.0


@pytest.mark.parametrize(
    ("machines", "ready", "promised", "behind", "shy", "begins"),
    [
        (True, True, 16.0, 19.0, 0.0, True),
        (True, True, 16.6, 19.0, 0.0, False),  # the weather promises too little
        (True, True, None, 19.0, 0.0, False),
        (True, True, 16.0, None, 0.0, False),  # nobody would see whether it does
        (True, False, 16.0, 19.0, 0.0, False),  # a stage is changing
        (True, True, 16.0, 19.0, 60.0, False),  # it failed just now
        (False, True, 16.0, 19.0, 0.0, False),  # it is alone already
    ],
)
def test_the_takeover_is_tried_where_the_weather_promises_it(machines, ready, promised, behind, shy, begins):
    now = tried(
        RULE,
        replace(ON, shy=shy),
        10.0,
        machines=machines,
        ready=ready,
        promised=promised,
        behind=behind,
    )
    assert (now.trying > 0.0) is begins


def led(behind, seconds):
    now = replace(ON, trying=1e-3)
    for second in range(0, seconds, 10):
        now = tried(RULE, now, 10.0, machines=True, ready=False, promised=16.0, behind=behind(second))
    return now


def test_machines_are_let_go_only_when_the_water_proves_it():
    assert took_over(led(lambda _: 16.9, int(PROOF)))
    assert not took_over(led(lambda _: 16.9, int(PROOF) - 10))
    assert not took_over(led(lambda second: 16.9 if second % 60 else 17.1, 350))  # proof in one piece
    assert not took_over(led(lambda _: None, 200))


def test_a_takeover_that_fails_is_not_tried_again_for_an_hour_and_makes_shyer():
    now = led(lambda _: 17.5, 370)
    assert (now.trying, now.proved) == (0.0, 0.0)
    assert now.shy == pytest.approx(SHY, abs=20.0)
    assert now.tuning == pytest.approx(0.02)
    assert led(lambda _: 17.5, 350).trying > 0.0


def test_machines_stop_at_once_when_the_economiser_has_proved_itself():
    at = Situation(
        stages=STAGES,
        current=STAGES[3],
        available=True,
        required=400.0,
        lift=5.0,
        warm=0.0,
        weak=0.0,
        economiser=True,
        alone=True,
    )
    assert next_stage(RULE, StageTimers(counts=(3,), held=60.0), at)[0] is STAGES[0]
    assert next_stage(RULE, StageTimers(counts=(3,), held=60.0), replace(at, alone=False))[0] is STAGES[3]


@pytest.mark.parametrize(
    ("least", "counts"),
    [
        (0.0, (1,)),
        (900.0, (1,)),
        (2500.0, (3,)),
        (9000.0, (5,)),
    ],  # as many as carry the water; else all there are
)
def test_from_the_economiser_alone_as_many_machines_come_as_carry_its_water(least, counts):
    at = Situation(
        stages=STAGES,
        current=STAGES[0],
        available=True,
        required=600.0,
        lift=None,
        warm=1.2,
        weak=0.0,
        economiser=True,
        least=least,
    )
    now = StageTimers(counts=(0,), held=3600.0, wse_warm=1200.0)
    assert next_stage(RULE, now, at)[0].counts == counts


def test_no_stage_down_to_machines_that_could_not_carry_the_water():
    at = Situation(
        stages=STAGES,
        current=STAGES[4],
        available=True,
        required=500.0,
        lift=6.0,
        warm=0.0,
        weak=0.0,
        economiser=True,
        least=3500.0,
    )
    assert timed(RULE, StageTimers(low=100.0), at, 10.0).low == 0.0
    assert timed(RULE, StageTimers(low=100.0), replace(at, least=2900.0), 10.0).low == 110.0


@pytest.mark.parametrize(("flow", "kilowatts"), [(None, 0.0), (100.0, 2000.0), (250.0, 5000.0)])
def test_kilowatts_of_machines_that_carry_a_flow(flow, kilowatts):
    assert least_capacity(flow, 400.0, 10_000.0) == pytest.approx(kilowatts)


@pytest.mark.parametrize(
    ("output", "caps"),
    [
        (0.0, HeadCaps()),
        (0.25, HeadCaps(pump=75.0)),  # own water: condenser pumps first
        (0.5, HeadCaps(pump=50.0)),
        (0.75, HeadCaps(pump=50.0, fans=55.0)),
        (1.0, HeadCaps(pump=50.0, fans=10.0)),
    ],
)
def test_head_pressure_beside_an_economiser_with_its_own_pump(output, caps):
    assert head_caps(RULE, output, variable=True, economiser=True, enabled=True, apart=True) == caps


@pytest.mark.parametrize(
    ("basin", "cap"), [(None, 100.0), (9.0, 100.0), (6.5, 55.0), (5.0, 10.0), (2.0, 10.0)]
)
def test_towers_do_not_freeze(basin, cap):
    assert cold_cap(RULE, basin) == pytest.approx(cap)


def test_a_slow_fan_in_frost_is_moved_gently():
    assert fan_weight(60.0, 13.0, 8.4) == pytest.approx(1.0, abs=0.05)
    assert fan_weight(27.0, 8.0, -10.0) == pytest.approx(0.115, abs=0.01)
    assert fan_weight(60.0, None, 8.0) == 1.0


def test_the_loop_alone_starts_from_the_top_and_is_held_back_before_ice():
    now = alone_loop(
        RULE, replace(ON, with_machines=600.0, trying=200.0), 10.0, supply=17.0, basin=12.0, wet_bulb=9.0
    )
    assert (now.with_machines, now.trying) == (0.0, 0.0)
    assert now.loop.output == pytest.approx(1.0, abs=0.02)
    icy = alone_loop(RULE, now, 10.0, supply=15.0, basin=5.5, wet_bulb=-10.0)
    assert icy.loop.output < 0.2
    assert alone_loop(RULE, now, 10.0, supply=None, basin=5.5, wet_bulb=-10.0).loop == now.loop
