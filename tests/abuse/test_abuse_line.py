"""An RS-485 line as bad as they come, under the whole agent: no value is called good that the device did not have.

The plant stands still here and one meter counts, so that every good value that arrives can be judged.
"""

import asyncio
import os
import random
import struct
import sys
from collections import Counter

import pytest

from agent.telemetry.receiver import Receiver
from hil.cloud_book import CloudBook
from hil.faults import Fault, FaultKind
from tests.integration.plant_room import until
from tests.rtu_frames import framed

pytestmark = pytest.mark.integration
SEED = int(os.environ.get("PLANTROOM_LINE_SEED", "1"))
DEVICES = ("pm1", "pm2", "pm3", "lamps")
TROUBLE = 5.0  # seconds


class Judge:
    """Compares every good value with what its device shows at present or showed before."""

    def __init__(self, room) -> None:
        self._room = room
        self.right: Counter[str] = Counter()
        self.wrong: list[tuple[str, object, object]] = []
        self._had: dict[str, set[float]] = {}

    def note(self) -> None:
        """What the devices have now; called oftener than anything changes."""
        for device in DEVICES:
            one = self._room.simulated.devices[device]
            for point in one.profile.points:
                value = one.read(point)
                if value is not None:
                    self._had.setdefault(f"{device}.{point}", set()).add(as_sent(value))

    def _grain(self, device: str, name: str) -> float:
        """What rounding to the register's own steps may take off."""
        source = self._room.simulated.devices[device].profile.sources[name]
        return 0.0 if source.type.value.startswith("float") else source.scale / 2

    def judge(self, payload: bytes) -> None:
        for block in Receiver().take(payload):
            poor = block.get("quality", {})
            for name, value in block["values"].items():
                point = f"{block['device']}.{name}"
                if point not in self._had or name in poor:
                    continue
                grain = self._grain(block["device"], name)
                near = any(
                    abs(as_sent(value) - had) <= max(0.002 * max(1.0, abs(had)), grain)
                    for had in self._had[point]
                )
                self.right[block["device"]] += near
                if not near:
                    self.wrong.append((point, value, sorted(self._had[point])[:4]))


def as_sent(value) -> float:
    """Through the 32 bits of a register pair."""
    return struct.unpack(">f", struct.pack(">f", float(value)))[0]


@pytest.fixture
async def judged(abused, monkeypatch):
    """The plant as it is at this moment, for ever; the agent running; a judge who sees all that it delivers."""
    room = abused.room
    room.plant.forced.update(room.truth)
    for number in (1, 2, 3):  # no two meters show the same: a mixed-up answer is a wrong value
        name = ("chiller_1", "chiller_2", "garage")[number - 1]
        room.plant.forced[f"{name}.power"] = 111.0 * number
        room.plant.forced[f"{name}.energy"] = 7000.0 * number
    await until(lambda: room.truth["garage.power"] == 333.0)
    text = abused.agent.site.read_text()
    for number in (1, 2, 3):  # asked often, so that much can go wrong
        text = text.replace(f"bus: meters, unit: {number},", f"bus: meters, poll: 200 ms, unit: {number},")
    assert text.count("poll: 200 ms") == 3
    abused.agent.site.write_text(text)
    judge, take = Judge(room), CloudBook.take
    judge.note()

    def watched(book, way, payload):
        if way == "mqtt":
            judge.note()
            judge.judge(payload)
        return take(book, way, payload)

    monkeypatch.setattr(CloudBook, "take", watched)
    await abused.agent.start()
    await until(lambda: all(judge.right[device] for device in DEVICES), 20)
    return judge


async def both_ends(judge, line_is_well):
    """After the trouble every device is read well again, and nothing wrong was ever called good."""
    line_is_well()
    judge.right.clear()
    await until(lambda: all(judge.right[device] for device in DEVICES), 60)
    assert judge.wrong == []


async def test_late_repeated_mixed_up_and_broken_answers(abused, judged):
    chance = random.Random(SEED)
    faults = abused.room.simulated.faults
    kinds = [FaultKind.LATE] * 6 + [kind for kind in FaultKind if kind is not FaultKind.CUT]
    end = asyncio.get_running_loop().time() + TROUBLE
    while asyncio.get_running_loop().time() < end:
        # one at a time: the others are asked and answer while the spoilt answer is still about
        device, seconds = chance.choice(DEVICES), chance.uniform(0.4, 0.9)  # about the meters' time-out
        hits = faults.hits
        faults.throw(device, Fault(kind=chance.choice(kinds), seconds=seconds, times=1))
        await until(lambda hits=hits: faults.hits > hits, 10)
    sys.stdout.write(f"{faults.hits} answers spoilt\n")
    assert faults.hits >= 4
    await both_ends(judged, faults.clear)


async def test_a_second_master_babbles_on_the_line(abused, judged):
    """Its requests and the answers to them are on the wire too, at any moment, also inside our own exchanges."""
    face, chance = abused.room.simulated.faces["meters"], random.Random(SEED)
    end = asyncio.get_running_loop().time() + TROUBLE
    foreign = 0
    while asyncio.get_running_loop().time() < end:
        face._send(chance.choice(BABBLE)(chance))
        foreign += 1
        await asyncio.sleep(chance.expovariate(8.0))
    sys.stdout.write(f"{foreign} foreign frames\n")
    await both_ends(judged, lambda: None)


async def test_the_terminal_is_cut_and_comes_back(abused, judged):
    face = abused.room.simulated.faces["meters"]
    link = abused.room.folder.site.parent / "line-meters"
    for _ in range(2):
        face.stop()
        await until(lambda: meters_are(abused.agent, "down"))
        face.start(link)
        judged.right.clear()
        await until(lambda: all(judged.right[device] for device in DEVICES), 40)
    await both_ends(judged, lambda: None)


async def meters_are(agent, state):
    return {one["id"]: one["state"] for one in (await agent.api("GET", "/api/health"))["buses"]}[
        "meters"
    ] == state


def a_request(chance):
    return framed(
        struct.pack(">BBHH", chance.choice([1, 2, 3, 10, 17]), chance.choice([3, 4]), chance.randrange(80), 2)
    )


def an_answer_of_somebody_else(chance):
    count = chance.choice([2, 4, 8])
    return framed(bytes((17, 4, 2 * count)) + chance.randbytes(2 * count))


def noise(chance):
    return chance.randbytes(chance.randint(1, 12))


BABBLE = (a_request, an_answer_of_somebody_else, noise)
