"""OPC UA driver: subscriptions, reads, writes, browse and method calls over one client session a bus.

This file and `settings` load nothing but the dictionary: the client library costs 26 MB and most of a second, and is
imported only when a driver is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import Driver, DriverKind, Sink
from agent.core.register import Node
from drivers.opcua.settings import OpcUaBus, OpcUaDevice


def _create(bus: str, settings: Any, devices: Sequence[Device], clock: Clock, sink: Sink) -> Driver:
    from drivers.opcua.driver import OpcUaDriver

    return OpcUaDriver(bus, settings, devices, clock, sink)


KINDS: Mapping[str, DriverKind] = {
    "opcua": DriverKind(
        kind="opcua",
        bus_settings=OpcUaBus,
        device_settings=OpcUaDevice,
        source=Node,
        create=_create,
        help="OPC UA server (subscriptions, read, write, methods), Basic256Sha256 by default",
    )
}
