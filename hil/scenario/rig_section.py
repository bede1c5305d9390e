"""The `rig:` section of a scenario: which buses are hardware, and the envelope of what may be written to them.

rig:
  buses: {meters: {port: /dev/serial/by-id/usb-FTDI_A50285BI}}
  envelope:
    lamps.level_1: {low: 0 %, high: 60 %, rate: 20 %}   # rate: per real second
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from agent.config.document import Document
from agent.config.names import nearest
from agent.core.point import ValueKind
from agent.core.site import Site
from hil.bench.envelope import Bounds
from hil.bench.rig import RigPlan
from hil.scenario.reader import Section
from hil.scenario.words import ADDRESS, BOUNDS


def read_rig(document: Document, data: Any, site: Site) -> RigPlan:
    """The plan; its mistakes are noted."""
    section = Section(document, ("rig",), data)
    section.allow(("buses", "envelope"))
    buses = dict(_buses(Section(document, ("rig", "buses"), section.data.get("buses")), site))
    envelope = Section(document, ("rig", "envelope"), section.data.get("envelope"))
    return RigPlan(buses=buses, envelope=dict(_envelope(envelope, site)))


def _buses(section: Section, site: Site) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in section.data:
        bus = site.buses.get(name)
        if bus is None:
            section.wrong(name, f"there is no bus '{name}'", nearest(name, site.buses))
            continue
        one = Section(section.document, (*section.where, name), section.data[name])
        known = [each.name for each in fields(bus.settings) if each.name in ADDRESS]
        one.allow(known)
        yield name, {key: value for key, value in one.data.items() if key in known}


def _envelope(section: Section, site: Site) -> Iterator[tuple[str, Bounds]]:
    for name in section.data:
        point = site.points.get(name)
        if point is None or not point.commandable:
            there = [id_ for id_, one in site.points.items() if one.commandable]
            section.wrong(name, f"there is no point '{name}' to write", nearest(name, there))
            continue
        one = Section(section.document, (*section.where, name), section.data[name])
        one.allow(BOUNDS)
        unit = point.unit if point.kind is ValueKind.NUMBER else ""
        for end in ("low", "high"):
            if not one.has(end):
                one.missing(end)
        rate = one.number("rate", unit, 0.0) if one.has("rate") else None
        yield name, Bounds(low=one.number("low", unit, 0.0), high=one.number("high", unit, 0.0), rate=rate)
