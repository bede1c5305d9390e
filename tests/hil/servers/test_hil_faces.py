"""The faces against masters we did not write: mbpoll, libmodbus and asyncua's client."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from agent.core.errors import PlantroomError
from hil.certificates import Pair, application_certificate
from hil.clock import VirtualClock
from hil.faults import Fault, FaultKind, WireFaults
from hil.servers.framing import RtuFraming
from hil.servers.modbus_face import ModbusLineFace, ModbusTcpFace
from hil.servers.opcua_face import SERVER_URI, OpcUaFace, OpcUaSecurity
from hil.world import World
from tests.hil.servers.face_builder import bms, chiller, world
from tests.rtu_frames import framed, is_framed

pytestmark = pytest.mark.integration


async def run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture
def there() -> World:
    return world()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def tcp(there: World, clock: VirtualClock) -> AsyncIterator[ModbusTcpFace]:
    face = ModbusTcpFace({1: chiller(there, clock), 2: chiller(there, clock, "ch2")})
    await face.start()
    yield face
    await face.stop()


async def test_mbpoll_reads_and_writes_over_tcp(tcp: ModbusTcpFace, there: World) -> None:
    base = ("mbpoll", "-m", "tcp", "-p", str(tcp.port), "-a", "2", "-0", "-1", "-q")
    assert "68" in await run(*base, "-r", "0", "-t", "3", "127.0.0.1")
    assert "123500" in await run(*base, "-r", "2", "-t", "3:float", "-B", "127.0.0.1")
    await run(*base, "-r", "0", "-t", "4", "127.0.0.1", "65")
    assert there.commands["chiller_1.chilled_water_setpoint"] == pytest.approx(6.5)


async def test_mbpoll_reads_and_writes_on_the_line(there: World, clock: VirtualClock, tmp_path: Path) -> None:
    face = ModbusLineFace({7: chiller(there, clock)}, baudrate=19200)
    face.start(tmp_path / "line")
    try:
        base = ("mbpoll", "-m", "rtu", "-b", "19200", "-P", "even", "-a", "7", "-0", "-1", "-q")
        assert "68" in await run(*base, "-r", "0", "-t", "3", face.path)
        await run(*base, "-r", "0", "-t", "0", face.path, "0")
        assert there.commands == {"chiller_1.enable": False}
    finally:
        face.stop()
    assert not (tmp_path / "line").is_symlink()


async def test_no_link_is_made_where_real_ports_are_and_none_of_others_is_taken_away(
    there: World, clock: VirtualClock, tmp_path: Path
) -> None:
    face = ModbusLineFace({7: chiller(there, clock)})
    (tmp_path / "dev").symlink_to("/dev")
    for place in (Path("/dev/ttyUSB77"), Path("/dev/serial/by-id/usb-x"), tmp_path / "dev" / "ttyUSB77"):
        with pytest.raises(PlantroomError, match="nothing is made below /dev"):
            face.start(place)
        assert not place.is_symlink()
    foreign = tmp_path / "by-id"
    foreign.symlink_to(tmp_path / "ttyUSB0")
    with pytest.raises(PlantroomError, match="nothing this program has made"):
        face.start(foreign)
    assert foreign.is_symlink()
    stale = tmp_path / "line"
    stale.symlink_to("/dev/pts/99999")
    face.start(stale)
    face.stop()
    assert not stale.is_symlink()


async def test_a_libmodbus_client_gets_along(tcp: ModbusTcpFace, there: World, tmp_path: Path) -> None:
    program = tmp_path / "client"
    source = Path(__file__).with_name("libmodbus_client.c")
    await run("gcc", "-o", str(program), str(source), "-lmodbus")
    seen = (await run(str(program), "127.0.0.1", str(tcp.port))).splitlines()
    assert seen[:5] == ["temperature 68", "power 123500.0", "status 1", "enable 0", "setpoint 80 limit 62.5"]
    assert seen[5].startswith("refused")
    assert there.commands["chiller_1.enable"] is False


async def ask_tcp(face: ModbusTcpFace, frame: bytes, wait: float = 0.5) -> bytes:
    """The raw reply; empty when nothing comes in time or the connection is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", face.port)
    try:
        writer.write(frame)
        return await asyncio.wait_for(reader.read(300), wait)
    except (TimeoutError, ConnectionResetError):
        return b""
    finally:
        writer.close()


READ = struct.pack(">HHHBBHH", 9, 0, 6, 1, 4, 0, 1)
GOOD = struct.pack(">HHHBBBh", 9, 0, 5, 1, 4, 2, 68)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (Fault(kind=FaultKind.DROP), lambda reply: reply == b""),
        (Fault(kind=FaultKind.CUT), lambda reply: reply == b""),
        (Fault(kind=FaultKind.EXCEPTION, code=6), lambda reply: reply[7:] == bytes((0x84, 6))),
        (Fault(kind=FaultKind.HALF), lambda reply: reply == GOOD[: len(GOOD) // 2]),
        (Fault(kind=FaultKind.GARBAGE), lambda reply: reply[:2] == b"\x55\xaa"),
        (Fault(kind=FaultKind.CHECKSUM), lambda reply: reply != GOOD and len(reply) == len(GOOD)),
        (Fault(kind=FaultKind.WRONG_UNIT), lambda reply: reply[6] == 2),
        (Fault(kind=FaultKind.REPEAT), lambda reply: reply == GOOD * 2),
        (Fault(kind=FaultKind.DELAY, seconds=0.1), lambda reply: reply == GOOD),
        (Fault(kind=FaultKind.LATE, seconds=0.1), lambda reply: reply == GOOD),
    ],
)
async def test_faults_hit_the_device_they_name_and_nobody_else(
    tcp: ModbusTcpFace, fault: Fault, check: Callable[[bytes], bool]
) -> None:
    tcp.faults.throw("ch1", fault)
    assert check(await ask_tcp(tcp, READ))
    other = bytearray(READ)
    other[6] = 2
    assert (await ask_tcp(tcp, bytes(other)))[7:] == GOOD[7:]
    tcp.faults.clear("ch1")
    assert await ask_tcp(tcp, READ) == GOOD


async def test_a_fault_of_two_replies_is_over_after_two(tcp: ModbusTcpFace) -> None:
    tcp.faults.throw(WireFaults.ANY, Fault(kind=FaultKind.EXCEPTION, times=2))
    replies = [await ask_tcp(tcp, READ) for _ in range(3)]
    assert [reply == GOOD for reply in replies] == [False, False, True]
    assert tcp.faults.hits == 2


async def test_an_absent_unit_is_the_gateways_word_on_tcp(tcp: ModbusTcpFace) -> None:
    absent = bytearray(READ)
    absent[6] = 77
    assert (await ask_tcp(tcp, bytes(absent)))[7:] == bytes((0x84, 11))
    assert await ask_tcp(tcp, b"GET / HTTP/1.1\r\n\r\n") == b""


async def test_rtu_frames_over_tcp(there: World, clock: VirtualClock) -> None:
    face = ModbusTcpFace({3: chiller(there, clock)}, rtu=True)
    await face.start()
    try:
        body = struct.pack(">BBHH", 3, 4, 0, 1)
        reply = await ask_tcp(face, framed(body))
        assert reply[:-2] == struct.pack(">BBBh", 3, 4, 2, 68)
        assert is_framed(reply)
        spoiled = body + b"\0\0"
        assert await ask_tcp(face, spoiled, 0.2) == b""
        absent = struct.pack(">BBHH", 4, 4, 0, 1)
        assert await ask_tcp(face, framed(absent), 0.2) == b""
    finally:
        await face.stop()
    assert RtuFraming().errors == 0


async def test_five_hundred_devices_in_one_process(clock: VirtualClock) -> None:
    """Every device its own port; all asked at once, three times over."""
    there = world()
    faces = [ModbusTcpFace({1: chiller(there, clock, f"d{n}")}) for n in range(500)]
    for face in faces:
        await face.start()
    try:
        for _ in range(3):
            replies = await asyncio.gather(*(ask_tcp(face, READ, 20.0) for face in faces))
            assert all(reply == GOOD for reply in replies)
    finally:
        for face in faces:
            await face.stop()


@pytest.fixture(scope="module")
def identities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, Pair]:
    folder = tmp_path_factory.mktemp("pki")
    server = application_certificate(folder, "server", SERVER_URI)
    return server, application_certificate(folder, "client", "urn:test:client")


async def connect(face: OpcUaFace, identities: tuple[Pair, Pair] | None, password: str = "right") -> Client:
    client = Client(face.url, timeout=5)
    if identities is not None:
        server, own = identities
        client.application_uri = "urn:test:client"
        client.set_user("plantroom")
        client.set_password(password)
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            str(own.certificate),
            ua_key(own),
            server_certificate=str(server.certificate),
        )
    await client.connect()
    return client


def ua_key(pair: Pair) -> Any:
    from asyncua.crypto.uacrypto import CertProperties

    return CertProperties(str(pair.key), "PEM")


@pytest.mark.parametrize("secure", [False, True])
async def test_an_opcua_client_reads_writes_and_is_told_of_changes(
    there: World, clock: VirtualClock, identities: tuple[Pair, Pair], secure: bool
) -> None:
    security = OpcUaSecurity(identity=identities[0], user="plantroom", password="right") if secure else None
    face = OpcUaFace([bms(there, clock)], clock, security, period=0.02)
    await face.start()
    try:
        client = await connect(face, identities if secure else None)
        try:
            temperature = client.get_node("ns=2;s=Zone.Temp")
            assert await temperature.read_value() == pytest.approx(245.0)
            assert (await client.get_node("ns=2;s=Zone.Occupied").read_data_value()).Value.Value is True
            changes = Changes()
            subscription = await client.create_subscription(50, changes)
            await subscription.subscribe_data_change(temperature)
            there.truth["zone.temp"] = 26.0
            await changes.wait_for(260.0)
            setpoint = client.get_node("ns=2;s=Zone.Setpoint")
            await setpoint.write_value(ua.DataValue(ua.Variant(24.0, ua.VariantType.Double)))
            assert there.commands == {"zone.setpoint": 24.0}
            with pytest.raises(ua.UaStatusCodeError):
                await temperature.write_value(ua.DataValue(ua.Variant(1.0, ua.VariantType.Double)))
            await subscription.delete()
        finally:
            await client.disconnect()
    finally:
        await face.stop()


class Changes:
    """Collects what a subscription brings."""

    def __init__(self) -> None:
        self.values: asyncio.Queue[float] = asyncio.Queue()

    def datachange_notification(self, _node: Any, value: float, _data: Any) -> None:
        self.values.put_nowait(value)

    async def wait_for(self, wanted: float) -> None:
        async with asyncio.timeout(5):
            while await self.values.get() != pytest.approx(wanted):
                pass


@pytest.mark.parametrize("way_in", ["wrong password", "in the clear"])
async def test_nobody_gets_in_without_key_and_password(
    there: World, clock: VirtualClock, identities: tuple[Pair, Pair], way_in: str
) -> None:
    security = OpcUaSecurity(identity=identities[0], user="plantroom", password="right")
    face = OpcUaFace([bms(there, clock)], clock, security)
    await face.start()
    try:
        with pytest.raises((ua.UaError, TimeoutError, ConnectionError)):
            await connect(face, identities if way_in == "wrong password" else None, password="wrong")
    finally:
        await face.stop()
