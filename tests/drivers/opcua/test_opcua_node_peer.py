"""Against a server we did not write: node-opcua, signed and encrypted, with user and password."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import BusError, RefusedError
from agent.core.point import Access, Point, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node
from agent.web.ui.build import find_node

pytestmark = pytest.mark.integration

VERSION = "2.186.4"
BOTH = Access.READ_WRITE


def _package() -> Path:
    """Where node-opcua is; installed once into the user's cache."""
    node, npm = find_node()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "plantroom-tests"
    home = cache / f"node-opcua-{VERSION}"
    if not (home / "node_modules" / "node-opcua").is_dir():
        draft = cache / f"node-opcua-{VERSION}.{os.getpid()}"
        draft.mkdir(parents=True)
        command = [*npm, "install", "--prefix", str(draft), "--no-audit", "--no-fund", "--ignore-scripts"]
        made = subprocess.run(
            [*command, f"node-opcua@{VERSION}"],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
            env=_with(node),
        )
        if made.returncode != 0:
            shutil.rmtree(draft)
            pytest.skip(f"npm could not install node-opcua: {made.stderr.strip()[-200:]}")
        if not home.exists():
            draft.rename(home)
    return home


def _with(node: str) -> dict[str, str]:
    """npm starts node by name."""
    return os.environ | {"PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])}


class NodeServer:
    """The process, and orders to it."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"opc.tcp://127.0.0.1:{port}/plant"
        script = Path(__file__).with_name("node_opcua_server.cjs")
        self.process = subprocess.Popen(
            [find_node()[0], str(script), str(port), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NODE_PATH": str(_package() / "node_modules"), "NODEOPCUA_QUIET": "1"},
        )
        while (line := self._line()) != "ready":
            if self.process.poll() is not None:
                self.stop()
                pytest.fail(f"node-opcua did not start: {line}")

    def ask(self, name: str, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"name": name, **order}) + "\n")
        self.process.stdin.flush()
        while not (line := self._line()).startswith("{"):
            assert line
        return json.loads(line)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    server = NodeServer(tmp_path_factory.mktemp("node-opcua"))
    yield server
    server.stop()


@pytest.fixture
async def door(peer, look, tmp_path_factory, papers):
    """What an installer would write: the fingerprint is taken from the first refusal."""
    box = papers("box")
    own = {"security": "Basic256Sha256", "certificate": str(box.certificate), "private_key": str(box.key)}
    with pytest.raises(BusError) as refused:
        await look(peer.url, {"t": Node(node="i=2258")}, **own).driver.open()
    found = re.search(r'trust: "([0-9A-F:]{95})"', str(refused.value))
    assert found is not None
    return own | {"trust": found[1], "user": "plantroom", "password": "geheim", "timeout": 5.0}


NODES = {
    "temp": Node(node="Plant/Temp", deadband=0.5),
    "flow": Node(node="ns=1;s=Plant.Flow"),
    "mode": Node(node="1:Plant/1:Mode", codes={1: "off", 2: "cool"}),
    "run": Node(node="ns=1;s=Plant.Run"),
    "text": Node(node="ns=1;s=Plant.Text"),
    "count": Node(node="ns=1;s=Plant.Count"),
    "typo": Node(node="ns=1;s=Plant.Nothing"),
}
POINTS = {
    "mode": Point(id="d.mode", kind=ValueKind.ENUM, access=BOTH),
    "run": Point(id="d.run", kind=ValueKind.SWITCH, access=BOTH),
    "text": Point(id="d.text", kind=ValueKind.TEXT, access=BOTH),
}


async def test_values_arrive_with_their_time_and_status(peer, look, until, door):
    scene = look(peer.url, NODES, POINTS, **door)
    peer.ask("Temp", value=21.5, age=0)
    await scene.driver.open()
    await until(lambda: len(scene.latest) >= 6)
    assert {name: scene.value(name) for name in ("temp", "flow", "mode", "run", "text", "count")} == {
        "temp": 21.5,
        "flow": 3.5,
        "mode": "off",
        "run": False,
        "text": "idle",
        "count": 42,
    }
    before = time.time()
    peer.ask("Temp", value=30.0, age=600)
    await until(lambda: scene.value("temp") == 30.0)
    assert before - scene.latest["temp"].time == pytest.approx(600, abs=5)
    peer.ask("Temp", value=30.25)  # inside the dead band: held back
    peer.ask("Text", value="busy")
    await until(lambda: scene.value("text") == "busy")
    assert scene.value("temp") == 30.0
    peer.ask("Temp", value=1.0, status="BadSensorFailure")
    await until(lambda: scene.latest["temp"].quality is Quality.BAD)
    assert scene.latest["temp"].reason == "BadSensorFailure"
    readings = await scene.read()
    assert readings["temp"].quality is Quality.BAD
    assert readings["typo"].reason == "BadNodeIdUnknown"
    assert readings["flow"].good
    assert time.time() - readings["flow"].time < 5
    peer.ask("Text", value="idle")


async def test_writes_browse_and_calls(peer, look, door):
    scene = look(peer.url, NODES, POINTS, **door)
    await scene.driver.open()
    for name, value, held, kind in (
        ("flow", 4.25, 4.25, "Float"),
        ("mode", "cool", 2, "Int16"),
        ("run", True, True, "Boolean"),
        ("text", "läuft", "läuft", "String"),
    ):
        await scene.driver.write(f"d.{name}", value)
        assert peer.ask(name.capitalize()) == {"value": held, "type": kind}
    with pytest.raises(RefusedError, match="BadNotWritable|BadUserAccessDenied"):  # noqa: RUF043 - a choice
        await scene.driver.write("d.temp", 20.0)
    assert {entry.name for entry in await scene.driver.browse("Plant")} >= {"Temp", "Flow", "Add"}
    assert await scene.driver.call("Plant/Add", [2, 0.5]) == (2.5,)
    assert await scene.driver.call("ns=1;s=Plant.Add", [3, 1]) == (4.0,)
    peer.ask("Text", value="idle")
    peer.ask("Run", value=False)
    peer.ask("Mode", value=1)
    peer.ask("Flow", value=3.5)


async def test_a_wrong_password_and_a_wrong_fingerprint_are_refused(peer, look, door):
    with pytest.raises(BusError, match="refuses the login"):
        await look(peer.url, NODES, POINTS, **door | {"password": "falsch"}).driver.open()
    with pytest.raises(BusError, match="not the one trusted here"):
        await look(peer.url, NODES, POINTS, **door | {"trust": "0" * 64}).driver.open()
    with pytest.raises(BusError, match=re.escape(peer.url)):
        await look(peer.url, NODES, POINTS, security="None").driver.open()


async def test_sessions_are_given_back(peer, look, door):
    """A server holds few sessions (node-opcua 10): closing must end ours at once, not by time-out."""
    for _ in range(15):
        scene = look(peer.url, {"flow": Node(node="ns=1;s=Plant.Flow")}, **door)
        await scene.driver.open()
        await scene.driver.close()
