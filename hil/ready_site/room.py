"""From the sizes of a plant file to a computer room: `factory: hil.ready_site.room:make_room`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.plant.computer_room import ComputerRoom, RoomDesign, SplitDesign
from hil.plant.premises import Premises
from hil.ready_site.place import climate_of
from hil.ready_site.sizes import Sizes, wrong

KEYS = ("factory", "about", "climate", "utc_offset", "room", "units", "start_temp", "variants")
ROOM_KEYS = ("name", "equipment", "air", "inventory", "exchange", "envelope", "hot_spot")
UNIT_KEYS = ("capacity", "power", "fan", "setpoint", "band")


def make_room(data: Mapping[str, Any], start: float, seed: int) -> Premises:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    climate = climate_of(sizes)
    room = ComputerRoom(_room(sizes), sizes.number("start_temp", "degC", 24.0))
    return Premises([room], climate, start, seed=seed)


def _room(sizes: Sizes) -> RoomDesign:
    part, usual = sizes.part("room"), RoomDesign(name="computer_room")
    part.allow(ROOM_KEYS)
    units = tuple(_unit(name, one) for name, one in sizes.parts("units"))
    if not units:
        raise wrong("units", "is missing", "write units: {split_1: {capacity: 12 kW}}")
    return RoomDesign(
        name=part.text("name", usual.name),
        equipment=part.number("equipment", "kW", usual.equipment),
        air=part.number("air", "", usual.air),
        inventory=part.number("inventory", "", usual.inventory),
        exchange=part.number("exchange", "", usual.exchange),
        envelope=part.number("envelope", "", usual.envelope),
        hot_spot=part.number("hot_spot", "K", usual.hot_spot),
        units=units,
    )


def _unit(name: str, part: Sizes) -> SplitDesign:
    usual = SplitDesign(name=name)
    part.allow(UNIT_KEYS)
    return SplitDesign(
        name=name,
        capacity=part.number("capacity", "kW", usual.capacity),
        power=part.number("power", "kW", usual.power),
        fan=part.number("fan", "kW", usual.fan),
        setpoint=part.number("setpoint", "degC", usual.setpoint),
        band=part.number("band", "K", usual.band),
    )
