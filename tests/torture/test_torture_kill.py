"""kill -9, thousands of times: what was acknowledged is delivered, and one key never has two contents."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.telemetry.store import read_documents, verify_audit
from tests.telemetry.counting_cloud import CountingCloud, counting_cloud
from tests.torture.measures import KILLS, SEED, scaled

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
KILLS_A_STORE = 250  # then a new one, so that a life costs the same at the end as at the beginning


@dataclass
class Sum:
    kills: int = 0
    said: int = 0  # lives that had promised something when they ended
    acknowledged: int = 0
    delivered: int = 0
    again: int = 0


def kill(folder: Path, count: int, seed: int) -> list[tuple[int, int]]:
    arguments = ["tests.torture.kill_nursery", folder / "p.db", folder / "c.sock", count, seed]
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as nursery:
        out, _ = nursery.communicate(timeout=30 + 2 * count)
    assert nursery.returncode == 0
    lives = [tuple(map(int, line.split())) for line in out.splitlines()]
    assert len(lives) == count
    return lives  # type: ignore[return-value] # two numbers a line


def drain(folder: Path) -> None:
    """A last life that delivers all that is stored and ends by itself."""
    child = ROOT / "tests/telemetry/telemetry_child.py"
    command = [sys.executable, str(child), str(folder / "p.db"), str(folder / "c.sock"), "drain"]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=300)


def one_store(folder: Path, count: int, seed: int, total: Sum) -> CountingCloud:
    with counting_cloud(folder / "c.sock") as cloud:
        lives = kill(folder, count, seed)
        drain(folder)
    epochs = [epoch for epoch, _ in lives if epoch]
    assert len(epochs) == len(set(epochs)), "an epoch was used twice"
    assert cloud.lost(dict(lives)) == {}
    assert cloud.wrong == []
    assert cloud.receiver.gaps == []
    assert verify_audit(str(folder / "p.db")) is None
    assert read_documents(str(folder / "p.db"), "state")["last"] > 0
    total.kills += count
    total.said += len(epochs)
    total.acknowledged += sum(acknowledged for _, acknowledged in lives)
    total.delivered += cloud.receiver.blocks
    total.again += cloud.receiver.duplicates
    return cloud


def kills(count: int, seed: int) -> Sum:
    total, chance, begin = Sum(), random.Random(seed), time.monotonic()
    while total.kills < count:
        with tempfile.TemporaryDirectory(prefix="plantroom-kill-") as folder:
            one_store(Path(folder), min(KILLS_A_STORE, count - total.kills), chance.randrange(1 << 30), total)
    sys.stdout.write(f"{total} in {time.monotonic() - begin:.0f} s\n")
    return total


@pytest.mark.timeout(120)
def test_a_hundred_kills() -> None:
    total = kills(100, SEED)
    assert total.said > 50
    assert total.acknowledged > 1000


@pytest.mark.torture
@pytest.mark.timeout(24 * 3600)
def test_fifteen_thousand_kills() -> None:
    assert kills(scaled(KILLS), SEED + 1_000).said > scaled(KILLS) / 2
