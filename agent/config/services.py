"""Uplinks, store and page of a site."""

from __future__ import annotations

from typing import Any

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.quantities import QuantityError, quantity
from agent.config.references import References
from agent.config.schema import KindShape, StoreShape, WebShape
from agent.config.shapes import fit
from agent.core.site import StoreSettings, Uplink, WebSettings

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


def build_store(draft: Draft) -> StoreSettings:
    """Paths relative to the folder of the site file."""
    shape = fit(StoreShape, dict(draft.section("store")), draft.document, ("store",)) or StoreShape()
    written = shape.model_dump(exclude_none=True)
    if shape.max_bytes is not None:
        try:
            written["max_bytes"] = int(quantity(shape.max_bytes, "B"))
        except QuantityError as error:
            draft.document.add(("store", "max_bytes"), str(error), error.mend)
        else:
            if written["max_bytes"] < 1_000_000:
                draft.document.add(("store", "max_bytes"), "less than 1 MB keeps nothing", 'e.g. "1 GB"')
    written["path"] = str(draft.folder / written.get("path", StoreSettings().path))
    return StoreSettings(**written)


def build_web(draft: Draft, references: References) -> WebSettings:
    """Paths relative to the folder of the site file."""
    where: Where = ("web",)
    shape = fit(WebShape, dict(draft.section("web")), draft.document, where) or WebShape()
    written = shape.model_dump(exclude_none=True, exclude={"certificate", "key"})
    for name in ("certificate", "key"):
        if (value := getattr(shape, name)) is not None:
            written[name] = _file(draft, references, value, (*where, name))
    if (shape.certificate is None) != (shape.key is None):
        draft.document.add(where, "certificate and key belong together", "give both or none", key=True)
    written["socket"] = str(draft.folder / written.get("socket", WebSettings().socket))
    if len(written["socket"].encode()) > _LONGEST_SOCKET:
        message = f"the socket's path {written['socket'][:120]} is longer than {_LONGEST_SOCKET} bytes"
        draft.document.warn(
            (*where, "socket"), message, "write a shorter absolute path at web: {socket: ...}"
        )
    return WebSettings(**written)


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
