"""OPC UA under the contract: a real server, reached through a relay that can spoil the line.

One server serves all benches of a run (it is slow to start); each bench has nodes and a relay of its own. To the driver
the relay is the server: when it closes its port the server is gone. A device that is "silent" is what a server makes of
a dead controller behind it: every answer for its nodes says BadNoCommunication.
"""

from __future__ import annotations

import asyncio
import atexit
import datetime as dt
import itertools
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from asyncua import Server, ua
from asyncua.common.utils import ServiceError

from agent.core.device_profile import Device, DeviceProfile
from agent.core.point import Value
from agent.core.register import Node
from drivers.opcua import KINDS
from drivers.opcua.settings import OpcUaBus, OpcUaDevice

TIMEOUT, SLOW, LATE = 0.3, 0.05, 0.5
MODES = {0: "off", 1: "cool", 2: "heat"}
TYPES = {
    "temp": ("Int16", 0.1),
    "power": ("Float", 1.0),
    "count": ("UInt32", 1.0),
    "spare": ("Double", 1.0),
    "humidity": ("Double", 1.0),
    "run": ("Boolean", 1.0),
    "setpoint": ("Int16", 0.1),
    "mode": ("Int32", 1.0),
    "speed": ("Float", 1.0),
}
DEVICES = ("d1", "d2")


class House:
    """The thread in which the server and the relays live."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.server: Any = None
        self.port = 0
        self.benches: dict[str, Bench] = {}  # by prefix of their node ids
        threading.Thread(target=self.loop.run_forever, daemon=True, name="opcua-bench").start()
        atexit.register(self._end)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def serve(self) -> None:
        if self.server is not None:
            return
        self.server = Server()
        await self.server.init()
        self.server.set_endpoint("opc.tcp://127.0.0.1:0/contract")
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        service = self.server.iserver.attribute_service
        self._read, self._write = service.read, service.write
        service.read, service.write = self._answer_read, self._answer_write
        await self.server.start()
        self.port = self.server.bserver._server.sockets[0].getsockname()[1]

    def fault_of(self, node: ua.NodeId) -> str | None:
        prefix, _, device = str(node.Identifier).partition("/")
        bench = self.benches.get(prefix)
        return None if bench is None else bench.faults_now.get(device.partition("/")[0])

    def _answer_read(self, params: Any) -> Any:
        if any(self.fault_of(one.NodeId) == "refusing" for one in params.NodesToRead):
            raise ServiceError(ua.StatusCodes.BadResourceUnavailable)
        return self._read(params)

    async def _answer_write(self, params: Any, *args: Any, **kwargs: Any) -> Any:
        faults = {self.fault_of(one.NodeId) for one in params.NodesToWrite}
        if "refusing" in faults:
            raise ServiceError(ua.StatusCodes.BadResourceUnavailable)
        if "silent" in faults:
            return [ua.StatusCode(ua.StatusCodes.BadNoCommunication)] * len(params.NodesToWrite)
        results = await self._write(params, *args, **kwargs)
        for one, result in zip(params.NodesToWrite, results, strict=True):
            prefix, _, rest = str(one.NodeId.Identifier).partition("/")
            if prefix in self.benches and result.is_good():
                device, _, name = rest.partition("/")
                self.benches[prefix].raw[device, name] = one.Value.Value.Value
        return results

    def _end(self) -> None:
        async def sweep() -> None:
            if self.server is not None:
                await self.server.stop()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self.do(sweep())
        self.loop.call_soon_threadsafe(self.loop.stop)


class Relay:
    """Passes bytes between driver and server, or spoils them."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.fault = ""
        self.listener: asyncio.Server | None = None
        self.writers: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self.listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        self.abort()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers |= {writer, outer}
        for source, sink, answers in ((reader, outer, False), (inner, writer, True)):
            task = asyncio.ensure_future(self._copy(source, sink, answers))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool) -> None:
        broken = False
        try:
            while data := await source.read(65536):
                if self.fault == "cut" and not answers:
                    return
                if self.fault == "stalled" or broken:
                    continue
                if answers and self.fault == "half":
                    data, broken = data[: len(data) // 2], True
                elif answers and self.fault == "repeated":
                    data += data
                elif answers and self.fault in ("slow", "late"):
                    await asyncio.sleep(SLOW if self.fault == "slow" else LATE)
                sink.write(data)
        except OSError:
            pass
        finally:
            sink.transport.abort()


class Bench:
    name = "opcua"
    marks = (pytest.mark.integration,)
    faults = frozenset({"silent", "refusing", "cut", "half", "slow", "late", "repeated", "stalled"})

    _house: House | None = None
    _count = itertools.count(1)

    def __init__(self, points: dict[str, Any]) -> None:
        if Bench._house is None:
            Bench._house = House()
        self.house = Bench._house
        self.points = points
        self.prefix = f"b{next(Bench._count)}"
        self.raw: dict[tuple[str, str], Any] = {}  # what the devices hold, as the server counts it
        self.faults_now: dict[str, str] = {}
        self.relay: Relay | None = None

    async def start(self) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._start(), self.house.loop))

    async def stop(self) -> None:
        if self.relay is not None:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.relay.close(), self.house.loop))

    async def _start(self) -> None:
        await self.house.serve()
        if self.relay is None:
            self.house.benches[self.prefix] = self
            self.relay = Relay(self.house.port)
            for device in DEVICES:
                for name, (kind, _) in TYPES.items():
                    zero = False if kind == "Boolean" else 0.0 if kind in ("Float", "Double") else 0
                    variant = ua.Variant(zero, ua.VariantType[kind])
                    made = await self.house.server.nodes.objects.add_variable(
                        self.node(device, name), f"{self.prefix}{device}{name}", variant
                    )
                    await made.set_writable()
        await self.relay.open()

    def node(self, device: str, name: str) -> ua.NodeId:
        return ua.NodeId(f"{self.prefix}/{device}/{name}", 2)

    def set(self, device: str, name: str, value: Value | None) -> None:
        kind, scale = TYPES[name]
        raw: Any = value
        if name == "mode":
            raw = next(code for code, text in MODES.items() if text == value)
        elif value is not None and kind in ("Int16", "UInt32"):
            raw = round(float(value) / scale)
        elif value is not None and kind in ("Float", "Double"):
            raw = float(value)
        self.raw[device, name] = raw
        self.house.do(self._show(device, name))

    async def _show(self, device: str, name: str) -> None:
        """What the server says of the node: its value, or why there is none."""
        raw = self.raw[device, name]
        status = ua.StatusCodes.Good if raw is not None else ua.StatusCodes.BadNoData
        if self.faults_now.get(device) == "silent":
            status = ua.StatusCodes.BadNoCommunication
        now = dt.datetime.now(dt.UTC)
        variant = ua.Variant(0.0 if raw is None else raw, ua.VariantType[TYPES[name][0]])
        data = ua.DataValue(variant, ua.StatusCode(status), now, now)
        await self.house.server.write_attribute_value(self.node(device, name), data)

    def get(self, device: str, name: str) -> Value:
        raw, scale = self.raw[device, name], TYPES[name][1]
        if name == "mode":
            return MODES[raw]
        return raw if scale == 1.0 else raw / 10

    def fault(self, kind: str, device: str) -> None:
        if kind in ("silent", "refusing"):
            self.faults_now[device] = kind
            self._show_again(device)
        elif self.relay is not None:
            self.relay.fault = kind

    def heal(self) -> None:
        devices = list(self.faults_now)
        self.faults_now.clear()
        if self.relay is not None:
            self.relay.fault = ""
        for device in devices:
            self._show_again(device)

    def _show_again(self, device: str) -> None:
        for name in TYPES:
            self.house.do(self._show(device, name))

    def driver(self, clock: Any, sink: Any) -> Any:
        assert self.relay is not None
        settings = OpcUaBus(
            url=f"opc.tcp://127.0.0.1:{self.relay.port}/contract",
            security="None",
            timeout=TIMEOUT,
            publishing=0.05,
            sampling=0.05,
        )
        devices = []
        for device in DEVICES:
            sources = {
                name: Node(
                    node=self.node(device, name).to_string(),
                    scale=scale,
                    codes=MODES if name == "mode" else None,
                )
                for name, (_, scale) in TYPES.items()
            }
            points = {name: replace(point, id=f"{device}.{name}") for name, point in self.points.items()}
            profile = DeviceProfile(id="contract", points=self.points, sources=sources)
            devices.append(
                Device(id=device, bus="contract", profile=profile, settings=OpcUaDevice(), points=points)
            )
        return KINDS["opcua"].create("contract", settings, devices, clock, sink)


BENCHES = [Bench]
