"""From the sizes of a plant file to rooms and a garage whose air is looked after: `factory: hil.ready_site.air:make_air`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.plant.building_load import Building, BuildingDesign
from hil.plant.coil import CoilDesign
from hil.plant.fed_rooms import FedRooms
from hil.plant.garage_air import FanDesign, GarageAir, GarageAirDesign
from hil.plant.premises import Part, Premises
from hil.plant.zone import ZoneDesign
from hil.ready_site.place import climate_of, working_days
from hil.ready_site.served_load import AIR_PER_KW, USES
from hil.ready_site.sizes import Sizes, wrong

KEYS = ("factory", "about", "climate", "calendar", "utc_offset", "rooms", "supply", "garage", "variants")
ROOM_KEYS = ("use", "floor", "height", "coil", "people", "fresh", "leaks", "setpoint", "hours")
GARAGE_KEYS = ("name", "volume", "leaks", "cars", "weekend", "engines", "fans", "sensors")


def make_air(data: Mapping[str, Any], start: float, seed: int) -> Premises:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    climate = climate_of(sizes)
    working = working_days(sizes.text("calendar"))
    parts: list[Part] = []
    if sizes.has("rooms"):
        rooms = tuple(_room(name, one) for name, one in sizes.parts("rooms"))
        building = Building(BuildingDesign(zones=rooms, utc_offset=climate.utc_offset), working)
        parts.append(FedRooms(building, sizes.number("supply", "degC", 7.0)))
    if sizes.has("garage"):
        parts.append(GarageAir(_garage(sizes.part("garage")), climate.utc_offset, working))
    if not parts:
        raise wrong("rooms", "is missing", "write rooms: {room_1: {floor: 60 m2, coil: 12 kW}} or garage: {}")
    return Premises(parts, climate, start, seed=seed)


def _room(name: str, one: Sizes) -> ZoneDesign:
    one.allow(ROOM_KEYS)
    use = one.text("use", "office")
    if use not in USES:
        raise wrong(f"{one.where}.use", f"{use!r} is none of {', '.join(USES)}")
    coil, hours = one.number("coil", "kW"), one.numbers("hours", (7.0, 20.0))
    if len(hours) != 2:
        raise wrong(f"{one.where}.hours", "are a first and a last hour", "write hours: [7, 20]")
    usual = ZoneDesign(name=name, floor=1.0, coil=CoilDesign(capacity=1.0, air=1.0, water=1.0))
    return ZoneDesign(
        name=name,
        floor=one.number("floor", "m2"),
        height=one.number("height", "m", usual.height),
        coil=CoilDesign(capacity=coil, air=coil / AIR_PER_KW, water=coil / 4.187 / 5.0),
        people=one.number("people", "", usual.people),
        use=USES[use],
        fresh=one.number("fresh", "m3/h", 30.0) / 3600.0,
        leaks=one.number("leaks", "", usual.leaks),
        setpoint=one.number("setpoint", "degC", usual.setpoint),
        hours=(hours[0], hours[1]),
        weekend=False,
    )


def _garage(part: Sizes) -> GarageAirDesign:
    part.allow(GARAGE_KEYS)
    usual = GarageAirDesign()
    fans = tuple(_fan(name, one) for name, one in part.parts("fans"))
    sensors = part.data.get("sensors", list(usual.sensors))
    if not isinstance(sensors, list):
        raise wrong("garage.sensors", "is a list of names")
    return GarageAirDesign(
        name=part.text("name", usual.name),
        volume=part.number("volume", "m3", usual.volume),
        leaks=part.number("leaks", "", usual.leaks),
        cars=part.number("cars", "", usual.cars),
        weekend=part.number("weekend", "%", 100.0 * usual.weekend) / 100.0,
        engines=part.number("engines", "s", usual.engines),
        fans=fans or usual.fans,
        sensors=tuple(str(one) for one in sensors),
    )


def _fan(name: str, part: Sizes) -> FanDesign:
    part.allow(("flow", "power"))
    usual = FanDesign(name=name)
    return FanDesign(
        name=name,
        flow=part.number("flow", "m3/h", usual.flow),
        power=part.number("power", "kW", usual.power),
    )
