"""Buses and devices of a site: profiles instantiated, lines overridden, the driver's settings built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import bad_name, nearest
from agent.config.parameters import Settings
from agent.config.point_line import PointLine
from agent.config.points import build_point, may_write
from agent.config.profiles import LoadedProfile, PointTable, load_lines
from agent.config.schema import DeviceShape, KindShape, VirtualShape
from agent.config.shapes import fit
from agent.core.device_profile import Device, DeviceProfile
from agent.core.driver import DriverKind
from agent.core.errors import ConfigurationError
from agent.core.point import Point, ValueKind
from agent.core.register import Node, Register, Slot
from agent.core.role import ROLES
from agent.core.site import Bus

_SHARED = ("bus", "profile", "name", "poll", "points")
_WRITTEN_AS = {Register: "a register (table, address)", Node: "a node", Slot: "a memory slot"}


@dataclass(slots=True)
class DeviceBuilder:
    """Builds all buses, devices and their points into a draft."""

    draft: Draft
    settings: Settings
    _places: dict[object, str] = field(default_factory=dict)  # address on the outside world -> who has it

    def build(self) -> None:
        for name, shape, where in self.draft.entries("buses", KindShape):
            self._bus(name, shape, where)
        for name, entry, where in self.draft.entries("devices", DeviceShape):
            if name == "virtual":
                self.draft.document.add(
                    where, "'virtual' names points inside the agent", "rename it", key=True
                )
            else:
                self._device(name, entry, where)
        for name, virtual, where in self.draft.entries("virtual", VirtualShape):
            self._virtual(name, virtual, where)

    def _bus(self, name: str, shape: KindShape, where: Where) -> None:
        kind = self.draft.catalogue.drivers.get(shape.kind)
        if kind is None:
            mend = nearest(shape.kind, self.draft.catalogue.drivers)
            self.draft.document.add((*where, "kind"), f"there is no bus kind '{shape.kind[:60]}'", mend)
            return
        data = self.draft.section("buses")[name]
        settings = self.settings.build(kind.bus_settings, data, where, shared=("kind",))
        if settings is None:
            return
        self._claim(_outside(settings), name, where, "the same port or host; one bus may own it")
        self.draft.buses[name] = Bus(id=name, kind=shape.kind, settings=settings)

    def _claim(self, place: object, name: str, where: Where, why: str) -> None:
        if place is None:
            return
        if (other := self._places.setdefault(place, name)) != name:
            self.draft.document.add(where, f"{name} and {other} have {why}", "change one of them", key=True)

    def _device(self, name: str, entry: DeviceShape, where: Where) -> None:
        driver = self._driver(entry, where)
        profile = self._profile(entry, where)
        if not entry.profile and not entry.points:
            message = f"device {name} has neither a profile nor points"
            self.draft.document.add(where, message, self._meant(name), key=True)
        if entry.profile is not None and profile is None:
            return
        built = _with_lines(self.draft, name, entry, profile, where)
        settings = None
        if driver is not None:
            settings = self._settings(name, entry, driver, where)
            built = self._with_sources(name, built, driver, where)
        built = _paced(built, entry)
        points = {point: _named(template, name) for point, template in built.points.items()}
        # also with a bus or settings that failed: what refers to its points can still be checked
        self.draft.devices[name] = Device(
            id=name, bus=entry.bus, profile=built, settings=settings, name=entry.name or name, points=points
        )
        self.draft.points.update((point.id, point) for point in points.values())

    def _meant(self, name: str) -> str:
        """A misspelt key is named here as well: with a wrong bus nobody else judges the keys of a device."""
        for key in self.draft.section("devices")[name]:
            if close := get_close_matches(str(key), ("profile", "points"), n=1):
                return f"did you mean '{close[0]}' in place of '{str(key)[:60]}'?"
        return "add profile: or points:"

    def _settings(self, name: str, entry: DeviceShape, driver: DriverKind, where: Where) -> Any:
        data = self.draft.section("devices")[name]
        settings = self.settings.build(driver.device_settings, data, where, shared=_SHARED)
        unit = getattr(settings, "unit", None)
        if unit is not None:
            self._claim((entry.bus, unit), name, where, f"the same unit {unit} on bus {entry.bus}")
        return settings

    def _driver(self, entry: DeviceShape, where: Where) -> DriverKind | None:
        if not self.draft.known("buses", entry.bus, "bus", (*where, "bus")):
            return None
        return self.draft.catalogue.drivers[self.draft.buses[entry.bus].kind]

    def _profile(self, entry: DeviceShape, where: Where) -> LoadedProfile | None:
        if entry.profile is None:
            return None
        loaded = self.draft.profiles
        if entry.profile not in loaded:
            path = self.draft.profile_paths.get(entry.profile)
            if path is None:
                mend = nearest(entry.profile, self.draft.profile_paths)
                message = f"there is no profile '{entry.profile[:60]}'"
                self.draft.document.add((*where, "profile"), message, mend)
                return None
            try:
                loaded[entry.profile] = load_lines(path)
            except ConfigurationError as error:
                loaded[entry.profile] = None
                self.draft.document.problems.extend(error.problems)
        return loaded[entry.profile]

    def _with_sources(
        self, name: str, profile: DeviceProfile, driver: DriverKind, where: Where
    ) -> DeviceProfile:
        if driver.source is Slot:  # the memory driver plays any device
            slots = {
                point: source if isinstance(source, Slot) else Slot()
                for point, source in profile.sources.items()
            }
            return replace(profile, sources=slots)
        for point, source in profile.sources.items():
            if not isinstance(source, driver.source):
                message = f"bus kind {driver.kind} cannot find {name}.{point}"
                mend = f"describe it as {_WRITTEN_AS.get(driver.source, driver.source.__name__)}"
                self.draft.document.add((*where, "points", point), message, mend, key=True)
                break
        return profile

    def _virtual(self, name: str, shape: VirtualShape, where: Where) -> None:
        role = ROLES.get(shape.role or "")
        kind = shape.kind or (role.kind if role else ValueKind.NUMBER)
        line = PointLine.model_validate(
            shape.model_dump() | {"access": "read_write", "release": "none", "kind": kind}
        )
        point = build_point(
            f"virtual.{name}",
            line,
            device_timeout=True,
            report=lambda at, message, mend: self.draft.document.add((*where, *at), message, mend),
        )
        self.draft.points[point.id] = point


def _with_lines(
    draft: Draft, name: str, entry: DeviceShape, loaded: LoadedProfile | None, where: Where
) -> DeviceProfile:
    """The profile with the device's own lines on top."""
    if loaded is not None and not entry.points:
        return loaded.profile
    table = PointTable()
    base = loaded.profile if loaded else DeviceProfile(id=f"{name} (site file)", confidence="own")
    if loaded is not None:
        table = PointTable(
            dict(base.points), dict(base.sources), dict(base.polls), dict(base.groups), dict(loaded.lines)
        )
    for point, written in entry.points.items():
        _one_line(draft, table, base, point, written, (*where, "points", point))
    return replace(base, points=table.points, sources=table.sources, polls=table.polls, groups=table.groups)


def _one_line(
    draft: Draft, table: PointTable, base: DeviceProfile, name: str, written: Any, where: Where
) -> None:
    if (message := bad_name(name)) is not None:
        draft.document.add(where, message, "rename it", key=True)
        return
    line = fit(PointLine, written, draft.document, where)
    if line is None:
        return
    known = table.lines.get(name)
    if known is not None:
        line = known.model_copy(update={key: getattr(line, key) for key in line.model_fields_set})
    elif base.points and line.address is None and line.node is None:
        mend = nearest(name, base.points)
        draft.document.add(where, f"profile {base.id} has no point '{name[:60]}'", mend, key=True)
        return
    if line.access != "read" and not may_write(base.confidence):
        message = f"the map {base.id} (confidence '{base.confidence}') may not be written to"
        draft.document.add((*where, "access"), message, "leave it access: read")
    table.add(
        name,
        line,
        device_timeout=base.timeout_reverts,
        report=lambda at, message, mend: draft.document.add((*where, *at), message, mend),
    )
    if line.feedback is not None and line.feedback not in table.points:
        mend = nearest(line.feedback, table.points)
        draft.document.add((*where, "feedback"), f"there is no point '{line.feedback[:60]}'", mend)


def _paced(profile: DeviceProfile, entry: DeviceShape) -> DeviceProfile:
    if entry.poll is None:
        return profile
    return replace(profile, pacing=replace(profile.pacing, poll=entry.poll))


def _named(template: Point, device: str) -> Point:
    writing = template.writing
    if writing.feedback is not None:
        writing = replace(writing, feedback=f"{device}.{writing.feedback}")
    return replace(template, id=f"{device}.{template.id}", writing=writing)


def _outside(settings: Any) -> object:
    """What a bus occupies in the outside world; None when several may share it."""
    host, port = getattr(settings, "host", None), getattr(settings, "port", None)
    return None if port is None else (host, port)
