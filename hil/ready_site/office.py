"""From the sizes of a plant file to an office with a window: `factory: hil.ready_site.office:make_office`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hil.plant.daylight import Glazing, RoomShape
from hil.plant.lamp import Lamp
from hil.plant.office import Office, OfficeDesign
from hil.plant.office_counts import Band
from hil.plant.premises import Premises
from hil.plant.weather_sun import Plane
from hil.ready_site.place import climate_of, working_days
from hil.ready_site.sizes import Sizes

KEYS = (
    "factory", "about", "climate", "calendar", "utc_offset", "room", "window", "rows", "lamps", "light", "variants",
)  # fmt: skip


def make_office(data: Mapping[str, Any], start: float, seed: int) -> Premises:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    climate = climate_of(sizes)
    working = working_days(sizes.text("calendar", "cn"))
    offset = timedelta(seconds=sizes.number("utc_offset", "s", 8 * 3600.0))
    office = Office(office_design(data), offset, working)
    return Premises((office,), climate, start, seed=seed)


def office_design(data: Mapping[str, Any]) -> OfficeDesign:
    """The room alone. Raises ConfigurationError."""
    sizes = Sizes(data)
    room, glass, lamps, light = (sizes.part(key) for key in ("room", "window", "lamps", "light"))
    room.allow(("width", "depth", "height"))
    glass.allow(("width", "height", "sill", "faces", "transmittance"))
    lamps.allow(("row", "full", "flux", "standby", "fade", "illuminance", "spill"))
    light.allow(("low", "high", "minimum"))
    return OfficeDesign(
        name="office",
        glazing=Glazing(
            width=glass.number("width", "m"),
            height=glass.number("height", "m"),
            sill=glass.number("sill", "m", 0.15),
            transmittance=glass.number("transmittance", "%", 60.0) / 100.0,
            plane=Plane(90.0, glass.number("faces", "deg")),
        ),
        room=RoomShape(
            width=room.number("width", "m"),
            depth=room.number("depth", "m"),
            height=room.number("height", "m", 2.8),
        ),
        rows=sizes.numbers("rows", (1.5, 4.0, 6.5)),
        lamps=int(lamps.number("row")),
        lamp=Lamp(
            full=1e3 * lamps.number("full", "kW"),
            flux=lamps.number("flux"),
            standby=1e3 * lamps.number("standby", "kW", 0.0),
            fade=lamps.number("fade", "s", 0.0),
        ),
        full=lamps.number("illuminance", "lx"),
        spill=lamps.number("spill", "%", 12.0) / 100.0,
        band=Band(
            low=light.number("low", "lx", 300.0),
            high=light.number("high", "lx", 400.0),
            minimum=light.number("minimum", "%", 5.0),
        ),
    )
