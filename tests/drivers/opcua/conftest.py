"""A real OPC UA server on loopback, and a driver looking at it, for the tests of this folder."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from agent.core.device_profile import Device, DeviceProfile
from agent.core.point import Access, Point, Value
from agent.core.reading import Reading, ReadingBlock
from agent.core.register import Node
from drivers.opcua import KINDS
from drivers.opcua.certificates import fingerprint, load_certificates, make_certificate
from drivers.opcua.settings import OpcUaBus

T = TypeVar("T")

SPACE = 2  # index of the namespace the server registers


class WallClock:
    """Real time; `shift` puts our idea of UTC elsewhere."""

    speed = 1.0
    shift = 0.0
    believed = True

    def elapsed(self) -> float:
        return time.monotonic()

    def utc(self) -> float:
        return time.time() + self.shift

    def trusted(self) -> bool:
        return self.believed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Papers:
    """A certificate and its key as files."""

    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        return fingerprint(load_certificates(str(self.certificate))[0])


@dataclass
class Users:
    """Who the server lets in. Empty: everybody."""

    passwords: dict[str, str] = field(default_factory=dict)
    certificates: list[bytes] = field(default_factory=list)

    def get_user(
        self, _server: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        if not self.passwords and not self.certificates:
            return User(role=UserRole.User)
        known = username is not None and self.passwords.get(username) == password
        if known or (certificate is not None and certificate in self.certificates):
            return User(role=UserRole.User, name=username)
        return None


class Workshop:
    """A thread with its own event loop for the servers: they are costly to start, so tests share them."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.count = 0
        self.running: list[Server] = []

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    async def start(self, papers: Papers | None, users: Users, port: int, tokens: list[Any] | None) -> Server:
        server = Server(user_manager=users)
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/test")
        if papers is None:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        else:
            server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
            await server.load_certificate(papers.certificate)
            await server.load_private_key(papers.key)
        every = [ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken]
        server.set_identity_tokens(tokens or every)
        await server.register_namespace("urn:test")
        await server.start()
        self.running.append(server)
        return server

    def end(self) -> None:
        for server in self.running:
            asyncio.run_coroutine_threadsafe(server.stop(), self.loop).result(10)
        asyncio.run_coroutine_threadsafe(self._sweep(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _sweep(self) -> None:
        """The library's server keeps tasks for sessions that were cut."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@dataclass
class Peer:
    """A running server. Each test has its own `prefix` in it, so that shared servers do not mix tests."""

    workshop: Workshop
    server: Server
    prefix: str
    users: Users

    @property
    def url(self) -> str:
        port = self.server.bserver._server.sockets[0].getsockname()[1]
        return f"opc.tcp://127.0.0.1:{port}/test"

    def node(self, name: str) -> ua.NodeId:
        return ua.NodeId(f"{self.prefix}{name}", SPACE)

    async def add(
        self, name: str, value: Any, kind: str = "Double", *, writable: bool = False, under: str = ""
    ) -> str:
        """A variable; returns its node id text."""

        async def make() -> None:
            above = self.server.get_node(self.node(under)) if under else self.server.nodes.objects
            variant = ua.Variant(value, ua.VariantType[kind])
            node = await above.add_variable(self.node(name), f"{SPACE}:{name}", variant)
            if writable:
                await node.set_writable()

        await self.workshop.do(make())
        return self.node(name).to_string()

    async def folder(self, name: str) -> str:
        """A folder under Objects whose browse name carries the test's prefix; returns that name."""
        await self.workshop.do(
            self.server.nodes.objects.add_folder(self.node(name), f"{SPACE}:{self.prefix}{name}")
        )
        return f"{self.prefix}{name}"

    async def set(
        self, name: str, value: Any, kind: str = "Double", *, status: int = 0, source: float | None = None
    ) -> None:
        stamp = dt.datetime.fromtimestamp(time.time() if source is None else source, dt.UTC)
        data = ua.DataValue(ua.Variant(value, ua.VariantType[kind]), ua.StatusCode(status), stamp, stamp)
        await self.workshop.do(self.server.write_attribute_value(self.node(name), data))

    async def get(self, name: str) -> Any:
        return await self.workshop.do(self.server.get_node(self.node(name)).read_value())

    async def stop(self) -> None:
        self.workshop.running.remove(self.server)
        await self.workshop.do(self.server.stop())


class Scene:
    """A driver on the peer, with one device `d` of the given nodes, and all that its sink has received."""

    def __init__(
        self,
        settings: OpcUaBus,
        nodes: dict[str, Node],
        points: dict[str, Point] | None = None,
        clock: Any = None,
    ) -> None:
        self.clock: Any = clock or WallClock()
        self.blocks: list[ReadingBlock] = []
        self.latest: dict[str, Reading] = {}
        given = points or {}
        made = {name: given.get(name, Point(id=f"d.{name}", access=Access.READ_WRITE)) for name in nodes}
        profile = DeviceProfile(id="p", points=made, sources=nodes)
        self.device = Device(id="d", bus="b", profile=profile, points=made)
        self.driver: Any = KINDS["opcua"].create("b", settings, [self.device], self.clock, self.take)

    def take(self, block: ReadingBlock) -> None:
        self.blocks.append(block)
        for point, reading in block.readings().items():
            self.latest[point.removeprefix("d.")] = reading

    def clear(self) -> None:
        self.blocks.clear()
        self.latest.clear()

    async def read(self) -> dict[str, Reading]:
        """What one round of the read plan gives, by name."""
        found: dict[str, Reading] = {}
        for item in self.driver.plan():
            for block in await self.driver.read(item):
                found |= {point.removeprefix("d."): one for point, one in block.readings().items()}
        return found

    def value(self, name: str) -> Value | None:
        return self.latest[name].value if name in self.latest else None


async def _until(condition: Callable[[], Any], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached within {within} s")
        await asyncio.sleep(0.005)


def make_papers(folder: Path, name: str, *, days: float = 30, start: dt.datetime | None = None) -> Papers:
    """A fresh self-signed certificate and key; `start` in the past makes an expired one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = make_certificate(key, f"urn:test:{name}", days=days, start=start)
    papers = Papers(folder / f"{name}.der", folder / f"{name}.pem")
    papers.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    papers.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return papers


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Papers]:
    """Makes certificates, each name once."""
    folder = tmp_path_factory.mktemp("papers")
    made: dict[str, Papers] = {}

    def make(name: str, **dates: Any) -> Papers:
        if name not in made:
            made[name] = make_papers(folder, name, **dates)
        return made[name]

    return make


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    made = Workshop()
    yield made
    made.end()


@pytest.fixture(scope="session")
def shared_servers() -> dict[Any, tuple[Server, Users]]:
    return {}


@pytest.fixture
def serve(workshop: Workshop, shared_servers: dict[Any, tuple[Server, Users]]) -> Callable[..., Any]:
    """A peer: shared with other tests unless `own`, which the test may stop."""

    async def start(
        papers: Papers | None = None, *, own: bool = False, port: int = 0, tokens: list[Any] | None = None
    ) -> Peer:
        workshop.count += 1
        key = (papers and papers.certificate, str(tokens))
        if own or key not in shared_servers:
            users = Users()
            server = await workshop.do(workshop.start(papers, users, port, tokens))
            if own:
                return Peer(workshop, server, f"t{workshop.count}.", users)
            shared_servers[key] = (server, users)
        server, users = shared_servers[key]
        users.passwords, users.certificates = {}, []
        return Peer(workshop, server, f"t{workshop.count}.", users)

    return start


@pytest.fixture
async def look() -> AsyncIterator[Callable[..., Scene]]:
    """Makes scenes with brisk settings; their drivers are closed at the end."""
    scenes: list[Scene] = []

    def make(
        url: str,
        nodes: dict[str, Node],
        points: dict[str, Point] | None = None,
        clock: Any = None,
        **settings: Any,
    ) -> Scene:
        brisk = {"security": "None", "publishing": 0.05, "sampling": 0.05, "timeout": 2.0} | settings
        scene = Scene(OpcUaBus(url=url, **brisk), nodes, points, clock)
        scenes.append(scene)
        return scene

    yield make
    for scene in scenes:
        await scene.driver.close()


@pytest.fixture
def until() -> Callable[..., Any]:
    return _until
