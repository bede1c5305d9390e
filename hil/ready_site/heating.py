"""From the sizes of a plant file to a heating station: `factory: hil.ready_site.heating:make_station`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agent.config.names import nearest
from hil.climates import moved
from hil.plant.chiller_curves import heat_rate
from hil.plant.ground import GroundDesign
from hil.plant.heat_pump import AIR_MACHINE, GROUND_MACHINE, HeatPumpTable
from hil.plant.heat_source import CONDENSING, NO_LOSS, Fuel, SourceDesign
from hil.plant.heated_building import HeatedBuilding, HeatedBuildingDesign
from hil.plant.heating_plant import HeatingDesign, HeatingPlant
from hil.plant.hot_water import HotWater, HotWaterDesign
from hil.plant.photovoltaic import ArrayDesign, Photovoltaic
from hil.plant.premises import Part, Premises
from hil.plant.tank import TankDesign
from hil.plant.weather_sun import Plane
from hil.ready_site.place import climate_of, working_days
from hil.ready_site.sizes import Sizes, wrong

KEYS = (
    "factory", "about", "climate", "calendar", "utc_offset", "heat_pumps", "boreholes", "sources", "tank", "building", "hot_water",
    "photovoltaic", "local", "variants",
)  # fmt: skip
MACHINES: Mapping[str, HeatPumpTable] = {"air": AIR_MACHINE, "ground": GROUND_MACHINE}
RATED = {"air": (-7.0, 45.0), "ground": (0.0, 45.0)}  # degC of source and supply at which `capacity` holds


def make_station(data: Mapping[str, Any], start: float, seed: int) -> Premises:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    climate = climate_of(sizes, "beijing")
    offset = timedelta(seconds=sizes.number("utc_offset", "s", 8 * 3600.0))
    working = working_days(sizes.text("calendar", "cn"))
    building = HeatedBuilding(_building(sizes.part("building"), offset), working)
    water = HotWater(_hot_water(sizes.part("hot_water"), offset)) if sizes.has("hot_water") else None
    parts: list[Part] = [HeatingPlant(_design(sizes), building, water)]
    if sizes.has("photovoltaic"):
        parts.append(Photovoltaic(_array(sizes.part("photovoltaic"))))
    return Premises(parts, moved(climate, offset), start, seed=seed)


def _design(sizes: Sizes) -> HeatingDesign:
    tables = tuple(_machine(part) for _, part in sizes.parts("heat_pumps"))
    tank, local = sizes.part("tank"), sizes.part("local")
    tank.allow(("volume", "height", "mixing"))
    local.allow(("setpoint", "band", "later"))
    if any(not table.air for table in tables) and not sizes.has("boreholes"):
        raise wrong("boreholes", "are missing", "a ground machine needs boreholes: {count: 60, depth: 100 m}")
    usual = TankDesign(volume=1.0)
    return HeatingDesign(
        machines=tables,
        tank=TankDesign(
            volume=tank.number("volume", "m3"),
            height=tank.number("height", "m", 6.0),
            cold=30.0,
            warm=local.number("setpoint", "degC", 45.0),
            mixing=tank.number("mixing", "", usual.mixing),
        ),
        ground=_ground(sizes.part("boreholes")) if sizes.has("boreholes") else None,
        sources=tuple(_source(name, part) for name, part in sizes.parts("sources")),
        setpoint=local.number("setpoint", "degC", 45.0),
        band=local.number("band", "K", 5.0),
        later=local.number("later", "K", 0.0),
        lifted=True,
        heat_counts=True,
    )


def _machine(part: Sizes) -> HeatPumpTable:
    part.allow(("source", "capacity", "highest", "lowest"))
    kind = part.text("source")
    if kind not in MACHINES:
        raise wrong(f"{part.where}.source", f"'{kind}' is none of air, ground", nearest(kind, MACHINES))
    table = MACHINES[kind]
    source, supply = RATED[kind]
    rated = table.heating[table.supply.index(supply)][table.source.index(source)]
    sized = table.sized(part.number("capacity", "kW") / rated)
    return replace(
        sized,
        highest=part.number("highest", "degC", 65.0),
        lowest=part.number("lowest", "%", 100.0) / 100.0,
    )


def _ground(part: Sizes) -> GroundDesign:
    part.allow(("count", "depth", "spacing", "undisturbed"))
    usual = GroundDesign(boreholes=1)
    return GroundDesign(
        boreholes=int(part.number("count")),
        depth=part.number("depth", "m", usual.depth),
        spacing=part.number("spacing", "m", usual.spacing),
        undisturbed=part.number("undisturbed", "degC", usual.undisturbed),
    )


def _source(name: str, part: Sizes) -> SourceDesign:
    part.allow(("fuel", "capacity", "lowest", "highest", "rise"))
    fuels = [str(one.value) for one in Fuel]
    if part.text("fuel") not in fuels:
        raise wrong(f"{part.where}.fuel", f"is none of {', '.join(fuels)}")
    fuel = Fuel(part.text("fuel"))
    return SourceDesign(
        name=name,
        capacity=part.number("capacity", "kW"),
        fuel=fuel,
        lowest=part.number("lowest", "%", 20.0) / 100.0,
        highest=part.number("highest", "degC", 85.0),
        rise=part.number("rise", "K", 15.0),
        efficiency=CONDENSING if fuel is Fuel.GAS else NO_LOSS,
    )


def _building(part: Sizes, offset: timedelta) -> HeatedBuildingDesign:
    """Loss and emitters are given at the design temperature outdoors, storage a square metre of floor."""
    part.allow(
        ("floor", "loss", "outdoor", "air", "mass", "coupling", "emitters", "supply", "back", "exponent",
         "setpoint", "gains", "idle", "window", "hours")
    )  # fmt: skip
    floor, setpoint = part.number("floor", "m2"), part.number("setpoint", "degC", 20.0)
    hours = part.numbers("hours", (7.0, 20.0))
    return HeatedBuildingDesign(
        loss=part.number("loss", "kW") / (setpoint - part.number("outdoor", "degC")),
        air=floor * part.number("air", "", 0.004),
        mass=floor * part.number("mass", "", 0.06),
        coupling=floor * part.number("coupling", "", 0.006),
        emitters=part.number("emitters", "kW"),
        supply=part.number("supply", "degC", 50.0),
        back=part.number("back", "degC", 40.0),
        exponent=part.number("exponent", "", 1.3),
        setpoint=setpoint,
        gains=part.number("gains", "kW", 0.0),
        idle=part.number("idle", "kW", 0.0),
        window=part.number("window", "m2", 0.0),
        hours=(hours[0], hours[-1]),
        utc_offset=offset,
    )


def _hot_water(part: Sizes, offset: timedelta) -> HotWaterDesign:
    part.allow(("volume", "daily", "coil", "rise", "setpoint", "band"))
    coil = part.number("coil", "kW")  # at 10 K between heating water and cylinder
    return HotWaterDesign(
        volume=part.number("volume", "m3"),
        daily=part.number("daily", "m3"),
        coil=coil / 10.0,
        flow=coil / heat_rate(1.0) / part.number("rise", "K", 8.0),
        setpoint=part.number("setpoint", "degC", 50.0),
        band=part.number("band", "K", 5.0),
        utc_offset=offset,
    )


def _array(part: Sizes) -> ArrayDesign:
    part.allow(("peak", "tilt", "faces"))
    plane = Plane(part.number("tilt", "deg", 15.0), part.number("faces", "deg", 180.0))
    return ArrayDesign(name="pv", peak=part.number("peak", "kW"), plane=plane)
