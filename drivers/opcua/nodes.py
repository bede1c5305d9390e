"""Finding nodes: NodeId texts, browse paths from Objects, and looking around in the server's address space."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from asyncua import ua

from agent.core.errors import DeviceError
from drivers.opcua import faults
from drivers.opcua.faults import ServiceFault
from drivers.opcua.session import Session
from drivers.opcua.values import severity

_NODE_ID = re.compile(r"(?:ns=\d+;|nsu=(?P<uri>[^;]+);)?[isgb]=")
_SEGMENT = re.compile(r"(?:(?P<space>\d+):)?(?P<name>.+)", re.DOTALL)
_OBJECTS = ua.NodeId(ua.Int32(ua.ObjectIds.ObjectsFolder))
_NAMESPACES = ua.NodeId(ua.Int32(ua.ObjectIds.Server_NamespaceArray))
_KINDS: Mapping[int, str] = {1: "object", 2: "variable", 4: "method"}
MAX_CHILDREN = 50_000


@dataclass(frozen=True, slots=True)
class BrowseEntry:
    """One thing found in the server. `node` and `path` can both be written in a site file."""

    node: str
    path: str
    name: str
    kind: str  # object, variable, method or other


def is_node_id(text: str) -> bool:
    """Whether the text is a NodeId; else it is a browse path."""
    return _NODE_ID.match(text) is not None


class AddressSpace:
    """The server's nodes as seen in one session; remembers what it has browsed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._children: dict[ua.NodeId, list[ua.ReferenceDescription]] = {}
        self._namespaces: list[str] | None = None

    def forget(self) -> None:
        """Look again next time: the server may have grown."""
        self._children.clear()
        self._namespaces = None

    async def find(self, text: str, prefix: str = "") -> ua.NodeId:
        """The node of a NodeId text, or of a browse path below `prefix`. Raises DeviceError, BusError."""
        if is_node_id(text):
            return await self._parse(text)
        return await self._walk(f"{prefix.rstrip('/')}/{text.lstrip('/')}" if prefix else text)

    async def children(self, node: ua.NodeId) -> list[ua.ReferenceDescription]:
        """What lies under a node, following hierarchical references. Raises DeviceError, BusError."""
        if node not in self._children:
            self._children[node] = await self._browse(node)
        return self._children[node]

    async def browse(self, path: str, depth: int, limit: int) -> tuple[BrowseEntry, ...]:
        """Everything down to `depth` levels under a node or path ("" = Objects), at most `limit` entries."""
        start = await self.find(path) if path else _OBJECTS
        prefix = "" if is_node_id(path) else path.strip("/")
        found: list[BrowseEntry] = []
        seen = {start}
        level = [(start, prefix)]
        for _ in range(depth):
            below: list[tuple[ua.NodeId, str]] = []
            for node, above in level:
                for child in await self.children(node):
                    target = _local(child.NodeId)
                    if target in seen:
                        continue
                    seen.add(target)
                    entry = _entry(child, target, above)
                    found.append(entry)
                    if len(found) >= limit:
                        return tuple(found)
                    below.append((target, entry.path))
            level = below
        return tuple(found)

    async def parent(self, node: ua.NodeId) -> ua.NodeId:
        """The object that a node (a method) belongs to."""
        references = await self._browse(node, ua.BrowseDirection.Inverse)
        if not references:
            raise DeviceError(f"{node.to_string()} belongs to no object")
        return _local(references[0].NodeId)

    async def _parse(self, text: str) -> ua.NodeId:
        match = _NODE_ID.match(text)
        uri = None if match is None else match["uri"]
        if uri is not None:
            text = f"ns={await self._namespace(uri)};{text.partition(';')[2]}"
        try:
            return ua.NodeId.from_string(text)
        except (ua.UaError, ValueError) as error:
            raise DeviceError(f"{text!r} is not a node id") from error

    async def _namespace(self, uri: str) -> int:
        if self._namespaces is None:
            values, _ = await self._session.read([_NAMESPACES])
            self._namespaces = list(values[0][0] or ())
        if uri not in self._namespaces:
            raise DeviceError(f"the server has no namespace {uri}{_nearest(uri, self._namespaces)}")
        return self._namespaces.index(uri)

    async def _walk(self, path: str) -> ua.NodeId:
        segments = [segment for segment in re.split(r"(?<!\\)/", path) if segment]
        if segments and segments[0] in ("Objects", "0:Objects"):
            segments = segments[1:]
        node = _OBJECTS
        for segment in segments:
            node = _child(segment.replace("\\/", "/"), await self.children(node), path)
        return node

    async def _browse(
        self, node: ua.NodeId, direction: ua.BrowseDirection = ua.BrowseDirection.Forward
    ) -> list[ua.ReferenceDescription]:
        request = ua.BrowseRequest()
        wished = ua.BrowseDescription()
        wished.NodeId = node
        wished.BrowseDirection = direction
        wished.ReferenceTypeId = ua.NodeId(ua.Int32(ua.ObjectIds.HierarchicalReferences))
        wished.IncludeSubtypes = True
        wished.ResultMask = ua.BrowseResultMask.All
        request.Parameters.NodesToBrowse = [wished]
        try:
            answer = await self._session.service(request, ua.BrowseResponse)
            result = _checked(node, answer.Results)
            found = list(result.References or ())
            while result.ContinuationPoint and len(found) < MAX_CHILDREN:
                following = ua.BrowseNextRequest()
                following.Parameters.ContinuationPoints = [result.ContinuationPoint]
                more = await self._session.service(following, ua.BrowseNextResponse)
                result = _checked(node, more.Parameters.Results)
                found += result.References or ()
        except ServiceFault as error:
            raise faults.refusal(f"browsing {node.to_string()}", error.code) from error
        return found


def _checked(node: ua.NodeId, results: list[ua.BrowseResult]) -> ua.BrowseResult:
    if len(results) != 1:
        raise DeviceError(f"browsing {node.to_string()}: {len(results)} answers to one question")
    if severity(results[0].StatusCode.value) == 0:
        raise faults.refusal(f"browsing {node.to_string()}", results[0].StatusCode.value)
    return results[0]


def _child(segment: str, children: list[ua.ReferenceDescription], path: str) -> ua.NodeId:
    match = _SEGMENT.fullmatch(segment)
    space = None if match is None or match["space"] is None else int(match["space"])
    name = segment if match is None else match["name"]
    fitting = {
        _local(child.NodeId)
        for child in children
        if child.BrowseName.Name == name and (space is None or child.BrowseName.NamespaceIndex == space)
    }
    if not fitting:
        known = [child.BrowseName.Name for child in children]
        raise DeviceError(f"no node {segment!r} on the path {path!r}{_nearest(name, known)}")
    if len(fitting) > 1:
        raise DeviceError(f"{segment!r} on the path {path!r} is ambiguous; write its namespace: 2:{name}")
    return fitting.pop()


def _nearest(wanted: str, known: list[str]) -> str:
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5) or known[:3]
    return f"; there is {', '.join(close)}" if close else ""


def _local(node: ua.NodeId) -> ua.NodeId:
    return ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)


def _entry(child: ua.ReferenceDescription, target: ua.NodeId, above: str) -> BrowseEntry:
    name = child.BrowseName.Name
    segment = f"{child.BrowseName.NamespaceIndex}:{name.replace('/', chr(92) + '/')}"
    path = f"{above}/{segment}" if above else segment
    return BrowseEntry(target.to_string(), path, name, _KINDS.get(int(child.NodeClass), "other"))
