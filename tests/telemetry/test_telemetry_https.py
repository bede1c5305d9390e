"""The HTTPS uplink against a receiver with client certificates that answers with every sort of error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from agent.core.point import Point
from agent.core.reading import ReadingBlock
from agent.core.site import Uplink
from agent.telemetry.receiver import Receiver
from agent.telemetry.store import Store
from agent.telemetry.uplinks import create_uplink
from agent.telemetry.uplinks.carrier import Backoff
from agent.telemetry.uplinks.settings import HttpsSettings
from tests.telemetry.certificates import Certificates, make_certificates
from tests.waiting import until

pytestmark = pytest.mark.integration
OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]
POINTS = {f"ch1.p{number}": Point(id=f"ch1.p{number}") for number in range(4)}


class Cloud:
    """The receiver: `answers` are used up one a request on /samples, then all is well."""

    def __init__(self) -> None:
        self.receiver = Receiver()
        self.answers: list[Callable[[bytes], Awaitable[web.Response | None]]] = []
        self.headers: list[dict[str, str]] = []
        self.posts: list[str] = []
        self.url = ""
        self.poison = b"no such text"

    async def post(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posts.append(request.path)
        self.headers.append(dict(request.headers))
        if request.path.endswith("/samples"):
            if self.answers:
                answer = await self.answers.pop(0)(body)
                if answer is not None:
                    return answer
            if self.poison in body:
                return web.Response(status=400, text="cannot read block")
        if request.path.endswith(("/samples", "/gaps")):
            self.receiver.take(body)
        return web.Response(status=202)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


@pytest.fixture
async def cloud(certificates: Certificates) -> AsyncIterator[Cloud]:
    cloud = Cloud()
    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/in/{subject}", cloud.post)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificates.server_context()).start()
    cloud.url = f"https://127.0.0.1:{runner.addresses[0][1]}/in"
    yield cloud
    await runner.cleanup()


@pytest.fixture
async def run(
    cloud: Cloud, certificates: Certificates, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Backoff, "next", lambda _: 0.01)
    tasks: list[asyncio.Task[None]] = []

    async def run_(store: Store, **changes: object):
        fields: dict[str, object] = {
            "url": cloud.url,
            "ca": certificates.ca,
            "certificate": certificates.client,
            "token": "secret-token",
            "max_delay": 1.0,
            "timeout": 2.0,
            "attempts": 3,
        }
        settings = HttpsSettings(**{**fields, **changes})  # type: ignore[arg-type]
        uplink = create_uplink(
            Uplink(id="up", kind="https", settings=settings), store, site="s", points=POINTS
        )
        tasks.append(asyncio.create_task(uplink.run()))
        return uplink

    yield run_
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def status_of(code: int, headers: dict[str, str] | None = None):
    async def answer(_: bytes) -> web.Response:
        return web.Response(status=code, text="no", headers=headers)

    return answer


async def test_blocks_arrive_compressed_with_token_and_key(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    uplink = await run(store)
    await until(lambda: uplink.status()["state"] == "up")
    for number in range(100):
        store.append(make_block(number))
    await until(lambda: cloud.receiver.blocks == 100)
    assert cloud.receiver.missing() == {}
    assert cloud.posts[:2] == ["/in/status", "/in/points"]
    assert all(headers["Authorization"] == "Bearer secret-token" for headers in cloud.headers)
    keys = [headers["Idempotency-Key"] for headers in cloud.headers]
    assert len(set(keys)) == len(keys)
    assert any(headers.get("Content-Encoding") == "gzip" for headers in cloud.headers)


@pytest.mark.parametrize("code", [401, 403, 404, 408, 429, 500, 502, 503])
async def test_trouble_on_the_way_loses_nothing(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock, code: int
) -> None:
    store = await open_store()
    cloud.answers = [status_of(code), status_of(code)]
    for number in range(20):
        store.append(make_block(number))
    await store.flush()
    uplink = await run(store)
    await until(lambda: uplink.status()["backlog"] == 0)
    assert (cloud.receiver.blocks, cloud.receiver.duplicates) == (20, 0)
    assert uplink.status()["dead_letters"] == 0
    assert uplink.status()["connects"] == 3
    samples = [
        headers["Idempotency-Key"]
        for path, headers in zip(cloud.posts, cloud.headers, strict=True)
        if path.endswith("/samples")
    ]
    assert len(set(samples)) < len(samples)  # the same content under the same key


async def test_an_answer_lost_on_its_way_back_is_sent_again_under_the_same_key(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()

    async def take_and_break(body: bytes) -> web.Response:
        cloud.receiver.take(body)
        return web.Response(status=500)

    cloud.answers = [take_and_break]
    for number in range(20):
        store.append(make_block(number))
    await store.flush()
    uplink = await run(store)
    await until(lambda: uplink.status()["backlog"] == 0)
    assert (cloud.receiver.blocks, cloud.receiver.duplicates) == (20, 20)


async def test_a_poison_block_is_put_aside_and_the_others_arrive(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    cloud.poison = b'"seq":7,'
    for number in range(20):
        store.append(make_block(number))
    await store.flush()
    uplink = await run(store)
    await until(lambda: uplink.status()["backlog"] == 0)
    assert cloud.receiver.blocks == 19
    assert uplink.status()["dead_letters"] == 1
    assert uplink.status()["connects"] == 1


async def test_a_receiver_that_does_not_answer_is_left_and_found_again(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()

    async def hang(_: bytes) -> None:
        await asyncio.sleep(5)

    cloud.answers = [hang]
    store.append(make_block())
    await store.flush()
    uplink = await run(store, timeout=1.0)
    await until(lambda: uplink.status()["backlog"] == 0)
    assert uplink.status()["connects"] == 2


async def test_retry_after_is_honoured(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    cloud.answers = [status_of(503, {"Retry-After": "1"})]
    store.append(make_block())
    await store.flush()
    uplink = await run(store)
    await until(lambda: uplink.status()["state"] == "down")
    begun = asyncio.get_running_loop().time()
    await until(lambda: uplink.status()["backlog"] == 0)
    assert asyncio.get_running_loop().time() - begun > 0.8


@pytest.mark.parametrize("field", ["ca", "certificate"])
async def test_a_stranger_gets_no_data(
    cloud: Cloud, run, open_store: OpenStore, make_block: MakeBlock, certificates: Certificates, field: str
) -> None:
    store = await open_store()
    store.append(make_block())
    await store.flush()
    uplink = await run(store, **{field: certificates.stranger})
    await until(lambda: uplink.status()["state"] == "down")
    assert cloud.posts == []
    assert uplink.status()["backlog"] == 1
    assert "secret-token" not in uplink.status()["error"]
