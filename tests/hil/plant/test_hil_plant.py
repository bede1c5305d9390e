"""The plant obeys its sources and loses no heat."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.climates import load_climate
from hil.library import demo_design, load_chiller, load_tower_curve
from hil.plant.chiller import Chiller, ChillerCurves, ChillerInputs, Phase, operating_point
from hil.plant.demo import DemoPlant
from hil.plant.meter import EnergyRegister
from hil.plant.pump import PumpCurve, SystemCurve, settle
from hil.plant.tower import Tower
from hil.plant.weather import vapour_pressure, wet_bulb

JULY = datetime(2026, 7, 14, 16, tzinfo=UTC).timestamp()  # midnight in Shenzhen
MACHINES: dict[str, Any] = json.loads(files("hil").joinpath("data", "chillers.json").read_text())["machines"]


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_chiller_meets_its_reference_point(name: str) -> None:
    curves = ChillerCurves.from_mapping(name, MACHINES[name])
    supply, condenser = curves.reference_supply, curves.reference_condenser
    full = operating_point(curves, curves.capacity, supply, condenser)
    assert full.available == pytest.approx(curves.capacity, rel=0.04)
    at_full = operating_point(curves, full.available, supply, condenser)
    assert at_full.power == pytest.approx(full.available / curves.cop, rel=0.04)


@pytest.mark.parametrize(
    ("supply", "condenser", "part_load", "cop"),
    [(7.0, 30.0, 1.0, 5.86), (7.0, 26.0, 0.75, 6.75), (7.0, 23.0, 0.5, 6.96), (7.0, 19.0, 0.25, 5.6)],
)
def test_part_load_efficiency_of_the_york_yt(
    supply: float, condenser: float, part_load: float, cop: float
) -> None:
    # worked out from the published coefficients by another program
    curves = load_chiller()
    available = operating_point(curves, 1.0, supply, condenser).available
    point = operating_point(curves, part_load * available, supply, condenser)
    assert part_load * available / point.power == pytest.approx(cop, rel=0.01)


def test_below_minimum_load_the_machine_cycles() -> None:
    curves = load_chiller()
    tenth, twentieth = (operating_point(curves, share * 1055.0, 6.67, 25.0).power for share in (0.1, 0.05))
    assert twentieth == pytest.approx(tenth / 2.0, rel=0.05)


def test_outside_the_measured_range_the_edge_holds_and_is_flagged() -> None:
    curves = load_chiller()
    edge, beyond = (operating_point(curves, 500.0, 7.0, condenser) for condenser in (35.0, 40.0))
    assert beyond.power == edge.power
    assert (edge.extrapolated, beyond.extrapolated) == (False, True)


def inputs(**changes: Any) -> ChillerInputs:
    usual: dict[str, Any] = {
        "enable": True,
        "setpoint": 7.0,
        "chilled_entering": 12.0,
        "chilled_flow": 28.0,
        "condenser_entering": 28.0,
        "condenser_flow": 56.0,
    }
    return ChillerInputs(**(usual | changes))


def test_a_start_takes_its_time_and_its_load_is_ramped() -> None:
    machine = Chiller(load_chiller())
    phases = [machine.step(5.0, inputs()).phase for _ in range(20)]
    assert phases[0] is Phase.STARTING
    assert phases[-1] is Phase.RUNNING
    assert machine.starts == 1
    first = machine.step(5.0, inputs()).cooling
    for _ in range(60):
        last = machine.step(5.0, inputs())
    assert first < 0.5 * last.cooling
    assert last.chilled_leaving == pytest.approx(7.0, abs=0.01)


def test_without_flow_it_trips_and_only_a_new_start_command_clears_it() -> None:
    machine = Chiller(load_chiller(), running=True)
    for _ in range(3):
        out = machine.step(2.0, inputs(chilled_flow=0.0))
    assert (out.phase, out.cooling) == (Phase.TRIPPED, 0.0)
    assert machine.step(600.0, inputs()).phase is Phase.TRIPPED
    machine.step(1.0, inputs(enable=False))
    assert machine.step(1.0, inputs()).phase is Phase.STARTING


def test_tower_meets_its_design_point() -> None:
    # YorkCalc design: wet bulb 25.6 degC, range 5.6 K, water and air at design -> approach 3.9 K
    curve = load_tower_curve()
    assert curve.approach(25.6, 5.6, 1.0) == pytest.approx(3.9, abs=0.1)


@given(
    wet=st.floats(5.0, 28.0), rise=st.floats(2.0, 15.0), fan=st.floats(0.0, 1.0), share=st.floats(0.3, 1.0)
)
def test_a_tower_never_cools_below_the_wet_bulb_and_more_air_never_harms(
    wet: float, rise: float, fan: float, share: float
) -> None:
    tower = Tower(curve=load_tower_curve(), design_flow=100.0, fan_power=30.0)
    out = tower.step(wet + rise, 100.0 * share, wet, fan)
    assert wet < out.leaving <= wet + rise
    assert out.rejected == pytest.approx(100.0 * share * 4.187 * (wet + rise - out.leaving), abs=1e-6)
    more = tower.step(wet + rise, 100.0 * share, wet, min(fan + 0.2, 1.0))
    assert more.leaving <= out.leaving + 0.05


def test_tower_agrees_with_the_correlation_it_inverts() -> None:
    curve = load_tower_curve()
    tower = Tower(curve=curve, design_flow=100.0, fan_power=30.0)
    out = tower.step(33.0, 100.0, 25.0, 0.8)
    assert out.leaving - 25.0 == pytest.approx(curve.approach(25.0, 33.0 - out.leaving, 1.25), abs=1e-6)


def test_pumps_meet_the_system_curve_at_their_design_point() -> None:
    pump = PumpCurve(design_flow=28.4, design_head=30.0)
    system = SystemCurve.through(2 * 28.4, 30.0)
    both = settle((pump, pump), (1.0, 1.0), system)
    assert both.flow == pytest.approx(56.8, rel=1e-3)
    assert both.head == pytest.approx(30.0, rel=1e-3)
    assert sum(both.powers) == pytest.approx(56.8 * 9.81 * 30 / 1e3 / 0.8 / 0.93 / 0.97, rel=0.01)
    one = settle((pump, pump), (1.0, 0.0), system)
    assert 28.4 < one.flow < 56.8, "one pump alone runs out on its curve"
    assert one.flows[1] == 0.0


def test_without_static_head_speed_counts_to_the_third_power_and_with_it_less() -> None:
    pump = PumpCurve(design_flow=50.0, design_head=20.0)
    free, lifted = SystemCurve.through(50.0, 20.0), SystemCurve.through(50.0, 20.0, static=6.0)
    full = settle((pump,), (1.0,), free)
    slow = settle((pump,), (0.7,), free)
    assert slow.flow / full.flow == pytest.approx(0.7, rel=1e-6)
    assert slow.powers[0] / full.powers[0] == pytest.approx(0.7**3, rel=0.02)
    assert settle((pump,), (0.7,), lifted).flow < slow.flow
    assert settle((pump,), (0.4,), lifted).flow == 0.0, "too slow to lift the water at all"


def test_wet_bulb_of_a_psychrometric_table() -> None:
    # 30 degC, 60 %: 23.8 degC at sea level by the psychrometric equation of WMO No. 8
    assert wet_bulb(30.0, 60.0) == pytest.approx(23.8, abs=0.3)
    assert vapour_pressure(25.0) == pytest.approx(31.69, abs=0.1)


def test_weather_is_that_of_shenzhen_and_repeats() -> None:
    climate = load_climate()
    hours = [JULY + 3600.0 * hour for hour in range(24 * 14)]
    july = [climate.at(hour, seed=3) for hour in hours]
    assert 27.0 < sum(one.dry_bulb for one in july) / len(july) < 30.5
    assert all(one.dew_point < one.dry_bulb and 10.0 < one.humidity <= 100.0 for one in july)
    assert all(one.dew_point - 0.6 < one.wet_bulb <= one.dry_bulb + 0.1 for one in july)
    assert max(one.irradiance for one in july) > 400.0
    assert min(one.irradiance for one in july) == 0.0
    assert [climate.at(hour, seed=3) for hour in hours] == july
    assert climate.at(hours[5], seed=4) != july[5]


def test_a_meter_rolls_over_and_never_counts_back() -> None:
    register = EnergyRegister(999.5, digits=3)
    register.count(3600.0, 1.0)
    register.count(3600.0, -5.0)
    assert register.value == pytest.approx(0.5)
    assert register.total == pytest.approx(1000.5)


COMMANDS = st.dictionaries(
    st.sampled_from(
        [
            *(
                f"{machine}_{unit}.enable"
                for machine in ("chiller", "chilled_pump", "condenser_pump")
                for unit in "12"
            ),
            "tower_1.enable",
        ]
    ),
    st.booleans(),
)


@settings(
    max_examples=12, phases=(Stage.explicit, Stage.reuse, Stage.generate)
)  # shrinking would take minutes
@given(
    hours=st.lists(st.tuples(COMMANDS, st.floats(40.0, 100.0), st.floats(5.0, 12.0)), min_size=1, max_size=4),
    month=st.integers(1, 12),
    dt=st.sampled_from([1.0, 7.0, 60.0]),
)
def test_heat_is_never_lost_whatever_is_switched(
    hours: list[tuple[dict[str, bool], float, float]], month: int, dt: float
) -> None:
    plant = DemoPlant(demo_design(), datetime(2026, month, 3, 5, tzinfo=UTC).timestamp(), seed=2)
    before = plant.stored
    for switches, speed, setpoint in hours:
        command = switches | {
            "chilled_pump_1.speed_command": speed,
            "tower_1.speed_command": speed,
            "chiller_1.chilled_water_setpoint": setpoint,
        }
        for _ in range(int(900 / dt)):
            plant.step(dt, command)
    balance = plant.balance
    moved = balance.into_building + balance.machines - balance.rejected
    assert plant.stored - before == pytest.approx(moved, abs=0.01 + 1e-6 * balance.coil)
