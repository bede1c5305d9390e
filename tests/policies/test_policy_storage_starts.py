"""policies.chiller_plant.storage: what keeps machines from being started for little, in the program, in the next plan and from tick to tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from agent.calc.columns import MemoryHistory
from agent.core.decision import Decision
from agent.core.learning import NothingToLearnError, digest_of
from agent.core.reading import Reading
from agent.core.serial import to_plain
from agent.core.snapshot import Artefact
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.storage import Storage
from policies.chiller_plant.storage_ahead import load_ahead
from policies.chiller_plant.storage_begin import Begin, running_now, steadily
from policies.chiller_plant.storage_past import QUARTER, StoragePast, present
from policies.chiller_plant.storage_plan import LEARNING, SLOT, Slot, StoragePlan
from policies.chiller_plant.storage_power import Way
from policies.chiller_plant.storage_program import Hour, Month, Program, Solved, Store, solve
from tests.policies.snapshots import Bench, machine, model

SMALL = Way(machines=("c3",), least=200.0, most=700.0, fixed=25.0, slope=0.17)
BIG = Way(machines=("c1",), least=600.0, most=2000.0, fixed=60.0, slope=0.16)
BOTH = Way(machines=("c1", "c2"), least=1800.0, most=4000.0, fixed=120.0, slope=0.16)
WAYS = (Way(), SMALL, BIG, BOTH)
UPS_AND_DOWNS = (500.0, 1200.0) * 6  # kW: alone the small machine does one hour and not the next


def program(
    start: float, running: frozenset[str] = frozenset(), loads: tuple[float, ...] = UPS_AND_DOWNS
) -> Program:
    slots = [
        Hour(price=0.65, load=load, ways=WAYS, dearer=0.01, block=number, discharge=0.0, charge=0.0)
        for number, load in enumerate(loads)
    ]
    store = Store(now=1000.0, least=1000.0, most=1001.0)
    return Program(
        slots=slots, months=[Month()], store=store, hours=1.0, whole=12, start=start, running=running
    )


def starts(found: Solved, running: frozenset[str] = frozenset()) -> int:
    number, before = 0, running
    for way in found.ways:
        number += len(frozenset(way.machines) - before)
        before = frozenset(way.machines)
    return number


def test_machines_change_with_every_hour_only_where_starts_cost_nothing():
    """The small one for the small hours is cheaper by a few kWh; it is a start each time, though as many machines run."""
    assert starts(solve(program(0.0))) >= 8
    assert starts(solve(program(100.0))) == 1


def test_for_cold_water_machines_can_make_less():
    night = [
        Hour(price=0.33, load=0.0, ways=WAYS, dearer=0.0, block=n, discharge=0.0, charge=9000.0, less=less)
        for n, less in enumerate((0.0, 0.25))
    ]
    store = Store(now=1000.0, least=1000.0, most=20_000.0, worth=1.0)
    found = solve(Program(slots=night, months=[Month()], store=store, hours=1.0, whole=2))
    assert found.charge == pytest.approx((4000.0, 3200.0), abs=1.0)


def test_what_runs_needs_no_start():
    running = frozenset({"c1"})
    assert solve(program(100.0, running)).cost == pytest.approx(solve(program(100.0)).cost - 100.0, abs=5.0)


def plan_of(names: tuple[str, ...], start: float = 0.0, **more: Any) -> StoragePlan:
    return StoragePlan(
        start=start,
        slots=(Slot(machines=1000.0, tank=0.0, stored=1000.0, load=1000.0, names=names),) * 96,
        **more,
    )


@pytest.mark.parametrize(("start", "changes"), [(5.0, True), (30.0, False)])
def test_the_plan_before_stays_where_another_saves_less_than_a_start(start: float, changes: bool):
    """Four hours of the small machine save 74; to it and back are two starts. The solver alone would take 14 for that."""
    big = frozenset({"c1"})
    one = program(start, big, loads=((650.0,) * 4 + (1200.0,) * 2) * 2)
    assert starts(solve(one), big) > 0
    found = steadily(one, Begin(start=0.0, stored=1000.0, running=big, before=plan_of(("c1",))))
    assert (starts(found, big) > 0) is changes


def test_a_machine_that_was_just_let_go_does_not_count_as_running():
    layout = read_layout(AREA)
    history = MemoryHistory(
        model=AREA, since=0.0, until=1800.0, samples={},
        readings={f"{one}.status": Reading(one in ("c2", "c3"), 0.0, 0.0) for one in ("c1", "c2", "c3")},
    )  # fmt: skip
    picture = present(history)
    assert running_now(picture, layout, None, 1800.0) == frozenset({"c1", "c3"})  # as many of each size
    assert running_now(picture, layout, plan_of(("c3",)), 1800.0) == frozenset({"c3"})


CHILLER = ("enable", "status", "chilled_water_setpoint", "power")
AREA = model(
    machine("c1", "chiller", CHILLER, capacity=2000.0),
    machine("c2", "chiller", CHILLER, capacity=2000.0),
    machine("c3", "chiller", CHILLER, capacity=700.0),
    machine("loop", "loop", ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp",
                             "differential_pressure", "requests", "wanted_machines")),
    machine("tank", "tank", ("charge", "discharge", "flow_command", "state_of_charge", "tank_flow",
                             "tank_top_temp", "tank_bottom_temp"), holds=20_000.0, rated_flow=150.0),
    tick=60.0,
)  # fmt: skip
TARIFF = ("0:00-8:00 0.33", "10:00-12:00 14:00-19:00 1.08", "otherwise 0.65")
MIDNIGHT = datetime(2026, 6, 9, 16, 0, tzinfo=UTC).timestamp()  # Wednesday 10 June in China


def at(hour: float) -> float:
    return MIDNIGHT + 3600.0 * hour


def slot(names: tuple[str, ...], machines: float, tank: float, stored: float = 14_000.0) -> Slot:
    return Slot(
        machines=machines, tank=tank, stored=stored, load=machines + tank, most=machines + 500.0, names=names
    )


class Day(Bench):
    """The policy under one plan, minute by minute."""

    def __init__(self, hour: float, slots: list[Slot], *, load: float = 3000.0, level: float = 70.0) -> None:
        super().__init__(Storage(name="tank_policy", tariff=TARIFF), AREA, {}, elapsed=1000.0)
        self.begin = at(hour) - 1000.0
        plan = StoragePlan(start=at(hour), slots=tuple(slots), warm=13.0, source="forecast")
        content = to_plain(plan)
        self.plan = Artefact(LEARNING.kind, LEARNING.version, 900.0, digest_of(content), content, at(hour))
        self.values = {
            "loop.chilled_water_flow": load / 4.19 / 6.0, "loop.chilled_water_supply_temp": 7.0,
            "loop.chilled_water_return_temp": 13.0, "loop.differential_pressure": 40.0, "loop.requests": 0.0,
            "tank.state_of_charge": level, "tank.tank_flow": 0.0, "tank.tank_top_temp": 13.0, "tank.tank_bottom_temp": 5.0,
        }  # fmt: skip
        self.on("c1 c3")

    def on(self, running: str) -> None:
        self.values |= {f"{one}.status": one in running.split() for one in ("c1", "c2", "c3")}

    def wanted(self, minutes: int) -> str | None:
        found: dict[str, Any] = {}
        for _ in range(minutes):
            utc = self.begin + self.elapsed + 60.0
            found = self.run(utc=utc, artefacts={"tank_policy": self.plan})
        names = found["loop.wanted_machines"]
        return None if names is None else str(names)


WITH, ALONE = slot(("c1", "c3"), 2500.0, 500.0), slot(("c1",), 2000.0, 1000.0)


def test_a_machine_that_is_wanted_again_within_the_hour_goes_on():
    day = Day(12.0, [WITH, WITH, WITH, ALONE, *[WITH] * 92])
    assert day.wanted(100) == "c3, c1"
    gone = Day(12.0, [WITH, WITH, WITH, *[ALONE] * 93])
    assert gone.wanted(100) == "c1"


def test_a_machine_that_came_runs_an_hour_and_one_that_has_not_come_is_let_go_at_once():
    day = Day(12.0, [WITH, *[ALONE] * 95])
    assert day.wanted(40) == "c3, c1"
    assert day.wanted(30) == "c1"
    absent = Day(12.0, [WITH, *[ALONE] * 95])
    absent.on("c1")
    assert absent.wanted(20) == "c1, c3"
    assert absent.wanted(20) == "c1"


def test_a_plan_names_machines_while_the_tank_rests_too():
    """Left to others the set would change twice: when the tank rests and when it moves again."""
    day = Day(12.0, [slot(("c1", "c3"), 2600.0, 0.0)] * 96, load=2600.0)
    assert day.wanted(45) == "c1, c3"


@pytest.mark.parametrize(("level", "names", "gives"), [(60.0, "c3", True), (10.5, "c1", False)])
def test_for_a_little_more_load_the_tank_gives_and_no_machine_starts(level: float, names: str, gives: bool):
    day = Day(21.0, [slot(("c3",), 600.0, 0.0)] * 96, load=1000.0, level=level)
    day.on("c3")
    assert day.wanted(5) == names
    assert day.wishes["tank.discharge"].value is gives


def test_to_charge_only_the_first_machine_is_called_early():
    rests = slot(("c3",), 400.0, 0.0)
    day = Day(23.0, [rests, rests, *[slot(("c1", "c2"), 3800.0, -3400.0)] * 94], load=400.0)
    day.on("c3")
    assert day.wanted(46) == "c3"
    assert day.wanted(4) == "c1, c2"


def test_a_charge_that_is_behind_its_plan_is_made_up_for_and_no_more_than_the_demand_allows():
    charging = [slot(("c1", "c2"), 2500.0, -2200.0, stored=14_000.0)] * 96
    day = Day(2.0, charging, load=300.0)
    day.on("c1 c2")
    assert day.wanted(3) == "c1, c2"
    assert "charging 2,200 kW" in day.reason("tank.charge")
    day.values["tank.state_of_charge"] = 65.0
    day.wanted(3)
    assert "charging 2,700 kW" in day.reason("tank.charge")  # `most` of the slot: 500 kW more


def test_water_as_warm_as_was_asked_for_is_no_more_load():
    """The optimiser asks for 10 degC: coils that get 10 degC want nothing more."""
    loads = {}
    for setpoint in (7.0, 11.0):
        day = Day(12.0, [ALONE] * 96)
        day.values["loop.chilled_water_supply_temp"] = 11.0
        day.values["loop.chilled_water_return_temp"] = 17.0
        for one in ("c1", "c2", "c3"):
            point = f"{one}.chilled_water_setpoint"
            day.decisions[point] = Decision(point=point, value=setpoint, winner=None)
        day.run(utc=at(12.1))
        loads[setpoint] = day.state.load
    assert loads[11.0] == pytest.approx(3000.0, rel=0.01)
    assert loads[7.0] == pytest.approx(3000.0 + 119.3 * 4.19 * 2.0, rel=0.01)  # 2 K above `supply_high`


def past(today: float) -> StoragePast:
    """A day of 1000 kW at night and 4000 kW from 8 to 20 h, and the begin of the next one, by `today` as much."""
    day = np.array([4000.0 if 8 <= number // 4 < 20 else 1000.0 for number in range(96)])
    load = np.concatenate([day, today * day[:44]])
    none = np.full(len(load), np.nan)
    return StoragePast(
        layout=read_layout(AREA), timezone="Asia/Shanghai", start=MIDNIGHT, load=load,
        flow=none, back=none, power=none, dry=none, wet=none,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("today", "low", "high"), [(1.0, 3990.0, 4010.0), (0.7, 2800.0, 3300.0), (3.0, 5000.0, 5600.0)]
)
def test_a_cool_day_is_seen_by_eleven_and_believed_till_evening(today: float, low: float, high: float):
    one = past(today)
    empty = MemoryHistory(model=AREA, since=MIDNIGHT, until=at(35.0), samples={}, readings={})
    ahead = load_ahead(empty, one, one.utc(one.number), 96, "daily")
    assert low < ahead.mean(at(38.0), 4 * QUARTER) < high


def test_a_strange_night_tells_little_of_the_day():
    one = past(1.0)
    odd = replace(one, load=np.concatenate([one.load[:96], 2.0 * one.load[:20]]))
    empty = MemoryHistory(model=AREA, since=MIDNIGHT, until=at(29.0), samples={}, readings={})
    ahead = load_ahead(empty, odd, odd.utc(odd.number), 96, "daily")
    assert ahead.mean(at(34.0), 4 * QUARTER) < 1.2 * 4000.0
    assert SLOT == 2.0 * QUARTER


def test_after_days_off_alone_a_working_day_is_not_foretold():
    sunday = replace(
        past(1.0), start=MIDNIGHT - 3.0 * 86_400.0
    )  # Sunday and half of Monday, with what was seen of it
    quiet = replace(sunday, load=sunday.load[:90])
    empty = MemoryHistory(model=AREA, since=0.0, until=at(-50.0), samples={}, readings={})
    with pytest.raises(NothingToLearnError, match="no working day"):
        load_ahead(empty, quiet, quiet.utc(quiet.number), 96, "weekly")
    assert load_ahead(empty, quiet, quiet.utc(quiet.number), 96, "daily").mean(at(-62.0), QUARTER) > 0.0
