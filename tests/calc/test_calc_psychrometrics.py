"""Moist air against the psychrometric chart, and against the physics of the simulated plant."""

import pytest

from agent.calc.psychrometrics import (
    dew_point,
    enthalpy,
    humidity_ratio,
    relative_humidity,
    saturation,
    wet_bulb,
)
from hil.plant import weather_air


@pytest.mark.parametrize(
    ("dry", "humidity", "wet", "dew", "ratio", "energy"),
    [
        (25.0, 50.0, 17.9, 13.9, 0.00988, 50.3),
        (30.0, 40.0, 20.1, 14.9, 0.01056, 57.1),
        (35.0, 60.0, 28.2, 26.0, 0.02142, 90.2),
        (10.0, 80.0, 8.2, 6.7, 0.00608, 25.4),
    ],
)
def test_points_of_the_chart(
    dry: float, humidity: float, wet: float, dew: float, ratio: float, energy: float
) -> None:
    # ASHRAE psychrometric chart no. 1, sea level, read to 0.1 K and 1 %
    assert wet_bulb(dry, humidity) == pytest.approx(wet, abs=0.15)
    assert dew_point(dry, humidity) == pytest.approx(dew, abs=0.1)
    assert humidity_ratio(dry, humidity) == pytest.approx(ratio, rel=0.01)
    assert enthalpy(dry, humidity_ratio(dry, humidity)) == pytest.approx(energy, rel=0.01)
    assert relative_humidity(dry, humidity_ratio(dry, humidity)) == pytest.approx(humidity)


def test_saturation_of_the_steam_table() -> None:
    # IAPWS: 6.117 hPa at 0.01 degC, 23.39 at 20, 73.84 at 40
    assert [saturation(one) for one in (0.01, 20.0, 40.0)] == pytest.approx([6.117, 23.39, 73.84], rel=0.003)


def test_the_simulated_plant_has_the_same_air() -> None:
    # the plant's weather may import nothing of the agent: two implementations, one physics
    for dry in range(-10, 46, 5):
        for humidity in (10.0, 35.0, 60.0, 85.0, 99.0):
            assert wet_bulb(dry, humidity) == pytest.approx(weather_air.wet_bulb(dry, humidity), abs=0.02)


def test_dry_air_has_no_dew_point() -> None:
    with pytest.raises(ValueError, match="no dew point"):
        dew_point(20.0, 0.0)
