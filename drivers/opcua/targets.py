"""Which node each point is in the session at hand: found at the start, looked for again while missing."""

from __future__ import annotations

from collections.abc import Iterable

from asyncua import ua

from agent.core.errors import DeviceError
from drivers.opcua.bindings import Binding
from drivers.opcua.nodes import AddressSpace
from drivers.opcua.session import Session
from drivers.opcua.writing import builtin_type


class Targets:
    """Nodes by binding handle, why some are missing, and the types that writes want."""

    def __init__(self, session: Session) -> None:
        self.space = AddressSpace(session)
        self.nodes: dict[int, ua.NodeId] = {}
        self.missing: dict[int, str] = {}
        self._session = session
        self._types: dict[int, str] = {}

    async def find(self, bindings: Iterable[Binding]) -> None:
        """Raises BusError only: a node that is not there is noted in `missing`."""
        for binding in bindings:
            try:
                self.nodes[binding.handle] = await self.space.find(binding.node.node, binding.prefix)
                self.missing.pop(binding.handle, None)
            except DeviceError as error:
                self.missing[binding.handle] = str(error)

    async def look_again(self, bindings: Iterable[Binding]) -> None:
        """Try the missing ones among these once more: the server may have grown."""
        absent = [binding for binding in bindings if binding.handle in self.missing]
        if absent:
            self.space.forget()
            await self.find(absent)

    async def to_write(self, binding: Binding) -> tuple[ua.NodeId, str]:
        """The node and the built-in type it takes. Raises BusError, DeviceError."""
        await self.look_again([binding])
        if binding.handle in self.missing:
            raise DeviceError(f"{binding.point.id}: {self.missing[binding.handle]}")
        node = self.nodes[binding.handle]
        if binding.handle not in self._types:
            point, declared = binding.point.id, binding.node.type
            self._types[binding.handle] = await builtin_type(self._session, node, point, declared)
        return node, self._types[binding.handle]

    def forget_type(self, binding: Binding) -> None:
        """A write was refused: the node may have changed its type, so look next time."""
        self._types.pop(binding.handle, None)
