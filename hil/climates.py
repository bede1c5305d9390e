"""Where weather comes from: the places of `hil/data/weather_statistics.json`, or a weather file the user has."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.config.document import read_document
from agent.core.errors import ConfigurationError
from hil.plant.climate import MonthlyStatistics, StatisticalClimate
from hil.plant.epw import EpwClimate, parse_epw
from hil.plant.weather import Climate, Place

_LOG = logging.getLogger("plantroom.hil")


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


def moved(climate: Climate, utc_offset: timedelta) -> Climate:
    """The same weather by the clock of another time zone: noon stays noon, whatever the site's clock says then."""
    turned = 15.0 * (utc_offset - climate.utc_offset).total_seconds() / 3600.0  # degrees to the east
    if turned == 0.0:
        return climate
    if isinstance(climate, EpwClimate):
        return EpwClimate(replace(climate.file, place=_turned(climate.place, turned, utc_offset)))
    if isinstance(climate, StatisticalClimate):
        return StatisticalClimate(
            replace(climate.statistics, place=_turned(climate.place, turned, utc_offset))
        )
    return climate


def _turned(place: Place, degrees: float, utc_offset: timedelta) -> Place:
    longitude = (place.longitude + degrees + 180.0) % 360.0 - 180.0
    return replace(place, longitude=longitude, utc_offset=utc_offset)


def standard_time(timezone: str) -> timedelta:
    """How far a zone's clock is ahead of UTC without summer time. Raises zoneinfo.ZoneInfoNotFoundError."""
    zone = ZoneInfo(timezone)
    offsets = [datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(one or timedelta() for one in offsets)


def located(sizes: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The sizes of a plant; the files they name (weather, machines) found from the folder they were written in.

    Weather goes by the clock of the site file beside them, unless they say otherwise.
    """
    found = dict(sizes)
    climate, machines = sizes.get("climate"), sizes.get("machines")
    if isinstance(climate, str):
        clock = _clock(folder / "site.yaml")
        found |= {"utc_offset": clock.total_seconds()} if clock and "utc_offset" not in sizes else {}
        found["climate"] = str(folder / climate) if climate.lower().endswith(".epw") else climate
    if isinstance(machines, Mapping):
        found["machines"] = {role: _beside(one, folder) for role, one in machines.items()}
    return found


def _clock(site_file: Path) -> timedelta | None:
    """None where there is no such file, or no such zone: whoever reads the site says so with its place."""
    try:
        return _clock_of(site_file, site_file.stat().st_mtime_ns)
    except (ConfigurationError, OSError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=8)
def _clock_of(site_file: Path, _changed: int) -> timedelta:
    return standard_time(str(read_document(site_file).data["site"]["timezone"]))


def _beside(machine: object, folder: Path) -> object:
    if isinstance(machine, Mapping) and isinstance(machine.get("idf"), str):
        return {**machine, "idf": str(folder / machine["idf"])}
    return machine


def load_epw(path: Path) -> EpwClimate:
    """The weather of an EnergyPlus file. Raises OSError, and ValueError with the line that makes no sense."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # the name of a city in an older code page
        text = data.decode("latin-1")
    file = parse_epw(text)
    for one in file.lacking:
        _LOG.warning("%s lacks %s", path.name, one)
    return EpwClimate(file)
