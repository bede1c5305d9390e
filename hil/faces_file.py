"""The faces file of a bench: what the devices in front of a plant do besides what their profiles say.

wiring:    {io.output_3: tower_1.speed * 0.5, io.relay_1: street.lamp_switch, io.alarm_word: 0}
watchdogs: {chwp1: 120 s}
quirks:    {ch1: {max_registers: 1, read_back_lag: 3}}
sensors:   {degC: {sigma: 0.1}, ch1.chilled_water_supply_temp: {bias: 0.5}, kW: null}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.config.document import Document, read_document
from agent.config.quantities import QuantityError, quantity
from agent.core.errors import ConfigurationError
from agent.core.site import Site
from hil.servers.device import Wiring
from hil.servers.quirks import read_quirks
from hil.wiring import Expression, read_expression

SECTIONS = ("wiring", "watchdogs", "quirks", "sensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesFile:
    """What was written. `sensors` is for `hil.sensors.SensorKinds`."""

    wiring: Mapping[str, Expression] = field(default_factory=dict)
    devices: Mapping[str, Wiring] = field(default_factory=dict)  # watchdogs and quirks
    sensors: Mapping[str, Any] = field(default_factory=dict)


def read_faces_file(path: Path, site: Site) -> FacesFile:
    """Raises ConfigurationError with all problems and their places."""
    document = read_document(path)
    given = document.data if isinstance(document.data, dict) else {}
    if document.data is not None and not isinstance(document.data, dict):
        document.add((), "is not a mapping", f"write some of {', '.join(SECTIONS)}")
    for name in given:
        if name not in SECTIONS:
            near = get_close_matches(str(name), SECTIONS, 1)
            mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(SECTIONS)}"
            document.add((name,), f"there is no section {name!r}", mend, key=True)
    points = {f"{one.id}.{name}" for one in site.devices.values() for name in one.profile.points}
    wiring = _section(document, given, "wiring", points, _expression)
    silences = _section(document, given, "watchdogs", site.devices, lambda value: quantity(value, "s"))
    quirks = _section(document, given, "quirks", site.devices, _quirks)
    sensors = _sensors(document, given)
    if document.problems:
        raise ConfigurationError(tuple(document.problems))
    devices = {
        name: Wiring(watchdog=silences.get(name), quirks=quirks.get(name, {}))
        for name in {**silences, **quirks}
    }
    return FacesFile(wiring=wiring, devices=devices, sensors=sensors)


def _section(
    document: Document, given: Mapping[str, Any], section: str, known: Any, read: Callable[[Any], Any]
) -> dict[str, Any]:
    """One section whose keys are devices or points of the site."""
    lines = given.get(section)
    if not isinstance(lines, dict):
        if lines is not None:
            document.add((section,), "is not a mapping")
        return {}
    found = {}
    for name, value in lines.items():
        if name not in known:
            near = get_close_matches(str(name), list(known), 1)
            mend = f"did you mean {near[0]}?" if near else ""
            document.add((section, name), f"the site has no {name}", mend, key=True)
            continue
        try:
            found[name] = read(value)
        except QuantityError as error:
            document.add((section, name), str(error), error.mend)
        except (TypeError, ValueError) as error:
            document.add((section, name), str(error))
    return found


def _expression(value: Any) -> Expression:
    if not isinstance(value, str | int | float):
        raise TypeError("write a variable, a variable * factor, or a number")
    text = {"on": True, "off": False}.get(str(value), value)
    read_expression(text)
    return text


def _quirks(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("write quirks as {name: value}")
    read_quirks(value)
    return value


def _sensors(document: Document, given: Mapping[str, Any]) -> dict[str, Any]:
    from hil.sensors import SensorKinds  # numpy, only where somebody writes of sensors

    lines = given.get("sensors")
    if lines is None:
        return {}
    try:
        SensorKinds(lines)
    except (TypeError, ValueError) as error:
        document.add(("sensors",), str(error))
        return {}
    return dict(lines)
