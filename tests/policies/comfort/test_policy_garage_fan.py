"""policies.comfort.garage_fan: stages and speed by carbon monoxide, doubt runs them, a purge a day."""

from __future__ import annotations

import pytest

from agent.core.command import Priority
from agent.core.reading import Reading
from policies.comfort.garage_fan import GarageFan
from tests.policies.snapshots import Bench, bad, machine, model

ALARM = "hall.alarm"


def garage(fans: int = 3, tick: float = 60.0, **parameters) -> Bench:
    things = [machine(f"f{n}", "garage_fan", ("enable", "speed_command", "alarm")) for n in range(fans)]
    sensors = [machine(f"s{n}", "gas_sensor", ("carbon_monoxide",)) for n in range(2)]
    area = model(machine("hall", "garage", ("alarm",)), *things, *sensors, tick=tick)
    values = {"s0.carbon_monoxide": 5.0, "s1.carbon_monoxide": 5.0}
    return Bench(
        GarageFan(name="fans", **parameters), area, values | {f"f{n}.alarm": False for n in range(fans)}
    )


def running(bench: Bench) -> list[bool]:
    return [wish.value for point, wish in bench.wishes.items() if point.endswith(".enable")]


def air(bench: Bench, ppm: object, minutes: float = 1.0) -> int:
    """The worst sensor reads so much; how many fans run."""
    bench.values["s1.carbon_monoxide"] = ppm
    bench.run(minutes * 60.0)
    return sum(running(bench))


# ppm one after the other, a quarter of an hour each, and the fans of three that run
ROWS = [
    ((5.0, 24.0, 25.0, 20.0, 16.0, 15.0), (0, 0, 1, 1, 1, 0)),
    ((37.4, 37.5, 28.0, 27.5), (1, 2, 2, 1)),
    ((50.0, 41.0, 40.0, 14.0), (3, 3, 2, 0)),
    ((99.0, 101.0), (3, 3)),
]


@pytest.mark.parametrize(("course", "fans"), ROWS, ids=str)
def test_table(course, fans):
    bench = garage()
    assert tuple(air(bench, ppm, 15.0) for ppm in course) == fans


def test_the_worst_sensor_speaks():
    bench = garage()
    bench.values["s0.carbon_monoxide"] = 60.0
    assert air(bench, 5.0) == 3
    assert "60 ppm" in bench.reason("f0.enable")


def test_speed_follows_between_stop_and_full():
    bench = garage(fans=1)
    speeds = []
    for ppm in (25.0, 32.5, 50.0, 80.0, 10.0):
        air(bench, ppm, 15.0)
        speeds.append(bench.wishes["f0.speed_command"].value)
    assert speeds == [57.0, 70.0, 100.0, 100.0, 0.0]


def test_a_stage_stays_ten_minutes():
    bench = garage()
    assert air(bench, 60.0) == 3
    assert air(bench, 5.0, 8.0) == 3
    assert "10 min at least" in bench.reason("f0.enable")
    assert air(bench, 5.0, 3.0) == 0


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (bad(), "s1 is silent"),
        (Reading(5.0, 0.0, 0.0), "s1 is silent"),  # old
        (-20.0, "s1 shows -20 ppm"),
    ],
    ids=["bad", "stale", "impossible"],
)
def test_a_sensor_that_cannot_be_believed_runs_all_fans(reading, words):
    bench = garage()
    assert air(bench, reading) == 3
    assert bench.wishes["f0.speed_command"].value == 100.0
    assert bench.wishes["f0.enable"].priority == Priority.CRITICAL_SERVICE
    assert bench.wishes[ALARM].value is True
    assert words in bench.reason(ALARM)
    assert air(bench, 5.0, 15.0) == 0
    assert bench.wishes[ALARM].value is False


def test_a_sensor_that_stands_for_days_is_not_believed():
    bench = garage(frozen_after=7200.0, purge_every=0.0)
    assert air(bench, 4.0, 100.0) == 0
    assert air(bench, 4.0, 30.0) == 3
    assert "has stood at" in bench.reason(ALARM)
    bench.values["s0.carbon_monoxide"] = 3.0
    assert air(bench, 3.0, 15.0) == 0


def test_clean_air_may_stand():
    bench = garage(frozen_after=3600.0, purge_every=0.0)
    bench.values["s0.carbon_monoxide"] = 0.0
    assert air(bench, 0.4, 300.0) == 0


def test_above_the_limit_nothing_weaker_counts():
    bench = garage()
    air(bench, 99.0)
    assert bench.wishes["f0.enable"].priority == Priority.SEQUENCE
    air(bench, 100.0)
    assert bench.wishes["f0.enable"].priority == Priority.CRITICAL_SERVICE
    assert "above 100" in bench.reason(ALARM)


def test_it_is_purged_when_nobody_asked_for_long():
    bench = garage(purge_every=7200.0)
    counts = [air(bench, 5.0) for _ in range(300)]
    runs = "".join(map(str, counts)).split("0")
    assert [len(one) for one in runs if one] == [15, 15]  # twice a quarter of an hour in five hours


def test_a_fan_with_a_fault_is_replaced():
    bench = garage()
    bench.values["f0.alarm"] = True
    air(bench, 26.0)
    assert running(bench) == [False, True, False]


def test_a_garage_without_a_sensor_is_aired():
    area = model(machine("f0", "garage_fan", ("enable",)))
    bench = Bench(GarageFan(name="fans"), area, {})
    assert bench.run() == {"f0.enable": True}


@pytest.mark.parametrize("wrong", [{"stop": 25.0}, {"full": 25.0}, {"limit": 40.0}])
def test_wrong_words_are_told(wrong):
    with pytest.raises(ValueError, match="stop lies below start"):
        GarageFan(name="fans", **wrong)
