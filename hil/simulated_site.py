"""A simulated site on real sockets: plant, devices and faces, made from a normal site file's own buses and devices.

The faces are built from the very description the agent reads, so nothing can be said twice and differ.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from agent.core.clock import Clock
from agent.core.site import Bus, Site
from hil.certificates import Pair
from hil.faults import WireFaults
from hil.plant.variables import Plant
from hil.servers.device import SimulatedDevice, Wiring
from hil.servers.modbus_face import ModbusLineFace, ModbusTcpFace
from hil.servers.opcua_face import OpcUaFace, OpcUaSecurity
from hil.tasks import end
from hil.world import World

_log = logging.getLogger("plantroom.hil")

STEP = 0.1  # real seconds between steps of the plant

Face = ModbusTcpFace | ModbusLineFace | OpcUaFace


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """What the faces need beside the site file: OPC UA identities by bus, and whether lines take their time."""

    opcua: Mapping[str, Pair] = field(default_factory=dict)
    real_baudrate: bool = True
    opcua_period: float = 0.5  # real seconds between renewals of its variables


class SimulatedSite:
    """All of it, to be started before the agent and stopped after it."""

    def __init__(
        self, site: Site, plant: Plant, wiring: Mapping[str, Wiring], clock: Clock, settings: FaceSettings
    ) -> None:
        self.world = World()
        self.world.truth = plant.step(0.1, {})
        self.faults = WireFaults()
        self.devices = {
            device.id: SimulatedDevice(
                device.id, device.profile, wiring.get(device.id, Wiring()), self.world, clock
            )
            for device in site.devices.values()
        }
        self.faces: dict[str, Face] = {}
        self._site = site
        self._plant = plant
        self._clock = clock
        self._settings = settings
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises OSError when a port or link cannot be had; what was started is stopped again."""
        try:
            for bus in self._site.buses.values():
                self.faces[bus.id] = await self._start_face(bus)
        except BaseException:
            await self.stop()
            raise
        self._task = asyncio.create_task(self._run(), name="plant")

    async def stop(self) -> None:
        task, self._task = self._task, None
        await end(task)
        for face in self.faces.values():
            if isinstance(face, ModbusLineFace):
                face.stop()
            else:
                await face.stop()
        self.faces.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _start_face(self, bus: Bus) -> Face:
        settings: Any = bus.settings
        if bus.kind == "modbus-rtu":
            line = ModbusLineFace(
                self._units(bus.id),
                baudrate=settings.baudrate if self._settings.real_baudrate else None,
                faults=self.faults,
            )
            line.start(Path(settings.port))
            return line
        if bus.kind == "opcua":
            return await self._start_opcua(bus)
        if bus.kind not in ("modbus-tcp", "modbus-rtu-tcp"):
            raise ValueError(f"bus {bus.id}: there is no face for {bus.kind}")
        face = ModbusTcpFace(self._units(bus.id), rtu=bus.kind == "modbus-rtu-tcp", faults=self.faults)
        await face.start(settings.host, settings.port)
        return face

    async def _start_opcua(self, bus: Bus) -> OpcUaFace:
        settings: Any = bus.settings
        devices = [self.devices[one.id] for one in self._site.devices.values() if one.bus == bus.id]
        security = OpcUaSecurity(
            identity=self._settings.opcua.get(bus.id), user=settings.user, password=settings.password
        )
        face = OpcUaFace(devices, self._clock, security, period=self._settings.opcua_period)
        place = urlsplit(settings.url)
        await face.start(place.hostname or "127.0.0.1", place.port or 4840)
        return face

    def _units(self, bus: str) -> dict[int, SimulatedDevice]:
        return {
            int(one.settings.unit): self.devices[one.id]
            for one in self._site.devices.values()
            if one.bus == bus
        }

    async def _run(self) -> None:
        last = self._clock.elapsed()
        while True:
            await asyncio.sleep(STEP)
            now = self._clock.elapsed()
            self.world.truth = self._plant.step(max(now - last, 1e-3), self.world.commands)
            last = now
            for device in self.devices.values():
                device.watch()
