"""A real plant in front of a real building: rooms are cold, the water carries what the rooms lose, at any step."""

from datetime import UTC, datetime, timedelta

import pytest

from hil.climates import load_climate
from hil.plant.building_load import Building, BuildingDesign
from hil.plant.central_plant import CentralPlant
from hil.plant.coil import CoilDesign
from hil.plant.premises import Premises
from hil.plant.variables import Inputs, Outputs
from hil.plant.weather_sun import Plane
from hil.plant.zone import Window, ZoneDesign
from tests.hil.plant.central_cases import design

DAWN = datetime(2026, 7, 13, 22, tzinfo=UTC).timestamp()  # Tuesday 6:00 in Shenzhen
SIDES = (0.0, 90.0, 180.0, 270.0)


def site() -> tuple[Premises, CentralPlant, Building]:
    """12,000 m2 of offices in four zones on two chillers of 1,055 kW, dedicated constant-speed pumps."""
    of = design()
    water = of.branch_flow / 4
    zones = tuple(
        ZoneDesign(
            name=f"zone_{place}",
            floor=3000.0,
            coil=CoilDesign(capacity=500.0, air=31.0, water=water),
            windows=(Window(area=400.0, plane=Plane(90.0, side)),),
            glass=1.1,
            wall=0.6,
        )
        for place, side in enumerate(SIDES, start=1)
    )
    building = Building(BuildingDesign(zones=zones, utc_offset=timedelta(hours=8)))
    plant = CentralPlant(of, building)
    return Premises([plant], load_climate("shenzhen"), DAWN), plant, building


def run(
    hours: float, step: float = 60.0, inputs: Inputs | None = None
) -> tuple[list[Outputs], Building, CentralPlant]:
    room, plant, building = site()
    rows = [room.step(step, inputs or {}) for _ in range(round(hours * 3600.0 / step))]
    return rows, building, plant


def test_rooms_are_held_and_the_water_carries_what_they_lose() -> None:
    rows, building, plant = run(12.0)
    office = rows[4 * 60 :]
    for place in range(1, 5):
        temperatures = [float(row[f"zone_{place}.zone_temp"]) for row in office]
        assert 24.0 < min(temperatures) < max(temperatures) < 26.2
    lost = sum(zone.balance.coil for zone in building.zones)
    assert plant.balance.coil == pytest.approx(lost, rel=1e-6)
    assert 600.0 < sum(zone.flow.total for zone in building.zones) < 2200.0


def test_a_minute_and_five_seconds_agree() -> None:
    coarse, rough, first = run(6.0)
    fine, exact, second = run(6.0, step=5.0)
    pairs = zip(rough.zones, exact.zones, strict=True)
    assert all(one.air == pytest.approx(other.air, abs=0.15) for one, other in pairs)
    assert first.balance.coil == pytest.approx(second.balance.coil, rel=0.02)
    names = [name for name in coarse[-1] if name.startswith("chiller") and name.endswith(".energy")]
    used = [sum(float(rows[-1][name]) - float(rows[0][name]) for name in names) for rows in (coarse, fine)]
    assert used[0] == pytest.approx(used[1], rel=0.02)


def test_warmer_rooms_are_less_work() -> None:
    warm = {f"zone_{place}.zone_setpoint": 27.0 for place in range(1, 5)}
    assert run(8.0, inputs=dict(warm))[2].balance.coil < 0.93 * run(8.0)[2].balance.coil


def test_every_variable_is_declared_once() -> None:
    room, _, building = site()
    variables = room.variables()
    assert variables["zone_1.zone_setpoint"].input
    assert variables["zone_1.carbon_dioxide"].unit == "ppm"
    assert set(room.outputs()) <= set(variables)
    assert set(building.commands()) <= set(variables)


def test_a_coil_valve_that_sticks_open_cools_its_room_alone() -> None:
    room, plant, _ = site()
    for _ in range(6 * 60):
        rows = room.step(60.0, {})
    assert "zone_2.valve_stuck" in room.failures()
    held = float(rows["zone_2.valve"])
    room.fail("zone_2.valve_stuck", 1.0)
    warm = {f"zone_{place}.zone_setpoint": 27.0 for place in (1, 2)} | {"zone_2.valve_command": 5.0}
    for _ in range(60):
        rows = room.step(60.0, warm)
    assert float(rows["zone_2.valve"]) == held
    assert float(rows["zone_2.zone_temp"]) < float(rows["zone_1.zone_temp"]) - 0.4
    room.mend("zone_2.valve_stuck")
    rows = room.step(60.0, warm)
    assert float(rows["zone_2.valve"]) == 5.0
    assert plant.failures() == room.failures()
