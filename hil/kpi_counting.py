"""What is counted in a run: by default what the equipment kinds of the site suggest, changed by a `counting:` section.

counting:
  machines: [chiller_1, chilled_pump_1]   # whose power is the plant's; default: chillers, pumps, towers
  cooling: [loop.cooling]
  comfort: {band: [23 degC, 26 degC], hours: "08:00-18:00", zones: [zone_1]}
  lux: 65 lx
  carbon: 0.57          # kg/kWh, with its source in a comment
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from agent.calc.tariff import Tariff, tariff_from
from agent.config.document import Document
from agent.config.names import nearest
from agent.core.site import Site
from hil.plant.variables import VariableInfo
from hil.scenario.reader import Section
from hil.scenario.words import COMFORT, COUNTING

PLANT_KINDS = ("chiller", "pump", "tower", "heat_pump", "split_unit")
LIGHT_KINDS = ("lamp_group", "meter")
COUNTERS = (
    "dark_arrivals",
    "dark_seconds",
    "late_appearances",
    "late_switch_on_seconds",
    "burning_by_day_seconds",
    "occupied_row_seconds",
    "outside_band_seconds",
    "below_band_seconds",
    "visible_steps",
    "exact_energy",
    "needed_energy",
    "renewable_energy",
    "fuel_energy",
    "cool_litres",
)
"""Cumulative counters of a plant that are figures by themselves: their growth is summed over its objects."""
ALWAYS = (0.0, 24.0)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Names of variables. `machines`: object to its power; `running`: object to its status, for starts."""

    machines: Mapping[str, str] = field(default_factory=dict)
    running: Mapping[str, str] = field(default_factory=dict)
    cooling: tuple[str, ...] = ()  # kW delivered
    zones: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)  # temperature, occupied
    band: tuple[float, float] = (22.0, 26.5)  # degC, degree-hours count outside
    hours: tuple[float, float] = ALWAYS  # local hours in which zones without a presence count
    days: frozenset[int] = frozenset(range(7))
    lit: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # illuminance, presence
    lux: float = 65.0  # lx, what the acceptance of the garages demanded
    counters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    carbon: float | None = None  # kg/kWh
    tariff: Tariff | None = None
    feed_in: float | None = None  # paid for a kWh that is given away; None: the price of the hour
    fuels: Mapping[str, float] = field(default_factory=dict)  # variable in kW -> price of a kWh


def default_counting(site: Site, variables: Mapping[str, VariableInfo]) -> Counting:
    """What the kinds of the site's equipment suggest, as far as the plant has the variables."""
    by_kind = {kind: [one.id for one in site.equipment.values() if one.kind == kind]
               for kind in {one.kind for one in site.equipment.values()}}  # fmt: skip
    plant = [name for kind in PLANT_KINDS for name in by_kind.get(kind, ())]
    machines = _having(plant, "power", variables)
    if not machines:
        machines = _having(
            [name for kind in LIGHT_KINDS for name in by_kind.get(kind, ())], "power", variables
        )
    cooling = _having(by_kind.get("loop", []), "cooling", variables)
    cooling = cooling or _having(by_kind.get("chiller", []), "cooling", variables)
    zones = _having(by_kind.get("zone", []), "zone_temp", variables)
    lit = _having(by_kind.get("lamp_group", []), "illuminance", variables)
    return Counting(
        machines=machines,
        running=_having(plant, "status", variables),
        cooling=tuple(cooling.values()),
        zones={name: (one, _known(f"{name}.occupied", variables)) for name, one in zones.items()},
        lit={name: (one, f"{name}.presence") for name, one in lit.items() if f"{name}.presence" in variables},
        counters={
            figure: names
            for figure in COUNTERS
            if (names := tuple(one for one in variables if one.rpartition(".")[2] == figure))
        },
    )


def read_counting(
    document: Document, data: Any, start: Counting, variables: Mapping[str, VariableInfo]
) -> Counting:
    """The counting as the section changes it; its mistakes are noted."""
    section = Section(document, ("counting",), data)
    section.allow(COUNTING)
    counting = start
    if section.has("machines"):
        names = [f"{one}.power" for one in _texts(section, "machines")]
        _check(section, "machines", names, variables)
        counting = replace(counting, machines={one.rpartition(".")[0]: one for one in names})
    if section.has("cooling"):
        names = _texts(section, "cooling")
        _check(section, "cooling", names, variables)
        counting = replace(counting, cooling=tuple(names))
    if section.has("carbon"):
        counting = replace(counting, carbon=section.number("carbon", "", 0.0))
    if section.has("tariff"):
        counting = replace(counting, tariff=_tariff(section))
    if section.has("feed_in"):
        counting = replace(counting, feed_in=section.number("feed_in", "", 0.0))
    if section.has("fuels"):
        counting = replace(counting, fuels=_fuels(section, variables))
    counting = replace(counting, lux=section.number("lux", "lx", counting.lux))
    comfort = Section(document, ("counting", "comfort"), section.data.get("comfort"))
    return _comfort(comfort, counting) if comfort.data else counting


def _fuels(section: Section, variables: Mapping[str, VariableInfo]) -> Mapping[str, float]:
    inside = Section(section.document, (*section.where, "fuels"), section.data.get("fuels"))
    _check(section, "fuels", inside.data, variables)
    return {name: inside.number(name, "", 0.0) for name in inside.data}


def _tariff(section: Section) -> Tariff | None:
    known = json.loads(files("hil").joinpath("data", "tariffs.json").read_text(encoding="utf-8"))
    name = section.text("tariff")
    data = known.get(name)
    if not isinstance(data, dict):
        there = [key for key, value in known.items() if isinstance(value, dict)]
        section.wrong("tariff", f"there is no tariff '{name}'", nearest(name, there))
        return None
    return tariff_from(name, data)


def _comfort(section: Section, counting: Counting) -> Counting:
    section.allow(COMFORT)
    band = section.data.get("band", list(counting.band))
    ends = Section(section.document, section.where, dict(zip(("low", "high"), band, strict=False)))
    hours = counting.hours
    if section.has("hours"):
        match = _HOURS.fullmatch(section.text("hours"))
        if match is None:
            section.wrong("hours", f"'{section.text('hours')}' is no span of hours", 'write "08:00-18:00"')
        else:
            begin, end = (int(match[n]) + int(match[n + 1]) / 60.0 for n in (1, 3))
            hours = (begin, end)
    zones = counting.zones
    if section.has("zones"):
        names = _texts(section, "zones")
        _check(section, "zones", names, zones)
        zones = {name: zones[name] for name in names if name in zones}
    return replace(
        counting,
        band=(ends.number("low", "degC", counting.band[0]), ends.number("high", "degC", counting.band[1])),
        hours=hours,
        days=frozenset(range(5)) if section.data.get("working_days") is True else counting.days,
        zones=zones,
    )


def _having(names: Collection[str], quantity: str, variables: Mapping[str, VariableInfo]) -> dict[str, str]:
    return {name: f"{name}.{quantity}" for name in names if f"{name}.{quantity}" in variables}


def _known(name: str, variables: Mapping[str, VariableInfo]) -> str | None:
    return name if name in variables else None


def _texts(section: Section, key: str) -> list[str]:
    value = section.data.get(key)
    if isinstance(value, list):
        return [str(one) for one in value]
    section.wrong(key, f"'{key}' is a list", f"write {key}: [...]")
    return []


def _check(section: Section, key: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            section.wrong(key, f"there is no '{name}'", nearest(name, known))
