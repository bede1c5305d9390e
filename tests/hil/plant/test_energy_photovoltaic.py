"""The array against the figures of its sources and an ordinary year."""

import math
from datetime import UTC, datetime

import pytest

from hil.climates import load_climate
from hil.plant.load import Outdoors
from hil.plant.photovoltaic import ArrayDesign, Photovoltaic, inverter_output, module_temperature
from hil.plant.weather import Weather
from hil.plant.weather_sun import Plane, Sun

DESIGN = ArrayDesign(name="pv_1", peak=110.0, plane=Plane(0.0, 180.0))
NOON = Weather(
    25.0, 15.0, 50.0, 1000.0, 20.0, beam=800.0, diffuse=200.0, sun=Sun(90.0, 180.0, 1.0, 1361.0), wind=2.0
)


def test_inverter_curve_of_the_manual() -> None:
    # PVWatts 5 manual, figure 5: 96 % at rated load, 96.4 % near 60 %, 92 % at a tenth, nothing much at a hundredth
    design = ArrayDesign(name="x", peak=110.0, plane=Plane(0.0), inverter=96.0)
    assert inverter_output(design, 100.0) == pytest.approx(96.0, rel=1e-3)
    assert inverter_output(design, 60.0) / 60.0 == pytest.approx(0.9625, abs=0.004)
    assert inverter_output(design, 10.0) / 10.0 == pytest.approx(0.922, abs=0.003)
    assert inverter_output(design, 1.0) / 1.0 < 0.45
    assert inverter_output(design, 130.0) == 96.0, "it clips"
    assert inverter_output(design, 0.0) == 0.0


def test_module_temperature_of_the_sandia_report() -> None:
    # SAND2004-3535 eq. 11-12: 800 W/m2, 20 degC, 1 m/s: 20 + 800 * exp(-3.56 - 0.075) + 0.8 * 3 = 43.5 degC
    assert module_temperature(20.0, 1.0, 800.0) == pytest.approx(20.0 + 800.0 * math.exp(-3.635) + 2.4)
    assert module_temperature(20.0, 1.0, 800.0) == pytest.approx(43.5, abs=0.1)


def test_a_hot_noon_by_hand() -> None:
    array = Photovoltaic(DESIGN)
    power = array.step(60.0, {}, Outdoors(0.0, NOON))
    hot = module_temperature(25.0, 2.0, 1000.0)
    direct = 110.0 * (1.0 - 0.0037 * (hot - 25.0)) * (1.0 - 0.1408)
    assert array.temperature == pytest.approx(hot)
    assert power == pytest.approx(inverter_output(DESIGN, direct), rel=1e-9)
    assert 76.0 < power < 84.0


def test_a_limit_curtails_and_the_night_gives_nothing() -> None:
    array = Photovoltaic(DESIGN)
    assert array.step(3600.0, {"pv_1.power_limit": 30.0}, Outdoors(0.0, NOON)) == 30.0
    assert array.available > 70.0
    assert array.outputs()["pv_1.energy"] == pytest.approx(30.0)
    assert array.step(60.0, {}, Outdoors(0.0, Weather(25.0, 15.0, 50.0, 0.0, 20.0))) == 0.0


def test_a_year_in_shenzhen_is_ordinary() -> None:
    # flat roofs there give 950-1,150 kWh per kW and year (PVGIS, national atlas: 1,400-1,500 kWh/m2, ratio 0.75)
    climate = load_climate("shenzhen")
    array = Photovoltaic(DESIGN)
    start = datetime(2025, 12, 31, 16, tzinfo=UTC).timestamp()
    for number in range(365 * 24 * 2):
        array.step(1800.0, {}, Outdoors(0.0, climate.at(start + 1800.0 * number + 900.0)))
    assert 950.0 < array.energy.total / DESIGN.peak < 1250.0
