"""The plant obeys its sources and loses no heat."""

from datetime import UTC, datetime

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.climates import load_climate
from hil.demo_plant import demo_plant
from hil.plant.building_load import Building
from hil.plant.central_plant import CentralPlant
from hil.plant.meter import EnergyRegister
from hil.plant.premises import Premises
from hil.plant.weather import vapour_pressure, wet_bulb

JULY = datetime(2026, 7, 14, 16, tzinfo=UTC).timestamp()  # midnight in Shenzhen


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
    start = datetime(2026, month, 3, 5, tzinfo=UTC).timestamp()
    plant, *_ = demo_plant(start, seed=2).parts  # its garage and its street have no heat to lose
    site = Premises((plant,), load_climate("shenzhen"), start, seed=2)
    assert isinstance(plant, CentralPlant)
    assert isinstance(plant.load, Building)
    zones = plant.load.zones
    water, rooms = plant.heat_in_water, sum(zone.stored for zone in zones)
    for switches, speed, setpoint in hours:
        command = switches | {
            "chilled_pump_1.speed_command": speed,
            "tower_1.speed_command": speed,
            "chiller_1.chilled_water_setpoint": setpoint,
        }
        for _ in range(int(900 / dt)):
            site.step(dt, command)
    balance, slack = plant.balance, 0.01 + 1e-6 * plant.balance.coil
    assert plant.heat_in_water - water == pytest.approx(balance.gained, abs=slack)
    entered = sum(
        zone.balance.gains + zone.balance.outdoor + zone.balance.heating - zone.balance.coil for zone in zones
    )
    assert sum(zone.stored for zone in zones) - rooms == pytest.approx(entered, abs=slack)
    assert balance.coil == pytest.approx(sum(zone.balance.coil for zone in zones), abs=slack)
