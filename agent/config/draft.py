"""A site while it is being built: the document, the catalogue and everything built so far.

An entry that failed is remembered by name, so that what refers to it is not reported a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.config.document import Document, Where
from agent.config.names import bad_name, nearest
from agent.config.profiles import LoadedProfile
from agent.config.schema import ModeShape
from agent.config.shapes import fit
from agent.core.device_profile import Device
from agent.core.equipment import Area, Equipment
from agent.core.interlock import Interlock
from agent.core.point import Point
from agent.core.policy import AnyPolicy
from agent.core.site import Bus, Catalogue, Uplink

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(slots=True)
class Draft:
    """What is known so far. `points` are the full ids of all devices and virtual points."""

    document: Document
    catalogue: Catalogue
    folder: Path
    profile_paths: Mapping[str, Path] = field(default_factory=dict)
    profiles: dict[str, LoadedProfile | None] = field(default_factory=dict)
    buses: dict[str, Bus] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    points: dict[str, Point] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    equipment: dict[str, Equipment] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)  # equipment whose roles could not all be bound
    policies: dict[str, tuple[str, AnyPolicy]] = field(default_factory=dict)  # name -> area, policy
    interlocks: list[Interlock] = field(default_factory=list)
    uplinks: dict[str, Uplink] = field(default_factory=dict)
    modes: dict[str, Mapping[str, ModeShape]] = field(default_factory=dict)  # by area
    mains: dict[str, dict[str, float]] = field(default_factory=dict)  # by name: area -> spacing

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of named entries; empty when it is missing or was already reported as no section."""
        data = self.document.data.get(name)
        return data if isinstance(data, dict) else {}

    def entries(self, section: str, shape: type[Shape]) -> Iterator[tuple[str, Shape, Where]]:
        """Each entry of a section in its shape; the others are reported."""
        for name, data in self.section(section).items():
            where: Where = (section, name)
            if (message := bad_name(name)) is not None:
                self.document.add(where, message, "rename it", key=True)
                continue
            if not isinstance(data, dict):
                keys = ", ".join(list(shape.model_fields)[:3])
                self.document.add(where, f"'{name}' needs its own keys", f"write {name}: {{{keys} ...}}")
                continue
            if (entry := fit(shape, data, self.document, where)) is not None:
                yield name, entry, where

    def known(self, section: str, name: str, what: str, where: Where) -> bool:
        """Whether an entry of that name was built; reports a name that does not even stand there."""
        built: Mapping[str, Any] = getattr(self, section)
        if name in built:
            return True
        declared = self.section(section)
        if name not in declared:
            self.document.add(where, f"there is no {what} '{name[:60]}'", nearest(name, map(str, declared)))
        return False

    def find_point(self, text: str, where: Where) -> Point | None:
        """The point of that id, or the one that plays a role: `chiller_1.enable`. Reports an unknown one."""
        if (point := self.points.get(text)) is not None:
            return point
        owner, _, rest = text.partition(".")
        if (machine := self.equipment.get(owner)) is not None and owner not in self.devices:
            bound = machine.roles.get(rest)
            if bound is None and owner not in self.incomplete:
                mend = nearest(rest, machine.roles)
                self.document.add(where, f"{owner} has no role '{rest[:60]}' bound", mend)
            return self.points.get(bound) if bound else None
        self._report_point(text, owner, rest, where)
        return None

    def _report_point(self, text: str, owner: str, rest: str, where: Where) -> None:
        if not rest:
            self.document.add(where, f"'{text[:60]}' is not a point", "write <device>.<point>")
        elif owner in self.devices:
            mend = nearest(rest, self.devices[owner].points)
            self.document.add(where, f"device {owner} has no point '{rest[:60]}'", mend)
        elif owner not in self.section("devices") and owner not in self.section("equipment"):
            names = [*map(str, self.section("devices")), *map(str, self.section("equipment")), "virtual"]
            if owner == "virtual":
                names = [point for point in self.points if point.startswith("virtual.")]
                self.document.add(where, f"there is no point '{text[:60]}'", nearest(text, names))
            else:
                self.document.add(where, f"there is no device '{owner[:60]}'", nearest(owner, names))
