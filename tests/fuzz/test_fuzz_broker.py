"""Whatever a broker answers: a message counts as delivered only when its own receipt came, else the link is given up in time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.telemetry.uplinks.carrier import LinkError
from agent.telemetry.uplinks.message import Encoder, Envelope
from agent.telemetry.uplinks.mqtt_json import MqttCarrier
from agent.telemetry.uplinks.settings import MqttSettings
from tests.fuzz.boxes import box

pytestmark = pytest.mark.integration
WELCOME, RECEIPT = b"\x20\x02\x00\x00", b"\x40\x02\x00\x01"
PIECES = st.sampled_from(
    [RECEIPT, b"\x40\x02\x00\x02", b"\x40\x01\x00", b"\x40\x00", b"\xd0\x00", b"\x20\x02\x00\x05", b"\x20\x00",
     b"\x30\x03\x00\x05a", b"\x90\x03\x00\x01\x80", b"\x50\x02\x00\x01", b"\xff\xff\xff\xff\xff", b"\x00\x00", b"\xe0\x00"]
)  # fmt: skip
SPEECH = st.lists(st.one_of(PIECES, st.binary(min_size=1, max_size=12)), max_size=4).map(b"".join)
BROKERS = st.tuples(st.one_of(st.just(WELCOME), st.just(WELCOME), SPEECH), SPEECH, st.booleans())
LONGEST = 12.0  # seconds; the time-outs of both steps and of the good-bye


async def deliver(greeting: bytes, answer: bytes, hang_up: bool) -> bool:
    """True: the carrier says that the message is with the broker."""
    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(1000)
            writer.write(greeting)
            if await reader.read(1000):
                writer.write(answer)
            if not hang_up:
                await done.wait()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = MqttSettings(url=f"mqtt://127.0.0.1:{port}", timeout=1.0)
        carrier = MqttCarrier(settings, site="s", name="u", encoder=Encoder("s", {}), epoch=1)
        try:
            await carrier.open()
            await carrier.send(Envelope("samples", b"the body", "id"))
        except LinkError:
            return False
        finally:
            await carrier.close()
            done.set()
    return True


async def deliver_all(brokers: list[tuple[bytes, bytes, bool]]) -> list[bool]:
    """All at once: most of each is waiting. What a callback of the client lets through is told to the loop, and is a fault."""
    escaped: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: escaped.append(what))
    async with asyncio.timeout(LONGEST):
        delivered = await asyncio.gather(*(deliver(*broker) for broker in brokers))
    for what in escaped:
        pytest.fail(f"{what}")
    return delivered


@box(3)
@given(st.lists(BROKERS, min_size=40, max_size=40))
def test_only_its_own_receipt_makes_a_message_delivered(brokers: list[tuple[bytes, bytes, bool]]) -> None:
    brokers = [(WELCOME, RECEIPT, False), *brokers]
    delivered = asyncio.run(deliver_all(brokers))
    assert delivered[0]
    for (greeting, answer, _), arrived in zip(brokers, delivered, strict=True):
        assert not arrived or RECEIPT in greeting + answer
