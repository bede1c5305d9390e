"""Modbus: TCP, RTU on a serial line, and RTU frames over TCP.

The kinds are declared here without the client library; it is imported when the first driver is made.
`driver` speaks for the devices, `blocks` plans what is read together, `cells`, `registers` and `encoding` turn raw words
into values and back, `requests` builds and checks single exchanges, `tcp` and `rtu` are the two ways to carry them,
`lines` are sockets and serial ports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import Driver, DriverKind, Sink
from agent.core.register import Register
from drivers.modbus.settings import RtuBus, RtuTcpBus, RtuUnit, TcpBus, TcpUnit


def _create(bus: str, settings: Any, devices: Sequence[Device], clock: Clock, _sink: Sink) -> Driver:
    from drivers.modbus.driver import ModbusDriver, bus_for

    return ModbusDriver(bus_for(bus, settings, devices), settings, devices, clock)


KINDS: dict[str, DriverKind] = {
    kind.kind: kind
    for kind in (
        DriverKind(
            kind="modbus-tcp",
            bus_settings=TcpBus,
            device_settings=TcpUnit,
            source=Register,
            create=_create,
            help="Modbus TCP; several units behind one gateway share its socket",
        ),
        DriverKind(
            kind="modbus-rtu",
            bus_settings=RtuBus,
            device_settings=RtuUnit,
            source=Register,
            create=_create,
            shared_line=True,
            help="Modbus RTU on a serial port",
        ),
        DriverKind(
            kind="modbus-rtu-tcp",
            bus_settings=RtuTcpBus,
            device_settings=RtuUnit,
            source=Register,
            create=_create,
            shared_line=True,
            help="Modbus RTU frames through a transparent serial server",
        ),
    )
}
