"""Where weather comes from: the places of `hil/data/weather_statistics.json`, or a weather file the user has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hil.plant.climate import MonthlyStatistics, StatisticalClimate
from hil.plant.epw import EpwClimate, parse_epw
from hil.plant.weather import Climate


@lru_cache(maxsize=8)
def load_climate(name: str = "shenzhen") -> StatisticalClimate:
    """One of the places that come along. Raises KeyError, which names those there are."""
    text = files("hil").joinpath("data", "weather_statistics.json").read_text(encoding="utf-8")
    places = json.loads(text)["places"]
    if name not in places:
        raise KeyError(f"no weather statistics of {name!r}; there are {', '.join(sorted(places))}")
    return StatisticalClimate(MonthlyStatistics.from_mapping(places[name]))


def find_climate(name: str) -> Climate:
    """A place that comes along, or a weather file (`.epw`). Raises ValueError with what is wrong."""
    if name.lower().endswith(".epw"):
        try:
            return load_epw(Path(name))
        except OSError as error:
            raise ValueError(f"{name}: {error.strerror or error}") from None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    try:
        return load_climate(name)
    except KeyError as error:
        raise ValueError(f"{error.args[0]}, or write a path that ends in .epw") from None


def located(sizes: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The sizes of a plant, a weather file among them found from the folder they were written in."""
    climate = sizes.get("climate")
    if isinstance(climate, str) and climate.lower().endswith(".epw"):
        return {**sizes, "climate": str(folder / climate)}
    return dict(sizes)


def load_epw(path: Path) -> EpwClimate:
    """The weather of an EnergyPlus file. Raises OSError, and ValueError with the line that makes no sense."""
    return EpwClimate(parse_epw(path.read_text(encoding="latin-1")))
