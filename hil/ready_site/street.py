"""From the sizes of a plant file to the outdoor lamps of a city: `factory: hil.ready_site.street:make_street`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.config.names import nearest
from hil.library import load_cities
from hil.plant.lamp import Lamp
from hil.plant.street import CircuitDesign, StreetDesign, StreetLighting
from hil.plant.street_clouds import ClearSky, Clouds, Sky
from hil.ready_site.sizes import Sizes, wrong

KEYS = ("factory", "about", "city", "utc_offset", "circuits", "clouds", "variants")


def make_street(data: Mapping[str, Any], start: float, seed: int) -> StreetLighting:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    latitude, longitude = place_of(data)
    offset = sizes.number("utc_offset", "s", 8 * 3600.0)
    design = StreetDesign(
        latitude=latitude,
        longitude=longitude,
        circuits=tuple(_circuit(name, one) for name, one in sizes.parts("circuits")),
        utc_offset=offset,
    )
    return StreetLighting(design, start, _sky(sizes, seed, offset))


def place_of(data: Mapping[str, Any]) -> tuple[float, float]:
    """Latitude and longitude of the city of a plant file, degrees. Raises ConfigurationError."""
    name = str(data.get("city", ""))
    cities = {city: (latitude, longitude) for city, latitude, longitude, _ in load_cities()}
    if name not in cities:
        raise wrong("city", f"there is no city '{name}'", nearest(name, cities))
    return cities[name]


def _circuit(name: str, part: Sizes) -> CircuitDesign:
    part.allow(("count", "power", "limit", "need_altitude", "end"))
    end = part.number("end", "", 0.0)  # local hour from which no light is needed until noon
    return CircuitDesign(
        name=name,
        count=int(part.number("count")),
        lamp=Lamp(full=1e3 * part.number("power", "kW"), flux=11_000.0),
        limit=part.number("limit", "lx", 30.0),
        need_altitude=part.number("need_altitude", "deg") if part.has("need_altitude") else None,
        curfew=(end, 12.0) if end > 0.0 else None,
    )


def _sky(sizes: Sizes, seed: int, offset: float) -> Sky:
    if not sizes.has("clouds"):
        return ClearSky()
    part = sizes.part("clouds")
    part.allow(("cover", "storms"))
    return Clouds(
        seed=seed,
        utc_offset=offset,
        mean=part.number("cover", "%", 60.0) / 100.0,
        storms=part.number("storms", "", 50.0),
    )
