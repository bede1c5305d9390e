"""The systemd units: systemd finds no fault in them, and what advisory mode's says is what the program does."""

from __future__ import annotations

import asyncio
import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.advisory.desk import Desk
from agent.app import advisory as running
from tests.waiting import until

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
PROGRAM, FILE = "/opt/plantroom/bin/plantroom", "/etc/plantroom/advisory.yaml"
SITE = """version: 1
service: {{public_url: "https://lamps.invalid", port: 0, store: {store}, clock: always_trusted}}
channels: {{east: {{kind: webhook, url: "http://127.0.0.1:9/hook", token: {{secret: east}}}}}}
sites: {{garden: {{name: Garden, latitude: 22.55, longitude: 114.06, channel: east}}}}
"""


def service(name: str = "plantroom-advise") -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNITS / f"{name}.service")
    return unit["Service"]


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", sorted(UNITS.glob("*.service")), ids=lambda path: path.stem)
def test_systemd_finds_no_fault(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_text(path.read_text().replace(PROGRAM, "/bin/true"))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert path.name not in found.stderr, found.stderr


def test_it_may_write_where_its_store_is_and_keeps_its_eyes_on_the_clock() -> None:
    unit = service()
    assert unit["ReadWritePaths"] == f"/var/lib/{unit['StateDirectory']}" == unit["WorkingDirectory"]
    assert unit["StateDirectory"] != service("plantroom")["StateDirectory"], "each has a lock of its own"
    assert unit["User"] == service("plantroom")["User"]
    assert "PrivateDevices" not in unit, "/dev/rtc is how the clock's battery is seen"
    assert float(unit["WatchdogSec"]) > 10.0 * running.LOOK
    page = (UNITS.parents[1] / "docs" / "advisory.md").read_text()
    assert f"store: {unit['ReadWritePaths']}/advisory.db" in page


@pytest.mark.integration
async def test_the_unit_s_command_is_ready_is_fed_and_ends_in_time(tmp_path: Path) -> None:
    unit = service()
    secrets, store = tmp_path / "credentials", tmp_path / "state" / "advisory.db"
    secrets.mkdir()
    (secrets / "east").write_text("quiet")
    (tmp_path / "advisory.yaml").write_text(SITE.format(store=store))
    told: list[str] = []
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.setblocking(False)
    asyncio.get_running_loop().add_reader(manager, lambda: told.append(manager.recv(4096).decode()))
    program, *rest = shlex.split(unit["ExecStart"])
    assert program == PROGRAM
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.cli", *(one.replace(FILE, str(tmp_path / "advisory.yaml")) for one in rest),
        cwd=tmp_path,
        env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "CREDENTIALS_DIRECTORY": str(secrets)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(lambda: told.count("WATCHDOG=1") >= 2)
        assert told[0] == "READY=1"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
        assert time.monotonic() - began < float(unit["TimeoutStopSec"])
        await until(lambda: told[-1] == "STOPPING=1")
    finally:
        asyncio.get_running_loop().remove_reader(manager)
        manager.close()
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert store.stat().st_size > 0
    assert (store.with_suffix(".key").stat().st_mode & 0o777) == 0o600


@pytest.mark.integration
async def test_a_desk_that_hangs_does_not_feed_the_watchdog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    hangs, entered, work = threading.Event(), threading.Event(), Desk.work

    def slow(desk: Desk, now: float) -> bool:
        entered.set()
        hangs.wait(20)
        return work(desk, now)

    monkeypatch.setattr(running, "notify", told.append)
    monkeypatch.setattr(Desk, "work", slow)
    file = tmp_path / "advisory.yaml"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "east").write_text("quiet")
    (tmp_path / "secrets" / "east").chmod(0o600)
    file.write_text(SITE.format(store="advisory.db"))
    task = asyncio.create_task(running.run_advisory(file))
    try:
        await until(entered.is_set)
        await asyncio.sleep(0)
        assert told == ["READY=1"]
        hangs.set()
        await until(lambda: "WATCHDOG=1" in told)
    finally:
        hangs.set()
        task.cancel()
        await asyncio.wait({task})
    assert told[-1] == "STOPPING=1"
