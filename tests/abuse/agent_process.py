"""The agent as a process of its own, and what can be seen of it from outside: its commands, its log, its footprint."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

ANSWER = aiohttp.ClientTimeout(total=20)
ENVIRONMENT = {
    "PATH": f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/sbin",
    "MALLOC_ARENA_MAX": "2",  # as packaging/systemd/plantroom.service has it
}


class AgentProcess:
    """`plantroom run` on one site file; started and ended as often as a test likes."""

    def __init__(
        self, site: Path, socket: Path, program: Sequence[str] = ("-m", "agent.cli", "run", "--config")
    ) -> None:
        """`program`: what Python is given before the site file."""
        self.program = program
        self.site = site
        self.socket = socket
        self.log = site.parent / "agent.log"
        self.process: asyncio.subprocess.Process | None = None
        self.page = ""

    async def start(self) -> None:
        """Returns when the agent says that it is ready."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.program,
                str(self.site),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=ENVIRONMENT,
                cwd=ROOT,
            )
        line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
        assert "page on" in line, self.log.read_text()[-3000:]
        self.page = line.partition("page on ")[2].partition(";")[0]

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Its exit code; None where it was not running."""
        if self.process is None or self.process.returncode is not None:
            return None
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 30)

    async def kill(self) -> None:
        await self.end(signal.SIGKILL)

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and errors of one command of the command line."""
        return await run_command(*arguments, socket=self.socket)

    async def ask(self, *arguments: str) -> Any:
        """The answer of a command with --json."""
        code, out, err = await self.command(*arguments, "--json")
        assert code == 0, err
        return json.loads(out) if out.strip() else None

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """One question over the UNIX socket, as the command line asks it; its answer must be a success."""
        connector = aiohttp.UnixConnector(str(self.socket))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, f"http://localhost{path}", json=body, timeout=ANSWER) as response,
        ):
            assert response.status < 300, await response.text()
            return await response.json(content_type=None)


ROOT = Path(__file__).parents[2]


def plantroom_command(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "agent.cli", *arguments)


async def run_command(*arguments: str, socket: Path | None = None) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *plantroom_command(*arguments),
        env=ENVIRONMENT | ({"PLANTROOM_SOCKET": str(socket)} if socket else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
