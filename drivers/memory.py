"""The in-memory driver: devices that exist only as values in a dictionary. For tests, replay and the virtual-time bench.

Whoever simulates the plant takes the `Memory` of a bus (`memory_of("plant")`), sets `values`, and reads `values` and
`writes` back. Faults are switches on the same object. A bench that runs years in minutes gives a `source` instead of
values: it is asked once an exchange, for all points of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import Driver, DriverKind, ReadItem, Sink
from agent.core.errors import BusError, RefusedError
from agent.core.parameter import parameter
from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality, ReadingBlock
from agent.core.register import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBus:
    """A bus without a wire."""

    memory: str | None = parameter(None, help="name of the memory it shows; else the id of the bus")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDevice:
    """A device in memory needs no settings."""


class Source(Protocol):
    """Live devices behind a memory bus."""

    def read(self, device: str, points: Sequence[str]) -> Sequence[Value | None]:
        """The values of these points of one device, at this instant."""
        ...

    def write(self, point: str, value: Value) -> None:
        """A command arrives."""
        ...


@dataclass(slots=True)
class Memory:
    """What the devices of one memory bus hold, by point id, and how they misbehave.

    A value None is "not available". `failing` maps a device id or a point id to the error of every access to it;
    `down` is the reason why the whole bus is dead. `on_write` sees each write after it was taken. Where there is a
    `source`, it is read and written instead of `values`; it may raise BusError and DeviceError, on writes ValueError too.
    """

    values: dict[str, Value | None] = field(default_factory=dict)
    writes: list[tuple[str, Value]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    down: str = ""
    on_write: Callable[[str, Value], None] | None = None
    source: Source | None = None


MEMORIES: dict[str, Memory] = {}


def memory_of(name: str) -> Memory:
    """The memory of this name, made when it does not exist yet."""
    return MEMORIES.setdefault(name, Memory())


class MemoryDriver:
    """Shows a `Memory` as a bus."""

    at_once = True  # no exchange waits for anything, so none needs a time-out

    def __init__(self, memory: Memory, devices: Sequence[Device], clock: Clock) -> None:
        self.memory = memory
        self._clock = clock
        self._is_open = False
        self._points = {point.id: point for device in devices for point in device.points.values()}
        self._items = tuple(item for device in devices for item in _items_of(device))
        self._spans = {item.points: _spans_of(item.points, self._points) for item in self._items}
        for device in devices:
            for name, point in device.points.items():
                source = device.profile.sources.get(name)
                if isinstance(source, Slot) and source.initial is not None:
                    memory.values.setdefault(point.id, source.initial)

    async def open(self) -> None:
        self._is_open = False
        self._check_line()
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    def plan(self) -> Sequence[ReadItem]:
        return self._items

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        memory = self.memory
        if not self._is_open or memory.down or memory.failing:
            self._check(item.device)
        source = memory.source
        if source is None or memory.failing:
            values, flaws = self._look_at(item)
        else:
            values = tuple(source.read(item.device, item.points))
            flaws = _flaws(item.points, values, self._spans[item.points])
        if not flaws:
            now = self._clock
            return (
                ReadingBlock(
                    item.device, item.points, values, now.utc(), now.elapsed(), None, "", now.trusted()
                ),
            )
        qualities = tuple(Quality.BAD if point in flaws else Quality.GOOD for point in item.points)
        block = ReadingBlock(
            item.device,
            item.points,
            values,
            self._clock.utc(),
            self._clock.elapsed(),
            qualities,
            "; ".join(f"{point}: {flaw}" for point, flaw in flaws.items()),
            self._clock.trusted(),
        )
        return (block,)

    async def write(self, point: str, value: Value) -> None:
        known = self._points.get(point)
        if known is None or not known.commandable:
            raise RefusedError(
                f"{point} can only be read" if known else f"{point}: no such point on this bus"
            )
        _check_value(known, value)
        self._check(known.device)
        if point in self.memory.failing:
            raise self.memory.failing[point]
        if self.memory.source is not None:
            self.memory.source.write(point, value)
        else:
            self.memory.values[point] = value
            self.memory.writes.append((point, value))
        if self.memory.on_write is not None:
            self.memory.on_write(point, value)

    def _look_at(self, item: ReadItem) -> tuple[tuple[Value | None, ...], dict[str, str]]:
        """The values, and what is wrong with some of them."""
        memory = self.memory
        if memory.source is not None:
            values = tuple(memory.source.read(item.device, item.points))
        else:
            values = tuple(memory.values.get(point) for point in item.points)
        failing = {point: str(memory.failing[point]) for point in item.points if point in memory.failing}
        values = tuple(
            None if point in failing else value for point, value in zip(item.points, values, strict=True)
        )
        return values, _flaws(item.points, values, self._spans[item.points]) | failing

    def _check(self, device: str) -> None:
        if not self._is_open:
            raise BusError("not open")
        self._check_line()
        failure = self.memory.failing.get(device)
        if failure is not None:
            self._is_open = self._is_open and not isinstance(failure, BusError)
            raise failure

    def _check_line(self) -> None:
        if self.memory.down:
            self._is_open = False
            raise BusError(self.memory.down)


def _items_of(device: Device) -> Sequence[ReadItem]:
    """One item per poll period."""
    profile = device.profile
    periods: dict[float, list[str]] = {}
    for name, point in device.points.items():
        if point.access is not Access.WRITE:
            periods.setdefault(profile.polls.get(name, profile.pacing.poll), []).append(point.id)
    return [ReadItem(device.id, tuple(points), period) for period, points in periods.items()]


def _spans_of(points: Sequence[str], known: Mapping[str, Point]) -> tuple[tuple[int, float, float], ...]:
    """Position and plausible range of the points that have one."""
    return tuple(
        (index, *span) for index, point in enumerate(points) if (span := known[point].plausible) is not None
    )


def _flaws(
    points: Sequence[str], values: Sequence[Value | None], spans: Sequence[tuple[int, float, float]]
) -> dict[str, str]:
    """What is wrong with the values: not there, or not plausible."""
    flaws = {}
    if None in values:
        flaws = {point: "not available" for point, value in zip(points, values, strict=True) if value is None}
    for index, low, high in spans:
        value = values[index]
        if value is None or isinstance(value, str) or low <= value <= high:
            continue
        flaws[points[index]] = f"{value:g} is outside the plausible {low:g} .. {high:g}"
    return flaws


def _check_value(point: Point, value: Value) -> None:
    """Raises ValueError: the same sort of value comes back that went in."""
    fits = {
        ValueKind.NUMBER: not isinstance(value, str | bool) and abs(value) < float("inf"),
        ValueKind.SWITCH: not isinstance(value, str) and value in (0, 1),
        ValueKind.TEXT: isinstance(value, str),
        ValueKind.ENUM: value in point.choices if point.choices else isinstance(value, str),
    }
    if not fits[point.kind]:
        raise ValueError(f"{point.id}: {value!r} is no {point.kind}")


def _create(bus: str, settings: MemoryBus, devices: Sequence[Device], clock: Clock, _sink: Sink) -> Driver:
    return MemoryDriver(memory_of(settings.memory or bus), devices, clock)


KINDS: dict[str, DriverKind] = {
    "memory": DriverKind(
        kind="memory",
        bus_settings=MemoryBus,
        device_settings=MemoryDevice,
        source=Slot,
        create=_create,
        help="devices that exist only in memory: tests, replay, the virtual-time bench",
    )
}
