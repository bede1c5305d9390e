"""The MQTT uplink against mosquitto: TLS with client certificates, a broker that goes away, mosquitto's own clients."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agent.core.point import Point
from agent.core.reading import ReadingBlock
from agent.core.site import Uplink
from agent.telemetry.receiver import Receiver
from agent.telemetry.store import Store
from agent.telemetry.uplinks import create_uplink
from agent.telemetry.uplinks.settings import MqttSettings
from hil.ports import free_port
from tests.telemetry.certificates import Certificates, make_certificates
from tests.waiting import until

pytestmark = pytest.mark.integration
OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]
POINTS = {f"ch1.p{number}": Point(id=f"ch1.p{number}", unit="kW") for number in range(4)}
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class Broker:
    """mosquitto on a free port; plain, or TLS with client certificates."""

    def __init__(self, folder: Path, certificates: Certificates | None) -> None:
        program = shutil.which("mosquitto", path=PATH)
        if program is None:
            pytest.skip("mosquitto is not installed (apt-get install mosquitto mosquitto-clients)")
        self.port = free_port()
        self._program = program
        self._config = folder / "mosquitto.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
        ]
        if os.geteuid() == 0:
            lines.append("user root")
        if certificates:
            lines += [
                f"cafile {certificates.ca}",
                f"certfile {certificates.server}",
                f"keyfile {certificates.server}",
                "require_certificate true",
            ]
        self._config.write_text("\n".join(lines) + "\n")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait(10)


class Subscriber:
    """mosquitto_sub with a session that outlives the broker; messages as they come."""

    def __init__(self, broker: Broker, certificates: Certificates | None) -> None:
        self.receiver = Receiver()
        self.messages: list[tuple[str, bytes]] = []
        self._command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "plantroom/#"]
        self._command += ["-q", "1", "-i", "cloud", "-c", "-F", "%t %x"]
        if certificates:
            client = certificates.client
            self._command += ["--cafile", certificates.ca, "--cert", client, "--key", client]

    async def start(self) -> None:
        """Returns when the session exists (a retained message of our own has come back)."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdout=asyncio.subprocess.PIPE, limit=1 << 24
        )
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            topic, _, text = line.decode().rstrip("\n").rpartition(" ")
            body = bytes.fromhex(text)
            self.messages.append((topic, body))
            if "/samples" in topic or "/gaps" in topic:
                self.receiver.take(body)

    async def stop(self) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 5.0)
        except TimeoutError:  # now and then it does not hear that while it looks for its broker
            self._process.kill()
            await self._process.wait()
        await self._task


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


@pytest.fixture(params=["plain", "tls"])
def broker(request: pytest.FixtureRequest, tmp_path: Path, certificates: Certificates) -> Iterator[Broker]:
    broker = Broker(tmp_path, certificates if request.param == "tls" else None)
    broker.tls = request.param == "tls"  # type: ignore[attr-defined]
    yield broker
    broker.stop(signal.SIGKILL)


@pytest.fixture
async def cloud(broker: Broker, certificates: Certificates) -> AsyncIterator[Subscriber]:
    subscriber = Subscriber(broker, certificates if broker.tls else None)  # type: ignore[attr-defined]
    await subscriber.start()
    yield subscriber
    await subscriber.stop()


def settings_for(broker: Broker, certificates: Certificates, **changes: object) -> MqttSettings:
    tls = broker.tls  # type: ignore[attr-defined]
    fields: dict[str, object] = {
        "url": f"{'mqtts' if tls else 'mqtt'}://127.0.0.1:{broker.port}",
        "ca": certificates.ca if tls else "",
        "certificate": certificates.client if tls else "",
        "retry_cap": 1.0,
        "timeout": 5.0,
    }
    return MqttSettings(**{**fields, **changes})  # type: ignore[arg-type]


async def test_a_stream_survives_the_broker_going_away(
    broker: Broker,
    cloud: Subscriber,
    certificates: Certificates,
    open_store: OpenStore,
    make_block: MakeBlock,
) -> None:
    store = await open_store(commit_interval=0.02)
    settings = settings_for(broker, certificates, compress_above=3000)
    uplink = create_uplink(
        Uplink(id="up", kind="mqtt", settings=settings), store, site="Cloud City", points=POINTS
    )
    task = asyncio.create_task(uplink.run())
    await until(lambda: any(topic.endswith("/points") for topic, _ in cloud.messages))
    for number in range(1500):
        store.append(make_block(number))
        if number == 500:
            broker.stop()
        if number == 1000:
            await until(lambda: uplink.status()["state"] == "down")
            await asyncio.to_thread(broker.start)
        if number % 5 == 0:
            await asyncio.sleep(0.001)
    await until(lambda: uplink.status()["backlog"] == 0 and cloud.receiver.blocks == 1500)
    assert cloud.receiver.missing() == {}
    assert uplink.status()["connects"] >= 2
    topics = {topic for topic, _ in cloud.messages}
    assert "plantroom/Cloud-City/samples/gzip" in topics
    packed = next(body for topic, body in cloud.messages if topic.endswith("/gzip"))
    assert json.loads(gzip.decompress(packed))["site"] == "Cloud City"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: b'"offline"' in cloud.messages[-1][1])
    assert cloud.messages[-1][0] == "plantroom/Cloud-City/status"


async def test_the_broker_tells_of_a_death_by_last_will(
    broker: Broker, cloud: Subscriber, certificates: Certificates, open_store: OpenStore
) -> None:
    uplink = create_uplink(
        Uplink(id="up", kind="mqtt", settings=settings_for(broker, certificates)),
        await open_store(),
        site="s",
        points=POINTS,
    )
    task = asyncio.create_task(uplink.run())
    await until(lambda: any(b'"online"' in body for _, body in cloud.messages))
    await until(lambda: uplink.status()["connects"] == 1)  # its greetings are acknowledged, too
    line = uplink._carrier._client._client.socket()
    socket.socket.shutdown(
        line, socket.SHUT_RDWR
    )  # gone without a good-bye; its own `shutdown` would read on in the clear
    await until(lambda: any(b'"offline"' in body for _, body in cloud.messages))
    await until(lambda: uplink.status()["connects"] == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_live_latency_is_a_few_milliseconds(
    broker: Broker,
    cloud: Subscriber,
    certificates: Certificates,
    open_store: OpenStore,
    make_block: MakeBlock,
) -> None:
    store = await open_store()
    uplink = create_uplink(
        Uplink(id="up", kind="mqtt", settings=settings_for(broker, certificates)),
        store,
        site="s",
        points=POINTS,
    )
    task = asyncio.create_task(uplink.run())
    await until(lambda: any(topic.endswith("/points") for topic, _ in cloud.messages))
    delays = []
    for number in range(50):
        begun = time.perf_counter()
        store.append(make_block(number))
        await until(lambda number=number: cloud.receiver.blocks > number)
        delays.append(time.perf_counter() - begun)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    delays.sort()
    assert delays[len(delays) // 2] < 0.060, delays  # the aim is 20 ms; a busy machine must not fail the test


# paho drops the socket of a failed handshake without closing it; the collector does
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_refuses_us_is_reported(
    tmp_path: Path, certificates: Certificates, open_store: OpenStore
) -> None:
    broker = Broker(tmp_path, certificates)
    broker.tls = True  # type: ignore[attr-defined]
    store = await open_store()
    try:
        for number, changes in enumerate(
            (
                {"certificate": certificates.stranger, "timeout": 1.0},
                {"certificate": "", "timeout": 1.0},
                {"ca": certificates.stranger},
                {"ca": str(tmp_path / "nowhere.pem")},
                {"url": f"mqtts://127.0.0.1:{free_port()}"},
            )
        ):
            uplink = create_uplink(
                Uplink(id=f"up{number}", kind="mqtt", settings=settings_for(broker, certificates, **changes)),
                store,
                site="s",
                points=POINTS,
            )
            task = asyncio.create_task(uplink.run())
            await until(lambda uplink=uplink: uplink.status()["state"] == "down")
            assert uplink.status()["error"]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        broker.stop(signal.SIGKILL)
        gc.collect()


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "mqtts:///x", "nonsense"])
async def test_an_address_that_cannot_be_is_refused_at_once(open_store: OpenStore, url: str) -> None:
    with pytest.raises(ValueError, match="not an MQTT address"):
        create_uplink(
            Uplink(id="up", kind="mqtt", settings=MqttSettings(url=url)),
            await open_store(),
            site="s",
            points={},
        )
