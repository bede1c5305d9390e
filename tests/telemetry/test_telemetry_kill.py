"""kill -9 at any moment: what was acknowledged is delivered, once by its key, with the values it had."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.telemetry.store import read_documents, verify_audit
from tests.telemetry.counting_cloud import CountingCloud, counting_cloud

pytestmark = pytest.mark.integration
CYCLES = int(os.environ.get("PLANTROOM_KILL_CYCLES", "30"))
CHILD = str(Path(__file__).with_name("telemetry_child.py"))
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[CountingCloud]:
    with counting_cloud(tmp_path / "cloud.sock") as taken:
        yield taken


def child(tmp_path: Path, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, CHILD, str(tmp_path / "p.db"), str(tmp_path / "cloud.sock"), mode],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ROOT},
    )


def run_and_kill(tmp_path: Path, chance: random.Random) -> tuple[int, int]:
    """Epoch and highest sequence the child has called acknowledged."""
    with child(tmp_path, "run") as process:
        assert process.stdout is not None
        epoch = acknowledged = 0
        for _ in range(chance.randrange(1, 60)):
            line = process.stdout.readline().split()
            assert len(line) == 2, "the child has ended by itself"
            epoch, acknowledged = map(int, line)
        process.kill()
        for rest in process.stdout.read().splitlines():
            if len(rest.split()) == 2 and rest.split()[0] == str(epoch):
                acknowledged = max(acknowledged, int(rest.split()[1]))
    return epoch, acknowledged


@pytest.mark.timeout(60 + 2 * CYCLES)
def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_comes_twice(
    tmp_path: Path, cloud: CountingCloud
) -> None:
    chance = random.Random(7)
    promised = dict(run_and_kill(tmp_path, chance) for _ in range(CYCLES))
    assert len(promised) == CYCLES, "an epoch was used twice"
    with child(tmp_path, "drain") as process:
        assert process.wait(60) == 0
    assert cloud.lost(promised) == {}
    assert sum(promised.values()) > 0
    assert cloud.wrong == []
    assert cloud.receiver.gaps == []
    assert verify_audit(str(tmp_path / "p.db")) is None
    assert read_documents(str(tmp_path / "p.db"), "state")["last"] > 0
    sys.stdout.write(
        f"{CYCLES} kills, {sum(promised.values())} acknowledged, {cloud.receiver.blocks} delivered, "
        f"{cloud.receiver.duplicates} resent under the same key\n"
    )
