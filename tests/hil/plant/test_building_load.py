"""A building behind a plant's pipes: rooms held by their own thermostats, the same at any step, and commandable."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from agent.calc.calendar import CALENDARS
from hil.climates import load_climate
from hil.plant.building_load import Building, BuildingDesign
from hil.plant.coil import CoilDesign
from hil.plant.load import LoadSide, Outdoors
from hil.plant.variables import Inputs, Outputs, Storing
from hil.plant.weather_sun import Plane
from hil.plant.zone import Window, ZoneDesign

OFFSET = timedelta(hours=8)
MONDAY = datetime(2026, 7, 12, 16, tzinfo=UTC).timestamp()  # midnight in Shenzhen
OFFICE = ZoneDesign(
    name="zone_1",
    floor=1000.0,
    coil=CoilDesign(capacity=170.0, air=10.5, water=8.1),
    windows=(Window(area=150.0, plane=Plane(90.0, 180.0)), Window(area=80.0, plane=Plane(90.0, 270.0))),
    glass=0.55,
    wall=0.3,
)
DESIGN = BuildingDesign(
    zones=(OFFICE, dataclasses.replace(OFFICE, name="zone_2", hours=(8.0, 18.0))), utc_offset=OFFSET
)


def run(
    hours: float,
    step: float = 60.0,
    inputs: Inputs | None = None,
    supply: float = 7.0,
    building: Building | None = None,
    start: float = MONDAY,
) -> tuple[Building, list[Outputs], float]:
    """An endless supply of cold water at full pressure; rows each minute and the kWh the water took."""
    house = building or Building(DESIGN)
    climate = load_climate("shenzhen")
    rows, heat = [], 0.0
    for number in range(round(hours * 3600.0 / step)):
        utc = start + step * (number + 1)
        opening = house.openings(step, inputs or {}, Outdoors(utc, climate.at(utc)), [8.1, 8.1])
        flows = [
            branch.flow * branch.passage(one) for branch, one in zip(house.branches, opening, strict=True)
        ]
        heat += sum(house.absorb(step, supply, flows)) * step / 3600.0
        if (number + 1) % max(round(60.0 / step), 1) == 0:
            rows.append(house.outputs())
    return house, rows, heat


def test_it_is_a_load_and_holds_cold() -> None:
    house: LoadSide = Building(DESIGN)
    assert [branch.name for branch in house.branches] == ["zone_1", "zone_2"]
    assert isinstance(house, Storing)
    assert "zone_1.zone_setpoint" in house.commands()


def test_rooms_hold_their_set_point_without_hunting() -> None:
    _, rows, _ = run(18.0)
    office = [float(row["zone_1.zone_temp"]) for row in rows[9 * 60 : 18 * 60]]
    assert all(24.2 < value < 25.8 for value in office)
    turns = sum((b - a) * (c - b) < -1e-5 for a, b, c in zip(office, office[1:], office[2:], strict=False))
    assert turns < 40, "a handful of turns in nine hours is weather, not hunting"


def test_the_load_of_an_office_in_shenzhen_is_ordinary() -> None:
    """Peak 80-170 W/m2 for 30 m3/h a person (design handbooks: 100-150 for offices in the south of China)."""
    _, rows, _ = run(24.0)
    house, _, _ = run(15.0)
    peak = house.zones[0].flow.total
    assert 80.0 < peak < 170.0
    latent = float(rows[15 * 60]["zone_1.latent_cooling"])
    assert 0.15 < latent / peak < 0.45


def test_a_minute_and_a_second_give_the_same_building() -> None:
    _, coarse, heat = run(14.0)
    _, fine, exact = run(14.0, step=2.0)
    assert heat == pytest.approx(exact, rel=0.01)
    for name in ("zone_1.zone_temp", "zone_1.mass_temp", "zone_2.zone_temp"):
        assert float(coarse[-1][name]) == pytest.approx(float(fine[-1][name]), abs=0.1)
    assert float(coarse[-1]["zone_1.zone_humidity"]) == pytest.approx(
        float(fine[-1]["zone_1.zone_humidity"]), abs=1.0
    )


def test_a_time_switch_a_command_and_nobody() -> None:
    _, rows, _ = run(12.0)
    assert (rows[6 * 60]["zone_1.status"], rows[6 * 60]["zone_2.status"], rows[9 * 60]["zone_2.status"]) == (
        True,
        False,
        True,
    )
    assert float(rows[7 * 60]["zone_2.zone_temp"]) > float(rows[7 * 60]["zone_1.zone_temp"]) + 0.3
    _, off, heat = run(12.0, inputs={"zone_1.enable": False, "zone_2.enable": False})
    assert heat == pytest.approx(0.0, abs=8.0), "only until the valves have closed"
    assert float(off[-1]["zone_1.zone_temp"]) > 28.0
    _, warm, warm_heat = run(12.0, inputs={"zone_1.zone_setpoint": 27.0, "zone_2.zone_setpoint": 27.0})
    assert warm_heat < run(12.0)[2]
    assert float(warm[11 * 60]["zone_1.zone_temp"]) == pytest.approx(27.0, abs=0.6)


def test_less_fresh_air_is_less_load_and_more_carbon_dioxide() -> None:
    _, full, heat = run(13.0)
    _, half, saved = run(13.0, inputs={"zone_1.damper_command": 50.0, "zone_2.damper_command": 50.0})
    assert saved < 0.95 * heat
    assert float(half[-1]["zone_1.carbon_dioxide"]) > float(full[-1]["zone_1.carbon_dioxide"]) + 150.0


def test_fresh_air_comes_by_day_and_the_night_does_not_get_damp() -> None:
    _, rows, _ = run(24.0)
    dampers = [rows[hour * 60 - 1]["zone_1.damper"] for hour in (6, 8, 19, 21)]
    assert dampers == [0.0, 100.0, 100.0, 0.0]
    assert max(float(row["zone_1.zone_humidity"]) for row in rows) < 85.0


def test_a_valve_commanded_from_outside_is_not_the_thermostats() -> None:
    house, _, _ = run(3.0, inputs={"zone_1.valve_command": 0.0})
    assert house.zones[0].flow.total == 0.0
    assert house.zones[1].flow.total == 0.0, "its time switch has it off at night"


def test_a_valve_motor_takes_its_time() -> None:
    house = Building(DESIGN)
    weather = Outdoors(MONDAY, load_climate("shenzhen").at(MONDAY))
    first = house.openings(1.0, {"zone_1.zone_setpoint": 35.0}, weather, [8.1, 8.1])[0]
    for _ in range(30):
        last = house.openings(1.0, {"zone_1.zone_setpoint": 35.0}, weather, [8.1, 8.1])[0]
    assert first - last == pytest.approx(30.0 / 120.0, abs=0.06)
    assert first == pytest.approx(0.3 - 1.0 / 120.0)


def test_holidays_are_the_calendars() -> None:
    festival = datetime(2026, 9, 30, 16, tzinfo=UTC).timestamp()  # 1 October, a Thursday
    house = Building(DESIGN, CALENDARS["cn"].working)
    _, rows, _ = run(11.0, building=house, start=festival)
    assert not any(row["zone_1.occupied"] for row in rows)
    _, ordinary, _ = run(11.0, start=festival)
    assert any(row["zone_1.occupied"] for row in ordinary)


def test_stored_cold_grows_when_the_mass_is_cooled() -> None:
    house, _, _ = run(1.0)
    before = sum(house.stored().values())
    run(
        6.0,
        inputs={"zone_1.zone_setpoint": 20.0, "zone_2.zone_setpoint": 20.0, "zone_2.enable": True},
        building=house,
    )
    assert sum(house.stored().values()) > before + 50.0


def test_asking_in_the_wrong_order_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="openings"):
        Building(DESIGN).absorb(60.0, 7.0, [1.0, 1.0])
