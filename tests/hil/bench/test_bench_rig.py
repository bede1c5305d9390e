"""The rig with a strange device on a serial line: libmodbus behind two pseudo-terminals, the envelope before it."""

import asyncio
import contextlib
import csv
import json
import os
import shutil
import subprocess
import tty
from pathlib import Path

import pytest

from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_rig
from tests.hil.bench.bench_room import SITE, lay_out
from tests.waiting import until

pytestmark = pytest.mark.integration

STORY = """\
version: 1
site: room
sensors: false
warm_up: 0 s
pace: 1 s
length: {length} s
steps:
  - {{at: 2 s, name: inside, override: m1.limit, value: 40, for: 10 min}}
  - {{at: 4 s, name: outside, override: m1.limit, value: 90, for: 10 min}}
  - {{at: 4 s, name: unnamed, override: m1.run, value: false, for: 10 min}}
expect:
  - {{name: seen, finally: "point:m1.power is 50"}}
  - {{name: stays, finally: "point:m1.limit is 40"}}
{more}
rig:
  buses: {{room: {{port: "{port}"}}}}
  envelope:
    m1.limit: {{low: 20 %, high: 60 %, rate: 50 %}}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed (apt-get install gcc libmodbus-dev)")
    target = tmp_path_factory.mktemp("hardware") / "hardware"
    source = Path(__file__).with_name("hardware.c")
    command = ["gcc", "-O1", "-I/usr/include/modbus", str(source), "-o", str(target), "-lmodbus"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.skip(f"libmodbus-dev is missing: {built.stderr[:200]}")
    return target


def started(program, port, log):
    with log.open("w") as out:
        return subprocess.Popen([str(program), port], stdout=out)


@pytest.fixture
async def hardware(program, tmp_path):
    """The serial port it is on, and what it says of the writes it took."""
    (near, port), (far, slave) = os.openpty(), os.openpty()
    for one in (port, slave):
        tty.setraw(one)
    loop = asyncio.get_running_loop()
    loop.add_reader(near, lambda: os.write(far, os.read(near, 512)))
    loop.add_reader(far, lambda: os.write(near, os.read(far, 512)))
    log = tmp_path / "hardware.log"
    process = started(program, os.ttyname(slave), log)
    try:
        await until(lambda: "ready" in log.read_text(), 10)
        yield os.ttyname(port), log
    finally:
        process.kill()
        process.wait(10)
        for one in (near, far):
            loop.remove_reader(one)
        for one in (near, far, port, slave):
            os.close(one)


def story(tmp_path, port, length=8, more=""):
    path = lay_out(tmp_path, STORY.format(port=port, length=length, more=more))
    site = SITE.replace(
        "{kind: modbus-tcp, host: 10.0.0.1}",
        "{kind: modbus-rtu, port: /dev/none, baudrate: 19200, parity: even}",
    )
    (tmp_path / "room" / "site.yaml").write_text(site.replace("plant: {tick: 10 s", "plant: {tick: 1 s"))
    return load_scenario(path)


def writes(log):
    return [line for line in log.read_text().splitlines() if line.startswith("coil")]


async def test_real_writes_stay_inside_the_envelope_and_everything_is_captured(hardware, tmp_path):
    port, log = hardware
    outcome = await run_on_rig(story(tmp_path, port), tmp_path / "run")
    assert {one.name: one.met for one in outcome.verdicts} == {"seen": True, "stays": True}
    refused = " ".join(one.text for one in outcome.recording.happenings if one.kind == "refused")
    assert "m1.limit = 90" in refused
    assert "not within 20 to 60" in refused
    assert "m1.run = False: the envelope does not name this point" in refused
    # 50 stood there, 40 was allowed; given back are the 50 and the coil, as they were found
    assert writes(log) == ["coil 1 register 40", "coil 1 register 40", "coil 1 register 50"]
    frames = [json.loads(line) for line in (tmp_path / "run" / "traffic.jsonl").read_text().splitlines()]
    bytes_of = [one for one in frames if "bytes" in one]
    assert {one["bus"] for one in frames if "refused" in one.get("note", "")} == {"room"}
    assert {one["direction"] for one in bytes_of} == {"to_device", "from_device"}
    assert [one["time"] for one in bytes_of] == sorted(one["time"] for one in bytes_of)
    assert any(one["bytes"].startswith("0106000000") for one in bytes_of), "the write of the register"
    with (tmp_path / "run" / "traffic.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(bytes_of)


async def test_one_abort_gives_everything_back_and_lets_nothing_new_out(hardware, tmp_path):
    port, log = hardware
    loaded = story(tmp_path, port, 600, 'abort_if: ["point:m1.limit is 40"]')
    outcome = await run_on_rig(loaded, tmp_path / "run")
    assert "m1.limit is 40" in outcome.aborted
    assert writes(log) == ["coil 1 register 40", "coil 1 register 50"]


async def test_cancelled_from_outside_it_gives_back_too(hardware, tmp_path):
    port, log = hardware
    running = asyncio.create_task(run_on_rig(story(tmp_path, port, 600), tmp_path / "run"))
    await until(lambda: "coil 1 register 40" in writes(log), 30)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert writes(log)[-1] == "coil 1 register 50"
    assert "aborted" in (tmp_path / "run" / "traffic.jsonl").read_text()
