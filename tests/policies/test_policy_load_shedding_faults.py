"""policies.chiller_plant.load_shedding: lost readings, missing measurements, doubtful machines, what must always hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.reading import Quality, Reading
from policies.chiller_plant.load_shedding import LoadShedding
from tests.policies.plant_bench import CHILLER, PlantBench, plant
from tests.policies.snapshots import Bench, bad, machine, model

TWO = {"a": 1000.0, "b": 1000.0}
NO_LOAD = tuple(role for role in CHILLER if role != "load")


def shed_one(**more: Any) -> PlantBench:
    """Two machines, one of them shed."""
    bench = plant(TWO, **more)
    bench.carry(600.0)
    bench.run(16 * 60.0)
    assert bench.on() == ("b",)
    return bench


@pytest.mark.parametrize(
    ("point", "word"),
    [
        ("a.status", "run status of a not readable"),
        ("b.status", "run status of b not readable"),
        ("loop.chilled_water_flow", "chilled_water_flow of loop: time-out"),
        ("loop.chilled_water_return_temp", "chilled_water_return_temp of loop: time-out"),
        ("loop.chilled_water_supply_temp", "loop: time-out"),
    ],
)
def test_a_lost_input_brings_all_machines_back_and_says_so(point: str, word: str) -> None:
    bench = shed_one(roles=NO_LOAD)
    kept = bench.values[point]
    bench.values[point] = bad()
    bench.run(50.0)
    assert bench.on() == ("b",), "one lost poll is no reason"
    bench.run(120.0)
    assert bench.wishes["a.enable"].value is True
    assert bench.wishes["pa.enable"].value is True
    assert word in bench.reason("a.enable")
    assert word in bench.reason("b.enable")
    bench.run(7200.0)
    assert bench.on() == ("a", "b"), "nothing is shed while blind"
    bench.values[point] = kept if point != "a.status" else True
    bench.run(14 * 60.0)
    assert bench.on() == ("a", "b"), "the dwell begins when the sight is back"
    bench.run(4 * 60.0)
    assert len(bench.on()) == 1


def test_nothing_is_shed_while_an_input_is_lost() -> None:
    bench = plant(TWO, roles=NO_LOAD, fault_delay=1800.0)
    bench.carry(600.0)
    bench.run(14 * 60.0)
    bench.values["loop.chilled_water_flow"] = bad()
    bench.run(10 * 60.0)
    assert bench.on() == ("a", "b")
    assert "no shedding" in bench.reason("a.enable")


def test_machines_come_back_one_after_the_other() -> None:
    four = dict.fromkeys("abcd", 1000.0)
    bench = plant(four, running="d", roles=NO_LOAD)
    bench.values["loop.chilled_water_flow"] = bad()
    starts = []
    for second in range(0, 600, 10):
        before = [bench.values[f"{id_}.status"] for id_ in four]
        bench.run()
        after = [bench.values[f"{id_}.status"] for id_ in four]
        starts += [second] * (sum(after) - sum(before))
    assert len(starts) == 3
    assert all(later - earlier >= 60 for earlier, later in pairwise(starts))


def test_without_the_loop_the_machines_own_load_is_used() -> None:
    bench = plant(TWO)
    bench.carry(600.0)
    bench.values["loop.chilled_water_flow"] = bad()
    bench.values |= {"a.load": 30.0, "b.load": 30.0}
    bench.run(10 * 60.0)
    assert "load 600 kW (the machines' own load) is 30%" in bench.reason("a.enable")
    bench.run(6 * 60.0)
    assert bench.on() == ("b",)


def test_a_heat_meter_serves_where_there_is_no_flow_meter() -> None:
    bench = plant(TWO, roles=NO_LOAD, loop=("cooling", "chilled_water_supply_temp"))
    bench.values["loop.cooling"] = 600.0
    bench.run(10 * 60.0)
    assert "load 600 kW (heat meter) is 30%" in bench.reason("a.enable")
    bench.run(6 * 60.0)
    assert bench.on() == ("b",)
    bench.values["loop.cooling"] = bad("no answer")
    bench.run(3 * 60.0)
    assert bench.on() == ("a", "b")
    assert "heat meter: no answer" in bench.reason("a.enable")


def test_exchanged_sensors_are_not_believed() -> None:
    bench = plant(TWO, roles=NO_LOAD)
    bench.values |= {"loop.chilled_water_supply_temp": 12.0, "loop.chilled_water_return_temp": 7.0}
    bench.run()
    assert "not plausible" in bench.reason("a.enable")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (
            {"roles": NO_LOAD, "loop": ()},
            "no load measurement: relinquished, all units left to the plant's own control",
        ),
        ({"loop": ("chilled_water_flow",), "roles": NO_LOAD}, "no load measurement"),
    ],
)
def test_without_any_load_measurement_the_plant_is_left_alone(more: dict[str, Any], word: str) -> None:
    bench = plant(TWO, **more)
    wishes = bench.run(3600.0)
    assert set(wishes.values()) == {None}
    assert set(wishes) == {"a.enable", "b.enable", "pa.enable", "pb.enable", "tower.enable"}
    assert word in bench.reason("pb.enable")


def test_a_machine_without_nameplate_leaves_the_plant_alone() -> None:
    area = model(machine("a", "chiller", CHILLER), machine("b", "chiller", CHILLER, capacity=500.0))
    bench = Bench(LoadShedding(name="shed"), area, {"a.status": True, "b.status": True})
    assert bench.run() == {"a.enable": None, "b.enable": None}
    assert "no capacity on the nameplate of a" in bench.reason("b.enable")


def test_an_area_without_chillers_asks_for_nothing() -> None:
    bench = Bench(LoadShedding(name="shed"), model(machine("fan", "fan", ("enable",))), {})
    assert bench.run() == {}


@pytest.mark.parametrize(
    "trouble",
    [{"a.alarm": True}, {"a.local_mode": True}, {"a.alarm": bad()}, {"a.alarm": bad(), "a.local_mode": True}],
    ids=str,
)
def test_a_doubtful_machine_neither_counts_nor_goes(trouble: dict[str, Any]) -> None:
    """a runs with the trouble: b and c must carry everything, and one of them goes only if the other can."""
    bench = plant(dict.fromkeys("abc", 1000.0))
    bench.values |= trouble
    bench.carry(950.0)
    bench.run(20 * 60.0)
    assert bench.on() == ("a", "b", "c"), "b or c alone would be at 95 %"
    bench.carry(880.0)
    bench.run(20 * 60.0)
    assert bench.on() == ("a", "c")


@pytest.mark.parametrize(
    "trouble", [{"a.alarm": True}, {"a.local_mode": True}, {"pa.alarm": True}, "locked", "pump locked"]
)
def test_a_barred_machine_is_not_started(trouble: Any) -> None:
    bench = plant({"a": 500.0, "b": 1000.0, "c": 1000.0}, running="b")
    if isinstance(trouble, dict):
        pump = bench.area.equipment["pa"]
        pump = replace(pump, roles={**pump.roles, "alarm": "pa.alarm"})
        bench.area = replace(bench.area, equipment={**bench.area.equipment, "pa": pump})
        bench.values |= {"pa.alarm": False} | trouble
    locked = {"locked": ["a"], "pump locked": ["pa"]}.get(trouble, []) if isinstance(trouble, str) else []
    bench.carry(990.0)
    bench.run(10 * 60.0, locked=locked)
    assert bench.wishes["a.enable"].value is None
    assert bench.wishes["c.enable"].value is True, "the next best is taken"


@pytest.mark.parametrize(
    ("extra", "value", "remaining"),
    [
        ("condenser_entering_temp", 30.0, 880.0),
        ("condenser_entering_temp", 35.0, 880.0 * 1.2),
        ("condenser_entering_temp", 20.0, 880.0),  # cool water is no promise
        ("chilled_water_setpoint", 5.0, 880.0 * 1.1),
        ("demand_limit", 80.0, 880.0 * 1.2),
        ("condenser_entering_temp", bad(), 880.0),
    ],
    ids=str,
)
def test_present_capacity_follows_the_readings(extra: str, value: Any, remaining: float) -> None:
    """880 kW on one of 1000 kW: allowed at nameplate, and not when it can give less now."""
    bench = plant(TWO, roles=(*CHILLER, extra))
    bench.values |= {f"a.{extra}": value, f"b.{extra}": value}
    bench.carry(880.0, supply=5.0 if extra == "chilled_water_setpoint" else 7.0)
    bench.run(20 * 60.0)
    assert (bench.on() == ("b",)) == (remaining <= 900.0)


def test_a_clock_that_began_anew_costs_no_more_than_time() -> None:
    bench = plant(TWO)
    bench.carry(600.0)
    bench.run(10 * 60.0)
    bench.elapsed = 0.0
    bench.run(4 * 60.0)
    assert bench.on() == ("a", "b")
    bench.run(3 * 60.0)
    assert bench.on() == ("b",)


def test_a_pause_is_not_counted_as_dwell() -> None:
    bench = plant(TWO)
    bench.carry(600.0)
    bench.run(60.0)
    bench.elapsed += 7200.0
    bench.run(10 * 60.0)
    assert bench.on() == ("a", "b")


sizes = st.lists(st.sampled_from([300.0, 500.0, 800.0, 1000.0, 1200.0]), min_size=1, max_size=4)
weather = st.tuples(
    st.integers(1, 25),  # ticks
    st.floats(0.0, 1.1),  # load as a share of all machines
    st.floats(-0.5, 3.0),  # supply above set-point
    st.sampled_from(["", "", "", "flow", "status", "alarm"]),
)


@settings(max_examples=40)
@given(
    capacities=sizes,
    script=st.lists(weather, min_size=1, max_size=8),
    minimum=st.integers(1, 3),
    spare=st.integers(0, 1),
)
def test_what_always_holds(capacities: list[float], script: list[Any], minimum: int, spare: int) -> None:
    named = {f"m{number}": kw for number, kw in enumerate(capacities)}
    bench = plant(
        named, dwell=120.0, minimum_units=minimum, spare_units=spare, pumps=False, settle=60.0, roles=NO_LOAD
    )
    total, changed = sum(capacities), 0.0
    for ticks, share, above, trouble in script:
        bench.carry(share * total, supply=7.0 + above)
        bench.values["m0.alarm"] = trouble == "alarm"
        if trouble == "flow":
            bench.values["loop.chilled_water_flow"] = bad()
        doubtful = {"m0"} if trouble == "alarm" else set()
        for _ in range(ticks):
            if trouble == "status":
                bench.values["m0.status"] = Reading(None, 0.0, 0.0, Quality.BAD, "lost")
            before = set(bench.on()) if bench.wishes else set(named)
            running = {id_ for id_ in named if bench.values[f"{id_}.status"] is True}
            bench.run()
            gone = before & running - set(bench.on())
            assert len(gone) <= 1
            if gone:
                rest = sorted(named[id_] for id_ in (running - gone) & before - doubtful)
                assert not trouble or trouble == "alarm"
                assert len(rest) >= minimum
                assert share * total <= 0.9 * sum(rest[: len(rest) - spare]) + 1e-6
                assert share * total < 0.6 * (sum(rest) + named[gone.copy().pop()])
                assert above <= 0.5
                assert bench.elapsed - changed >= 120.0
            if set(bench.on()) != before:
                changed = bench.elapsed
        if trouble == "status":
            bench.values["m0.status"] = bench.wishes["m0.enable"].value is not False
