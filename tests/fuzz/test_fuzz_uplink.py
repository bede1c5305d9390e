"""Whatever a receiver answers: delivered only where it says so in HTTP, else one of the two errors the sender knows."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.telemetry.uplinks.carrier import LinkError, RejectedError
from agent.telemetry.uplinks.https import HttpsCarrier
from agent.telemetry.uplinks.message import Envelope
from agent.telemetry.uplinks.settings import HttpsSettings
from tests.fuzz.boxes import box

pytestmark = pytest.mark.integration
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), max_size=12)
WAITS = st.sampled_from(["", "3", "-1", "1e9", "9" * 400, "soon", "²", "Wed, 21 Oct 2026 07:28:00 GMT"])


@st.composite
def replies(draw: st.DrawFn) -> tuple[int | None, bytes]:
    """Bytes, and the status where they are a whole and lawful reply."""
    if draw(st.integers(0, 3)) == 0:
        return None, draw(st.binary(max_size=200))
    status = draw(st.integers(200, 599).filter(lambda one: one not in (204, 304)))
    body = draw(st.binary(max_size=400))
    lines = [f"HTTP/1.1 {status} {draw(TOKENS)}", f"Content-Length: {len(body)}", "Connection: close"]
    if wait := draw(WAITS):
        lines.append(f"Retry-After: {wait}")
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    spoilt = draw(st.integers(0, 3))
    if spoilt == 0:
        return None, whole[: draw(st.integers(0, len(whole) - len(body) - 1))]
    if spoilt == 1:
        at = draw(st.integers(0, len(whole) - len(body) - 1))
        return None, whole[:at] + draw(st.binary(max_size=5)) + whole[at + 1 :]
    return status, whole


async def ask(reply: bytes) -> LinkError | RejectedError | None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"the body")
            writer.write(reply)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        carrier = HttpsCarrier(HttpsSettings(url=f"http://127.0.0.1:{port}/in", timeout=2.0))
        await carrier.open()
        try:
            await carrier.send(Envelope("samples", b"the body", "id"))
        except (LinkError, RejectedError) as error:
            return error
        finally:
            await carrier.close()
    return None


@box(250)
@given(replies())
def test_a_reply_is_a_receipt_or_one_of_two_errors(made: tuple[int | None, bytes]) -> None:
    status, reply = made
    error = asyncio.run(ask(reply))
    if status is not None:
        assert (error is None) == (status < 300)
    if error is None:
        assert b"HTTP/1." in reply[:16]
        return
    assert str(error)
    if isinstance(error, LinkError):
        assert error.retry_after >= 0.0
        assert not math.isnan(error.retry_after)
