"""An update that does not come up well goes back by itself: with releases that only play, and with the agent in its plant room."""

import asyncio
import base64
import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.plant_room import PlantRoom, until

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging/update.sh"
LIBRARIES = next(Path(one) for one in sys.path if one.endswith("site-packages"))
PLAYED = """import sys
def main():
    codes = {codes}
    sys.exit(codes.get(sys.argv[1], 0))
"""


def make_wheel(folder: Path, version: str, files: dict[str, bytes], main: str) -> Path:
    """As a build would leave it, without one."""
    info = f"plantroom-{version}.dist-info"
    files |= {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: plantroom\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\nplantroom = {main}\n".encode(),
    }
    rows = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    wheel = folder / f"plantroom-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return wheel


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def played(folder: Path, version: str, **codes: int) -> Path:
    """A version whose commands only end: `codes` by command, 0 else."""
    files = {"played.py": PLAYED.format(codes=codes).encode()}
    return make_wheel(folder, version, files, "played:main")


class Box:
    """A folder as /opt/plantroom, and the script on it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.home = folder / "opt"
        self.env = {
            "PATH": "/usr/bin:/bin",
            "PLANTROOM_HOME": str(self.home),
            "PLANTROOM_SITE": str(folder / "site.yaml"),
            "PLANTROOM_RESTART": "true",
            "PLANTROOM_PROOF": "0",
            "PLANTROOM_WELL_WITHIN": "1 s",
            **settings,
        }
        first = self.home / "releases/first"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", first], check=True)
        [packages] = first.glob("lib/python3*/site-packages")
        (packages / "libraries.pth").write_text(f"{LIBRARIES}\n")
        (self.home / "current").symlink_to("releases/first")
        (self.home / "bin").symlink_to("current/bin")

    def update(self, *arguments: object) -> tuple[int, str]:
        ended = subprocess.run(
            [SCRIPT, *map(str, arguments)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr

    def linked(self, name: str) -> str:
        return str((self.home / name).readlink()).removeprefix("releases/").partition("-")[0]


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    stub = made.home / "current/bin/plantroom"
    stub.write_text("#!/bin/sh\nexit 0\n")
    stub.chmod(0o755)
    (tmp_path / "site.yaml").write_text("version: 1\n")
    return made


def test_one_that_is_well_is_kept_and_one_that_is_not_goes_back(box, tmp_path):
    code, said = box.update("install", played(tmp_path, "2.0"))
    assert (code, "is proved" in said) == (0, True), said
    assert (box.linked("current"), box.linked("previous")) == ("2.0", "first")

    code, said = box.update("install", played(tmp_path, "3.0", check=2))
    assert (code, "nothing has changed" in said, box.linked("current")) == (2, True, "2.0")
    (tmp_path / "broken.whl").write_bytes(b"no zip")
    code, said = box.update("install", tmp_path / "broken.whl")
    assert (code, "nothing has changed" in said, box.linked("current")) == (1, True, "2.0")

    code, said = box.update("install", played(tmp_path, "4.0", well=1))
    assert (code, "is in charge as before" in said) == (5, True), said
    assert (box.linked("current"), box.linked("bin")) == ("2.0", "current/bin")
    assert not (box.home / "unproved").exists()
    refused = [line for line in box.update("list")[1].splitlines() if "refused" in line]
    assert [line.startswith("releases/4.0-") for line in refused] == [True]
    assert {one.name.partition("-")[0] for one in box.home.glob("releases/*")} == {"first", "2.0", "4.0"}


def test_one_that_the_power_cut_left_unproved_goes_back_after_some_starts(box, tmp_path):
    box.env["PLANTROOM_RESTART"] = str(killer(tmp_path))
    box.update("install", played(tmp_path, "2.0"))
    assert (box.linked("current"), (box.home / "unproved").read_text()) == ("2.0", "0\n")
    code, said = box.update("install", played(tmp_path, "3.0"))
    assert (code, "was cut off" in said) == (1, True)
    for start in (1, 2, 3):
        assert box.update("settle")[0] == 0
        assert (box.linked("current"), (box.home / "unproved").read_text()) == ("2.0", f"{start}\n")
    code, said = box.update("settle")
    assert (code, "never proved" in said, box.linked("current")) == (0, True, "first")
    assert box.update("settle") == (0, "")


def killer(folder: Path) -> Path:
    script = folder / "killer"
    script.write_text("#!/bin/sh\nkill -9 $PPID\n")
    script.chmod(0o755)
    return script


SUPERVISOR = """
while [ ! -e "$1/stop" ]; do
  "{script}" settle
  "{home}/bin/plantroom" run --config "{site}" >>"$1/agent.out" 2>>"$1/agent.log" & echo $! >"$1/pid"
  wait $!
  "{home}/bin/plantroom" release --config "{site}" --if-crashed >>"$1/release.log" 2>&1
  sleep 0.2
done
"""
RESTART = '#!/bin/sh\npid=$(cat "{folder}/pid")\nkill -TERM $pid\nwhile kill -0 $pid 2>/dev/null; do sleep 0.1; done\n'


@pytest.mark.timeout(240)
async def test_a_version_that_does_not_start_leaves_the_old_one_in_charge(tmp_path):
    restart = tmp_path / "restart"
    restart.write_text(RESTART.format(folder=tmp_path))
    restart.chmod(0o755)
    async with PlantRoom(tmp_path / "site") as room:
        room.plant.forced.update(
            {f"{name}.presence": False for name in ("ramp", "stairs", *(f"aisle_{x}" for x in "abcdef"))}
        )
        box = Box(
            tmp_path,
            PLANTROOM_SITE=str(room.folder.site),
            PLANTROOM_SOCKET=str(room.folder.socket),
            PLANTROOM_RESTART=str(restart),
            PLANTROOM_WELL_WITHIN="20 s",
        )
        install_ours(box)
        (tmp_path / "agent.out").touch()
        text = SUPERVISOR.format(script=SCRIPT, home=box.home, site=room.folder.site)
        systemd = await asyncio.create_subprocess_exec(
            "bash", "-c", text, "systemd", str(tmp_path), env=box.env
        )
        try:
            await until(lambda: b"page on" in (tmp_path / "agent.out").read_bytes(), 30)
            await room.plantroom("override", "lamps.level_3", "40", "--for", "30 min", "--reason", "test")
            await until(lambda: room.commands.get("aisle_b.lamp_level") == 40.0, 20)
            update = asyncio.create_task(asyncio.to_thread(box.update, "install", broken(tmp_path)))
            await until(lambda: box.linked("current") == "9.9", 90)
            await until(lambda: room.commands["aisle_b.lamp_level"] == 100.0, 20)  # given back meanwhile
            code, said = await update
            assert (code, "as before" in said) == (5, True), said
            assert box.linked("current") == "first"
            assert "broken on purpose" in (tmp_path / "agent.log").read_text()
            await until(lambda: room.commands["aisle_b.lamp_level"] == 40.0, 20)
        finally:
            (tmp_path / "stop").touch()
            with suppress(ProcessLookupError, FileNotFoundError):
                os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
            await asyncio.wait_for(systemd.wait(), 30)


def install_ours(box: Box) -> None:
    """This program as the first release."""
    [packages] = (box.home / "current").glob("lib/python3*/site-packages")
    (packages / "ours.pth").write_text(f"{ROOT}\n")
    command = box.home / "current/bin/plantroom"
    command.write_text(f'#!/bin/sh\nexec "{box.home}/releases/first/bin/python" -m agent.cli "$@"\n')
    command.chmod(0o755)


def broken(folder: Path) -> Path:
    """This program with an agent that raises as it starts; the rest of it is where it was."""
    files = {
        "agent/__init__.py": f"__path__.append({str(ROOT / 'agent')!r})\n".encode(),
        "agent/app/__init__.py": b'raise RuntimeError("broken on purpose")\n',
    }
    return make_wheel(folder, "9.9", files, "agent.cli.__main__:main")
