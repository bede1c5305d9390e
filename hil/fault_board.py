"""The board of faults of one running bench: thrown, standing, mended, by path, on wire, devices and plant alike.

A bench without wires (virtual time) lets a dead wire fall on the devices: they are silent, which is what a master sees.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.core.clock import Clock
from agent.core.point import Value
from hil.fault_kinds import KINDS, FaultInfo, Place
from hil.fault_paths import ALL, FaultPlaces, plant_fault
from hil.faults import WireFaults
from hil.plant.variables import Failing, Plant
from hil.servers.ailments import WHOLE, Ailment
from hil.servers.device import SimulatedDevice

_log = logging.getLogger("plantroom.hil")

MASTER_EVERY = 5.0  # site seconds between the writes of a second master
AT_ONCE = ("reboot", "power_dip")  # over as soon as thrown

Write = tuple[SimulatedDevice, str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFault:
    """One fault that stands, or one that is possible. `since` and `until` are elapsed site seconds."""

    path: str
    kind: str
    amount: float | None = None
    unit: str = ""
    help: str = ""
    since: float = 0.0
    until: float | None = None


class FaultBoard:
    """Faults by path. Everything is undone by `mend`, or by itself when its time is over (`watch` looks at the clock)."""

    def __init__(
        self, places: FaultPlaces, plant: Plant, clock: Clock, *, wire: WireFaults | None = None
    ) -> None:
        self._places = places
        self._plant = _breakable(plant)
        self._clock = clock
        self._wire = wire
        self._standing: dict[tuple[str, str], StandingFault] = {}
        self._masters: dict[tuple[str, str], tuple[Write, ...]] = {}
        self._next_write = 0.0
        if wire is not None:
            wire.buses.update(places.buses)

    def throw(
        self, path: str, kind: str = "", amount: float | None = None, seconds: float | None = None
    ) -> StandingFault:
        """From now on, for `seconds` of site time (None: until mended). `amount` is in the unit of the kind.

        Raises ValueError for a path, kind or amount that is not possible here; the sentence says what is.
        """
        place, name, info = self._places.understand(path, kind, self._failures())
        full = f"{place}:{name}"
        amount = info.amount if amount is None else amount
        self.mend(full, info.kind)
        self._start(place, name, info, amount)
        now = self._clock.elapsed()
        until = None if seconds is None else now + seconds
        fault = StandingFault(
            path=full,
            kind=info.kind,
            amount=amount,
            unit=self._places.unit_of(full, info),
            help=info.help,
            since=now,
            until=until,
        )
        if place is Place.PLANT or info.kind not in AT_ONCE:
            self._standing[full, info.kind] = fault
        _log.info("fault thrown: %s %s %s", full, info.kind, "" if amount is None else f"{amount:g}")
        return fault

    def mend(self, path: str = ALL, kind: str = "") -> tuple[StandingFault, ...]:
        """What was mended; nothing where nothing stood. `*` is everything, no kind every kind at that path."""
        chosen = [one for one in self._standing.values() if path in _names(one) and kind in ("", one.kind)]
        for one in chosen:
            del self._standing[one.path, one.kind]
            place, _, name = one.path.partition(":")
            self._end(Place(place), name, one.kind)
            _log.info("fault mended: %s %s", one.path, one.kind)
        return tuple(chosen)

    def standing(self) -> tuple[StandingFault, ...]:
        """In the order they were thrown."""
        return tuple(self._standing.values())

    def possible(self) -> Iterator[StandingFault]:
        """Every fault that can be thrown here, with the amount it takes by itself."""
        for name, text in self._failures().items():
            owner, _, kind = name.rpartition(".")
            yield StandingFault(path=f"plant:{owner or ALL}", kind=kind, amount=1.0, help=text)
        for info in KINDS.values():
            for path in self._places.paths(info):
                yield StandingFault(
                    path=path,
                    kind=info.kind,
                    amount=info.amount,
                    unit=self._places.unit_of(path, info),
                    help=info.help,
                )

    def watch(self) -> None:
        """To be called at every step of the plant: ends what is over, and lets the second master write."""
        if not self._standing:
            return
        now = self._clock.elapsed()
        over = [one for one in self._standing.values() if one.until is not None and now >= one.until]
        for one in over:
            self.mend(one.path, one.kind)
        if self._masters and now >= self._next_write:
            self._next_write = now + MASTER_EVERY
            for writes in self._masters.values():
                _write_all(writes)

    def _failures(self) -> Mapping[str, str]:
        return {} if self._plant is None else self._plant.failures()

    def _start(self, place: Place, name: str, info: FaultInfo, amount: float | None) -> None:
        faces = self._places.faces
        if place is Place.PLANT:
            if self._plant is not None:
                self._plant.fail(plant_fault(name, info.kind), 1.0 if amount is None else amount)
        elif info.kind in AT_ONCE:
            for device, _ in self._places.targets(place, name):
                device.reboot(amount or 0.0)
        elif info.kind == "second_master":
            self._masters[f"{place}:{name}", info.kind] = self._other_writes(place, name, amount)
        elif info.wire is not None and self._wire is not None:
            self._wire.add(_wire_key(place, name), info.wire_fault(amount))
        elif info.ailment is None and faces is not None:
            for bus in self._places.buses_of(place, name):
                faces.disturb(bus, info.kind, amount)
        else:
            for device, point in self._places.targets(place, name):
                device.fall_ill(info.ailment or Ailment.SILENT, point, amount)

    def _end(self, place: Place, name: str, kind: str) -> None:
        faces, info = self._places.faces, KINDS.get(kind)
        if place is Place.PLANT or info is None:
            if self._plant is not None:
                self._plant.mend(plant_fault(name, kind))
        elif kind == "second_master":
            self._masters.pop((f"{place}:{name}", kind), None)
        elif info.wire is not None and self._wire is not None:
            self._wire.clear(_wire_key(place, name), info.wire)
        elif info.ailment is None and faces is not None:
            for bus in self._places.buses_of(place, name):
                faces.calm(bus, kind)
        else:
            for device, point in self._places.targets(place, name):
                device.recover(info.ailment or Ailment.SILENT, point)

    def _other_writes(self, place: Place, name: str, amount: float | None) -> tuple[Write, ...]:
        """A point: the given value. Else every commandable point what it shows now, as an old program would."""
        writes: list[Write] = []
        for device, point in self._places.targets(place, name):
            for one in (point,) if point != WHOLE else tuple(device.commands):
                value = device.read(one) if amount is None else amount
                if value is not None:
                    writes.append((device, one, value))
        if not writes:
            raise ValueError(f"{place}:{name}: there is nothing to write")
        return tuple(writes)


def _names(fault: StandingFault) -> tuple[str, ...]:
    """The paths that mean this fault."""
    return ALL, fault.path, f"{fault.path}.{fault.kind}", f"{fault.path.removesuffix(ALL)}{fault.kind}"


def _breakable(plant: object) -> Failing | None:
    """The plant, or the one it wraps (`plant`), whose machines can break."""
    while plant is not None and not isinstance(plant, Failing):
        plant = getattr(plant, "plant", None)
    return plant


def _wire_key(place: Place, name: str) -> str:
    if name == ALL:
        return WireFaults.ANY
    return name if place is Place.DEVICE else f"bus:{name}"


def _write_all(writes: tuple[Write, ...]) -> None:
    for device, point, value in writes:
        if device.deaf:
            continue
        try:
            device.write(point, value)
        except ValueError as error:
            _log.debug("second master: %s", error)
