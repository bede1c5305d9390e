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
from drivers.opcua.bindings import Binding, bind, read_plan
from drivers.opcua.blocks import Sample, pack
from drivers.opcua.connect import connect
from drivers.opcua.faults import ServiceFault
from drivers.opcua.methods import call_method
from drivers.opcua.nodes import BrowseEntry
from drivers.opcua.samples import EARLIEST, from_notification, from_read
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcUaBus, Timestamps
from drivers.opcua.subscription import Notified, Subscription, Watched
from drivers.opcua.targets import Targets
from drivers.opcua.values import encode
from drivers.opcua.wire import Raw
from drivers.opcua.writing import write_value

log = logging.getLogger("plantroom.opcua")

MOST_AT_ONCE = 500  # nodes in one call where the server names no limit
SKEW = 60.0  # seconds between the server's clock and ours that are worth a word
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
        # on a bench that runs faster than the world no other clock keeps site time
        self._local = settings.timestamps is Timestamps.LOCAL or clock.speed != 1.0
        self._clock = clock
        self._sink = sink
        self._bindings = bind(devices)
        self._of_point = {binding.point.id: binding for binding in self._bindings}
        self._session: Session | None = None
        self._targets: Targets | None = None
        self._down: set[str] = set()  # devices whose last read failed
        self._at_once = MOST_AT_ONCE
        self._plan = read_plan(self._bindings, set(), settings.refresh, self._at_once)

    async def open(self) -> None:
        await self.close()
        session = await connect(self._settings, self._lost, dates_count=self._clock.trusted())
        self._session, self._targets = session, Targets(session)
        self._down.clear()
        try:
            self._at_once, watch_at_once = await self._limits(session)
            await self._targets.find(self._bindings)
            watched = await self._subscribe(session, self._targets, watch_at_once)
            self._plan = read_plan(self._bindings, watched, self._settings.refresh, self._at_once)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        session, self._session, self._targets = self._session, None, None
        if session is not None:
            await session.close()

    def plan(self) -> Sequence[ReadItem]:
        return self._plan

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        session, targets = self._alive()
        bindings = [self._of_point[point] for point in item.points]
        if not bindings and item.device in self._down:
            # a look at the session alone must not call a dead device alive: ask for one value
            here = (one for one in self._bindings if one.device == item.device and one.readable)
            bindings = [next(here)]
        if not bindings:
            return ()
        try:
            samples = await self._read_samples(session, targets, item, bindings)
        except DeviceError:
            self._down.add(item.device)
            raise
        self._down.discard(item.device)
        elapsed, trusted = self._clock.elapsed(), self._clock.trusted()
        return pack(item.device, samples, elapsed, trusted=trusted, shared=item.points)

    async def write(self, point: str, value: Value) -> None:
        session, targets = self._alive()
        binding = self._of_point.get(point)
        if binding is None or not binding.point.commandable:
            raise RefusedError(f"{point} cannot be written on bus {self._bus}")
        node, kind = await targets.to_write(binding)
        raw = encode(binding.point, binding.node, value, kind)
        try:
            await write_value(session, node, point, raw, kind)
        except DeviceError:
            targets.forget_type(binding)
            raise

    async def browse(self, path: str = "", depth: int = 1, limit: int = 10_000) -> tuple[BrowseEntry, ...]:
        """What the server holds under a node id or browse path ("" = Objects). Raises BusError, DeviceError."""
        _, targets = self._alive()
        return await targets.space.browse(path, depth, limit)

    async def call(
        self, method: str, arguments: Sequence[Value] = (), *, owner: str | None = None
    ) -> tuple[Value | None, ...]:
        """Call a method by node id or browse path; `owner` is its object, found by itself when not given.

        Raises BusError, DeviceError, RefusedError, ValueError (arguments that do not fit).
        """
        session, targets = self._alive()
        return await call_method(session, targets.space, method, arguments, owner)

    def _alive(self) -> tuple[Session, Targets]:
        if self._session is None or self._targets is None:
            raise BusError("not connected")
        if self._session.lost is not None:
            raise BusError(self._session.lost)
        return self._session, self._targets

    async def _limits(self, session: Session) -> tuple[int, int]:
        """How many nodes a read and a subscription call may hold."""
        try:
            values, server_time = await session.read(list(_LIMITS))
        except ServiceFault:
            return MOST_AT_ONCE, MOST_AT_ONCE  # a server that does not tell
        skew = server_time - self._clock.utc()
        if not self._local and self._clock.trusted() and abs(skew) > SKEW:
            log.warning(
                "bus %s: the server's clock is %+.0f s off ours and dates the readings", self._bus, skew
            )
        read, watch = (raw if isinstance(raw, int) and raw > 0 else MOST_AT_ONCE for raw, _, _ in values)
        return min(read, MOST_AT_ONCE), min(watch, MOST_AT_ONCE)

    async def _subscribe(self, session: Session, targets: Targets, at_once: int) -> set[int]:
        """Handles of the points that the server watches for us."""
        wished = [
            Watched(binding.handle, targets.nodes[binding.handle], binding.node.deadband)
            for binding in self._bindings
            if binding.readable and binding.handle in targets.nodes
        ]
        if not wished:
            return set()
        subscription = Subscription(session, self._settings, self._notified)
        try:
            await subscription.start()
        except ServiceFault as error:
            log.warning("bus %s: no subscriptions (%s), so the server is polled", self._bus, error.name)
            return set()
        refused = await subscription.watch(wished, at_once)
        if refused:
            handle, reason = next(iter(refused.items()))
            example = self._bindings[handle].point.id
            log.warning("bus %s: %d points are polled (%s: %s)", self._bus, len(refused), example, reason)
        return {one.handle for one in wished if one.handle not in refused}

    async def _read_samples(
        self, session: Session, targets: Targets, item: ReadItem, bindings: Sequence[Binding]
    ) -> list[Sample]:
        await targets.look_again(bindings)
        present = [binding for binding in bindings if binding.handle in targets.nodes]
        samples: list[Sample] = []
        if present:
            nodes = [targets.nodes[binding.handle] for binding in present]
            raws, server_time = await self._read_nodes(session, item.device, nodes)
            if len(present) == len(bindings) and (down := faults.device_is_down(raw[1] for raw in raws)):
                raise DeviceError(f"{item.device} does not answer the server ({down})")
            local = self._local or server_time < EARLIEST
            now = self._clock.utc() if local else server_time
            samples = from_read(present, raws, now, item.period, local=local)
        for binding in bindings:
            if binding.handle in targets.missing:
                reason = targets.missing[binding.handle]
                samples.append((binding.point.id, None, Quality.BAD, reason, self._clock.utc()))
        return samples

    async def _read_nodes(
        self, session: Session, device: str, nodes: list[ua.NodeId]
    ) -> tuple[list[Raw], float]:
        """One call for all of them; several where the server has said that this is too much for it."""
        raws: list[Raw] = []
        time = 0.0
        while len(raws) < len(nodes):
            part = nodes[len(raws) : len(raws) + self._at_once]
            try:
                values, time = await session.read(part)
            except ServiceFault as error:
                if error.name not in faults.TOO_MUCH or len(part) == 1:
                    raise faults.refusal(f"reading {len(part)} nodes of {device}", error.code) from error
                self._at_once = len(part) // 2
            else:
                raws += values
        return raws, time

    def _notified(self, values: Notified) -> None:
        """One message of the subscription, as one block a device where times allow."""
        samples = from_notification(self._bindings, values, self._clock.utc(), local=self._local)
        elapsed, trusted = self._clock.elapsed(), self._clock.trusted()
        for device, part in samples.items():
            for block in pack(device, part, elapsed, trusted=trusted):
                self._sink(block)

    def _lost(self, reason: str) -> None:
        devices: dict[str, list[str]] = {}
        for binding in self._bindings:
            if binding.readable:
                devices.setdefault(binding.device, []).append(binding.point.id)
        now, elapsed = self._clock.utc(), self._clock.elapsed()
        for device, points in devices.items():
            self._sink(failed_block(device, tuple(points), now, elapsed, reason))
