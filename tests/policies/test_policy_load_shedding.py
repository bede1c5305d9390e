"""policies.chiller_plant.load_shedding: the rule as a table, its timers, choices and sequences."""

from __future__ import annotations

from typing import Any

import pytest

from agent.core.command import Command, Priority
from agent.core.decision import Decision
from policies.chiller_plant.load_shedding import LoadShedding
from tests.policies.plant_bench import PlantBench, plant

TWO = {"a": 1000.0, "b": 1000.0}
THREE = {"a": 1000.0, "b": 600.0, "c": 400.0}

SCRIPT = [
    # minutes, load kW, supply degC, chillers on, a word of the reason of a
    (5, 1500, 7.0, "a b", "load 1500 kW (flow x dT) is 75% of the 2000 kW running; one goes below 60%"),
    (20, 1000, 7.0, "a b", "without a the others would be at 100% (limit 90%)"),
    (14, 800, 7.0, "a b", "one goes when it has been below 60% for 15 min"),
    (3, 800, 7.0, "b", "shed: load 800 kW was 40% of what ran, low for 15 min; b carries it at 80%"),
    (30, 920, 7.1, "b", "shed"),
    (3, 980, 7.2, "a b", "without a the others would be at 98% (limit 90%)"),
    (5, 980, 7.0, "a b", "without a the others would be at"),
    (30, 700, 7.8, "a b", "no shedding: supply 7.8 degC, set-point 7.0"),
    (16, 700, 7.0, "b", "shed"),
    (5, 700, 8.3, "b", "shed"),  # what a stop does to the temperatures is waited for
    (4, 700, 8.3, "a b", "no shedding: supply 8.3 degC, set-point 7.0"),
]


def test_table() -> None:
    bench = plant(TWO)
    for row, (minutes, load, supply, on, word) in enumerate(SCRIPT):
        bench.carry(load, supply=supply)
        bench.run(minutes * 60.0)
        reason = bench.reason("a.enable")
        assert " ".join(bench.on()) == on, f"row {row}: {reason}"
        assert word in reason, f"row {row}: {reason}"


@pytest.mark.parametrize(
    ("capacities", "load", "parameters", "on"),
    [
        (
            THREE,
            900.0,
            {},
            "b c",
        ),  # without a 90 %, without b 64 %, without c 56 %: the rest is best loaded without a
        (THREE, 901.0, {}, "a c"),  # without a over 90 %: b it is
        (THREE, 1150.0, {}, "a c"),
        (THREE, 1250.0, {}, "a b c"),  # 62 %
        (THREE, 900.0, {"minimum_units": 2}, "b c"),
        (THREE, 900.0, {"minimum_units": 3}, "a b c"),
        (THREE, 900.0, {"spare_units": 1}, "a b c"),  # any two must carry it without their larger one
        (THREE, 350.0, {"spare_units": 1}, "b c"),
        ({"a": 1000.0, "b": 1000.0, "c": 1000.0}, 1500.0, {}, "b c"),  # equal: by name
        ({"a": 1000.0, "b": 1000.0}, 500.0, {"spare_units": 1}, "a b"),
        ({"a": 1000.0}, 100.0, {}, "a"),
    ],
)
def test_which_machines_stay(
    capacities: dict[str, float], load: float, parameters: dict[str, Any], on: str
) -> None:
    bench = plant(capacities, **parameters)
    bench.carry(load)
    bench.run(16 * 60.0)
    assert " ".join(bench.on()) == on


def test_one_machine_goes_at_a_time_and_the_dwell_lies_between() -> None:
    bench = plant({"a": 1000.0, "b": 1000.0, "c": 1000.0})
    bench.carry(800.0)
    counts = []
    for _ in range(40):
        bench.run(60.0)
        counts.append(len(bench.on()))
    assert counts[13] == 3
    assert counts[16] == 2
    assert counts[28] == 2
    assert counts[33] == 1
    assert counts[-1] == 1


def test_hysteresis_lets_the_dwell_run_on_and_a_real_rise_ends_it() -> None:
    four = dict.fromkeys("abcd", 1000.0)
    for between, machines in ((2480.0, 3), (2680.0, 4)):  # 62 % and 67 % of 4000 kW
        bench = plant(four)
        for load, minutes in ((2300.0, 10), (between, 3), (2300.0, 4)):
            bench.carry(load)
            bench.run(minutes * 60.0)
        assert len(bench.on()) == machines


def test_within_the_hysteresis_nothing_goes_however_long_the_dwell() -> None:
    bench = plant(dict.fromkeys("abcd", 1000.0))
    bench.carry(2300.0)
    bench.run(14 * 60.0)
    bench.carry(2480.0)
    bench.run(20 * 60.0)
    assert len(bench.on()) == 4
    bench.carry(2300.0)
    bench.run(5 * 60.0)
    assert len(bench.on()) == 3


def test_pumps_lead_by_their_time_however_fast_they_prove() -> None:
    bench = plant(TWO, running="b", pump_lead=60.0)
    bench.carry(990.0)
    for _ in range(60):
        bench.run()
        if bench.wishes["pa.enable"].value:
            break
    bench.run(40.0)
    assert bench.values["pa.status"] is True
    assert bench.wishes["a.enable"].value is False
    assert "pumps lead by 60 s" in bench.reason("a.enable")
    bench.run(20.0)
    assert bench.wishes["a.enable"].value is True


def test_minimum_on_time_is_respected_in_choosing() -> None:
    bench = plant(TWO, guards={"minimum_on": 3600.0})
    bench.carry(500.0)
    bench.run(50 * 60.0)
    assert bench.on() == ("a", "b")
    bench.run(20 * 60.0)
    assert bench.on() == ("b",)


def test_pumps_first_then_the_machine_and_run_on_after_it() -> None:
    bench = plant(TWO, pump_lead=30.0, run_on=120.0, dwell=60.0)
    bench.carry(500.0)
    bench.run(120.0)
    assert bench.wishes["a.enable"].value is False
    assert bench.wishes["pa.enable"].value is True
    assert "runs on for 120 s after a" in bench.reason("pa.enable")
    bench.run(130.0)
    assert bench.wishes["pa.enable"].value is False
    assert bench.wishes["tower.enable"].value is True, "b still needs it"
    bench.follows = False
    bench.carry(990.0)
    for _ in range(60):
        bench.run()
        if bench.wishes["pa.enable"].value:
            break
    assert bench.wishes["a.enable"].value is False
    assert "waits for pa to run" in bench.reason("a.enable")
    bench.run(60.0)
    assert bench.wishes["a.enable"].value is False, "the pump does not run yet"
    bench.values["pa.status"] = True
    bench.run()
    assert bench.wishes["a.enable"].value is True
    bench.values["pa.status"] = False
    bench.run()
    assert bench.wishes["a.enable"].value is True, "once enabled, flow is the guards' business"


def test_a_flow_switch_that_says_no_holds_the_start() -> None:
    roles = ("enable", "status", "alarm", "local_mode", "load", "flow_proof")
    bench = plant(TWO, running="b", roles=roles)
    bench.values |= {"a.flow_proof": False, "b.flow_proof": True}
    bench.carry(990.0)
    bench.run(400.0)
    assert bench.wishes["a.enable"].value is False
    assert "waits for its flow switch" in bench.reason("a.enable")
    bench.values["a.flow_proof"] = True
    bench.run()
    assert bench.wishes["a.enable"].value is True


def test_a_machine_that_does_not_start_is_given_up_and_the_next_one_tried() -> None:
    bench = plant(THREE, running="a")
    bench.follows = False
    bench.values |= {"pb.status": True, "pc.status": True}
    bench.carry(980.0)
    bench.run(500.0)
    assert bench.wishes["c.enable"].value is True
    bench.run(300.0)
    assert bench.wishes["c.enable"].value is None
    assert "did not run within 300 s" in bench.reason("c.enable")
    bench.run(60.0)
    assert bench.wishes["b.enable"].value is True


def test_waiting_for_a_guard_is_no_failure() -> None:
    bench = plant(TWO, running="b")
    bench.follows = False
    bench.values["pa.status"] = True
    bench.carry(980.0)
    bench.run(500.0)
    ours = bench.wishes["a.enable"]
    assert ours.value is True
    bench.decisions["a.enable"] = Decision(point="a.enable", value=False, winner=ours)
    bench.run(1200.0)
    assert bench.wishes["a.enable"].value is True


def test_a_lost_machine_is_replaced_at_once() -> None:
    bench = plant(TWO)
    bench.carry(600.0)
    bench.run(20 * 60.0)
    assert bench.on() == ("b",)
    bench.values |= {"b.status": False, "b.alarm": True}
    bench.follows = False
    bench.run(20.0)
    assert bench.wishes["pa.enable"].value is True
    assert bench.wishes["b.enable"].value is None
    assert "in alarm: left to its own control" in bench.reason("b.enable")
    bench.values["pa.status"] = True
    bench.run(30.0)
    assert bench.wishes["a.enable"].value is True
    assert "0 of at least 1 machines left" in bench.reason("a.enable")


def test_the_trend_of_the_supply_brings_a_machine_back_before_it_is_too_warm() -> None:
    bench = plant(TWO, deviation=1.5)
    bench.carry(600.0)
    bench.run(30 * 60.0)
    assert bench.on() == ("b",)
    supply = 7.0
    while len(bench.on()) == 1 and supply < 9.0:
        supply += 0.02
        bench.carry(600.0, supply=supply)
        bench.run()
    assert 7.75 < supply < 8.5
    assert "by its trend" in bench.reason("a.enable") or bench.wishes["pa.enable"].value is True


def other(
    point: str, priority: int, value: bool | None, source: str, ours: Command | None = None
) -> Decision:
    claim = Command(point=point, priority=priority, source=source, reason="test", value=value)
    claims = sorted((one for one in (claim, ours) if one is not None), key=lambda one: one.priority)
    return Decision(point=point, value=claims[0].value, winner=claims[0], losers=tuple(claims[1:]))


def test_a_schedule_keeps_its_say_over_what_runs_and_loses_it_over_what_is_shed() -> None:
    bench = plant(TWO)
    bench.carry(600.0)
    bench.decisions = {
        f"{id_}.enable": other(f"{id_}.enable", Priority.SCHEDULE, True, "office_hours") for id_ in "ab"
    }
    bench.run(60.0)
    assert [bench.wishes[f"{id_}.enable"].value for id_ in "ab"] == [None, None]
    assert "left to office_hours" in bench.reason("a.enable")
    bench.run(20 * 60.0)
    assert [bench.wishes[f"{id_}.enable"].value for id_ in "ab"] == [False, None]
    bench.carry(990.0)
    bench.run(10 * 60.0)
    assert [bench.wishes[f"{id_}.enable"].value for id_ in "ab"] == [None, None]
    assert "left to office_hours" in bench.reason("a.enable")


def test_what_an_operator_holds_is_neither_stopped_nor_started() -> None:
    bench = plant(THREE)
    bench.carry(700.0)
    bench.decisions["a.enable"] = other("a.enable", Priority.OPERATOR, True, "operator:li")
    bench.run(20 * 60.0)
    assert "a" in bench.on()
    bench = plant(TWO, running="b")
    bench.decisions["a.enable"] = other("a.enable", Priority.OPERATOR, False, "operator:li")
    bench.carry(990.0, supply=9.0)
    bench.run(20 * 60.0)
    assert bench.wishes["a.enable"].value is None


def test_a_plant_that_is_off_is_not_ours_to_start() -> None:
    bench: PlantBench = plant(TWO, running="none")
    bench.carry(0.0, supply=22.0)
    assert set(bench.run(3600.0).values()) == {None}
    assert "found off" in bench.reason("a.enable")


def test_an_order_of_limits_that_would_hunt_is_refused() -> None:
    with pytest.raises(ValueError, match="restart_above"):
        LoadShedding(remaining_limit=95.0, restart_above=95.0)
