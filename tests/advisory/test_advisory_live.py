"""Advisory mode as it runs: real HTTP receivers, a real SMTP peer, staff on their phones, meters, restarts and a kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from agent.advisory.store import AdvisoryStore
from agent.app.advisory import AdvisoryParts, run_advisory
from hil.clock import ScaledClock
from tests.advisory.receivers import MailPeer, Receiver
from tests.advisory.small_advisory import at
from tests.waiting import until

pytestmark = pytest.mark.integration

SPEED = 30.0
SITES = "\n".join(
    f"  {name}: {{name: {title}, latitude: 22.55, longitude: 114.06, channel: {name}{more}}}"
    for name, title, more in (
        ("wecom", "花园小区", ", people: [wang], meter: true"),
        ("ding", "湖边", ""),
        ("feishu", "山上", ""),
        ("hook", "Harbour", ""),
        ("mail", "Park", ""),
        ("late", "Late", ""),
    )
)


def advisory_file(folder: Path, receivers: dict[str, Receiver], mail: MailPeer, late: int) -> Path:
    secrets = folder / "secrets"
    secrets.mkdir()
    for name, text in {"meter": "meters-only", "url": receivers["wecom"].url}.items():
        (secrets / name).write_text(text)
        (secrets / name).chmod(0o600)
    file = folder / "advisory.yaml"
    file.write_text(f"""version: 1
service: {{public_url: "http://lamps.invalid", port: 0, language: zh, meter_token: {{secret: meter}}, burning_within: 60 s}}
channels:
  wecom: {{kind: wecom, url: {{secret: url}}}}
  ding: {{kind: dingtalk, url: "{receivers["ding"].url}", secret: SECx}}
  feishu: {{kind: feishu, url: "{receivers["feishu"].url}", secret: y}}
  hook: {{kind: webhook, url: "{receivers["hook"].url}"}}
  late: {{kind: webhook, url: "http://127.0.0.1:{late}/hook?key=TOPSECRET"}}
  mail: {{kind: email, host: 127.0.0.1, port: {mail.port}, tls: none, sender: a@b.cn, recipients: [c@d.cn]}}
people:
  wang: {{name: 王师傅, channel: hook, mention: wang}}
sites:
{SITES}
""")
    return file


@contextlib.asynccontextmanager
async def running(file: Path, clock: ScaledClock):
    parts: list[AdvisoryParts] = []
    task = asyncio.create_task(run_advisory(file, clock=clock, started=parts.append))
    try:
        await until(lambda: parts or task.done())
        if task.done():
            await task
        yield parts[0]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_a_morning_with_everybody(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    names = ("wecom", "ding", "feishu")
    receivers = {name: Receiver() for name in names} | {"hook": Receiver((503, {}))}
    mail, late, port = MailPeer(refuse=1), Receiver(), free_port()
    async with contextlib.AsyncExitStack() as stack:
        for one in (*receivers.values(), mail):
            await stack.enter_async_context(one.open())
        file = advisory_file(tmp_path, receivers, mail, port)
        clock = ScaledClock(SPEED, at("2026-11-22 09:59:40"))
        async with running(file, clock) as parts:
            await until(lambda: len(receivers["wecom"].posts) == 2 and mail.mails)
            await until(lambda: all(one.posts for one in receivers.values()))
            await staff_confirm(parts.door.port, receivers["wecom"])
            await meter_sees_lamps_burn(parts.door.port, receivers)
            assert "Late" not in "".join(one.text() for one in receivers.values())
            await until(lambda: parts.sender.tally.notes == 7, 60.0)  # taken, and noted as taken
        await stack.enter_async_context(late.open(port))
        async with running(file, clock) as parts:  # what waited is sent now, nothing else again
            await until(lambda: late.posts)
            await until(lambda: parts.sender.tally.notes == 1)
        assert late.posts[0]["sites"][0]["name"] == "Late"
        assert AdvisoryStore(tmp_path / "advisory-data/advisory.db").counts()["notes"] == {"sent": 8}
        assert len(receivers["wecom"].posts) == 3
    assert receivers["ding"].queries[0].keys() == {"key", "timestamp", "sign"}
    assert receivers["feishu"].posts[0]["msg_type"] == "interactive"
    assert "Park: 开灯 17:38, 关灯 06:41" in mail.mails[0].get_body().get_content()
    assert mail.recipients[-1].endswith("TO:<c@d.cn>")
    for secret in ("TOPSECRET", "SECx", "meters-only"):
        assert secret not in caplog.text


async def staff_confirm(port: int, robot: Receiver) -> None:
    text = robot.posts[0]["markdown"]["content"]
    token = re.search(r"\]\(http://lamps\.invalid/a/([\w-]+)\)", text)[1]
    page = f"http://127.0.0.1:{port}/a/{token}"
    async with aiohttp.ClientSession() as phone:
        for _ in range(2):  # a robot's look ahead confirms nothing
            async with phone.get(page) as answer:
                shown = await answer.text()
                assert answer.status == 200
                assert "王师傅" in shown
                assert "花园小区" in shown
        async with phone.post(page, data={"by": "王师傅"}) as answer:
            assert "已记录" in await answer.text()
        async with phone.post(page, data={"by": "x"}) as answer:
            assert answer.status == 409
            assert "王师傅" in await answer.text()
        async with phone.get(page[:-1] + ("A" if page[-1] != "A" else "B")) as answer:
            assert answer.status == 404
        async with phone.get(f"http://127.0.0.1:{port}/p/{token}.png") as answer:
            assert (await answer.read()).startswith(b"\x89PNG")


async def meter_sees_lamps_burn(port: int, receivers: dict[str, Receiver]) -> None:
    """At ten in the morning: the group is told, then the first person on another channel."""
    url = f"http://127.0.0.1:{port}/meter"
    post = {"readings": [{"site": "wecom", "power": 2.5}, {"site": "nowhere", "power": 1}]}
    right = {"Authorization": "Bearer meters-only"}
    async with aiohttp.ClientSession() as platform:
        for headers, body, status in (({}, post, 401), (right, {"readings": 5}, 400), (right, post, 200)):
            async with platform.post(url, json=body, headers=headers) as answer:
                assert answer.status == status
                said = await answer.json()
    assert said == {"taken": 1, "unknown": ["nowhere"]}
    await until(lambda: "应关未关" in receivers["wecom"].text())
    await until(lambda: "burning" in receivers["hook"].text(), 90.0)
    assert receivers["hook"].posts[-1]["mentions"] == ["wang"]


async def test_killed_in_the_middle_nothing_is_lost(tmp_path):
    """Sites where it is noon now; the process is killed while its robots are busy, and started again."""
    slow = Receiver()
    async with slow.open() as robot:
        file = noon_file(tmp_path, robot.url)
        first = await started(file)
        await until(lambda: len(robot.posts) >= 5)
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()
        second = await started(file)
        told = lambda: {one["site"] for post in robot.posts for one in post["sites"]}
        await until(lambda: len(told()) == 400)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 20) == 0
        ids = [post["id"] for post in robot.posts]
        assert len(ids) - len(set(ids)) <= 4  # one under way for each channel, told by its key
        sites = [one["site"] for post in robot.posts for one in post["sites"]]
        assert len(sites) <= 400 + 4 * 40


def noon_file(folder: Path, url: str) -> Path:
    hour = datetime.fromtimestamp(time.time(), UTC).hour
    east = 12 - hour  # hours that a place is ahead of UTC where it is noon now
    zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    rows = [f"s{n},Site {n},10.0,{15 * east},c{n % 4}" for n in range(400)]
    (folder / "sites.csv").write_text("id,name,latitude,longitude,channel\n" + "\n".join(rows) + "\n")
    channels = {f"c{n}": {"kind": "webhook", "url": url} for n in range(4)}
    service = {"public_url": "http://x", "port": 0, "push_at": "00:30", "clock": "always_trusted"}
    document = {
        "version": 1,
        "service": service,
        "channels": channels,
        "defaults": {"timezone": zone},
        "tables": ["sites.csv"],
    }
    file = folder / "advisory.yaml"
    file.write_text(json.dumps(document))
    return file


async def started(file: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent.cli",
        "advise",
        "-c",
        str(file),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
