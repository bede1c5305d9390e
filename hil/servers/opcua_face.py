"""OPC UA face: a server whose variables show the points of simulated devices (security None or Basic256Sha256)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import asyncua.ua
from asyncua.common.callback import CallbackType
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.server import Server

from agent.core.clock import Clock
from agent.core.point import Point, Value, ValueKind
from agent.core.register import Node
from hil.certificates import Pair
from hil.servers.device import SimulatedDevice
from hil.tasks import end

_log = logging.getLogger("plantroom.hil")

ua: Any = asyncua.ua  # its star imports hide half of its names from type checkers

NAMESPACE = "urn:plantroom:simulated-site"
SERVER_URI = "urn:plantroom:simulated-bms"
_TYPES = {
    ValueKind.NUMBER: ua.VariantType.Double,
    ValueKind.SWITCH: ua.VariantType.Boolean,
    ValueKind.TEXT: ua.VariantType.String,
    ValueKind.ENUM: ua.VariantType.Int32,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpcUaSecurity:
    """Who may come in and how. Without `identity` the server speaks in the clear."""

    identity: Pair | None = None
    user: str | None = None
    password: str | None = None

    def get_user(
        self,
        _server: Any,
        username: str | None = None,
        password: str | None = None,
        certificate: Any = None,  # noqa: ARG002 - asyncua names its arguments
    ) -> User | None:
        """Asked by the server for every session; None refuses it."""
        if self.user is None:
            return User(role=UserRole.User)
        known = hmac.compare_digest((username or "").encode(), self.user.encode())
        right = hmac.compare_digest((password or "").encode(), (self.password or "").encode())
        return User(role=UserRole.User, name=self.user) if known and right else None


@dataclass(slots=True)
class _Variable:
    device: SimulatedDevice
    point: Point
    source: Node
    node: Any
    type: Any
    shown: Any = None


class OpcUaFace:
    """One server for any number of devices. Values are renewed every `period` real seconds, when they change."""

    def __init__(
        self,
        devices: Sequence[SimulatedDevice],
        clock: Clock,
        security: OpcUaSecurity | None = None,
        *,
        period: float = 0.5,
    ) -> None:
        self._devices = devices
        self._clock = clock
        self._security = security or OpcUaSecurity()
        self._period = period
        self._server: Server | None = None
        self._variables: dict[Any, _Variable] = {}
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError when the port is taken."""
        server = Server(user_manager=cast("Any", self._security))
        await server.init()
        server.set_endpoint(f"opc.tcp://{host}:{port}/plantroom/")
        server.set_server_name("Plantroom simulated building management system")
        await server.set_application_uri(SERVER_URI)
        await self._secure(server)
        await server.register_namespace(NAMESPACE)
        for device in self._devices:
            await self._add_device(server, device)
        server.subscribe_server_callback(CallbackType.PostWrite, self._written)
        await server.start()
        listening = cast("Any", server.bserver)._server  # noqa: SLF001 - asyncua does not tell the port
        bound = listening.sockets[0].getsockname()[1]
        self.url = f"opc.tcp://{host}:{bound}/plantroom/"
        self._server = server
        self._task = asyncio.create_task(self._renew(), name="opcua-face")

    async def stop(self) -> None:
        task, self._task = self._task, None
        await end(task)
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def _secure(self, server: Server) -> None:
        identity = self._security.identity
        if identity is None:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        else:
            server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
            await server.load_certificate(str(identity.certificate), "PEM")
            await server.load_private_key(str(identity.key), format="PEM")
        named = self._security.user is not None
        server.set_identity_tokens([ua.UserNameIdentityToken if named else ua.AnonymousIdentityToken])

    async def _add_device(self, server: Server, device: SimulatedDevice) -> None:
        folder = await server.nodes.objects.add_folder(ua.NodeId(device.id, 2), f"2:{device.id}")
        for name, source in device.profile.sources.items():
            if not isinstance(source, Node):
                continue
            point = device.profile.points[name]
            node_id = ua.NodeId.from_string(source.node)
            kind = ua.VariantType[source.type] if source.type else _TYPES[point.kind]
            entry = _Variable(device, point, source, node_id, kind)
            data = self._data(entry)
            node = await folder.add_variable(node_id, f"2:{name}", data.Value, kind)
            if point.commandable:
                await node.set_writable()
            await node.write_attribute(ua.AttributeIds.Value, data)
            self._variables[node_id] = entry

    def _data(self, entry: _Variable) -> Any:
        silent = entry.device.deaf
        value = None if silent else entry.device.read(entry.point.name or entry.point.id)
        raw = _raw(entry, value)
        status = ua.StatusCodes.Good
        if value is None:
            status = ua.StatusCodes.BadNoCommunication if silent else ua.StatusCodes.BadNoData
        entry.shown = (raw, status, entry.device.ailments.clock_error)
        stamp = datetime.fromtimestamp(self._clock.utc() + entry.device.ailments.clock_error, UTC)
        return ua.DataValue(ua.Variant(raw, entry.type), ua.StatusCode(status), stamp, stamp)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._period)
            if self._server is None:
                continue
            for entry in self._variables.values():
                entry.device.watch()
                before = entry.shown
                data = self._data(entry)
                if entry.shown != before:
                    await self._server.write_attribute_value(entry.node, data)

    def _written(self, event: Any, _: Any = None) -> None:
        if not event.is_external:
            return
        results = event.response_params or ()
        for item, result in zip(event.request_params.NodesToWrite, results, strict=False):
            entry = self._variables.get(item.NodeId)
            if entry is None or not result.is_good() or item.AttributeId != ua.AttributeIds.Value:
                continue
            if entry.device.deaf:
                entry.shown = None
                continue
            try:
                entry.device.heard()
                entry.device.write(
                    entry.point.name or entry.point.id, _engineering(entry, item.Value.Value.Value)
                )
            except (TypeError, ValueError) as error:
                entry.shown = None  # the server has taken it already: shown again as it is
                _log.warning("%s: write refused: %s", entry.source.node, error)


def _raw(entry: _Variable, value: Value | None) -> Any:
    source, kind = entry.source, entry.type
    if value is None:
        return "" if kind is ua.VariantType.String else False if kind is ua.VariantType.Boolean else 0
    if kind is ua.VariantType.String:
        return str(value)
    if kind is ua.VariantType.Boolean:
        return bool(value)
    raw = _code(source, value) if source.codes else (float(value) - source.offset) / source.scale
    return raw if kind in (ua.VariantType.Double, ua.VariantType.Float) else round(raw)


def _code(source: Node, value: Value) -> float:
    codes = source.codes or {}
    return float(next((code for code, name in codes.items() if name == value), 0))


def _engineering(entry: _Variable, raw: Any) -> Value:
    if entry.source.codes:
        return entry.source.codes.get(int(raw), str(raw))
    if isinstance(raw, bool | str):
        return raw
    return float(raw) * entry.source.scale + entry.source.offset
