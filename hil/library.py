"""Equipment and climate data that come with the simulator, read from `hil/data` (each file names its source)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

from hil.plant.chiller_curves import ChillerCurves
from hil.plant.tower import YorkCurve


def _read(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(files("hil").joinpath("data", name).read_text(encoding="utf-8")))


def load_chiller(name: str, *, reformulated: bool = False) -> ChillerCurves:
    """One machine of data/chillers.json. Raises KeyError for a name it does not hold."""
    return ChillerCurves.from_mapping(
        name, _read("chillers.json")["machines"][name], reformulated=reformulated
    )


def chiller_names() -> tuple[str, ...]:
    """The machines of data/chillers.json."""
    return tuple(_read("chillers.json")["machines"])


def load_tower_curve() -> YorkCurve:
    data = _read("tower_yorkcalc.json")
    limits = data["limits"]
    return YorkCurve(
        c=tuple(data["c"]),
        wet_bulb_range=tuple(limits["Twb_C"]),
        approach_range=tuple(limits["approach_K"]),
        range_range=tuple(limits["range_K"]),
        maximum_ratio=limits["max_L_over_G"],
    )


def load_cities() -> tuple[tuple[str, float, float, float], ...]:
    """Sixty Chinese cities: name, latitude, longitude (degrees), altitude (m)."""
    cities = _read("cities.json")["cities"]
    return tuple((one["name"], one["latitude"], one["longitude"], one["altitude"]) for one in cities)
