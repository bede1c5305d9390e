"""Ten thousand mutated replies on real sockets and pseudo-terminals: an error or a BAD reading, never a wrong value.

The drivers are those that the agent's composition makes of a site file, served by its pollers into its point table.
`mutants` says what is mutated. PLANTROOM_FRAMES and PLANTROOM_FRAMES_SEED make it longer and other.
"""

import asyncio
import logging
import os
import sys
import time
from collections import Counter

import pytest

from agent.app.build import build_poller
from agent.config.load import load_site
from agent.control import poller as poller_module
from agent.control.point_table import PointTable
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from tests.abuse.mutants import RTU, TCP, Mutator
from tests.abuse.numbered_lines import PROFILE, NumberedLine, site_text, witnessed
from tests.waiting import until

FRAMES = int(os.environ.get("PLANTROOM_FRAMES", "10000"))
SEED = int(os.environ.get("PLANTROOM_FRAMES_SEED", "7"))
pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240 + FRAMES // 50)]
LINES = {"modbus-tcp": 20, "modbus-rtu": 30, "modbus-rtu-tcp": 30}
TIMEOUT = 0.025
LATE = (TIMEOUT * 1.1, TIMEOUT * 3.0)
SPEED = 2000.0  # pauses between polls and of units that failed are site time; the wire is not
AT_ONCE = 5  # lines
SHORT_PAUSE = (0.001,)


class Torture:
    """All lines with the mutators on their wires, and the agent's side of them."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "profiles").mkdir()
        (folder / "profiles" / "numbered.yaml").write_text(PROFILE)
        self.mutators = {}
        self.lines = {}
        share, rest = divmod(FRAMES, sum(LINES.values()))
        for kind, count in LINES.items():
            for at in range(count):
                quota = share + (len(self.lines) < rest)
                name = f"{kind.replace('-', '_')}_{at}"
                self.mutators[name] = Mutator(
                    SEED * 1000 + len(self.lines), quota, LATE, time.monotonic, rtu=kind != "modbus-tcp"
                )
                self.lines[name] = kind

    async def start(self):
        catalogue = find_catalogue([self.folder / "profiles"])
        profile = load_profile(self.folder, catalogue)
        self.lines = {
            name: NumberedLine(name, kind, profile, self.mutators[name]) for name, kind in self.lines.items()
        }
        for line in self.lines.values():
            await line.start(self.folder)
        path = self.folder / "site.yaml"
        path.write_text(site_text(tuple(self.lines.values()), TIMEOUT))
        catalogue = witnessed(catalogue, self.lines)
        self.site = load_site(path, catalogue)
        clock = ScaledClock(SPEED)
        self.table = PointTable(clock)
        self.last_look = ()
        pollers = [
            build_poller(self.site, catalogue, bus, clock, self.table, self.may_poll)
            for bus in self.site.buses
        ]
        self.tasks = [asyncio.create_task(one.run()) for one in pollers]

    async def stop(self):
        for task in self.tasks:
            task.cancel()
        ends = await asyncio.gather(*self.tasks, return_exceptions=True)
        for line in self.lines.values():
            await line.stop()
        return ends

    def may_poll(self, device):
        """A line that has had its share rests until the others have had theirs."""
        bus = self.site.devices[device].bus
        return bus in self.last_look or self.mutators[bus].left > 0

    @property
    def left(self):
        return sum(one.left for one in self.mutators.values())

    def sum_of(self, kind):
        outcomes = Counter()
        for line in self.lines.values():
            if line.kind == kind:
                outcomes += line.outcomes
        return outcomes

    async def all_read_well(self):
        """Not all at once: a busy machine would answer too late again."""
        names = tuple(self.lines)
        for first in range(0, len(names), AT_ONCE):
            self.last_look = names[first : first + AT_ONCE]
            points = [
                id_
                for id_ in self.site.points
                if self.site.devices[id_.partition(".")[0]].bus in self.last_look
            ]
            await until(lambda points=points: all(self.table.reading(point).good for point in points), 40)


def load_profile(folder, catalogue):
    """The profile as the agent reads it, for the simulated devices."""
    path = folder / "profile_only.yaml"
    path.write_text(
        "version: 1\nsite: {name: T, latitude: 0, longitude: 0, timezone: UTC}\n"
        "buses: {b: {kind: modbus-tcp, host: 127.0.0.1}}\ndevices: {d: {profile: numbered, bus: b}}\n"
    )
    return load_site(path, catalogue).devices["d"].profile


@pytest.fixture
async def torture(tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.ERROR, "plantroom")
    monkeypatch.setattr(poller_module, "LINE_BACK_OFF", SHORT_PAUSE)
    made = Torture(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_ten_thousand_mutated_replies(torture, caplog):
    unhandled = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    begin = time.monotonic()
    await until(lambda: not torture.left, 120 + FRAMES / 100)
    spent = time.monotonic() - begin
    await torture.all_read_well()
    made = sum((one.made for one in torture.mutators.values()), Counter())
    outcomes = {kind: torture.sum_of(kind) for kind in LINES}
    sys.stdout.write(f"{made.total()} mutated replies in {spent:.1f} s: {dict(made)}\n{outcomes}\n")
    assert made.total() == FRAMES
    assert set(made) == set(TCP) | set(RTU)
    assert [wrong for line in torture.lines.values() for wrong in line.wrong] == []
    for outcome in outcomes.values():
        assert set(outcome) <= {"good", "bad", "error"}
        assert outcome["good"] > FRAMES / 30  # right answers in between were read
        assert outcome["error"] > FRAMES / 10  # and the mutants did hurt
    assert unhandled == []
    assert [record.getMessage() for record in caplog.records] == []
    assert not any(task.done() for task in torture.tasks)
