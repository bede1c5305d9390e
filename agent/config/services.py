"""Uplinks, store, page and lease of a site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.references import References
from agent.config.schema import KindShape
from agent.core.point import Access, Persistence, ValueKind
from agent.core.site import LeaseSettings, StoreSettings, Uplink, WebSettings

_UNITS = {"max_bytes": "B", "audit_max_bytes": "B", "keep_days": "d", "commit_interval": "s"}
MOST_LEASE = 60_999
_LONGEST_SOCKET = 100  # bytes; sun_path of a UNIX socket holds 108


def build_uplinks(draft: Draft, settings: Settings) -> None:
    """Adds the uplinks to the draft."""
    for name, shape, where in draft.entries("uplinks", KindShape):
        kind = draft.catalogue.uplinks.get(shape.kind)
        if kind is None:
            mend = nearest(shape.kind, draft.catalogue.uplinks)
            draft.document.add((*where, "kind"), f"there is no uplink kind '{shape.kind[:60]}'", mend)
            continue
        built = settings.build(kind.settings, draft.section("uplinks")[name], where, shared=("kind",))
        if built is not None:
            draft.uplinks[name] = Uplink(id=name, kind=shape.kind, settings=built)


def build_store(draft: Draft, settings: Settings) -> StoreSettings:
    """Its path relative to the folder of the site file."""
    where: Where = ("store",)
    built = settings.build(StoreSettings, draft.section("store"), where, units=_UNITS)
    store: StoreSettings = built or StoreSettings()
    for name in ("max_bytes", "keep_days", "commit_interval"):
        if getattr(store, name) <= 0:
            draft.document.add((*where, name), f"{name} must be above 0", "leave it out for the default")
    return replace(store, path=str(draft.folder / store.path))


def build_web(draft: Draft, settings: Settings) -> WebSettings:
    """Its paths relative to the folder of the site file."""
    where: Where = ("web",)
    written = dict(draft.section("web"))
    files = {
        name: _file(draft, settings.references, written.pop(name), (*where, name))
        for name in ("certificate", "key")
        if written.get(name) is not None
    }
    if len(files) == 1:
        draft.document.add(where, "certificate and key belong together", "give both or none", key=True)
    web: WebSettings = settings.build(WebSettings, written, where) or WebSettings()
    if not 0 <= web.port <= 65535:
        draft.document.add((*where, "port"), f"{web.port} is no TCP port", "0 to 65535")
    socket = str(draft.folder / web.socket)
    if len(socket.encode()) > _LONGEST_SOCKET:
        message = f"the socket's path {socket[:120]} is longer than {_LONGEST_SOCKET} bytes"
        draft.document.warn(
            (*where, "socket"), message, "write a shorter absolute path at web: {socket: ...}"
        )
    return replace(web, socket=socket, certificate=files.get("certificate"), key=files.get("key"))


def build_lease(draft: Draft, settings: Settings) -> LeaseSettings | None:
    """Which of several boxes acts; None: there is only this one."""
    if draft.document.data.get("lease") is None:
        return None
    where: Where = ("lease",)
    lease: LeaseSettings | None = settings.build(LeaseSettings, draft.section("lease"), where)
    if lease is None:
        return None
    point = draft.points.get(lease.point)
    if point is None or point.device == "virtual":
        mend = nearest(lease.point, draft.points)
        draft.document.add((*where, "point"), f"there is no point '{lease.point[:60]}' on a device", mend)
    elif point.kind is not ValueKind.NUMBER or point.access is not Access.READ_WRITE:
        message = f"{lease.point} is no number that can be read and written"
        draft.document.add((*where, "point"), message, "choose a spare holding register")
    elif any(lease.point in one.roles.values() for one in draft.equipment.values()):
        message = f"{lease.point} plays a role of a machine"
        draft.document.add((*where, "point"), message, "choose a register that is used for nothing else")
    elif point.writing.persistence is not Persistence.RAM:
        message = f"{lease.point} is written every few seconds, which wears out all memory but RAM"
        draft.document.add((*where, "point"), message, "choose a register with persistence: ram")
    elif (point.limits.high or MOST_LEASE) < MOST_LEASE or (point.limits.low or 0) > 0:
        message = f"{lease.point} does not take 0 to {MOST_LEASE}"
        draft.document.add((*where, "point"), message, "leave its limits out")
    return lease


def build_twin(draft: Draft, settings: Settings) -> str:
    """The plant file of the site's simulated twin; empty where there is none."""
    written = draft.document.data.get("twin")
    if written is None:
        return ""
    return _file(draft, settings.references, written, ("twin",)) or ""


def _file(draft: Draft, references: References, value: Any, where: Where) -> str | None:
    if isinstance(value, str):
        path, error = references.file(value)
    elif isinstance(value, dict) and set(value) == {"file"}:
        path, error = references.resolve(value, where)
    else:
        path, error = "", ("a file is wanted", "write {file: path}")
    if error is not None:
        draft.document.add(where, *error)
        return None
    return path
