"""A device profile: make and model turned into points with registers. And a device: one such thing on a bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.point import Point
from agent.core.register import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLimits:
    """What one exchange with the device may hold."""

    max_registers: int = 125  # FC 3/4 limit of the Modbus specification
    max_bits: int = 2000  # FC 1/2 limit
    max_hole: int = 16  # registers read for nothing to join two wanted ones
    refused: tuple[tuple[int, int], ...] = ()  # address ranges (first, last) that may never be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How gently a device or line wants to be asked, in real seconds."""

    timeout: float = 1.0
    turnaround: float = 0.0  # after a reply, before the next request
    poll: float = 1.0  # site seconds between reads of a point unless it says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The device's own watchdog: `point` must be written with a new value every `period` site seconds."""

    point: str
    period: float
    values: tuple[int, ...] = (0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """Make and model. `sources` and `points` share their keys: the point's name inside the device.

    The points are templates whose id is the bare name; a device gives them their full id.
    """

    id: str
    vendor: str = ""
    model: str = ""
    kind: str = ""  # chiller, pump, electricity_meter, lamp_gateway ...
    protocols: tuple[str, ...] = ()
    document: str = ""  # source: document, edition, page
    confidence: str = ""  # how well the map is evidenced; writes only from `direct` and `repo-*`
    points: Mapping[str, Point] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    polls: Mapping[str, float] = field(default_factory=dict)  # site seconds, where not the device's default
    groups: Mapping[str, str] = field(default_factory=dict)  # point name -> channel/group it belongs to
    limits: BlockLimits = BlockLimits()
    pacing: Pacing = Pacing()
    heartbeat: Heartbeat | None = None
    timeout_reverts: bool = False  # the device goes back to local control when we fall silent
    quirks: Mapping[str, Any] = field(default_factory=dict)  # read by the simulated face only


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device on a bus, its points with their full ids (`<device>.<name>`), in the order of its profile."""

    id: str
    bus: str
    profile: DeviceProfile
    settings: Any = None  # the driver's own per-device settings, e.g. the Modbus unit
    name: str = ""
    points: Mapping[str, Point] = field(default_factory=dict)  # by name inside the device

    @property
    def commandable(self) -> bool:
        return any(point.commandable for point in self.points.values())
