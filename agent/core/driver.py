"""What a driver is: the one who speaks for all devices behind one bus.

How a bus is served (agent.control.poller): the driver says what there is to read (`plan`), the poller decides when,
calls `read` for each item that is due, and `write` ahead of any read. A driver never schedules, never retries for
ever and never keeps a value: it turns exchanges into readings and wishes into exchanges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.point import Value
from agent.core.reading import ReadingBlock


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One thing to read at one pace: usually one block of registers of one device."""

    device: str
    points: tuple[str, ...]
    period: float  # site seconds
    key: Any = None  # the driver's own, opaque to everybody else


Sink = Callable[[ReadingBlock], None]
"""Where readings go that arrive by themselves (OPC UA subscriptions)."""


class Driver(Protocol):
    """Speaks for all devices behind one bus. One task at a time calls it (the bus's poller)."""

    async def open(self) -> None:
        """Connect. Raises BusError. Called again after a failure: it starts from nothing."""
        ...

    async def close(self) -> None:
        """Let go of line or socket. Never raises, may be called twice."""
        ...

    def plan(self) -> Sequence[ReadItem]:
        """What there is to read; may change after a refused block. Stable objects: unchanged items stay equal."""
        ...

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        """One item's readings.

        Raises BusError when the line failed (time-out of one unit on a shared line raises DeviceError), DeviceError when
        the device refused or spoke nonsense. Values that cannot be decoded come back as BAD, not as an error.
        """
        ...

    async def write(self, point: str, value: Value) -> None:
        """Set one point (engineering units). Raises BusError, DeviceError, RefusedError, ValueError (not encodable)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverKind:
    """What the catalogue knows of a driver without importing its libraries.

    `bus_settings` and `device_settings` are dataclasses of `parameter(...)`s. `create(bus_id, settings, devices,
    clock, sink)` makes the driver; it imports client libraries only when called. `shared_line` says that one unit's silence
    costs the others time (RS-485). `source` is Register, Node or Slot: what a profile's point must bring.
    """

    kind: str
    bus_settings: type
    device_settings: type
    source: type
    create: Callable[[str, Any, Sequence[Device], Clock, Sink], Driver]
    shared_line: bool = False
    help: str = ""


Drivers = Mapping[str, DriverKind]
