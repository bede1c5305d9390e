"""The battery loses what it says and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.plant.battery import Battery, BatteryDesign
from hil.plant.variables import Storing

DESIGN = BatteryDesign(name="battery", capacity=1000.0, power=500.0)  # 500 kW for 2 h
COMMAND = "battery.power_command"


@settings(max_examples=60, deadline=None)
@given(
    commands=st.lists(st.floats(-700.0, 700.0), min_size=1, max_size=60),
    step=st.sampled_from([1.0, 60.0, 900.0]),
    charge=st.floats(10.0, 95.0),
)
def test_energy_balance(commands: list[float], step: float, charge: float) -> None:
    battery = Battery(DESIGN, charge)
    before = battery.content
    net = sum(battery.step(step, {COMMAND: command}) for command in commands) * step / 3600.0
    assert battery.content - before == pytest.approx(net - battery.lost, abs=1e-6)
    assert 99.9 <= battery.content <= 950.1
    assert battery.lost >= 0.0


def test_round_trip_efficiency_is_that_of_the_nameplate() -> None:
    battery = Battery(DESIGN, 10.0)
    drawn = given_back = 0.0
    for _ in range(400):
        drawn += max(battery.step(60.0, {COMMAND: 300.0}), 0.0) / 60.0
    while battery.state_of_charge > 10.05:
        given_back -= battery.step(60.0, {COMMAND: -300.0}) / 60.0
    assert battery.state_of_charge == pytest.approx(10.0, abs=0.1)
    # 0.86 less 1 kW of electronics over about ten hours and a little self-discharge
    assert given_back / drawn == pytest.approx(0.86, abs=0.025)


def test_full_and_empty_are_reached_within_a_step_and_never_passed() -> None:
    battery = Battery(DESIGN, 94.9)
    battery.step(3600.0, {COMMAND: 500.0})
    assert battery.state_of_charge == pytest.approx(95.0, abs=0.05)
    assert battery.power == pytest.approx(1.0, abs=1.5), "only what was missing, and its electronics"
    empty = Battery(DESIGN, 10.0)
    assert empty.step(60.0, {COMMAND: -500.0}) == pytest.approx(1.0, abs=0.01)


def test_charging_slows_towards_the_end() -> None:
    battery = Battery(DESIGN, 93.0)
    assert battery.step(60.0, {COMMAND: 500.0}) < 150.0
    assert Battery(DESIGN, 60.0).step(60.0, {COMMAND: 500.0}) == pytest.approx(501.0)


def test_a_minute_and_a_second_agree() -> None:
    fine, coarse = Battery(DESIGN, 50.0), Battery(DESIGN, 50.0)
    for _ in range(100):
        coarse.step(60.0, {COMMAND: 400.0})
        for _ in range(60):
            fine.step(1.0, {COMMAND: 400.0})
    assert coarse.content == pytest.approx(fine.content, rel=0.005)
    assert coarse.charged.total == pytest.approx(fine.charged.total, rel=0.01)


def test_it_wears_as_its_makers_say() -> None:
    battery = Battery(
        BatteryDesign(name="b", capacity=100.0, power=100.0, calendar_life=1e9, self_discharge=0.0)
    )
    for _ in range(600):
        while battery.state_of_charge > 11.0:
            battery.step(900.0, {"b.power_command": -100.0})
        while battery.state_of_charge < 94.0:
            battery.step(900.0, {"b.power_command": 100.0})
    cycles = battery.throughput / 100.0
    assert battery.health == pytest.approx(1.0 - 0.2 * cycles / 6000.0)
    assert 450.0 < cycles < 520.0


def test_at_rest_it_ages_and_takes_its_electronics() -> None:
    battery = Battery(DESIGN, 50.0)
    for _ in range(365):
        assert battery.step(86400.0, {}) == pytest.approx(1.0)
    assert battery.health == pytest.approx(1.0 - 0.2 / 15.0, abs=1e-4)
    assert battery.content < 500.0 * 0.85
    assert isinstance(battery, Storing)
    assert battery.outputs()["battery.power"] == 1.0


def test_a_charge_outside_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        Battery(DESIGN, 99.0)
