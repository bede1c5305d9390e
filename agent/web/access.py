"""Who is asking, and what they may do: the one place that decides who may look and who may change something."""

from __future__ import annotations

import hmac
import ipaddress
import os
import pwd
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from aiohttp import web

from agent.web.answers import TurnedAwayError
from agent.web.sessions import Session, Sessions

CSRF_HEADER = "X-Plantroom-CSRF"
SITE_DOMAINS = (
    ".local",
    ".localhost",
    ".lan",
    ".internal",
    ".home.arpa",
)  # nobody can register these in public


class Access(StrEnum):
    """What a route asks of the one who calls it."""

    OPEN = "open"  # the way in: log in, set up, who am I
    LOOK = "look"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The one behind a request. `actor` is what the audit will say: `user:<name>`, `local:<name>`, None for a visitor."""

    actor: str | None
    address: str
    local: bool = False  # came over the UNIX socket: the kernel vouches for the user
    session: Session | None = None
    token: str | None = None


def may_look(who: Who) -> bool:
    """Visitors on the building's own network may look without a login: the wall display must always show the plant.

    Anybody from a public address logs in first. Change this function, and nothing else, to ask for a login always.
    """
    return who.actor is not None or is_nearby(who.address)


def is_nearby(address: str) -> bool:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return known.is_loopback or known.is_private or known.is_link_local


def identify(request: web.Request, sessions: Sessions, cookie: str) -> Who:
    """Raises TurnedAwayError when a UNIX socket's peer is neither this agent's user nor root."""
    peer = request.transport.get_extra_info("socket") if request.transport else None
    if peer is not None and peer.family == socket.AF_UNIX:
        return Who(actor=f"local:{_peer_name(peer.fileno())}", address="local", local=True)
    token = request.cookies.get(cookie)
    session = sessions.find(token)
    actor = None if session is None else f"user:{session.user}"
    return Who(actor=actor, address=request.remote or "", session=session, token=token)


def demand(access: Access, who: Who, request: web.Request) -> None:
    """Raises TurnedAwayError unless this one may do that."""
    if who.local or access is Access.OPEN:
        return
    if access is Access.LOOK:
        if not may_look(who):
            raise TurnedAwayError(401, "log in to look at this site from outside its own network")
        return
    if who.session is None:
        raise TurnedAwayError(401, "log in to change something")
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), who.session.csrf.encode()):
        raise TurnedAwayError(403, f"the header {CSRF_HEADER} is missing or out of date: load the page again")


def check_origin(request: web.Request, who: Who) -> None:
    """Turn away pages of other sites: a foreign Origin, or a Host that is no name of this box (DNS rebinding)."""
    if who.local:
        return
    host = request.host
    if not _own_name(host):
        raise TurnedAwayError(421, "this box is not known by that name: use its address or its own host name")
    origin = request.headers.get("Origin")
    if request.method not in ("GET", "HEAD") and origin is not None and urlsplit(origin).netloc != host:
        raise TurnedAwayError(403, "this request came from another site's page")


def _own_name(host: str) -> bool:
    """An address, a name without dots, a name that only exists on the site's network, or the full host name."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ipaddress.ip_address(name)
    except ValueError:
        name = host.rpartition(":")[0].lower() or host.lower()
        return "." not in name or name.endswith(SITE_DOMAINS) or name == socket.gethostname().lower()
    return True


def _peer_name(descriptor: int) -> str:
    """The user at the other end of a UNIX socket, as the kernel knows it (SO_PEERCRED: pid, uid, gid)."""
    twin = socket.socket(fileno=os.dup(descriptor))
    try:
        credentials = twin.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    finally:
        twin.close()
    _, uid, _ = struct.unpack("3i", credentials)
    if uid not in (0, os.geteuid()):
        raise TurnedAwayError(403, "this socket belongs to another user")
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
