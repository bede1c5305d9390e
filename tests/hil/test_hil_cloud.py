"""The embedded cloud against clients that are not ours: mosquitto_pub, and aiohttp as an HTTPS client."""

import asyncio
import gzip
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson
import pytest

from hil.certificates import Authority, fingerprint
from hil.cloud import CloudKeys, EmbeddedCloud
from hil.cloud_book import BadMessageError, CloudBook


def message(*sequences: int) -> bytes:
    blocks = [{"seq": one, "time": 1.0, "device": "ch1", "values": {"a": one, "b": 2.0}} for one in sequences]
    return orjson.dumps({"version": 1, "site": "s", "epoch": 3, "lane": "live", "blocks": blocks})


def test_a_block_counts_once_whatever_the_packing() -> None:
    book = CloudBook()
    assert book.take("mqtt", message(1, 2)) == 4
    assert book.take("mqtt", gzip.compress(message(2, 3))) == 2
    way = book.ways["mqtt"]
    assert (way.messages, way.receiver.blocks, way.receiver.values, way.receiver.duplicates) == (2, 3, 6, 1)
    assert book.latest["ch1"]["a"] == 3
    assert "mqtt 6 samples in 2 messages, 1 duplicates" in book.line()


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[1]", b"\x1f\x8bnonsense", message(1).replace(b"seq", b"no")]
)
def test_nonsense_is_refused_and_counted(payload: bytes) -> None:
    book = CloudBook()
    with pytest.raises(BadMessageError):
        book.take("https", payload)
    assert book.ways["https"].refused == 1


@pytest.fixture
def keys(tmp_path: Path) -> CloudKeys:
    authority = Authority(tmp_path)
    identity = authority.server("cloud")
    authority.client("box")
    return CloudKeys(identity=identity, authority=str(authority.certificate), user="box", password="p4ss")


@pytest.fixture
async def cloud(keys: CloudKeys) -> AsyncIterator[EmbeddedCloud]:
    made = EmbeddedCloud(keys)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.integration
async def test_https_takes_samples_from_those_who_know_the_word(
    cloud: EmbeddedCloud, keys: CloudKeys
) -> None:
    trust = ssl.create_default_context(cafile=keys.authority)
    url = f"https://localhost:{cloud.https_port}/samples"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=message(1), ssl=trust) as answer:
            assert answer.status == 401
        headers = {"Authorization": "Bearer p4ss", "Content-Encoding": "gzip"}
        async with session.post(url, data=gzip.compress(message(1)), headers=headers, ssl=trust) as answer:
            assert await answer.json() == {"accepted": 2}
    assert cloud.book.ways["https"].receiver.values == 2


@pytest.mark.integration
@pytest.mark.parametrize(("password", "arrives"), [("p4ss", True), ("wrong", False)])
async def test_mosquitto_pub_delivers(
    cloud: EmbeddedCloud, keys: CloudKeys, tmp_path: Path, password: str, arrives: bool
) -> None:
    payload = tmp_path / "message"
    payload.write_bytes(message(7))
    pub = await asyncio.create_subprocess_exec(
        *("mosquitto_pub", "-h", "localhost", "-p", str(cloud.mqtt_port), "--cafile", keys.authority),
        *("--cert", str(tmp_path / "box.pem"), "--key", str(tmp_path / "box.key"), "-q", "1"),
        *("-u", "box", "-P", password, "-t", "plantroom/s/samples", "-f", str(payload)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    code = await asyncio.wait_for(pub.wait(), 10)
    assert (code == 0) is arrives
    assert ("mqtt" in cloud.book.ways) is arrives


def test_keys_are_for_their_owner_only(keys: CloudKeys) -> None:
    assert keys.identity.key.stat().st_mode & 0o077 == 0
    assert len(fingerprint(keys.identity.certificate)) == 64


@pytest.mark.integration
async def test_a_cloud_that_is_cut_does_not_wait_for_a_client_that_says_nothing_more(
    cloud: EmbeddedCloud, keys: CloudKeys, tmp_path: Path
) -> None:
    sub = await asyncio.create_subprocess_exec(
        *(
            "stdbuf",
            "-oL",
            "mosquitto_sub",
            "-h",
            "localhost",
            "-p",
            str(cloud.mqtt_port),
            "--cafile",
            keys.authority,
            "-d",
        ),
        *("--cert", str(tmp_path / "box.pem"), "--key", str(tmp_path / "box.key"), "-q", "1"),
        *("-u", "box", "-P", "p4ss", "-t", "plantroom/#"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert sub.stdout is not None
    try:
        async with asyncio.timeout(10):
            while b"SUBACK" not in await sub.stdout.readline():
                pass
        sub.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(10):
            await cloud.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", cloud.mqtt_port)
    finally:
        sub.kill()
        await sub.wait()
