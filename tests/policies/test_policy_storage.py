"""policies.chiller_plant.storage: the tariff's rule as a table, what nobody may sell, and when a plan is followed or left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calc.tariff_lines import Prices, read_tariff
from agent.core.learning import digest_of
from agent.core.serial import to_plain
from agent.core.snapshot import Artefact
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.storage import Storage
from policies.chiller_plant.storage_plan import LEARNING, SLOT, Slot, StoragePlan
from policies.chiller_plant.storage_rule import Situation, ruled, smallest_set
from policies.chiller_plant.storage_state import Mode
from tests.policies.snapshots import Bench, bad, machine, model

TARIFF = ("0:00-8:00 0.33", "10:00-12:00 14:00-19:00 1.08", "otherwise 0.65")
MIDNIGHT = datetime(2026, 6, 9, 16, 0, tzinfo=UTC).timestamp()  # Wednesday 10 June in China
HOLDS = 20_000.0
CHILLER = ("enable", "status", "chilled_water_setpoint", "power")
TANK = (
    *("charge", "discharge", "flow_command", "state_of_charge", "tank_flow"),
    *("tank_top_temp", "tank_bottom_temp"),
)
LOOP = (
    *("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp"),
    *("differential_pressure", "requests", "wanted_machines"),
)
AREA = model(
    machine("c1", "chiller", CHILLER, capacity=2000.0),
    machine("c2", "chiller", CHILLER, capacity=2000.0),
    machine("c3", "chiller", CHILLER, capacity=700.0),
    machine("loop", "loop", LOOP),
    machine("tank", "tank", TANK, holds=HOLDS, rated_flow=150.0),
    machine("air", "weather", ("outdoor_dry_bulb",)),
    tick=60.0,
)


def at(hour: float) -> float:
    return MIDNIGHT + 3600.0 * hour


def bench(hour: float, level: float, *, load: float = 3000.0, running: str = "c1", **more: Any) -> Bench:
    found = Bench(Storage(name="tank_policy", tariff=TARIFF, **more), AREA, {}, elapsed=1000.0)
    found.values = {f"{one}.status": one in running.split() for one in ("c1", "c2", "c3")}
    found.values |= {
        "loop.chilled_water_flow": load / 4.19 / 6.0,
        "loop.chilled_water_supply_temp": 7.0,
        "loop.chilled_water_return_temp": 13.0,
        "loop.differential_pressure": 40.0,
        "loop.requests": 0.0,
        "tank.state_of_charge": level,
        "tank.tank_flow": 0.0,
        "tank.tank_top_temp": 13.0,
        "tank.tank_bottom_temp": 5.0,
        "air.outdoor_dry_bulb": 30.0,
    }
    found.hour = hour  # type: ignore[attr-defined] # the bench's own clock starts there
    return found


def told(one: Bench, minutes: int = 1, **more: Any) -> dict[str, Any]:
    begin = at(one.hour) - one.elapsed  # type: ignore[attr-defined]
    found: dict[str, Any] = {}
    for _ in range(minutes):
        found = one.run(utc=begin + one.elapsed + 60.0, **more)
    return found


@pytest.mark.parametrize(
    ("hour", "level", "charge", "discharge", "word"),
    [
        (3.0, 20.0, True, False, "charging"),
        (3.0, 99.0, False, False, "full"),
        (9.0, 80.0, False, False, "machines first"),
        (11.0, 80.0, False, True, "because 1.08 CNY now against 0.33 at 00:00"),
        (11.0, 10.0, False, False, "empty"),
        (13.0, 80.0, False, False, "machines first"),
        (18.5, 30.0, False, True, "giving"),
        (22.0, 80.0, False, False, "machines first"),
    ],
)
def test_the_tariff_alone(hour, level, charge, discharge, word):
    one = bench(hour, level, load=300.0 if hour < 8.0 else 3000.0)
    wishes = told(one, 3)
    assert (wishes["tank.charge"], wishes["tank.discharge"]) == (charge, discharge)
    assert word.replace("CNY", "a kWh") in one.reason("tank.charge")
    assert "by the tariff: no plan yet" in one.reason("tank.charge")


def test_water_to_be_stored_is_asked_for_at_its_own_setpoint_and_the_machines_are_named():
    wishes = told(bench(1.0, 10.0, load=300.0), 2)
    assert wishes["c1.chilled_water_setpoint"] == 5.0
    assert wishes["loop.wanted_machines"] == "c1, c2"  # 17 MWh in what is left of the valley, and the coils
    assert wishes["c1.enable"] is None


def test_what_is_stored_lasts_until_the_end_of_the_last_peak():
    """17 MWh for five hours of 4 MW: machines carry a base, and when the last hours can be carried by the tank they stop."""
    one = bench(14.0, 85.0 + 3.0, load=6500.0)
    wishes = told(one, 2)
    assert wishes["tank.discharge"] is True
    assert wishes["loop.wanted_machines"] is not None
    assert wishes["c1.enable"] is None
    late = bench(18.0, 60.0, load=3000.0)
    wishes = told(late, 2)
    assert wishes["c1.enable"] is False
    assert wishes["loop.wanted_machines"] is None
    assert "alone" in late.reason("tank.charge")


def test_machines_are_called_before_the_tank_stops():
    one = bench(18.8, 60.0, load=3000.0)
    wishes = told(one, 2)
    assert wishes["tank.discharge"] is True
    assert wishes["loop.wanted_machines"] == "c1, c2"
    assert "machines are called" in one.reason("tank.charge")


def test_the_reserve_is_never_sold():
    """15 min of 4.7 MW are 1.2 MWh: six points of the tank above what the thermocline takes."""
    assert told(bench(11.0, 14.0), 2)["tank.discharge"] is True
    one = bench(11.0, 14.0, reserve=15.0)
    assert told(one, 2)["tank.discharge"] is False
    assert "reserve" in one.reason("tank.discharge")


@settings(max_examples=60, deadline=None)
@given(
    hour=st.floats(0.0, 23.9),
    level=st.floats(-30.0, 110.0),
    load=st.floats(0.0, 9000.0),
    reserve=st.floats(0.0, 120.0),
    tank=st.floats(-8000.0, 8000.0),
    machines=st.floats(0.0, 5000.0),
    bottom=st.floats(4.0, 16.0),
)
def test_nothing_ever_sells_the_reserve_or_charges_at_the_highest_price(
    hour, level, load, reserve, tank, machines, bottom
):
    one = bench(hour, level, load=load, reserve=reserve)
    one.values["tank.tank_bottom_temp"] = bottom
    plan = followed(
        hour,
        level,
        [Slot(machines=machines, tank=tank, stored=HOLDS * level / 100.0, load=load, names=("c1",))] * 96,
    )
    for artefacts in ({}, {"tank_policy": plan}):
        wishes = told(one, 2, artefacts=artefacts)
        rule = one.policy
        assert isinstance(rule, Storage)
        prices = rule.prices("Asia/Shanghai", None)
        utc = at(hour) + 120.0
        assert not (wishes["tank.charge"] and wishes["tank.discharge"])
        assert not (wishes["tank.charge"] and prices.highest(utc))
        least = rule.least(HOLDS, 4700.0)
        assert not (wishes["tank.discharge"] and HOLDS * min(level, 120.0) / 100.0 <= least)
        assert 0.0 <= (wishes["tank.flow_command"] or 0.0) <= 100.0


def followed(hour: float, level: float, slots: list[Slot], *, made: float = 1000.0) -> Artefact:
    plan = StoragePlan(
        start=at(hour) // SLOT * SLOT, slots=tuple(slots), warm=13.0, source="forecast", target=500.0
    )
    content = to_plain(plan)
    return Artefact(LEARNING.kind, LEARNING.version, made, digest_of(content), content, at(hour))


def test_a_fresh_plan_is_followed_with_its_machines():
    slots = [
        Slot(machines=1800.0, tank=1200.0, stored=14_000.0 - 500.0 * n, load=3000.0, names=("c1",))
        for n in range(96)
    ]
    one = bench(11.0, 72.0)
    wishes = told(one, 2, artefacts={"tank_policy": followed(11.0, 72.0, slots)})
    assert wishes["tank.discharge"] is True
    assert wishes["loop.wanted_machines"] == "c1"
    assert "giving 1,200 kW beside 1,800 kW of machines" in one.reason("tank.discharge")
    assert "plan, load forecast" in one.reason("tank.discharge")


def test_no_plan_charges_at_the_highest_price():
    slots = [Slot(machines=2000.0, tank=-1000.0, stored=10_000.0, load=500.0, names=("c1",))] * 96
    for hour, charges in ((9.0, True), (11.0, False)):
        one = bench(hour, 50.0, load=500.0)
        wishes = told(one, 2, artefacts={"tank_policy": followed(hour, 50.0, slots)})
        assert wishes["tank.charge"] is charges
    assert "never charged at the highest price" in one.reason("tank.charge")


def test_a_plan_grows_stale():
    slots = [Slot(machines=0.0, tank=3000.0, stored=14_000.0, load=3000.0)] * 96
    one = bench(9.0, 72.0)
    old = replace(followed(9.0, 72.0, slots), made=-9000.0, utc=at(6.0))
    assert told(one, 2, artefacts={"tank_policy": old})["tank.discharge"] is False
    assert "by the tariff: the plan is too old" in one.reason("tank.discharge")


def test_a_plan_that_reality_has_left_is_left_until_the_next_one():
    slots = [Slot(machines=3000.0, tank=0.0, stored=14_000.0, load=3000.0)] * 96
    one = bench(11.0, 70.0)
    plan = {"tank_policy": followed(11.0, 70.0, slots)}
    assert told(one, 2, artefacts=plan)["tank.discharge"] is False
    one.values["tank.state_of_charge"] = 40.0
    told(one, 25, artefacts=plan)
    assert "the plan expected 14,0" in one.reason("tank.discharge")
    assert "by the tariff: the tank holds 8,000 kWh" in one.reason("tank.discharge")
    other = {"tank_policy": followed(11.0, 40.0, [replace(one, stored=8000.0) for one in slots])}
    told(one, 2, artefacts=other)
    assert "(plan, load forecast)" in one.reason("tank.discharge")


@pytest.mark.parametrize(
    ("point", "word"),
    [("tank.state_of_charge", "content is not known"), ("loop.chilled_water_flow", "load is not measured")],
)
def test_what_cannot_be_seen_leaves_the_tank_at_rest(point, word):
    one = bench(11.0, 80.0)
    one.values[point] = bad()
    for name in ("tank.tank_bottom_temp", "tank.tank_top_temp") if point.startswith("tank") else ():
        one.values[name] = bad()
    wishes = told(one, 2)
    assert (wishes["tank.charge"], wishes["tank.discharge"], wishes["c1.enable"]) == (False, False, None)
    assert word in one.reason("tank.charge")


def test_without_a_trusted_clock_nothing_is_sold():
    one = bench(11.0, 80.0)
    assert told(one, 2, utc_trusted=False)["tank.discharge"] is False
    assert "clock" in one.reason("tank.charge")


def test_water_that_turns_round_begins_gently():
    """From charging at full flow to bridging for coils that have just opened: never at the flow it charged with."""
    one = bench(3.0, 50.0, load=300.0, running="c1")
    assert told(one, 30)["tank.flow_command"] > 20.0
    one.values["loop.chilled_water_flow"] = 14_000.0 / 4.19 / 6.0
    for _ in range(8):
        wishes = told(one, 1)
        if wishes["tank.discharge"]:
            break
    assert wishes["tank.discharge"] is True
    assert wishes["tank.flow_command"] <= 6.0


def test_alone_the_tank_does_not_press_against_shut_coils():
    one = bench(18.0, 60.0, load=200.0, running="")
    assert told(one, 3)["tank.discharge"] is True
    one.values["loop.differential_pressure"] = 300.0
    assert told(one, 10)["tank.discharge"] is False
    one.values["loop.differential_pressure"] = 10.0
    assert told(one, 4)["tank.flow_command"] > 20.0


def test_warm_water_from_the_tank_ends_it():
    one = bench(11.0, 40.0)
    assert told(one, 2)["tank.discharge"] is True
    one.values["tank.tank_bottom_temp"] = 12.0
    assert told(one, 1)["tank.discharge"] is False


def test_the_flow_rises_only_as_far_as_running_machines_keep_theirs():
    """Two machines need 2 x 48 l/s; the loop has 119: the tank may not press them out, and begins when one has gone."""
    one = bench(11.0, 80.0, load=3000.0, running="c1 c2")
    assert told(one, 5)["tank.discharge"] is False or told(one, 1)["tank.flow_command"] <= 6.0
    one.values["c1.status"] = one.values["c2.status"] = False
    assert told(one, 10)["tank.flow_command"] > 20.0


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("cheap at night", "not understood"),
        ("8-14:00x 0.5", "no hours"),
        ("13: 0:00-8:00 0.5", "months are 1 to 12"),
        ("25:00-26:00 0.5", "no time of day"),
        ("0:00-8:00 0.33", "no line 'otherwise'"),
    ],
)
def test_a_tariff_that_makes_no_sense_is_refused_with_its_line(line, word):
    with pytest.raises(ValueError, match=word):
        Storage(tariff=(line,) if "otherwise" in word else (line, "otherwise 0.65"))


def test_several_valleys_months_and_a_critical_peak_by_the_weather():
    lines = (
        "0:00-6:00 12:00-14:00 0.3",
        "16:00-20:00 1.0",
        "7-8: 20:00-22:00 1.4",
        "hot 35: 15:00-17:00 1.7",
        "otherwise 0.7",
    )
    prices = Prices(tariff=read_tariff(lines), timezone="Asia/Shanghai")
    july = datetime(2026, 7, 9, 16, 0, tzinfo=UTC).timestamp()
    assert [prices.at(at(h)) for h in (1, 7, 13, 15, 17, 21)] == [0.3, 0.7, 0.3, 0.7, 1.0, 0.7]
    assert prices.at(july + 21 * 3600.0) == 1.4
    hot = replace(prices, hottest=36.0)
    assert [hot.at(at(h)) for h in (15, 17)] == [1.7, 1.0]
    assert prices.lowest(at(13))
    assert prices.pays(at(12.5))  # a dearer hour comes first
    assert not prices.pays(at(20.5))  # the night will be cheaper


def test_the_rule_keeps_dear_hours_for_what_is_left():
    layout = read_layout(AREA)
    prices = Prices(
        tariff=read_tariff(("0:00-8:00 0.3", "10:00-12:00 1.0", "18:00-20:00 1.5", "otherwise 0.6")),
        timezone="Asia/Shanghai",
    )
    here = Situation(
        utc=at(10.0),
        load=2000.0,
        usable=4000.0,
        missing=0.0,
        charge=4000.0,
        discharge=4000.0,
        expects=lambda _: 2000.0,
    )
    assert ruled(prices, layout, here).mode is Mode.IDLE
    assert ruled(prices, layout, replace(here, utc=at(18.0))).alone
    assert ruled(prices, layout, replace(here, usable=8000.0)).mode is Mode.DISCHARGE


@pytest.mark.parametrize(
    ("load", "names"),
    [(500.0, ("c3",)), (1500.0, ("c1",)), (2500.0, ("c1", "c3")), (9000.0, ("c1", "c2", "c3"))],
)
def test_the_smallest_set_that_carries_a_load(load, names):
    assert smallest_set(read_layout(AREA), load) == names


def test_limits_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="warmest must lie below warm"):
        Storage(tariff=TARIFF, warmest=14.0)
    with pytest.raises(ValueError, match="calendar"):
        Storage(tariff=TARIFF, calendar="lunar")
