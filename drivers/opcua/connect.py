"""From an address to an activated session: find the endpoint, judge the certificate, secure the channel, log in."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography import x509

from agent.core.errors import BusError
from drivers.opcua import certificates, faults
from drivers.opcua.certificates import Identity
from drivers.opcua.session import Session, abort
from drivers.opcua.settings import OpcUaBus, Security

log = logging.getLogger("plantroom.opcua")

STEPS = 4  # exchanges behind one time-out each; all together get this many
MAX_MESSAGE = 16 * 1024 * 1024  # bytes; the library's own default is no limit
CHANNEL_LIFETIME = 3600.0  # seconds; renewed well before
SESSION_TIMEOUT = 60.0  # seconds of silence after which the server may forget us

# the client library logs, up to CRITICAL, what it also raises; one line a failure is ours to write
for _name in ("asyncua.client", "asyncua.uaprotocol"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class _Papers:
    """What the files of a bus yield: loaded in a thread, once a connection."""

    own: Identity | None
    user: Identity | None


async def connect(settings: OpcUaBus, on_lost: Callable[[str], None], *, dates_count: bool = True) -> Session:
    """Raises BusError with the mend. `dates_count` False: our clock is not to be believed, skip validity dates."""
    papers = await asyncio.to_thread(_load, settings)
    now = time.time() if dates_count else None
    if papers.own is not None and now is not None:
        _judge_own(papers.own, now)
    own = (
        None
        if papers.own is None
        else f"{papers.own.file} (SHA-1 {certificates.thumbprint(papers.own.certificate)})"
    )
    secured = None
    try:
        async with asyncio.timeout(settings.timeout * STEPS):
            server = None
            if settings.security is Security.BASIC256SHA256:
                server = await _server_certificate(settings)
                await asyncio.to_thread(certificates.check_trust, server, settings.trust, now)
                _warn_soon(server, now, "the server's certificate")
                secured = own
            return await _activate(settings, papers, server, on_lost)
    except BusError:
        raise
    except Exception as error:
        # a peer can make the library stumble in any way (InvalidSignature is none of its own errors)
        raise faults.connect_fault(settings.url, error, secured) from error


def _load(settings: OpcUaBus) -> _Papers:
    own = user = None
    if settings.security is Security.BASIC256SHA256:
        if settings.certificate is not None and settings.private_key is not None:
            own = certificates.load_identity(settings.certificate, settings.private_key)
        else:
            own = certificates.own_identity(settings.pki)
    if settings.user_certificate is not None and settings.user_key is not None:
        user = certificates.load_identity(settings.user_certificate, settings.user_key)
    return _Papers(own, user)


def _judge_own(own: Identity, now: float) -> None:
    certificates.check_dates(own.certificate, now, f"our own certificate {own.file}")
    _warn_soon(own.certificate, now, f"our own certificate {own.file}")


def _warn_soon(certificate: x509.Certificate, now: float | None, whose: str) -> None:
    if now is not None and (left := certificates.days_left(certificate, now)) < certificates.WARN_DAYS:
        log.warning("%s runs out in %.0f days: renew it", whose, left)


def _client(settings: OpcUaBus) -> Client:
    client = Client(settings.url, timeout=settings.timeout)
    client.name = client.description = "Plantroom"
    client.product_uri = "urn:plantroom"
    client.application_uri = f"urn:{socket.gethostname()}:plantroom"
    client.max_messagesize = MAX_MESSAGE
    client.secure_channel_timeout = int(1000 * CHANNEL_LIFETIME)
    client.session_timeout = int(1000 * max(SESSION_TIMEOUT, 6 * settings.keep_alive))
    return client


@asynccontextmanager
async def _channel(client: Client) -> AsyncIterator[None]:
    """An open channel; dropped on any way out but the normal one."""
    try:
        await client.connect_socket()
        await client.send_hello()
        await client.open_secure_channel()
        yield
    except BaseException:
        abort(client)
        raise


async def _server_certificate(settings: OpcUaBus) -> x509.Certificate:
    """The certificate of the endpoint that signs and encrypts; asked in the clear, so it proves nothing yet."""
    client = _client(settings)
    async with _channel(client):
        endpoints = await client.get_endpoints()
    abort(client)
    offered = set()
    for endpoint in endpoints:
        policy = (endpoint.SecurityPolicyUri or "").rpartition("#")[2]
        offered.add(policy)
        signs = endpoint.SecurityMode == ua.MessageSecurityMode.SignAndEncrypt
        if policy == Security.BASIC256SHA256 and signs and endpoint.ServerCertificate:
            return _first(endpoint.ServerCertificate)
    raise BusError(
        f"{settings.url} offers no Basic256Sha256 with signing and encryption (it offers {', '.join(sorted(offered))}); "
        "switch it on at the server, or write security: None if traffic in the clear is acceptable"
    )


def _first(chain: bytes) -> x509.Certificate:
    """The leading certificate of what may be a chain of DER certificates."""
    length = int.from_bytes(chain[2:4], "big") + 4
    try:
        return x509.load_der_x509_certificate(chain[:length])
    except ValueError as error:
        raise BusError(f"the server's certificate cannot be read: {error}") from error


async def _activate(
    settings: OpcUaBus, papers: _Papers, server: x509.Certificate | None, on_lost: Callable[[str], None]
) -> Session:
    client = _client(settings)
    if server is not None and papers.own is not None:
        client.application_uri = papers.own.uri
        policy: Any = SecurityPolicyBasic256Sha256(
            server, papers.own.certificate, papers.own.key, ua.MessageSecurityMode.SignAndEncrypt
        )
        client.security_policy = policy
        client.uaclient.set_security(policy)
    elif settings.password is not None:
        log.warning("%s: security is None, so user and password may travel in the clear", settings.url)
    async with _channel(client):
        await client.create_session()
        if papers.user is not None:
            client.user_private_key = papers.user.key
        await client.activate_session(
            username=settings.user,
            password=settings.password,
            certificate=None if papers.user is None else papers.user.certificate,
        )
        return Session(client, settings, on_lost)
