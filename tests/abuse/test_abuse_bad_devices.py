"""One bad device never stops the rest: whoever babbles, is silent, refuses or is not there, the others keep their pace."""

import asyncio
import re
import sys
import time
from collections import defaultdict
from itertools import pairwise

import pytest

from agent.telemetry.receiver import Receiver
from hil.cloud_book import CloudBook
from hil.faults import Fault, FaultKind
from tests.integration.plant_room import until
from tests.peers.peer_room import free_port

pytestmark = pytest.mark.integration
WATCHED = 6.0  # seconds of trouble
STRANGERS = {"babbler": b"\x55\xaa" * 20, "mute": b"", "hangup": None}


class Pace:
    """When each device was read well, as the cloud hears it."""

    def __init__(self) -> None:
        self.read: dict[str, list[float]] = defaultdict(list)

    def look(self, payload: bytes) -> None:
        for block in Receiver().take(payload):
            if "quality" not in block:
                self.read[block["device"]].append(time.monotonic())

    def longest_gap(self, device: str, since: float, until_: float) -> float:
        times = [since, *(one for one in self.read[device] if since <= one <= until_), until_]
        return max(after - before for before, after in pairwise(times))


@pytest.fixture
def pace(monkeypatch):
    seen, take = Pace(), CloudBook.take

    def watched(book, way, payload):
        if way == "mqtt":
            seen.look(payload)
        return take(book, way, payload)

    monkeypatch.setattr(CloudBook, "take", watched)
    return seen


async def answer_with(reply, reader, writer):
    """A host that answers everything with the same bytes, with nothing, or by hanging up."""
    try:
        while await reader.read(300):
            if reply is None:
                break
            writer.write(reply)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def strangers(abused):
    """Four more buses in the site file, each with one device that is no good, started beside the good ones."""
    servers = {
        name: await asyncio.start_server(
            lambda reader, writer, reply=reply: answer_with(reply, reader, writer), "127.0.0.1", 0
        )
        for name, reply in STRANGERS.items()
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    ports["nobody"] = free_port()
    site = abused.agent.site
    buses = "".join(
        f"  {name}: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}\n" for name, port in ports.items()
    )
    devices = "".join(f"  on_{name}: {{profile: eastron_sdm630, bus: {name}, unit: 1}}\n" for name in ports)
    text = site.read_text().replace("buses:\n", f"buses:\n{buses}", 1)
    site.write_text(text.replace("devices:\n", f"devices:\n{devices}", 1))
    yield tuple(ports)
    for server in servers.values():
        server.close()


def period(abused, device):
    profile = abused.room.site.devices[device].profile
    return min([profile.pacing.poll, *profile.polls.values()])


def lines(abused, pattern):
    return [line for line in abused.agent.log.read_text().splitlines() if re.search(pattern, line)]


BAD = {
    "cwp2": Fault(kind=FaultKind.DROP),
    "fan1": Fault(kind=FaultKind.WRONG_UNIT),
    "chwp2": Fault(kind=FaultKind.HALF),  # of a TCP stream: after it the whole socket is of no use
    "pm2": Fault(kind=FaultKind.GARBAGE),
}
REFUSING = {"cwp1": Fault(kind=FaultKind.EXCEPTION, code=2)}  # no such registers


async def test_the_others_keep_their_pace(abused, strangers, pace):
    await abused.agent.start()
    good = [name for name in abused.room.site.devices if name not in BAD | REFUSING]
    await until(lambda: all(pace.read[name] for name in good), 20)
    for device, fault in (BAD | REFUSING).items():
        abused.room.simulated.faults.throw(device, fault)
    begin = time.monotonic()
    await asyncio.sleep(WATCHED)
    end = time.monotonic()
    gaps = {name: pace.longest_gap(name, begin, end) for name in good}
    sys.stdout.write(
        f"longest gap and period: { {name: (round(gap, 2), period(abused, name)) for name, gap in gaps.items()} }\n"
    )
    assert {name: gap for name, gap in gaps.items() if gap > period(abused, name) + 1.5} == {}
    views = {one["id"]: one for one in await abused.agent.api("GET", "/api/points")}
    for device in [*BAD, *(f"on_{name}" for name in strangers)]:
        qualities = {one["quality"] for id_, one in views.items() if id_.startswith(f"{device}.")}
        assert qualities == {"bad"}, device
    assert views["cwp1.speed"]["quality"] == "bad"
    assert views["cwp1.speed"]["reason"]
    abused.room.simulated.faults.clear()
    for device in BAD:
        await until(lambda device=device: lines(abused, f"device {device} on bus .* is up"), 30)
        assert len(lines(abused, f"device {device} on bus .* is down")) == 1, device
        assert len(lines(abused, f"device {device} on bus .* is up")) == 1
    for name in strangers:
        said = lines(abused, f"poller: (bus |device on_){name} ")
        assert len(said) <= 2, said  # the device, and the bus when nobody answers on it any more
    assert not lines(abused, "Traceback")
