"""Faces that are disturbed: a cable out of a line, a real serial port, a certificate that has expired, a wrong clock."""

import asyncio
import os
import struct
import tty
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client
from cryptography import x509

from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.certificates import application_certificate
from hil.clock import ScaledClock
from hil.ports import free_port
from hil.servers.opcua_face import SERVER_URI
from hil.simulated_site import FaceSettings, SimulatedSite
from hil.stand_in import StandInPlant, stand_ins
from tests.rtu_frames import framed
from tests.waiting import until

pytestmark = pytest.mark.integration

LINE = """
version: 1
site: {{name: s, latitude: 0, longitude: 0, timezone: UTC}}
buses: {{line: {{kind: modbus-rtu, port: {port}, baudrate: 19200, parity: even}}}}
devices: {{pm1: {{profile: eastron_sdm120, bus: line, unit: 3}}}}
"""
BMS = """
version: 1
site: {{name: s, latitude: 0, longitude: 0, timezone: UTC}}
buses: {{bms: {{kind: opcua, url: "opc.tcp://127.0.0.1:{port}", security: {security}}}}}
devices: {{oat: {{bus: bms, points: {{temp: {{node: "ns=2;s=OAT", unit: degC}}}}}}}}
"""
ASK = framed(struct.pack(">BBHH", 3, 4, 0, 2))  # the voltage, as a float


def simulated(folder: Path, text: str, **settings: Any) -> SimulatedSite:
    (folder / "site.yaml").write_text(text)
    site = load_site(folder / "site.yaml", find_catalogue())
    values, wiring = stand_ins(site)
    faces = FaceSettings(real_baudrate=False, opcua_period=0.02, **settings)
    return SimulatedSite(site, StandInPlant(values), wiring, ScaledClock(1.0), faces)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[SimulatedSite]:
    async with simulated(tmp_path, LINE.format(port=tmp_path / "line")) as made:
        yield made


async def exchange(descriptor: int, seconds: float = 1.0) -> bytes:
    """What a master at this end of the line hears after its request."""
    os.write(descriptor, ASK)
    heard = b""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while len(heard) < 9 and loop.time() < end:
        try:
            heard += os.read(descriptor, 100)
        except BlockingIOError:
            await asyncio.sleep(0.005)
    return heard


def master(path: str) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    return descriptor


async def test_a_cable_that_is_pulled_out_and_put_back(line: SimulatedSite, tmp_path: Path) -> None:
    descriptor = master(str(tmp_path / "line"))
    face: Any = line.faces["line"]
    try:
        assert (await exchange(descriptor))[:3] == bytes((3, 4, 4))
        line.board.throw("bus:line", "network_down")
        await until(lambda: not face.plugged)
        assert await exchange(descriptor, 0.3) == b""
        line.board.mend()
        await until(lambda: face.plugged)
        assert (await exchange(descriptor))[:3] == bytes((3, 4, 4))
    finally:
        os.close(descriptor)


async def test_a_silent_device_and_a_talkative_line(line: SimulatedSite, tmp_path: Path) -> None:
    descriptor = master(str(tmp_path / "line"))
    try:
        line.board.throw("device:pm1", "off")
        assert await exchange(descriptor, 0.3) == b""
        line.board.throw("bus:line", "babble", 0.1)
        heard = b""
        async with asyncio.timeout(5):
            while not heard:
                await asyncio.sleep(0.02)
                try:
                    heard = os.read(descriptor, 100)
                except BlockingIOError:
                    continue
        assert heard
    finally:
        os.close(descriptor)


async def test_units_on_a_real_serial_port(tmp_path: Path) -> None:
    """One end of a pair of terminals stands for the port; the master sits at the other."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    os.set_blocking(ours, False)
    try:
        places = {"line": os.ttyname(theirs)}
        async with simulated(tmp_path, LINE.format(port=tmp_path / "line"), places=places) as made:
            assert made.faces["line"].path == os.ttyname(theirs)  # type: ignore[union-attr]
            assert (await exchange(ours))[:3] == bytes((3, 4, 4))
            assert not (tmp_path / "line").exists()
    finally:
        os.close(ours)
        os.close(theirs)


async def served_certificate(url: str) -> x509.Certificate | None:
    """What the server shows to whoever asks for its endpoints; None while it is down."""
    client = Client(url, timeout=2)
    try:
        endpoints = await client.connect_and_get_server_endpoints()
    except (OSError, TimeoutError):
        return None
    return x509.load_der_x509_certificate(endpoints[0].ServerCertificate)


async def until_served(url: str, wanted: Any) -> None:
    async with asyncio.timeout(20):
        while True:
            shown = await served_certificate(url)
            if shown is not None and wanted(shown.not_valid_after_utc - datetime.now(UTC)):
                return
            await asyncio.sleep(0.05)


async def test_a_certificate_expires_and_is_mended(tmp_path: Path) -> None:
    port = free_port()
    url = f"opc.tcp://127.0.0.1:{port}/plantroom/"
    identity = application_certificate(tmp_path, "bms", SERVER_URI)
    text = BMS.format(port=port, security="Basic256Sha256")
    async with simulated(tmp_path, text, opcua={"bms": identity}) as made:
        await until_served(url, lambda left: left.days > 300)
        made.board.throw("device:oat", "certificate_expired")
        await until_served(url, lambda left: left.total_seconds() < 0)
        made.board.mend()
        await until_served(url, lambda left: left.days > 300)


def test_a_certificate_that_ends_soon(tmp_path: Path) -> None:
    pair = application_certificate(tmp_path, "soon", SERVER_URI, timedelta(days=3))
    made = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    assert made.not_valid_before_utc < datetime.now(UTC)
    assert 2 <= (made.not_valid_after_utc - datetime.now(UTC)).days <= 3


async def shown(node: Any, wanted: Callable[[Any], bool]) -> None:
    """When the value a client reads is as wanted."""
    async with asyncio.timeout(10):
        while True:
            if wanted(await node.read_data_value(raise_on_bad_status=False)):
                return
            await asyncio.sleep(0.02)


def ahead(data: Any) -> float:
    """Seconds its source time stamp is ahead of us."""
    stamp = data.SourceTimestamp
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return float((stamp - datetime.now(UTC)).total_seconds())


async def test_a_wrong_clock_and_a_missing_value_are_seen_by_a_client(tmp_path: Path) -> None:
    port = free_port()
    url = f"opc.tcp://127.0.0.1:{port}/plantroom/"
    site = simulated(tmp_path, BMS.format(port=port, security="None"))
    async with site as made, Client(url, timeout=5) as client:
        node = client.get_node("ns=2;s=OAT")
        await shown(node, lambda data: data.StatusCode.is_good() and abs(ahead(data)) < 60)
        made.board.throw("device:oat", "clock_wrong", 7200.0)
        await shown(node, lambda data: ahead(data) > 7000)
        made.board.throw("device:oat", "sentinel")
        await shown(node, lambda data: data.StatusCode.name == "BadNoData")
        made.board.throw("device:oat", "off")
        await shown(node, lambda data: data.StatusCode.name == "BadNoCommunication")
