"""The agent ends suddenly, in each state of control and in each way: everything is given back, nothing is started twice.

Adopting: it reads what is there. Taking: what it found is stored, nothing may be written yet. In charge. Writing: the device
has the value and has not answered yet. Giving back: in the middle of it. Overridden: a person's word stands.
"""

import asyncio
import random
import signal
import time

import pytest

from agent.app import run_agent
from agent.control.giving_back import BOUND
from agent.release import release_alone
from tests.torture.measures import SEED
from tests.torture.state_bench import FOUND, RELEASED, StateBench
from tests.waiting import until

pytestmark = pytest.mark.integration

WAYS = ("killed", "stopped", "watchdog", "out_of_memory")
IN_CI = {
    "adopting": "killed",
    "taking": "stopped",
    "in_charge": "watchdog",
    "writing": "stopped",
    "giving_back": "killed",
    "overridden": "out_of_memory",
}
SLOW = 0.8  # seconds a device takes to answer; what it is told it does at once


async def adopting(bench):
    await until(lambda: bench.connected)


async def taking(bench):
    await until(lambda: bench.taken)


async def in_charge(bench):
    await until(lambda: bench.shown["lamp"] is True and bench.manager.fed_at)


async def overridden(bench):
    await bench.ready()
    await bench.override("wish_1", 40.0)
    await bench.override("on_2", False)
    await until(lambda: (bench.shown["wish_1"], bench.shown["on_2"]) == (40.0, False))


async def writing(bench):
    await overridden(bench)
    bench.simulated.board.throw("device:io", "delay", SLOW)
    await bench.override("wish_1", 55.0)
    await until(lambda: bench.shown["wish_1"] == 55.0)


async def giving_back(bench):
    await overridden(bench)
    bench.simulated.board.throw("device:io", "delay", SLOW)
    before = sum(bench.simulated.devices["io"].writes_to.values())
    bench.process.send_signal(signal.SIGTERM)
    await until(lambda: sum(bench.simulated.devices["io"].writes_to.values()) > before)


STATES = {one.__name__: one for one in (adopting, taking, in_charge, writing, giving_back, overridden)}
CASES = [
    pytest.param(state, way, marks=() if IN_CI[state] == way else pytest.mark.torture)
    for state in STATES
    for way in WAYS
]


@pytest.mark.parametrize(("state", "way"), CASES)
async def test_a_sudden_end(tmp_path, state, way):
    async with StateBench(tmp_path / "s") as bench:
        await bench.start()
        await STATES[state](bench)
        await asyncio.sleep(moment(state, way))
        await bench.end_by(way)
        bench.simulated.board.mend()
        if way == "stopped":  # nothing is told to it any more, but it has the lines and the site
            assert bench.process.returncode is None
        commanded = bench.told() | bench.taken
        assert await released(bench) < BOUND
        right = {one: (RELEASED if one in commanded else FOUND)[one] for one in FOUND}
        await until(lambda: bench.shown == right)
        no_extra_start(bench, state)
        assert bench.taken == set()
        await nothing_is_replayed(bench)
        assert bench.shown == right
        no_extra_start(bench, state)


def moment(state, way):
    """Seconds from the state's first moment: none in CI, another one for each seed of `make torture`."""
    return 0.0 if SEED == 1 else random.Random(f"{SEED} {state} {way}").uniform(0.0, SLOW / 2)


async def released(bench):
    """As systemd does it after every exit; the seconds it took."""
    began = time.monotonic()
    rows = await asyncio.to_thread(release_alone, bench.config, only_if_crashed=True)
    assert all(row["ok"] for row in rows), rows
    await asyncio.wait_for(bench.process.wait(), 5)  # one that was only stopped has been ended
    return time.monotonic() - began


def no_extra_start(bench, state):
    """What ran is never started; what a person had stopped is started once, when it is given back."""
    starts = dict(bench.machines.starts)
    stopped = state in ("overridden", "writing", "giving_back")
    assert starts.pop("io.on_2", 0) == stopped
    assert starts.pop("io.lamp", 0) <= 1
    assert starts == {}


async def nothing_is_replayed(bench):
    """The next life reads and decides, but everything stays as it was given back: released for a dwell."""
    before = dict(bench.simulated.devices["io"].writes_to)
    said = []
    agent = asyncio.create_task(run_agent(bench.config, ready=said.append))
    try:
        await until(lambda: said or agent.done())
        assert not agent.done()
        await asyncio.sleep(1.5)  # three ticks, in which it would have spoken
    finally:
        agent.cancel()
        await asyncio.gather(agent, return_exceptions=True)
    assert dict(bench.simulated.devices["io"].writes_to) == before
