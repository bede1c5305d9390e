"""Every plant that comes along in the hands of somebody who commands anything: no error, no number that is none."""

from collections.abc import Callable
from datetime import timedelta
from math import inf, isfinite, nan
from random import Random
from typing import Any

import pytest

from hil.climates import load_climate
from hil.demo_plant import demo_plant
from hil.plant.battery import Battery, BatteryDesign
from hil.plant.computer_room import ComputerRoom, RoomDesign
from hil.plant.daylight import Glazing, RoomShape
from hil.plant.ev_charger import Charger, ChargerDesign
from hil.plant.ground import GroundDesign
from hil.plant.heat_pump import AIR_MACHINE, GROUND_MACHINE
from hil.plant.heating_plant import HeatingDesign, HeatingPlant
from hil.plant.office import Office, OfficeDesign
from hil.plant.photovoltaic import ArrayDesign, Photovoltaic
from hil.plant.premises import Part, Premises
from hil.plant.tank import TankDesign
from hil.plant.variables import Failing, Plant
from hil.plant.weather_sun import Plane
from hil.ready_site.ready_site import load_ready_site, ready_names

START = 1_784_000_000.0  # 14 July 2026, early morning in China
ODD: tuple[Any, ...] = (None, nan, inf, -inf, -1e9, 1e9, 0.0, -3.0, 250.0, True, False)


def ready(name: str) -> Callable[[], Plant]:
    return lambda: load_ready_site(name).make_plant("weak", START, 3)


def house() -> Plant:
    """One of each part that no ready plant has."""
    offset = timedelta(hours=8)
    glazing = Glazing(width=8.0, height=1.7, plane=Plane(90.0, 180.0))
    heating = HeatingDesign(
        machines=(AIR_MACHINE.sized(10.0), GROUND_MACHINE.sized(4.0)),
        wanted=lambda _: 20.0,
        tank=TankDesign(volume=4.0, height=2.0, cold=35.0, warm=45.0),
        ground=GroundDesign(boreholes=6),
    )
    parts: list[Part] = [
        Photovoltaic(ArrayDesign(name="pv_1", peak=100.0, plane=Plane(10.0, 180.0))),
        Battery(BatteryDesign(name="battery", capacity=100.0, power=50.0)),
        Charger(ChargerDesign(name="ev_1", use=1.0, two_way=True, reserve=0.3), START, offset),
        ComputerRoom(RoomDesign(name="computer_room")),
        Office(OfficeDesign(name="office", glazing=glazing, room=RoomShape(width=9.0, depth=8.0)), offset),
        HeatingPlant(heating),
    ]
    return Premises(parts, load_climate("beijing"), START, base=5.0)


PLANTS = {
    "house": house,
    "demo": lambda: demo_plant(START, 3),
    **{name: ready(name) for name in ready_names()},
}


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_plant_stays_a_plant(name: str) -> None:
    random = Random(f"abuse/{name}")
    plant = PLANTS[name]()
    shown = set(plant.step(1.0, {}))
    commanded = sorted(one for one, info in plant.variables().items() if info.input)
    faults = sorted(plant.failures()) if isinstance(plant, Failing) else []
    inputs: dict[str, Any] = {}
    for _ in range(60):
        for one in random.sample(commanded, min(6, len(commanded))):
            inputs[one] = random.choice((*ODD, random.uniform(-10.0, 110.0), random.uniform(0.0, 100.0)))
        if faults and random.random() < 0.3:
            fault = random.choice(faults)
            plant.fail(fault, random.random()) if random.random() < 0.6 else plant.mend(fault)  # type: ignore[attr-defined]
        row = plant.step(random.choice((0.1, 1.0, 7.3, 60.0, 600.0)), inputs)
        assert set(row) == shown
        spoilt = {one: value for one, value in row.items() if not isfinite(value)}
        assert not spoilt
        negative = {one: value for one, value in row.items() if one.endswith(".energy") and value < 0.0}
        assert not negative
