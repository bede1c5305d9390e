"""The plant of `plantroom demo`: a cooling plant with its building, a garage and street lamps behind one meter.

Sizes are ordinary ones; each has its reason beside it. Local control is that of an unretrofitted site: everything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from agent.core.site import Site
from hil.climates import load_climate
from hil.library import load_chiller, load_tower_curve
from hil.plant.building_load import Building, BuildingDesign
from hil.plant.central_design import CentralDesign, ChillerUnit, LocalControl, PumpGroup, TowerGroup
from hil.plant.central_plant import CentralPlant
from hil.plant.coil import CoilDesign
from hil.plant.garage import Garage
from hil.plant.garage_sites import demo_garage
from hil.plant.people import (
    ALWAYS,
    EMPTY,
    OFFICE_EQUIPMENT,
    OFFICE_LIGHTS,
    OFFICE_PEOPLE,
    SHOP_LIGHTS,
    SHOP_PEOPLE,
    Use,
)
from hil.plant.premises import Premises, Sheltered
from hil.plant.pump import PumpCurve
from hil.plant.street import CircuitDesign, StreetDesign, StreetLighting
from hil.plant.street_clouds import Clouds, WeatherSky
from hil.plant.tower import Tower
from hil.plant.variables import WATER_CP
from hil.plant.weather import Climate
from hil.plant.weather_sun import Plane
from hil.plant.zone import Window, ZoneDesign
from hil.servers.device import Wiring
from hil.wiring import Expression, Variables, automatic_wiring

UTC_OFFSET = timedelta(hours=8)
GROUPS = tuple(group.name for group in demo_garage().plan.groups)
CHILLER = "York YT 1055kW/5.96COP/Vanes"  # measured up to 35 degC condenser water: fit for Shenzhen
UNITS = 2
RISE = 5.0  # K on the chilled side, 7/12 degC: GB 50736-2012 8.5.1
AIR = 0.063  # kg/s of supply air a kW of coil: 510 m3/h at 2.7 kW, a usual fan coil of GB/T 19232

_OFFICE = (OFFICE_PEOPLE, OFFICE_LIGHTS, OFFICE_EQUIPMENT)
_SHOP = (SHOP_PEOPLE, SHOP_LIGHTS, SHOP_LIGHTS)
_CONTROL_ROOM = (EMPTY, ALWAYS, ALWAYS)

DRIVE_SILENCE = 120.0  # s, parameter 8-04 of the drives
MODULE_SILENCE = 60.0  # s, I/O module and lamp gateway

EXPLICIT: Mapping[str, Expression] = {
    "pm3.power": "garage.power",
    "pm3.energy": "garage.energy",
    "io.condenser_supply_temp": "loop.condenser_entering_temp",
    "io.condenser_return_temp": "loop.condenser_return_temp",
    "io.condenser_flow": "loop.condenser_flow",
    "io.pump_status_1": "chilled_pump_1.status",
    "io.pump_status_2": "chilled_pump_2.status",
    "io.pump_status_3": "condenser_pump_1.status",
    "io.pump_status_4": "condenser_pump_2.status",
    "io.watchdog_time": MODULE_SILENCE,
    **{f"io.output_{place}": 100.0 for place in range(1, 9)},
    "lamps.watchdog_time": MODULE_SILENCE,
    "lamps.safe_level": 100.0,
}
"""What no name binds: terminals of the I/O module, and a meter of something that is no machine."""


def demo_plant(start: float, seed: int = 1, climate: Climate | None = None) -> Premises:
    """From `start` (UTC seconds) on; the same seed, start and commands give the same run. Else it stands in Shenzhen."""
    climate = climate or load_climate("shenzhen")
    garage = Garage(demo_garage(), start, utc_offset=UTC_OFFSET, seed=seed)
    place = StreetDesign(latitude=22.55, longitude=114.06, circuits=(CircuitDesign(name="street", count=80),))
    street = StreetLighting(place, start, WeatherSky(climate, seed, Clouds(seed=seed)))
    parts = (
        CentralPlant(_water(), Building(BuildingDesign(zones=demo_zones(), utc_offset=UTC_OFFSET))),
        Sheltered(garage, _commands(garage)),
        Sheltered(street, _commands(street)),
    )
    return Premises(parts, climate, start, seed=seed)


def demo_zones() -> tuple[ZoneDesign, ...]:
    """Offices on two sides, shops and rooms that are used round the clock: 1.6 MW on a hot afternoon."""
    shops = _zone("zone_3", 3600.0, 540.0, _SHOP, (180.0,))
    rooms = _zone("zone_4", 1400.0, 290.0, _CONTROL_ROOM, ())
    return (
        _zone("zone_1", 5600.0, 600.0, _OFFICE, (90.0, 180.0)),
        _zone("zone_2", 5600.0, 620.0, _OFFICE, (270.0, 180.0)),
        replace(shops, people=0.125, lights=0.01, equipment=0.013),  # 8 m2 each: GB 50189-2015 table B.0.4-4
        replace(rooms, people=0.0, equipment=0.12),
    )


def demo_wiring(site: Site, variables: Variables) -> Mapping[str, Wiring]:
    """By device id of the site file; `variables` are the plant's."""
    given = {
        device.id: Wiring(watchdog=DRIVE_SILENCE)
        for device in site.devices.values()
        if device.profile.kind == "drive"
    }
    return automatic_wiring(site, variables, EXPLICIT, given).devices


def _water() -> CentralDesign:
    """Two chillers, each with its own pumps, on one tower cell.

    Heads of 30 and 24 m are usual for closed circuits of a few hundred metres. 0.018 kW of fan a kW of cooling is a
    tower of before ASHRAE 90.1-2019 table 6.8.1-7, which asks for 3.4 l/s a kW of fan.
    """
    raw = load_chiller(CHILLER)
    machine = raw.sized(chilled_flow=raw.capacity / WATER_CP / RISE)
    chilled = PumpCurve(design_flow=machine.chilled_flow, design_head=30.0)
    condenser = PumpCurve(design_flow=machine.condenser_flow, design_head=24.0)
    cell = Tower(
        model=load_tower_curve(),
        design_flow=UNITS * machine.condenser_flow,
        fan_power=0.018 * UNITS * machine.capacity,
    )
    return CentralDesign(
        chillers=(ChillerUnit(curves=machine),) * UNITS,
        chilled=PumpGroup(pumps=(chilled,) * UNITS),
        condenser=PumpGroup(pumps=(condenser,) * UNITS),
        towers=TowerGroup(cell=cell, count=1),
        local=LocalControl(isolation=False),  # pumps of their own with check valves: no valve is in the way
        branch_flow=UNITS * machine.chilled_flow,
    )


def _zone(
    name: str,
    floor: float,
    cooling: float,
    use: tuple[Use, Use, Use],
    sides: tuple[float, ...],
) -> ZoneDesign:
    """`floor` m2, `cooling` kW of coil at 7/12 degC; windows to `sides` (azimuths) are an eighth of the floor in all."""
    glass = 0.125 * floor if sides else 0.0
    windows = tuple(Window(area=glass / len(sides), plane=Plane(90.0, side)) for side in sides)
    return ZoneDesign(
        name=name,
        floor=floor,
        coil=CoilDesign(capacity=cooling, air=AIR * cooling, water=cooling / WATER_CP / RISE),
        use=use,
        windows=windows,
        glass=0.003 * glass,  # 3 W/(m2 K), as old double glazing in aluminium
        wall=0.0008 * 0.3 * floor if sides else 0.0,  # 0.8 W/(m2 K), 0.3 m2 of wall and roof a m2
    )


def _commands(thing: Garage | StreetLighting) -> list[str]:
    return [name for name, info in thing.variables().items() if info.input]
