"""Areas and equipment of a site: roles bound to points, nameplate numbers, settings and guards."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.mains import take_turns
from agent.config.nameplate import read_nameplate
from agent.config.names import nearest
from agent.config.points import role_mismatch
from agent.config.quantities import QuantityError, quantity
from agent.config.schema import AreaShape, EquipmentShape, GuardsShape, StartCapShape
from agent.core.equipment import Area, AreaModel, Equipment, GuardSettings, Place, StartCap
from agent.core.point import ValueKind
from agent.core.role import ROLES

_SHARED = tuple(EquipmentShape.model_fields)


@dataclass(slots=True)
class EquipmentBuilder:
    """Builds areas and equipment into a draft whose devices are built."""

    draft: Draft
    _shapes: dict[str, tuple[EquipmentShape, Where]] = field(default_factory=dict)

    def build(self) -> None:
        for name, area, where in self.draft.entries("areas", AreaShape):
            self._area(name, area, where)
        take_turns(self.draft)
        for name, shape, where in self.draft.entries("equipment", EquipmentShape):
            self._machine(name, shape, where)
        for name, (shape, where) in self._shapes.items():
            self._finish(name, shape, where)
        self._check_minimum_running()
        _check_start_caps(self.draft)
        self._warn_of_shared_commands()

    def _area(self, name: str, shape: AreaShape, where: Where) -> None:
        for index, role in enumerate(shape.wake_on):
            if role not in ROLES:
                message = f"'{role[:60]}' is not a role"
                self.draft.document.add((*where, "wake_on", index), message, nearest(role, ROLES))
        self.draft.modes[name] = shape.modes
        if shape.mains is not None:
            self.draft.mains.setdefault(shape.mains.name, {})[name] = shape.mains.spacing
        self.draft.areas[name] = Area(
            id=name,
            tick=shape.tick,
            authority=shape.authority,
            wake_on=frozenset(shape.wake_on),
            wake_spacing=shape.wake_spacing,
            minimum_running=shape.minimum_running,
            start_spacing=shape.start_spacing,
            start_cap=None if shape.start_cap is None else self._start_cap(shape.start_cap, where),
        )

    def _start_cap(self, shape: StartCapShape, area: Where) -> StartCap | None:
        where = (*area, "start_cap")
        power = self.draft.find_point(shape.power, (*where, "power"))
        when = None if shape.when is None else self.draft.find_point(shape.when, (*where, "when"))
        if power is not None and power.kind is not ValueKind.NUMBER:
            self.draft.document.add(
                (*where, "power"), f"{power.id} is a {power.kind.value}", "name a power meter"
            )
        if when is not None and when.kind is not ValueKind.SWITCH:
            self.draft.document.add((*where, "when"), f"{when.id} is a {when.kind.value}", "name a switch")
        try:
            limit = quantity(shape.limit, "kW")
        except QuantityError as error:
            self.draft.document.add((*where, "limit"), str(error), error.mend)
            return None
        return (
            None if power is None else StartCap(power=power.id, limit=limit, when=when.id if when else None)
        )

    def _machine(self, name: str, shape: EquipmentShape, where: Where) -> None:
        self.draft.known("areas", shape.area, "area", (*where, "area"))
        data = self.draft.section("equipment")[name]
        extra = {key: value for key, value in data.items() if key not in _SHARED}
        roles = self._device_roles(shape, extra, where)
        if shape.device is not None and shape.device not in self.draft.devices:
            self.draft.incomplete.add(name)
        rest: dict[str, Any] = {}
        for key, value in extra.items():
            if key in ROLES:
                if not self._bind(roles, key, value, (*where, key)):
                    self.draft.incomplete.add(name)
            elif self._looks_like_point(key, value, where):
                self.draft.incomplete.add(name)
            else:
                rest[key] = value
        nameplate, settings = read_nameplate(rest, self.draft.document, where)
        if shape.group is not None:
            settings["group"] = str(shape.group)
        self.draft.equipment[name] = Equipment(
            id=name,
            kind=shape.kind,
            area=shape.area,
            name=shape.name or name.replace("_", " "),
            roles=roles,
            nameplate=nameplate,
            settings=settings,
            next_to=shape.next_to,
        )
        self._shapes[name] = (shape, where)

    def _device_roles(
        self, shape: EquipmentShape, explicit: Mapping[str, Any], where: Where
    ) -> dict[str, str]:
        """The roles of the named device's points: those of the group, or those in no group."""
        if shape.device is None:
            if shape.group is not None:
                self.draft.document.add((*where, "group"), "a group needs its device", "add device: <name>")
            return {}
        if not self.draft.known("devices", shape.device, "device", (*where, "device")):
            return {}
        device = self.draft.devices[shape.device]
        groups = device.profile.groups
        wanted = None if shape.group is None else str(shape.group)
        if wanted is not None and wanted not in groups.values():
            message = f"device {shape.device} has no group '{wanted[:40]}'"
            self.draft.document.add((*where, "group"), message, nearest(wanted, groups.values()))
        roles: dict[str, str] = {}
        for name, point in device.points.items():
            if point.role is None or groups.get(name) != wanted or point.role in explicit:
                continue
            if point.role in roles:
                message = f"{roles[point.role]} and {point.id} both play {point.role}"
                mend = f"say which: {point.role}: {point.id}"
                self.draft.document.add((*where, "device"), message, mend)
                continue
            roles[point.role] = point.id
        return roles

    def _bind(self, roles: dict[str, str], role: str, value: Any, where: Where) -> bool:
        if not isinstance(value, str) or "." not in value or value[0].isdigit():
            message = f"role {role} is played by a point, not by '{str(value)[:40]}'"
            mend = f"write {role}: <device>.<point>; a nameplate number needs another name (rated_{role})"
            self.draft.document.add(where, message, mend)
            return False
        point = self.draft.find_point(value, where)
        if point is None:
            return False
        roles[role] = point.id
        if mismatch := role_mismatch(point, role):
            self.draft.document.add(where, *mismatch)
        return True

    def _looks_like_point(self, key: str, value: Any, where: Where) -> bool:
        """Reports a point bound to something that is no role."""
        if not isinstance(value, str):
            return False
        owner = value.partition(".")[0]
        if "." not in value or owner not in self.draft.section("devices"):
            return False
        self.draft.document.add(
            (*where, key), f"'{str(key)[:60]}' is not a role", nearest(key, ROLES), key=True
        )
        return True

    def _finish(self, name: str, shape: EquipmentShape, where: Where) -> None:
        """What needs the other equipment: neighbours, guards, change-over."""
        for index, neighbour in enumerate(shape.next_to):
            self.draft.known("equipment", neighbour, "equipment", (*where, "next_to", index))
        machine = self.draft.equipment[name]
        guards = self._guards(shape.guards, (*where, "guards"))
        self.draft.equipment[name] = replace(machine, guards=guards)
        if shape.change_over:
            for point_id in machine.roles.values():
                self._mark_guarded(point_id)

    def _guards(self, shape: GuardsShape, where: Where) -> GuardSettings:
        for index, served in enumerate(shape.serves):
            self.draft.known("equipment", served, "equipment", (*where, "serves", index))
        proof, minimum = None, 0.0
        if shape.proof_of_flow is not None:
            place = (*where, "proof_of_flow")
            point = self.draft.find_point(shape.proof_of_flow, place)
            if point is not None and point.kind not in (ValueKind.SWITCH, ValueKind.NUMBER):
                message = f"{point.id} is a {point.kind.value}"
                self.draft.document.add(place, message, "a flow switch or a flow measurement proves flow")
            proof = point.id if point else None
            minimum = self._flow_minimum(shape, point.unit if point else "", where)
        return GuardSettings(
            **shape.model_dump(exclude={"proof_of_flow", "flow_minimum"}),
            proof_of_flow=proof,
            flow_minimum=minimum,
        )

    def _flow_minimum(self, shape: GuardsShape, unit: str, where: Where) -> float:
        try:
            return quantity(shape.flow_minimum, unit)
        except QuantityError as error:
            self.draft.document.add((*where, "flow_minimum"), str(error), error.mend)
            return 0.0

    def _mark_guarded(self, point_id: str) -> None:
        """A change-over gives the point back when the box dies."""
        point = self.draft.points[point_id]
        if not point.commandable or point.has_device_timeout:
            return
        guarded = replace(point, has_device_timeout=True)
        self.draft.points[point_id] = guarded
        device = self.draft.devices.get(point.device)
        if device is not None:
            points = {**device.points, point.name: guarded}
            self.draft.devices[device.id] = replace(device, points=points)

    def _check_minimum_running(self) -> None:
        for area in self.draft.areas.values():
            kinds = {one.kind for one in self.draft.equipment.values() if one.area == area.id}
            for kind in area.minimum_running:
                if kind not in kinds and not self._some_failed():
                    where = ("areas", area.id, "minimum_running", kind)
                    message = f"area {area.id} has no equipment of kind '{kind[:60]}'"
                    self.draft.document.add(where, message, nearest(kind, kinds), key=True)

    def _some_failed(self) -> bool:
        return bool(set(map(str, self.draft.section("equipment"))) - set(self.draft.equipment))

    def _warn_of_shared_commands(self) -> None:
        owners: dict[str, str] = {}
        for machine in self.draft.equipment.values():
            for role, point_id in machine.roles.items():
                if not self.draft.points[point_id].commandable or point_id.startswith("virtual."):
                    continue
                other = owners.setdefault(point_id, machine.id)
                if other != machine.id:
                    message = f"{point_id} is commanded for {machine.id} and for {other}"
                    where = ("equipment", machine.id, role)
                    self.draft.document.warn(where, message, "give each machine its own point, or its group")


def warn_of_odd_kinds(draft: Draft) -> None:
    """A kind no policy knows is fine; one that is nearly a known kind is a slip nobody would notice. Looks at all policies there are."""
    policies: Iterable[Any] = draft.catalogue.policies.values()
    known = {part.equipment for one in policies for part in (*one.reads, *one.claims)} - {"", "*"}
    used = Counter(one.kind for one in draft.equipment.values())
    known.update(kind for kind, count in used.items() if count > 1)
    for machine in draft.equipment.values():
        close = difflib.get_close_matches(machine.kind, known, n=1, cutoff=0.75)
        if close and machine.kind not in known:
            message = f"no policy and no other equipment has the kind '{machine.kind[:60]}'"
            draft.document.warn(("equipment", machine.id, "kind"), message, f"did you mean '{close[0]}'?")


def _check_start_caps(draft: Draft) -> None:
    """A machine of unknown power could not be held back in time."""
    for machine in draft.equipment.values():
        area = draft.areas.get(machine.area)
        point = draft.points.get(machine.roles.get("enable", ""))
        started = point is not None and point.commandable
        if area is not None and area.start_cap and started and "rated_power" not in machine.nameplate:
            message = f"area {area.id} has a start_cap, and the power of {machine.id} is not known"
            draft.document.add(("equipment", machine.id), message, "write rated_power: 75 kW", key=True)


def area_models(draft: Draft, place: Place) -> dict[str, AreaModel]:
    """Each area with its equipment and every point that equipment binds; a virtual point that only other areas bind is theirs."""
    virtual = {name: point for name, point in draft.points.items() if name.startswith("virtual.")}
    models: dict[str, AreaModel] = {}
    for area in draft.areas.values():
        machines = {name: one for name, one in draft.equipment.items() if one.area == area.id}
        others = (one for one in draft.equipment.values() if one.area != area.id)
        theirs = {point_id for one in others for point_id in one.roles.values()}
        bound = {
            point_id: draft.points[point_id] for one in machines.values() for point_id in one.roles.values()
        }
        free = {name: point for name, point in virtual.items() if name not in theirs}
        models[area.id] = AreaModel(area=area, place=place, equipment=machines, points=bound | free)
    return models
