"""Meters count in pulses, roll over, are exchanged, and stand still below their starting flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.plant.meter import ElectricityMeter, EnergyRegister, GasMeter, HeatMeter, MeterDesign, WaterMeter


@given(powers=st.lists(st.floats(0.0, 900.0), max_size=100), pulse=st.sampled_from([0.0, 0.01, 0.1, 1.0]))
def test_a_display_never_shows_more_than_passed(powers: list[float], pulse: float) -> None:
    register = EnergyRegister(99_990.0, digits=5, pulse=pulse)
    for power in powers:
        register.count(60.0, power)
    passed = sum(powers) / 60.0
    assert register.total == pytest.approx(99_990.0 + passed)
    shown = (register.value - 99_990.0) % 1e5
    assert (
        min(passed % 1e5, 1e5 - passed % 1e5) < 1e-3
        or passed % 1e5 - pulse - 1e-4 <= shown <= passed % 1e5 + 1e-4
    )


def test_roll_over_and_exchange() -> None:
    register = EnergyRegister(999.5, digits=3, pulse=0.1)
    register.count(3600.0, 1.0)
    assert register.value == pytest.approx(0.5)
    register.replace(12.0)
    register.count(3600.0, 3.0)
    assert register.value == pytest.approx(15.0)
    assert register.total == pytest.approx(1003.5), "the truth knows nothing of meters"
    assert EnergyRegister(pulse=0.5).pulses == 0


def test_pulses_are_whole() -> None:
    register = EnergyRegister(pulse=0.1)
    register.count(3600.0, 0.35)
    assert (register.value, register.pulses) == (pytest.approx(0.3), 3)


def test_electricity_both_ways() -> None:
    meter = ElectricityMeter(MeterDesign(name="grid", starting=0.02))
    meter.step(3600.0, 5.0)
    meter.step(3600.0, -3.0)
    meter.step(3600.0, 0.01)
    outputs = meter.outputs()
    assert (outputs["grid.energy"], outputs["grid.energy_fed_in"]) == (pytest.approx(5.0), pytest.approx(3.0))


def test_water_stands_still_below_its_starting_flow() -> None:
    meter = WaterMeter(MeterDesign(name="w", pulse=0.001, starting=0.005))
    meter.step(3600.0, 1.0)
    meter.step(3600.0, 0.004)
    assert meter.outputs()["w.volume"] == pytest.approx(3.6)


def test_gas_is_heat_over_its_heating_value() -> None:
    meter = GasMeter(MeterDesign(name="g"))
    meter.step(3600.0, 997.0)
    assert meter.outputs()["g.volume"] == pytest.approx(100.0)


def test_heat_and_cold_in_their_own_registers() -> None:
    meter = HeatMeter(MeterDesign(name="h", starting=0.1))
    meter.step(3600.0, 10.0, 7.0, 12.0)  # 10 l/s * 4.187 * 5 K
    meter.step(3600.0, 10.0, 45.0, 40.0)
    meter.step(3600.0, 10.0, 42.0, 40.0)  # less than 3 K is not counted
    meter.step(3600.0, 0.05, 60.0, 40.0)
    outputs = meter.outputs()
    assert outputs["h.cooling_energy"] == pytest.approx(209.35, abs=0.02)
    assert outputs["h.heating_energy"] == pytest.approx(209.35, abs=0.02)
    assert outputs["h.volume"] == pytest.approx(108.0, abs=0.02)
