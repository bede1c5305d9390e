"""What an installer writes about a Modbus bus and a device on it. No client library here: the catalogue reads this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.core.parameter import parameter


class Parity(StrEnum):
    """The parity bit of a serial line."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpBus:
    """Modbus TCP: one host, one socket, all its units."""

    host: str = parameter(help="name or address of the device or gateway")
    port: int = parameter(502, low=1, high=65535, help="TCP port")
    timeout: float | None = parameter(
        None, unit="s", low=0.01, high=60.0, help="longest wait for an answer; else the device profile's"
    )
    turnaround: float = parameter(
        0.0, unit="s", low=0.0, high=5.0, help="pause after an answer before the next request"
    )
    connect_timeout: float = parameter(5.0, unit="s", low=0.1, high=60.0, help="longest wait to connect")


@dataclass(frozen=True, slots=True, kw_only=True)
class RtuBus:
    """Modbus RTU on a serial port (RS-485, RS-232)."""

    port: str = parameter(help="serial port, best by its stable name /dev/serial/by-id/...")
    baudrate: int = parameter(9600, unit="baud", low=300, high=4_000_000, help="as set in the devices")
    parity: Parity = parameter(Parity.EVEN, help="none, even or odd; even is the Modbus default")
    stopbits: int = parameter(1, low=1, high=2, help="1, or 2 where there is no parity")
    bytesize: int = parameter(8, unit="bit", low=7, high=8, help="data bits; RTU needs 8")
    timeout: float | None = parameter(
        None,
        unit="s",
        low=0.01,
        high=60.0,
        help="longest wait for an answer, on top of its time on the wire; else the device profile's",
    )
    turnaround: float = parameter(
        0.0, unit="s", low=0.0, high=5.0, help="pause after an answer, where 3.5 characters are not enough"
    )
    quiet: float = parameter(
        0.05, unit="s", low=0.0, high=5.0, help="shortest silence kept after an error on the line"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RtuTcpBus:
    """Modbus RTU frames over TCP: a transparent serial server."""

    host: str = parameter(help="name or address of the serial server")
    port: int = parameter(502, low=1, high=65535, help="TCP port of its serial port")
    timeout: float | None = parameter(
        None, unit="s", low=0.01, high=60.0, help="longest wait for an answer; else the device profile's"
    )
    turnaround: float = parameter(
        0.0, unit="s", low=0.0, high=5.0, help="pause after an answer before the next request"
    )
    quiet: float = parameter(
        0.05, unit="s", low=0.0, high=5.0, help="shortest silence kept after an error on the line"
    )
    connect_timeout: float = parameter(5.0, unit="s", low=0.1, high=60.0, help="longest wait to connect")


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpUnit:
    """One device behind a Modbus TCP socket."""

    unit: int = parameter(1, low=0, high=255, help="unit identifier; many TCP devices ignore it")
    timeout: float | None = parameter(
        None, unit="s", low=0.01, high=60.0, help="longest wait for this device's answer"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RtuUnit:
    """One device on a serial line."""

    unit: int = parameter(low=1, high=247, help="address set in the device")
    timeout: float | None = parameter(
        None, unit="s", low=0.01, high=60.0, help="longest wait for this device's answer"
    )


BusSettings = TcpBus | RtuBus | RtuTcpBus
