"""The OPC UA driver: one server, all its devices.

How values come: a subscription delivers every change, dated with the source time stamp of the server. The read plan
beside it is slow and has two purposes: proof of life and a net under the subscription. The rule of ages: a value is
as old as the last message that vouched for it. A notification vouches when it arrives; silence vouches for nothing;
so unchanged values are read again every `refresh` site seconds, and that read, dated with the server's time of the
answer, renews them. When the session breaks, every point turns BAD at once. A server that refuses subscriptions (or
single nodes) is polled by reads at each point's own pace.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from asyncua import ua

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import ReadItem, Sink
from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.point import Value
from agent.core.reading import Quality, ReadingBlock, failed_block
from drivers.opcua import faults
from drivers.opcua.bindings import Binding, bind, judge, read_plan
from drivers.opcua.blocks import Sample, pack
from drivers.opcua.connect import connect
from drivers.opcua.faults import ServiceFault
from drivers.opcua.methods import call_method
from drivers.opcua.nodes import AddressSpace, BrowseEntry
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcUaBus, Timestamps
from drivers.opcua.subscription import Notified, Subscription, Watched
from drivers.opcua.values import encode
from drivers.opcua.wire import Raw
from drivers.opcua.writing import builtin_type, write_value

log = logging.getLogger("plantroom.opcua")

MOST_AT_ONCE = 500  # nodes in one call where the server names no limit
EARLIEST = 946684800.0  # UTC seconds of 2000-01-01: a source time before that is a clock that was never set
_LIMITS = (
    ua.NodeId(ua.Int32(ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead)),
    ua.NodeId(ua.Int32(ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall)),
)


class OpcUaDriver:
    """Driver of one bus of kind `opcua`. Besides the driver protocol: `browse` and `call`."""

    def __init__(
        self, bus: str, settings: OpcUaBus, devices: Sequence[Device], clock: Clock, sink: Sink
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._clock = clock
        self._sink = sink
        self._bindings = bind(devices)
        self._of_point = {binding.point.id: binding for binding in self._bindings}
        self._session: Session | None = None
        self._space: AddressSpace | None = None
        self._nodes: dict[int, ua.NodeId] = {}
        self._missing: dict[int, str] = {}
        self._types: dict[int, str] = {}
        self._at_once = MOST_AT_ONCE
        self._plan = read_plan(self._bindings, set(), settings.refresh, self._at_once)

    async def open(self) -> None:
        await self.close()
        session = await connect(self._settings, self._lost, dates_count=self._clock.trusted())
        self._session, self._space = session, AddressSpace(session)
        try:
            read_limit, watch_limit = await self._limits(session)
            self._at_once = read_limit
            self._nodes, self._missing, self._types = {}, {}, {}
            await self._resolve(self._bindings)
            watched = await self._subscribe(session, watch_limit)
            self._plan = read_plan(self._bindings, watched, self._settings.refresh, self._at_once)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        session, self._session, self._space = self._session, None, None
        if session is not None:
            await session.close()

    def plan(self) -> Sequence[ReadItem]:
        return self._plan

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        session = self._alive()
        bindings = [self._of_point[point] for point in item.points]
        if not bindings:
            return ()
        absent = [binding for binding in bindings if binding.handle in self._missing]
        if absent and self._space is not None:
            self._space.forget()
            await self._resolve(absent)
        present = [binding for binding in bindings if binding.handle in self._nodes]
        samples: dict[str, Sample] = {}
        if present:
            raws, server_time = await self._read_nodes(session, present)
            if len(present) == len(bindings) and (down := faults.device_is_down(raw[1] for raw in raws)):
                raise DeviceError(f"{item.device} does not answer the server ({down})")
            samples = self._samples(present, raws, server_time, item.period)
        now = self._clock.utc()
        for binding in bindings:
            if binding.handle in self._missing:
                reason = self._missing[binding.handle]
                samples[binding.point.id] = (binding.point.id, None, Quality.BAD, reason, now)
        ordered = [samples[point] for point in item.points]
        return pack(
            item.device,
            ordered,
            self._clock.elapsed(),
            trusted=self._clock.trusted(),
            shared=item.points,
        )

    async def write(self, point: str, value: Value) -> None:
        session = self._alive()
        binding = self._of_point.get(point)
        if binding is None or not binding.point.commandable:
            raise RefusedError(f"{point} cannot be written on bus {self._bus}")
        node = await self._node_of(binding)
        kind = self._types.get(binding.handle)
        if kind is None:
            kind = self._types[binding.handle] = await builtin_type(session, node, point, binding.node.type)
        raw = encode(binding.point, binding.node, value, kind)
        try:
            await write_value(session, node, point, raw, kind)
        except DeviceError:
            self._types.pop(binding.handle, None)  # the node may have changed its type: look again next time
            raise

    async def browse(self, path: str = "", depth: int = 1, limit: int = 10_000) -> tuple[BrowseEntry, ...]:
        """What the server holds under a node id or browse path ("" = Objects). Raises BusError, DeviceError."""
        self._alive()
        return () if self._space is None else await self._space.browse(path, depth, limit)

    async def call(
        self, method: str, arguments: Sequence[Value] = (), *, owner: str | None = None
    ) -> tuple[Value | None, ...]:
        """Call a method by node id or browse path; `owner` is its object, found by itself when not given.

        Raises BusError, DeviceError, RefusedError, ValueError (arguments that do not fit).
        """
        session = self._alive()
        space = self._space or AddressSpace(session)
        return await call_method(session, space, method, arguments, owner)

    def _alive(self) -> Session:
        if self._session is None:
            raise BusError("not connected")
        if self._session.lost is not None:
            raise BusError(self._session.lost)
        return self._session

    async def _limits(self, session: Session) -> tuple[int, int]:
        try:
            values, server_time = await session.read(list(_LIMITS))
        except ServiceFault:
            return MOST_AT_ONCE, MOST_AT_ONCE  # a server that does not tell
        skew = server_time - self._clock.utc()
        if self._settings.timestamps is Timestamps.SOURCE and abs(skew) > 60.0:
            log.warning(
                "bus %s: the server's clock is %+.0f s from ours and dates the readings", self._bus, skew
            )
        named = [raw if isinstance(raw, int) and raw > 0 else MOST_AT_ONCE for raw, _, _ in values]
        return min(named[0], MOST_AT_ONCE), min(named[1], MOST_AT_ONCE)

    async def _resolve(self, bindings: Sequence[Binding]) -> None:
        if self._space is None:
            return
        for binding in bindings:
            try:
                self._nodes[binding.handle] = await self._space.find(binding.node.node, binding.prefix)
                self._missing.pop(binding.handle, None)
            except DeviceError as error:
                self._missing[binding.handle] = str(error)

    async def _node_of(self, binding: Binding) -> ua.NodeId:
        if binding.handle not in self._nodes:
            await self._resolve([binding])
        if binding.handle in self._missing:
            raise DeviceError(f"{binding.point.id}: {self._missing[binding.handle]}")
        return self._nodes[binding.handle]

    async def _subscribe(self, session: Session, at_once: int) -> set[int]:
        """Handles of the points that the server watches for us."""
        wished = [
            Watched(binding.handle, self._nodes[binding.handle], binding.node.deadband)
            for binding in self._bindings
            if binding.readable and binding.handle in self._nodes
        ]
        if not wished:
            return set()
        subscription = Subscription(session, self._settings, self._notified)
        try:
            await subscription.start()
        except ServiceFault as error:
            name = error.name
            log.warning("bus %s: the server refuses subscriptions (%s), so it is polled", self._bus, name)
            return set()
        refused = await subscription.watch(wished, at_once)
        if refused:
            first = next(iter(refused.items()))
            example = self._bindings[first[0]].point.id
            log.warning("bus %s: %d points are polled (%s: %s)", self._bus, len(refused), example, first[1])
        return {one.handle for one in wished if one.handle not in refused}

    async def _read_nodes(self, session: Session, bindings: Sequence[Binding]) -> tuple[list[Raw], float]:
        try:
            return await session.read([self._nodes[binding.handle] for binding in bindings])
        except ServiceFault as error:
            name = error.name
            if name in faults.TOO_MUCH and len(bindings) > 1:
                self._at_once = max(1, len(bindings) // 2)
                watched = {
                    handle
                    for item in self._plan
                    if item.period >= self._settings.refresh
                    for handle in item.key or ()
                }
                self._plan = read_plan(self._bindings, watched, self._settings.refresh, self._at_once)
            raise faults.refusal(
                f"reading {len(bindings)} nodes of {bindings[0].device}", error.code
            ) from error

    def _samples(
        self, bindings: Sequence[Binding], raws: Sequence[Raw], server_time: float, period: float
    ) -> dict[str, Sample]:
        """Values that were read: dated with the answer, or with their source where that is younger than a period."""
        local = self._settings.timestamps is Timestamps.LOCAL or server_time < EARLIEST
        now = self._clock.utc() if local else server_time
        samples: dict[str, Sample] = {}
        for binding, (raw, status, source) in zip(bindings, raws, strict=True):
            value, quality, reason = (
                judge(binding, raw, status, faults.name_of(status)) if status else binding.decode(raw)
            )
            fresh = source is not None and not local and now - period < source
            point = binding.point.id
            samples[point] = (point, value, quality, reason, source if fresh and source is not None else now)
        return samples

    def _notified(self, values: Notified) -> None:
        """One message of the subscription, as one block a device where times allow."""
        bindings = self._bindings
        now = self._clock.utc()
        local = self._settings.timestamps is Timestamps.LOCAL
        devices: dict[str, list[Sample]] = {}
        for handle, raw, status, source in values:
            if handle >= len(bindings):
                continue  # not one of ours: a server that mixes up clients
            binding = bindings[handle]
            value, quality, reason = (
                judge(binding, raw, status, faults.name_of(status)) if status else binding.decode(raw)
            )
            dated = now if local or source is None or source < EARLIEST else source
            devices.setdefault(binding.device, []).append((binding.point.id, value, quality, reason, dated))
        elapsed, trusted = self._clock.elapsed(), self._clock.trusted()
        for device, samples in devices.items():
            for block in pack(device, samples, elapsed, trusted=trusted):
                self._sink(block)

    def _lost(self, reason: str) -> None:
        devices: dict[str, list[str]] = {}
        for binding in self._bindings:
            if binding.readable:
                devices.setdefault(binding.device, []).append(binding.point.id)
        now, elapsed = self._clock.utc(), self._clock.elapsed()
        for device, points in devices.items():
            self._sink(failed_block(device, tuple(points), now, elapsed, reason))
