"""The README's own site, tried as it is written: its file, its commands in their order, its links and tables."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.cli.exits import Exit
from tests.waiting import until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLANTROOM = (sys.executable, "-m", "agent.cli")
SERVING = ("simulate", "run")  # these stay, each in its terminal


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    lines = "".join(blocks("console")).splitlines()
    return [
        shlex.split(line.removeprefix("$ plantroom ")) for line in lines if line.startswith("$ plantroom ")
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lay_out(folder: Path) -> None:
    """The README's site file, on ports that are free here."""
    text = next(block for block in blocks("yaml") if "buses:" in block)
    assert "15502" in text
    assert "8080" in text
    text = text.replace("15502", str(free_port())).replace("8080", "0")
    (folder / "site.yaml").write_text(text, encoding="utf-8")


@asynccontextmanager
async def terminal(folder: Path, words: list[str], sign: str) -> AsyncIterator[list[str]]:
    """A command that stays, from when it says `sign` to Ctrl-C, which must end it with 0 and without a traceback."""
    process = await asyncio.create_subprocess_exec(
        *PLANTROOM,
        *words,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(),
    )
    assert process.stdout is not None
    said: list[str] = []

    async def listen() -> None:
        while line := await process.stdout.readline():
            said.append(line.decode())

    listening = asyncio.create_task(listen())
    try:
        await until(lambda: any(sign in line for line in said) or process.returncode is not None, 30)
        assert process.returncode is None, said
        yield said
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(20):
                await process.wait()
                await listening
        except TimeoutError:
            process.kill()
            raise
    assert process.returncode == 0, said
    assert not any("Traceback" in line for line in said), said


async def plantroom(folder: Path, words: list[str]) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *PLANTROOM,
        *words,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def _environment() -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name not in ("PLANTROOM_SOCKET", "COLUMNS")}
    return {**rest, "PYTHONPATH": str(ROOT)}


async def test_the_first_own_site_works_as_written(tmp_path: Path) -> None:
    lay_out(tmp_path)
    steps = commands()
    assert [step[0] for step in steps[:3]] == ["check", "simulate", "run"]
    code, out, err = await plantroom(tmp_path, steps[0])
    assert (code, err) == (0, "")
    assert "no errors" in out
    assert "ch1.enable" in out  # what would keep its last value if the box died
    async with (
        terminal(tmp_path, steps[1], "Ctrl-C ends them") as simulated,
        terminal(tmp_path, steps[2], "one-time set-up code") as running,
    ):
        assert any("pm1 (schneider_iem3000)" in line for line in simulated)
        await good(tmp_path)
        said = {}
        for step in steps[3:]:
            assert step[0] not in SERVING
            code, out, err = await plantroom(tmp_path, step)
            assert (code, err) == (0, ""), step
            said[" ".join(step[:2])] = out
    assert "chiller_1 (area plant)" in said["points"]
    assert "it would be on" in said["why ch1.enable"]
    assert len(said["watch ch1"].splitlines()) == 3
    assert "first test" in said["why ch1.chilled_water_setpoint"]
    assert "1 override(s)" in said["override ch1.chilled_water_setpoint"]
    assert "bms" in said["authority"]
    assert any(line.startswith("given back") for line in running)


async def good(folder: Path) -> None:
    """Until every device has been read."""
    async with asyncio.timeout(30):
        while True:
            code, out, _ = await plantroom(folder, ["points", "ch1.load"])
            if code == 0 and "good" in out:
                return


def test_every_link_and_picture_is_there() -> None:
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", README)
    assert "docs/page.png" in links
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert (ROOT / "docs" / "page.png").stat().st_size < 200_000


@pytest.mark.parametrize("page", ["README.md", "docs/exit-codes.md"])
def test_the_exit_codes_are_those_of_the_program(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").partition("exit code")[2] or (ROOT / page).read_text()
    rows = re.findall(r"^\| (\d) \|", text, re.MULTILINE)
    assert [int(row) for row in rows] == [int(code) for code in Exit]


def test_every_command_the_readme_names_exists() -> None:
    from agent.cli.__main__ import root

    app = root()
    known = {one.name for one in (*app.registered_commands, *app.registered_groups)}
    named = set(re.findall(r"`?plantroom ([a-z][a-z-]+)", README)) - {"points proven"}
    assert named - known == set()


async def test_the_site_file_of_the_box_is_good(tmp_path: Path) -> None:
    box = next(block for block in blocks("yaml") if "/var/lib" in block)
    text = (ROOT / "packaging" / "config" / "site.yaml").read_text(encoding="utf-8") + box
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    code, out, err = await plantroom(tmp_path, ["check", "site.yaml"])
    assert (code, err) == (0, ""), out
