"""From the sizes of a plant file to the load it serves: zones of a building, or halls of a data centre."""

from __future__ import annotations

from datetime import UTC, datetime
from math import pi, sin

from hil.plant.building_load import Building, BuildingDesign
from hil.plant.coil import CoilDesign
from hil.plant.data_hall import DataHalls, HallDesign, Series
from hil.plant.load import LoadSide
from hil.plant.people import (
    ALWAYS,
    OFFICE_EQUIPMENT,
    OFFICE_LIGHTS,
    OFFICE_PEOPLE,
    SHOP_LIGHTS,
    SHOP_PEOPLE,
    Use,
)
from hil.plant.weather import Climate
from hil.plant.weather_sun import Plane
from hil.plant.zone import Window, ZoneDesign
from hil.ready_site.place import working_days
from hil.ready_site.sizes import Sizes, wrong

USES: dict[str, tuple[Use, Use, Use]] = {
    "office": (OFFICE_PEOPLE, OFFICE_LIGHTS, OFFICE_EQUIPMENT),
    "shop": (SHOP_PEOPLE, SHOP_LIGHTS, SHOP_LIGHTS),
    "always": (ALWAYS, ALWAYS, ALWAYS),
}
AIR_PER_KW = 17.5  # kJ/kg that a coil takes out of air of 27/19.5 degC (to about 14 degC saturated)
ZONE_KEYS = (
    "use", "floor", "coil", "people", "lights", "equipment", "windows", "shading", "hours", "weekend", "setpoint",
    "fresh", "fan", "leaks",
)  # fmt: skip
GLASS = 0.0025  # kW/(m2 K) of windows, GB 50189-2015 table 3.3.1-4: 2.4 to 3.0 in the hot south
WALL = 0.0008  # kW/(m2 K) of opaque walls, same table


def served_load(sizes: Sizes, climate: Climate) -> LoadSide:
    """Raises ConfigurationError."""
    if sizes.has("building") == sizes.has("halls"):
        raise wrong("plant", "has either a building or halls")
    if sizes.has("halls"):
        return _halls(sizes.part("halls"))
    building = sizes.part("building")
    building.allow(("zones", "drop"))
    design = BuildingDesign(
        zones=tuple(_zone(name, one) for name, one in building.parts("zones")),
        utc_offset=climate.utc_offset,
        drop=building.number("drop", "kPa", 60.0),
    )
    return Building(design, working_days(sizes.text("calendar")))


def _zone(name: str, one: Sizes) -> ZoneDesign:
    one.allow(ZONE_KEYS)
    use = one.text("use", "office")
    if use not in USES:
        raise wrong(f"{one.where}.use", f"{use!r} is none of {', '.join(USES)}")
    floor, coil = one.number("floor", "m2"), one.number("coil", "kW")
    windows = _windows(one.part("windows"))
    hours = one.numbers("hours", (0.0, 24.0))
    if len(hours) != 2:
        raise wrong(f"{one.where}.hours", "are a first and a last hour", "write hours: [7, 20]")
    glass = sum(windows.values())
    return ZoneDesign(
        name=name,
        floor=floor,
        coil=CoilDesign(capacity=coil, air=coil / AIR_PER_KW, water=coil / 4.187 / 5.0),
        people=one.number("people", "", 0.1),
        lights=one.number("lights", "", 9.0) / 1e3,
        equipment=one.number("equipment", "", 15.0) / 1e3,
        use=USES[use],
        windows=tuple(
            Window(area=area, plane=Plane(90.0, azimuth), gain=one.number("shading", "", 0.3))
            for azimuth, area in windows.items()
        ),
        glass=GLASS * glass,
        wall=WALL * 1.2 * glass,  # windows are 45 % of a facade, opaque walls the rest
        fresh=one.number("fresh", "m3/h", 30.0) / 3600.0,
        fan=one.number("fan", "", 0.5) / 1e3,
        setpoint=one.number("setpoint", "degC", 25.0),
        leaks=one.number("leaks", "", 0.1),  # 1/h: the fresh air holds the house under pressure
        hours=(hours[0], hours[1]),
        weekend=one.flag("weekend", default=False),
    )


def _windows(part: Sizes) -> dict[float, float]:
    """Square metres by the direction they face, degrees from north."""
    found = {}
    for key in part.data:
        try:
            found[float(key)] = part.number(key, "m2")
        except ValueError:
            mend = "write windows: {0: 250, 90: 400}: degrees from north, east is 90; square metres"
            raise wrong(f"{part.where}.{key}", "is no direction", mend) from None
    return found


def _halls(part: Sizes) -> LoadSide:
    part.allow(("count", "load", "low", "high", "entering", "leaving", "cold", "warm"))
    count = int(part.number("count"))
    halls = tuple(
        HallDesign(
            name=f"hall_{place}",
            load=part.number("load", "kW") / count,
            cold=part.number("cold", "degC", 23.0),
            warm=part.number("warm", "degC", 35.0),
            entering=part.number("entering", "degC"),
            leaving=part.number("leaving", "degC"),
        )
        for place in range(1, count + 1)
    )
    return DataHalls(halls, _daily(part.number("low", "%") / 100.0, part.number("high", "%") / 100.0))


def _daily(low: float, high: float) -> Series:
    """Share of the design load: a swing over the day with its highest point at 15:00 in UTC+8."""

    def share(utc: float) -> float:
        local = datetime.fromtimestamp(utc, UTC)
        hour = (local.hour + local.minute / 60.0 + 8.0) % 24.0
        return low + (high - low) * (0.5 + 0.5 * sin(2.0 * pi * (hour - 9.0) / 24.0))

    return share
