"""All faces of a simulated site: one a bus, started and stopped together, disturbed one by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from agent.core.site import Bus
from hil.certificates import Pair, application_certificate
from hil.face_start import Face, FaceParts, start_face
from hil.servers.modbus_face import ModbusLineFace
from hil.servers.opcua_face import SERVER_URI, OpcUaFace
from hil.tasks import end

_log = logging.getLogger("plantroom.hil")

CERTIFICATES = ("certificate_expired", "certificate_expiring")
MODBUS = ("modbus-tcp", "modbus-rtu-tcp", "modbus-rtu")
LONGEST_NOISE = 24  # bytes


@dataclass(slots=True)
class _Noise:
    every: float  # real seconds
    next: float = 0.0


class FaceRow:
    """The faces of a site, and what is asked of them when a fault is thrown (`hil.fault_paths.Faces`)."""

    def __init__(self, parts: FaceParts) -> None:
        self.faces: dict[str, Face] = {}
        self._parts = parts
        self._site = parts.site
        self._identities = parts.settings.opcua
        self._chance = Random(1)
        self._noises: dict[str, _Noise] = {}
        self._work: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises OSError when a port or link cannot be had; what was started is stopped again."""
        try:
            for bus in self._site.buses.values():
                await self._up(bus, self._identities.get(bus.id))
        except BaseException:
            await self.stop()
            raise
        self._worker = asyncio.create_task(self._run(), name="faces")

    async def stop(self) -> None:
        worker, self._worker = self._worker, None
        await end(worker)
        for bus in tuple(self.faces):
            await self._down(bus)

    def watch(self) -> None:
        """To be called at every step: bytes that nobody asked for."""
        if not self._noises:
            return
        now = asyncio.get_running_loop().time()
        for bus, noise in self._noises.items():
            face = self.faces.get(bus)
            if now >= noise.next and face is not None and not isinstance(face, OpcUaFace):
                noise.next = now + noise.every
                face.inject(self._chance.randbytes(self._chance.randint(1, LONGEST_NOISE)))

    def can(self, bus: str, kind: str) -> bool:
        modbus = self._site.buses[bus].kind in MODBUS
        if kind in CERTIFICATES:
            return bus in self._identities
        if kind == "network_down":
            return True
        line = self._site.buses[bus].kind == "modbus-rtu"
        return modbus and not (line and kind == "cut")

    def disturb(self, bus: str, kind: str, amount: float | None) -> None:
        if kind == "babble":
            self._noises[bus] = _Noise(amount or 1.0)
        elif kind == "network_down":
            self._do(lambda: self._unplug(bus))
        elif kind in CERTIFICATES:
            days = -1.0 if kind == "certificate_expired" else amount or 7.0
            self._do(lambda: self._restart(bus, self._certificate(bus, days)))
        else:
            raise ValueError(f"{kind} is not for faces")

    def calm(self, bus: str, kind: str) -> None:
        if kind == "babble":
            self._noises.pop(bus, None)
        elif kind == "network_down":
            self._do(lambda: self._plug(bus))
        else:
            self._do(lambda: self._restart(bus, self._identities.get(bus)))

    async def settled(self) -> None:
        """When all that was asked of the faces is done."""
        await self._work.join()

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work.put_nowait(work)

    async def _run(self) -> None:
        while True:
            work = await self._work.get()
            try:
                await work()
            except OSError as error:
                _log.error("a face could not be started again: %s", error)
            finally:
                self._work.task_done()

    async def _unplug(self, bus: str) -> None:
        face = self.faces.get(bus)
        if isinstance(face, ModbusLineFace):
            face.plugged = False
        else:
            await self._down(bus)

    async def _plug(self, bus: str) -> None:
        face = self.faces.get(bus)
        if isinstance(face, ModbusLineFace):
            face.plugged = True
        elif face is None:
            await self._up(self._site.buses[bus], self._identities.get(bus))

    async def _restart(self, bus: str, identity: Pair | None) -> None:
        await self._down(bus)
        await self._up(self._site.buses[bus], identity)

    async def _down(self, bus: str) -> None:
        face = self.faces.pop(bus, None)
        if isinstance(face, ModbusLineFace):
            face.stop()
        elif face is not None:
            await face.stop()

    def _certificate(self, bus: str, days: float) -> Pair:
        folder = self._identities[bus].certificate.parent
        return application_certificate(folder, f"{bus}-for-{days:g}-days", SERVER_URI, timedelta(days=days))

    async def _up(self, bus: Bus, identity: Pair | None) -> None:
        self.faces[bus.id] = await start_face(self._parts, bus, identity)
