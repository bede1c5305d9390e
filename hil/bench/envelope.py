"""The envelope of a rig: what may be written to real hardware. The last check before the wire, outside the agent.

A point without a line in the envelope is not written at all. What stood there before our first write may always be put
back, so that giving back works from anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import Driver, DriverKind, ReadItem, Sink
from agent.core.errors import RefusedError
from agent.core.point import Value
from agent.core.reading import Quality, ReadingBlock
from agent.core.site import Catalogue

log = logging.getLogger("plantroom.hil")

Refused = Callable[[str, Value, str], None]
"""Told of each refused write: point, value, why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one point may be given, in its unit; `rate` is units per real second. Switches are 0 and 1."""

    low: float
    high: float
    rate: float | None = None


class Envelope:
    """Judges writes, remembers what went out."""

    def __init__(self, bounds: Mapping[str, Bounds], now: Callable[[], float], refused: Refused) -> None:
        """`now`: real seconds, monotonic."""
        self._bounds = bounds
        self._now = now
        self._refused = refused
        self._found: dict[str, Value] = {}
        self._written: dict[str, tuple[float, float]] = {}  # value, when
        self.closed = False  # aborted: only what was found may still be put back

    def saw(self, block: ReadingBlock) -> None:
        """Readings on their way to the agent: what stands at a point before our first write is its way back."""
        qualities = block.qualities or (Quality.GOOD,) * len(block.points)
        for point, value, quality in zip(block.points, block.values, qualities, strict=True):
            if value is not None and quality is not Quality.BAD and point not in self._written:
                self._found[point] = value

    def check(self, point: str, value: Value) -> None:
        """Raises RefusedError, after saying so, for what must not reach the hardware."""
        why = self._objection(point, value)
        if why:
            self._refused(point, value, why)
            log.warning("envelope: %s = %s refused: %s", point, value, why)
            raise RefusedError(f"outside the envelope of the rig: {why}")
        if not isinstance(value, str):
            self._written[point] = (float(value), self._now())

    def _objection(self, point: str, value: Value) -> str:
        if point in self._found and self._found[point] == value:
            return ""
        bounds = self._bounds.get(point)
        if self.closed:
            return "the run is aborted"
        if bounds is None:
            return "the envelope does not name this point"
        if isinstance(value, str):
            return "texts are not written on a rig"
        number = float(value)
        if not bounds.low <= number <= bounds.high:
            return f"not within {bounds.low:g} to {bounds.high:g}"
        return self._too_fast(point, number, bounds)

    def _too_fast(self, point: str, number: float, bounds: Bounds) -> str:
        if bounds.rate is None:
            return ""
        found = self._found.get(point)
        start = None if found is None or isinstance(found, str) else float(found)
        before, at = self._written.get(point, (start, float("-inf")))
        if before is None:
            return "nothing is known of where it stands, so its rate cannot be held"
        room = bounds.rate * min(self._now() - at, 1.0)  # at most one second's worth at once
        if abs(number - before) > room + 1e-9:
            return f"faster than {bounds.rate:g} a second"
        return ""


class EnvelopedDriver:
    """A driver of real hardware with the envelope around it."""

    def __init__(self, driver: Driver, envelope: Envelope) -> None:
        self._driver = driver
        self._envelope = envelope
        self.open = driver.open
        self.close = driver.close
        self.plan = driver.plan

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        blocks = await self._driver.read(item)
        for block in blocks:
            self._envelope.saw(block)
        return blocks

    async def write(self, point: str, value: Value) -> None:
        self._envelope.check(point, value)
        await self._driver.write(point, value)


def enveloped(catalogue: Catalogue, real: frozenset[str], envelope: Envelope) -> Catalogue:
    """The catalogue whose drivers pass the envelope on the buses that are real."""

    def around(kind: DriverKind) -> DriverKind:
        def create(bus: str, settings: Any, devices: Sequence[Device], clock: Clock, sink: Sink) -> Driver:
            driver = kind.create(bus, settings, devices, clock, sink)
            return EnvelopedDriver(driver, envelope) if bus in real else driver

        return replace(kind, create=create)

    return replace(catalogue, drivers={name: around(kind) for name, kind in catalogue.drivers.items()})
