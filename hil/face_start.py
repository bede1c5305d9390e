"""How one bus of a site file becomes a face: which kind, at which place, with which devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.core.clock import Clock
from agent.core.site import Bus, Site
from hil.certificates import Pair
from hil.faults import WireFaults
from hil.servers.device import SimulatedDevice
from hil.servers.modbus_face import ModbusLineFace, ModbusTcpFace
from hil.servers.opcua_face import OpcUaFace, OpcUaSecurity
from hil.servers.serial_port import SerialPort

Face = ModbusTcpFace | ModbusLineFace | OpcUaFace


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """What the faces need beside the site file.

    `opcua` are identities by bus. `places` puts a bus elsewhere: a serial port, a host, a port or host:port.
    """

    opcua: Mapping[str, Pair] = field(default_factory=dict)
    real_baudrate: bool = True  # whether lines take their time
    opcua_period: float = 0.5  # real seconds between renewals of its variables
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceParts:
    """What every face of a site is made of."""

    site: Site
    devices: Mapping[str, SimulatedDevice]
    clock: Clock
    settings: FaceSettings
    wire: WireFaults


async def start_face(parts: FaceParts, bus: Bus, identity: Pair | None) -> Face:
    """Raises OSError when the port or link cannot be had, ValueError for a bus that has no face."""
    if bus.kind == "modbus-rtu":
        return _start_line(parts, bus)
    if bus.kind == "opcua":
        return await _start_opcua(parts, bus, identity)
    if bus.kind not in ("modbus-tcp", "modbus-rtu-tcp"):
        raise ValueError(f"bus {bus.id}: there is no face for {bus.kind}")
    face = ModbusTcpFace(_units(parts, bus.id), rtu=bus.kind == "modbus-rtu-tcp", faults=parts.wire)
    host, port = address_of(bus, parts.settings.places.get(bus.id, ""))
    await face.start(host, port)
    return face


def address_of(bus: Bus, place: str) -> tuple[str, int]:
    """Where a bus with sockets listens: as the site file says, or as `place` says instead. Raises ValueError."""
    settings: Any = bus.settings
    if bus.kind == "opcua":
        url = urlsplit(settings.url)
        host, port = url.hostname or "127.0.0.1", url.port or 4840
    else:
        host, port = settings.host, settings.port
    if not place:
        return host, port
    named, _, number = place.rpartition(":") if ":" in place or place.isdigit() else (place, "", str(port))
    if not number.isdigit() or int(number) > 65_535:
        raise ValueError(f"bus {bus.id}: {place!r} is no place; write a host, a port or host:port")
    return named or host, int(number)


def _start_line(parts: FaceParts, bus: Bus) -> ModbusLineFace:
    settings: Any = bus.settings
    place = parts.settings.places.get(bus.id)
    baudrate = settings.baudrate if parts.settings.real_baudrate else None
    line = ModbusLineFace(_units(parts, bus.id), baudrate=baudrate, faults=parts.wire)
    if place is None or not Path(place).exists():
        line.start(Path(place or settings.port))
    else:
        port = SerialPort(
            path=place,
            baudrate=settings.baudrate,
            parity=str(settings.parity.value),
            stopbits=settings.stopbits,
        )
        line.start_on(port)
    return line


async def _start_opcua(parts: FaceParts, bus: Bus, identity: Pair | None) -> OpcUaFace:
    settings: Any = bus.settings
    devices = [parts.devices[one.id] for one in parts.site.devices.values() if one.bus == bus.id]
    security = OpcUaSecurity(identity=identity, user=settings.user, password=settings.password)
    face = OpcUaFace(devices, parts.clock, security, period=parts.settings.opcua_period)
    await face.start(*address_of(bus, parts.settings.places.get(bus.id, "")))
    return face


def _units(parts: FaceParts, bus: str) -> dict[int, SimulatedDevice]:
    return {
        int(one.settings.unit): parts.devices[one.id] for one in parts.site.devices.values() if one.bus == bus
    }
