"""What the whole site costs the agent: `python -m hil.sites.chuangzhiyun.measure --seconds 120`.

The faces of all devices run in one process, the agent in another, as on a box beside its gateways. The agent is measured by
the kernel's own counts. Nothing is believed of it before every point has been read.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import http.client
import json
import socket
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from hil.ports import free_ports
from hil.sites.chuangzhiyun.make_site import GATEWAYS, RISERS, Places, site_text
from hil.speed.process import start, stop, usage

PATIENCE = 300.0  # s until every point has been read once: meters are read each minute


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in % of one core, resident memory in MB. `first_picture`: s from the start until every point had been read."""

    points: int
    good: int
    first_picture: float
    cpu: float
    rss: float
    bad: tuple[str, ...] = ()


def measure(folder: Path, seconds: float) -> Cost:
    """Lay the site out in `folder`, serve and run it, and measure it. Raises RuntimeError when it does not come up."""
    *ports, web = free_ports((0,) * (RISERS + GATEWAYS + 1))
    site = folder / "site.yaml"
    site.write_text(site_text(Places(tuple(ports), str(folder), web)), encoding="utf-8")
    faces = start(
        "agent.cli", "hil", "serve", str(site), "--data", str(folder / "hil"),
        stdout=subprocess.PIPE, log=folder / "faces.log",
    )  # fmt: skip
    agent: subprocess.Popen[bytes] | None = None
    try:
        _until_served(faces)
        agent = start("agent.cli", "run", "--config", str(site), log=folder / "agent.log")
        began = time.monotonic()
        _until_read(agent, folder / "plantroom.sock")
        first = time.monotonic() - began
        before = usage(agent)
        time.sleep(seconds)
        after = usage(agent)
        found = _qualities(folder / "plantroom.sock")
        bad = tuple(sorted(name for name, quality in found.items() if quality != "good"))
        cpu = 100.0 * (after.cpu - before.cpu) / (after.at - before.at)
        return Cost(len(found), len(found) - len(bad), first, cpu, after.rss, bad[:10])
    finally:
        stop(agent)
        stop(faces)
        if faces.stdout is not None:
            faces.stdout.close()


def _until_served(faces: subprocess.Popen[bytes]) -> None:
    if faces.stdout is None:
        raise RuntimeError("the faces have no output")
    for line in faces.stdout:
        if line.startswith(b"Ctrl-C"):
            return
    raise RuntimeError("the faces did not come up")


def _until_read(agent: subprocess.Popen[bytes], door: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        usage(agent)  # raises when it has ended
        if door.is_socket():
            counts = Counter(_qualities(door).values())
            if counts and set(counts) == {"good"}:
                return
        time.sleep(2.0)
    raise RuntimeError(f"not every point was read in {PATIENCE:g} s")


def _qualities(door: Path) -> dict[str, str]:
    """Of all points by id, asked at the agent's UNIX socket."""
    with closing(http.client.HTTPConnection("localhost", timeout=60)) as connection:
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(60.0)
        connection.sock.connect(str(door))
        connection.request("GET", "/api/points?pattern=*&limit=100000")
        found = json.loads(connection.getresponse().read())
    return {str(one["id"]): str(one["quality"]) for one in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    with tempfile.TemporaryDirectory(prefix="plantroom-") as folder:
        print(json.dumps(asdict(measure(Path(folder), parser.parse_args().seconds))))


if __name__ == "__main__":
    main()
