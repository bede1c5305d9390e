"""The whole plant: no heat lost, the same at any step, and running as an old plant runs when nobody commands it."""

from typing import Any

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.role import ROLES
from hil.plant.central_design import CentralDesign
from hil.plant.central_panel import COMMANDS as QUANTITIES
from hil.plant.central_plant import CentralPlant
from hil.plant.variables import Failing, Inputs, Storing, Variable, describe
from tests.hil.plant.central_cases import (
    MCQUAY,
    TRANE,
    YORK,
    design,
    economiser,
    headered,
    mean,
    outdoors,
    plant,
    run,
    storage,
)

THREE = (YORK, TRANE, MCQUAY)


def shape(name: str) -> CentralDesign:
    plain = design(THREE, cells=3)
    if name == "dedicated":
        return design()
    if name == "headered":
        return design(THREE, chilled=headered(plain.chilled), condenser=headered(plain.condenser), cells=3)
    if name == "everything":
        return design(
            THREE,
            chilled=headered(plain.chilled),
            storage=storage(charged=0.5),
            economiser=economiser(plain.branch_flow),
            cells=3,
        )
    return design(
        THREE, chilled=headered(plain.chilled), secondary=headered(plain.chilled), storage=storage(), cells=3
    )


SHAPES = ("dedicated", "headered", "everything", "secondary")
SWITCHES = (
    "chiller_1.enable", "chiller_2.enable", "chilled_pump_1.enable", "chilled_pump_2.enable", "condenser_pump_1.enable",
    "condenser_pump_2.enable", "tower_1.enable", "tower_2.enable", "tank.charge", "tank.discharge", "economiser.enable",
    "secondary_pump_1.enable",
)  # fmt: skip
LEVELS = (
    "chilled_pump_1.speed_command", "condenser_pump_1.speed_command", "tower_1.speed_command", "bypass.valve_command",
    "chiller_1.chilled_valve_command", "chiller_2.condenser_valve_command", "tower_2.valve_command",
    "tank.flow_command", "chiller_1.demand_limit",
)  # fmt: skip
COMMANDS = st.fixed_dictionaries(
    {}, optional={name: st.booleans() for name in SWITCHES} | {name: st.floats(0.0, 100.0) for name in LEVELS}
)
FAULTS = st.sampled_from(
    ["", "power_dip", "chiller_1.trip", "chilled_pump_1.fail", "tower_1.fouled", "bypass.stuck"]
)


@settings(
    max_examples=25, phases=(Stage.explicit, Stage.reuse, Stage.generate)
)  # shrinking would take minutes
@given(
    name=st.sampled_from(SHAPES),
    course=st.lists(st.tuples(COMMANDS, st.floats(5.0, 14.0), FAULTS), min_size=1, max_size=4),
    wet=st.floats(3.0, 28.0),
    dt=st.sampled_from([1.0, 7.0, 60.0, 300.0]),
)
def test_neither_heat_nor_water_is_lost_whatever_is_commanded(
    name: str, course: list[tuple[dict[str, Variable], float, str]], wet: float, dt: float
) -> None:
    one = plant(shape(name))
    before = one.heat_in_water
    for commands, setpoint, fault in course:
        if fault:
            one.fail(fault, 0.5)
        inputs: Inputs = commands | {"chiller_1.chilled_water_setpoint": setpoint}
        for turn in range(max(round(600.0 / dt), 3)):
            one.step(dt, inputs, outdoors(turn * dt, wet))
            flows = one.chilled.flows
            into = flows.plant + flows.discharge
            assert into == pytest.approx(flows.load + flows.bypass + flows.charge, abs=1e-3)
        if fault:
            one.mend(fault)
    assert one.heat_in_water - before == pytest.approx(one.balance.gained, abs=0.01 + 1e-6 * one.balance.coil)


@pytest.mark.parametrize("name", SHAPES)
def test_a_minute_s_step_gives_the_same_energies_as_a_few_seconds(name: str) -> None:
    inputs: Inputs = {"tank.charge": True, "tank.flow_command": 40.0, "chiller_2.enable": False}
    results = []
    for dt in (5.0, 60.0):
        one = plant(shape(name))
        run(one, 6.0, inputs, dt=dt, start=8 * 3600.0)
        chillers = sum(register.total for register in one.energies)
        results.append((one.balance.delivered, one.balance.electricity, chillers, one.balance.rejected))
    assert results[1] == pytest.approx(results[0], rel=0.01)


def test_nobody_commands_and_everything_runs_at_seven_degrees() -> None:
    one = plant()
    rows = run(one, 24.0)
    settled = rows[30:]
    assert all(row["chiller_1.status"] and row["chiller_2.status"] for row in settled)
    assert mean(settled, "loop.chilled_water_supply_temp") == pytest.approx(7.0, abs=0.1)
    assert all(row["chilled_pump_1.speed"] == 100.0 for row in settled)
    assert not any(row["chiller_1.alarm"] for row in rows)
    assert one.balance.delivered == pytest.approx(24 * 1150.0, rel=0.02)
    assert 2.6 < one.balance.delivered / one.balance.electricity < 4.5, "an ordinary old plant"


def test_what_policies_can_gain_is_there() -> None:
    base, lean = plant(), plant()
    night = {"chiller_2.enable": False, "chilled_pump_2.enable": False, "condenser_pump_2.enable": False}
    run(base, 6.0)
    rows = run(lean, 6.0, {**night, "chilled_pump_1.speed_command": 75.0})
    assert lean.balance.electricity < 0.75 * base.balance.electricity
    assert lean.balance.delivered == pytest.approx(base.balance.delivered, rel=0.02)
    assert mean(rows[60:], "chiller_2.chilled_water_flow") == 0.0, "its valve has shut"


def test_the_bypass_holds_the_minimum_flow_of_the_machines_that_run() -> None:
    one = plant(low=100.0, high=150.0)
    rows = run(one, 2.0)
    assert mean(rows[5:], "bypass.valve") > 5.0
    assert all(float(row["chiller_1.chilled_water_flow"]) > 0.45 * 50.0 for row in rows[5:])
    shut = plant(low=100.0, high=150.0)
    assert run(shut, 2.0, {"bypass.valve_command": 0.0})[-1]["chiller_1.alarm_code"] == 1.0, (
        "no flow: tripped"
    )


def test_unequal_machines_on_one_header_share_by_flow() -> None:
    row = run(plant(shape("headered"), low=3000.0, high=3200.0), 1.0)[-1]
    flows = [float(row[f"chiller_{n}.chilled_water_flow"]) for n in (1, 2, 3)]
    assert flows[2] / flows[0] == pytest.approx(1895.0 / 1055.0, rel=0.02)
    assert float(row["chiller_3.cooling"]) > float(row["chiller_2.cooling"]) > float(row["chiller_1.cooling"])


def test_remote_pressure_falls_with_speed_and_valves_open() -> None:
    fast = run(plant(), 1.0)[-1]
    slow = run(plant(), 1.0, {f"chilled_pump_{n}.speed_command": 60.0 for n in (1, 2)})[-1]
    assert float(slow["loop.differential_pressure"]) < 0.5 * float(fast["loop.differential_pressure"])
    assert float(slow["ahu_1.valve"]) > float(fast["ahu_1.valve"])
    assert float(slow["chilled_pump_1.power"]) < 0.4 * float(fast["chilled_pump_1.power"])


def test_starved_coils_ask_for_more() -> None:
    speeds = {f"chilled_pump_{n}.speed_command": 30.0 for n in (1, 2)}
    row = run(plant(low=1600.0, high=1700.0), 1.0, speeds)[-1]
    assert (row["loop.requests"], row["loop.plant_requests"]) == (3.0, 3.0)


def test_primary_and_secondary_go_their_own_ways_through_the_decoupler() -> None:
    one = plant(shape("secondary"), low=500.0, high=700.0)
    row = run(one, 1.0)[-1]
    assert one.chilled.flows.bypass > 10.0
    assert float(row["loop.chilled_water_supply_temp"]) == pytest.approx(7.0, abs=0.2)
    short = {f"chilled_pump_{n}.enable": False for n in (2, 3)} | {
        f"chiller_{n}.enable": False for n in (2, 3)
    }
    starved = plant(shape("secondary"), low=2900.0, high=3200.0)
    row = run(starved, 1.0, short, start=6 * 3600.0)[-1]
    assert starved.chilled.flows.bypass < -10.0
    assert float(row["loop.chilled_water_supply_temp"]) > 9.0, "return water mixes into the supply"


def test_free_cooling_carries_a_winter_load_without_a_chiller() -> None:
    one = plant(shape("everything"), low=700.0, high=900.0)
    off: dict[str, Variable] = {f"chiller_{n}.enable": False for n in (1, 2, 3)}
    off |= {f"condenser_pump_{n}.enable": False for n in (1, 2, 3)}
    fans: dict[str, Variable] = {f"tower_{n}.enable": True for n in (1, 2, 3)}
    fans |= {f"tower_{n}.speed_command": 60.0 for n in (1, 2, 3)}
    fans |= {f"chilled_pump_{n}.speed_command": 60.0 for n in (1, 2, 3)}
    rows = run(one, 4.0, {**off, **fans, "economiser.enable": True}, wet=0.0)
    assert mean(rows[-60:], "economiser.cooling") == pytest.approx(mean(rows[-60:], "loop.cooling"), rel=0.08)
    assert 6.9 < mean(rows[-60:], "loop.chilled_water_supply_temp") < 9.0
    assert mean(rows[-60:], "chiller_1.power") < 1.0
    assert mean(rows[-60:], "loop.cooling") / mean(rows[-60:], "loop.power") > 5.0


def test_a_tank_is_filled_by_the_machines_and_carries_the_load_alone() -> None:
    of = design(storage=storage(volume=800.0), chilled=headered(design().chilled))
    one = plant(of, low=300.0, high=500.0)
    cold = {"chiller_1.chilled_water_setpoint": 6.0, "chiller_2.chilled_water_setpoint": 6.0}
    rows = run(one, 8.0, {**cold, "tank.charge": True})
    assert float(rows[-1]["tank.state_of_charge"]) > 80.0
    assert one.stored()["tank"] == pytest.approx(float(rows[-1]["tank.stored"]))
    off: dict[str, Variable] = {f"chiller_{n}.enable": False for n in (1, 2)}
    off |= {f"{pump}_{n}.enable": False for pump in ("chilled_pump", "condenser_pump") for n in (1, 2)}
    rows = run(one, 3.0, {**off, "tank.discharge": True})
    assert mean(rows[10:], "loop.chilled_water_supply_temp") < 7.5
    assert mean(rows, "loop.cooling") > 250.0
    assert mean(rows[10:], "loop.power") < 50.0, "its pump and the idle fans"
    assert float(rows[-1]["tank.state_of_charge"]) < float(rows[0]["tank.state_of_charge"]) - 10.0


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_a_plant_whose_quantities_are_the_roles_of_the_same_name(name: str) -> None:
    one = plant(shape(name))
    assert isinstance(one, Storing)
    assert isinstance(one, Failing)
    variables = describe(one.outputs(), QUANTITIES)
    assert set(run(one, 0.1)[-1]) == set(variables)
    for variable, info in variables.items():
        role = ROLES.get(variable.rpartition(".")[2])
        assert role is None or role.unit == info.unit, variable
    assert variables["chiller_2.demand_limit"].input
    assert not variables["chiller_2.power"].input


def test_a_plant_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="one for each chiller"):
        design((YORK, YORK), chilled=design((YORK,)).chilled)
    with pytest.raises(ValueError, match="head"):
        design(branch_drop=400.0)


def test_constant_speed_pumps_take_no_speed() -> None:
    one = plant(design(chilled=headered(design().chilled, variable=False)))
    rows = run(one, 0.2, {"chilled_pump_1.speed_command": 40.0})
    assert rows[-1]["chilled_pump_1.speed"] == 100.0


def fault_case(
    name: str, amount: float, hours: float = 1.0, **commands: Any
) -> tuple[CentralPlant, Any, Any]:
    """The plant, a row before and a row after the fault."""
    one = plant(low=1200.0, high=1500.0)
    before = run(one, 1.0, commands)[-1]
    one.fail(name, amount)
    return one, before, run(one, hours, commands, start=3600.0)[-1]


def test_a_tripped_chiller_alarms_and_comes_back_when_it_is_mended() -> None:
    one, _, after = fault_case("chiller_1.trip", 1.0)
    assert (after["chiller_1.alarm"], after["chiller_1.status"], after["chiller_1.available"]) == (
        True,
        False,
        False,
    )
    one.mend("chiller_1.trip")
    assert run(one, 30.0 / 3600.0, dt=30.0)[-1]["chiller_1.status"] is False, (
        "repaired and reset, it takes its time to start"
    )
    assert run(one, 0.5)[-1]["chiller_1.status"] is True


def test_a_failed_pump_takes_its_machine_with_it() -> None:
    _, _, after = fault_case("chilled_pump_1.fail", 1.0)
    assert (after["chilled_pump_1.alarm"], after["chiller_1.alarm_code"]) == (True, 1.0)


@pytest.mark.parametrize(
    ("name", "amount", "felt"),
    [
        ("chiller_1.fouling", 1.0, "chiller_1.power"),
        ("tower_1.fouled", 0.6, "loop.condenser_entering_temp"),
        ("tower_1.fan_fail", 1.0, "loop.condenser_entering_temp"),
        ("load_surge", 0.6, "loop.power"),
    ],
)
def test_what_is_dirty_or_too_much_is_felt(name: str, amount: float, felt: str) -> None:
    commands = {f"tower_{n}.speed_command": 80.0 for n in (1, 2)} | {
        f"tower_{n}.enable": True for n in (1, 2)
    }
    one, _, after = fault_case(name, amount, **commands)
    twin = plant(low=1200.0, high=1500.0)
    run(twin, 1.0, commands)
    clean = run(twin, 1.0, commands, start=3600.0)[-1]
    assert float(after[felt]) > 1.01 * float(clean[felt])
    assert name in one.failures()


def test_a_dip_stops_everything_and_it_starts_again() -> None:
    one, before, dipped = fault_case("power_dip", 1.0, hours=0.05)
    assert float(before["loop.power"]) > 200.0
    assert float(dipped["loop.power"]) == 0.0
    one.mend("power_dip")
    rows = run(one, 0.5, start=4000.0)
    assert rows[-1]["chiller_1.status"] is True
    assert rows[-1]["chiller_1.starts"] == 1.0


def test_a_stuck_valve_stays() -> None:
    one = plant()
    run(one, 0.5)
    one.fail("chiller_2.chilled_valve_stuck", 1.0)
    row = run(one, 0.5, {"chiller_2.enable": False})[-1]
    assert (row["chiller_2.chilled_valve"], row["chiller_2.chilled_valve_command"]) == (100.0, 0.0)
    with pytest.raises(KeyError):
        one.fail("chiller_9.trip", 1.0)
