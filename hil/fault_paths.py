"""What the paths of faults mean on one bench: its buses, devices, points and machines, and what each can suffer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Protocol

from agent.core.device_profile import DeviceProfile
from agent.core.point import ValueKind
from hil.fault_kinds import KINDS, FaultInfo, Place
from hil.servers.ailments import WHOLE, Ailment
from hil.servers.device import SimulatedDevice

ALL = "*"
_WRITABLE = (Ailment.STUCK_ACTUATOR, Ailment.WRITES_REFUSED)
_NUMBERS = (Ailment.BIAS, Ailment.DRIFT, Ailment.NOISE)
_DEAD_WIRE = ("stall", "network_down")  # what a bench without wires can play: silence


class Faces(Protocol):
    """What is asked of the faces of a bench that has some."""

    def can(self, bus: str, kind: str) -> bool:
        """Whether this kind of wire fault is possible on that bus."""
        ...

    def disturb(self, bus: str, kind: str, amount: float | None) -> None:
        """Babble, network_down, certificate_*: from now on."""
        ...

    def calm(self, bus: str, kind: str) -> None: ...


class FaultPlaces:
    """`devices` by id, `buses` the bus of each device; `faces` None: a bench without wires."""

    def __init__(
        self,
        devices: Mapping[str, SimulatedDevice],
        buses: Mapping[str, str],
        faces: Faces | None = None,
    ) -> None:
        self.devices = devices
        self.buses = buses
        self.faces = faces

    def understand(self, path: str, kind: str, failures: Mapping[str, str]) -> tuple[Place, str, FaultInfo]:
        """Where, at whom, and what. Raises ValueError with what there is instead."""
        profiles = {id_: device.profile for id_, device in self.devices.items()}
        place, name, info = meant(path, kind, profiles, self.buses, failures)
        if place is not Place.PLANT and not any(
            self._suffers(info, bus) for bus in self.buses_of(place, name)
        ):
            raise ValueError(f"{path}: {kind} is not possible on this bench or bus")
        if place is Place.POINT and info.ailment is Ailment.SENTINEL and self._speechless(name):
            raise ValueError(f"{path}: its register has no word for 'not available'; stuck is possible")
        return place, name, info

    def targets(self, place: Place, name: str) -> Iterator[tuple[SimulatedDevice, str]]:
        """Devices with the point that is meant, or `WHOLE`."""
        if place is Place.POINT:
            device, _, point = name.partition(".")
            yield self.devices[device], point
            return
        for one, device_here in self.devices.items():
            if name in (ALL, one if place is Place.DEVICE else self.buses[one]):
                yield device_here, WHOLE

    def buses_of(self, place: Place, name: str) -> tuple[str, ...]:
        if name == ALL:
            return tuple(dict.fromkeys(self.buses.values()))
        return (name,) if place is Place.BUS else (self.buses[name.partition(".")[0]],)

    def paths(self, info: FaultInfo) -> Iterator[str]:
        """Every place that can have this fault; a whole device only where single points cannot."""
        if Place.POINT in info.places:
            yield from self._points(info)
        elif Place.BUS in info.places:
            yield from (
                f"bus:{bus}" for bus in dict.fromkeys(self.buses.values()) if self._suffers(info, bus)
            )
        else:
            yield from (f"device:{one}" for one in self.devices)

    def unit_of(self, path: str, info: FaultInfo) -> str:
        """The unit of the amount; of a point's own error, the point's."""
        if not info.unit.startswith("unit"):
            return info.unit
        place, _, name = path.partition(":")
        device, _, point = name.partition(".")
        own = self.devices[device].profile.points[point].unit if place == Place.POINT else ""
        return info.unit.replace("unit", own) if own else ""

    def _points(self, info: FaultInfo) -> Iterator[str]:
        for one, device in self.devices.items():
            for name, point in device.profile.points.items():
                measured = device.measures(name)
                if info.ailment in _WRITABLE or info.ailment is None:
                    fits = name in device.commands
                elif info.ailment is Ailment.SENTINEL:
                    fits = measured and name not in device.speechless
                elif info.ailment in _NUMBERS:
                    fits = measured and point.kind is ValueKind.NUMBER
                else:
                    fits = measured
                if fits:
                    yield f"point:{one}.{name}"

    def _speechless(self, name: str) -> bool:
        device, _, point = name.partition(".")
        return point in self.devices[device].speechless

    def _suffers(self, info: FaultInfo, bus: str) -> bool:
        if info.ailment is not None or info.kind in ("reboot", "power_dip", "second_master"):
            return True
        return info.kind in _DEAD_WIRE if self.faces is None else self.faces.can(bus, info.kind)


def meant(
    path: str,
    kind: str,
    profiles: Mapping[str, DeviceProfile],
    buses: Mapping[str, str],
    failures: Mapping[str, str],
) -> tuple[Place, str, FaultInfo]:
    """Where, at whom, and what, on any bench. Raises ValueError with what there is instead.

    `profiles` and `buses` by device; `failures` of the plant, with what each means.
    """
    word, _, name = path.partition(":")
    if word not in list(Place) or not name:
        raise ValueError(f"{path!r} is no path; write bus:<id>, device:<id>, point:<id> or plant:<machine>")
    place = Place(word)
    if place is Place.PLANT:
        return _plant_fault(name, kind, failures)
    info = KINDS.get(kind)
    if info is None or place not in info.places:
        there = [one.kind for one in KINDS.values() if place in one.places]
        if not kind:
            raise ValueError(f"{path}: say which fault, {path} <kind>; there are {', '.join(there)}")
        raise ValueError(f"{path}: there is no fault {kind!r} here{_hint(kind, there)}")
    if place is Place.POINT:
        device, _, point = name.partition(".")
        if device not in profiles or point not in profiles[device].points:
            there = [f"{one}.{each}" for one in profiles for each in profiles[one].points]
            raise ValueError(f"there is no point {name!r}{_hint(name, there)}")
    known = list(dict.fromkeys(buses.values()) if place is Place.BUS else profiles)
    if place is not Place.POINT and name not in (ALL, *known):
        raise ValueError(f"there is no {place} {name!r}{_hint(name, known)}")
    return place, name, info


def _plant_fault(name: str, kind: str, failures: Mapping[str, str]) -> tuple[Place, str, FaultInfo]:
    """`plant:chiller_1.trip`, or `plant:chiller_1` and the kind beside it; `plant:power_dip` where all of it suffers."""
    full = name if name in failures else plant_fault(name, kind)
    own = [one for one in failures if one.startswith(f"{name}.")]
    if full not in failures and own:
        raise ValueError(f"{name} has no fault {kind!r}; there are {', '.join(own)}")
    if full not in failures:
        raise ValueError(f"this plant has no fault {full!r}{_hint(full, list(failures))}")
    owner, _, kind = full.rpartition(".")
    info = FaultInfo(kind=kind, places=(Place.PLANT,), help=failures[full], amount=1.0)
    return Place.PLANT, owner or ALL, info


def plant_fault(owner: str, kind: str) -> str:
    """The plant's own name of a fault; `*` is the whole plant (`power_dip`)."""
    if owner == ALL:
        return kind
    return f"{owner}.{kind}" if kind else owner


def _hint(name: str, there: list[str]) -> str:
    near = get_close_matches(name, there, 1)
    if near:
        return f"; did you mean {near[0]}"
    return f"; there are {', '.join(there[:12])}" if there else ""
