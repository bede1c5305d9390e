"""The power goes at any moment, again and again: what was acknowledged is there, nothing has two meanings, the store opens at once."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.core.site import StoreSettings
from agent.telemetry.samples import make_key, split_key
from agent.telemetry.store import Store, verify_audit
from tests.torture.cut_child import QUOTA, block
from tests.torture.cut_disk import PROMISES, CutDisk, Record, records
from tests.torture.measures import CUTS, SEED, scaled
from tests.torture.shim import compile_shim

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
TURNS, CUTS_A_RUN, RUNS_A_DISK = 250, 25, 4
SPOILT = 0.2  # of the runs begin on a damaged file
PLENTY = 1_000_000_000
OPENED_WITHIN = 10.0


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_shim(tmp_path_factory.mktemp("shim"))


@dataclass
class Promised:
    """What the world has been told up to the cut."""

    epochs: set[int] = field(default_factory=set)
    samples: dict[int, int] = field(default_factory=dict)
    document: int = 0
    damaged: bool = False  # the power went before a spoilt file was set aside for good: the next run finds it

    def hear(self, text: str) -> None:
        for line in text.splitlines():
            kind, *numbers = line.split()
            match kind, *map(int, numbers):
                case "E", epoch:
                    self.epochs.add(epoch)
                case "S", epoch, sequence:
                    self.samples[epoch] = max(sequence, self.samples.get(epoch, 0))
                case "D", number:
                    self.document = number


@dataclass
class Tally:
    cuts: int = 0
    acknowledged: int = 0
    found: int = 0
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Bench:
    """One disk after another: a process at work on it, the power cut at many moments of that, and work goes on after one of them."""

    def __init__(
        self,
        shim: Path,
        folder: Path,
        seed: int,
        *,
        honest: bool = True,
        synchronous: str = "",
        spoilt: float = SPOILT,
    ) -> None:
        self.tally = Tally()
        self._shim = shim
        self._folder = folder
        self._chance = random.Random(seed)
        self._honest = honest
        self._spoilt = spoilt
        self._slack = [synchronous] if synchronous else []

    async def run(self, cuts: int) -> Tally:
        while self.tally.cuts < cuts:
            disk, promised = self._fresh("disk"), Promised()
            quota = self._chance.choice([PLENTY, QUOTA])
            for _ in range(RUNS_A_DISK):
                if self.tally.cuts < cuts:
                    await self._one_run(disk, promised, quota, min(CUTS_A_RUN, cuts - self.tally.cuts))
        return self.tally

    async def _one_run(self, disk: Path, promised: Promised, quota: int, cuts: int) -> None:
        spoilt = self._chance.random() < self._spoilt and (disk / "p.db").exists()
        if spoilt:
            spoil(disk / "p.db")
            promised.samples, promised.document = {}, 0
        spoilt = spoilt or promised.damaged
        known = set(promised.epochs)
        copy = CutDisk(disk, honest=self._honest)
        copy.take_over(disk)
        done = self._work(disk, quota)
        moments = sorted([len(done), *(self._moment(done) for _ in range(cuts - 1))])
        follow, fed = self._chance.randrange(cuts), 0
        before = Promised(set(promised.epochs), dict(promised.samples), promised.document)
        for number, moment in enumerate(moments):
            for record in done[fed:moment]:
                copy.feed(record)
            fed = moment
            told = Promised(set(before.epochs), dict(before.samples), before.document)
            told.hear(copy.promises.decode())
            left = self._fresh("left")
            copy.leave(left, self._chance)
            if number == follow:
                shutil.copytree(left, self._folder / "next")
                promised.epochs, promised.samples, promised.document = (
                    told.epochs,
                    told.samples,
                    told.document,
                )
                promised.damaged = spoilt and told.epochs == known
            self.tally.cuts += 1
            # a damaged file is set aside once: not again when the new store has begun to promise
            await self._judge(left, told, quota, damaged=spoilt and told.epochs == known)
        shutil.rmtree(disk)
        (self._folder / "next").rename(disk)

    def _moment(self, done: list[Record]) -> int:
        """Any moment; half of them where something rare is done, such as a checkpoint, a rename or the first start."""
        if self._chance.random() < 0.5:
            return self._chance.randrange(1, len(done))
        kinds: dict[tuple[str, int], list[int]] = {}
        for at, record in enumerate(done):
            kinds.setdefault((record.op, record.inode), []).append(at)
        return min(len(done), self._chance.choice(self._chance.choice(list(kinds.values()))) + 1)

    def _fresh(self, name: str) -> Path:
        made = self._folder / name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        return made

    def _work(self, disk: Path, quota: int) -> list[Record]:
        trace = self._folder / "trace"
        trace.unlink(missing_ok=True)
        watch = {"LD_PRELOAD": str(self._shim), "POWER_CUT_FOLDER": str(disk), "POWER_CUT_TRACE": str(trace)}
        arguments = [disk / "p.db", TURNS, self._chance.randrange(1 << 30), quota, *self._slack]
        subprocess.run(
            [sys.executable, "-m", "tests.torture.cut_child", *map(str, arguments)],
            env={**os.environ, **watch},
            cwd=ROOT,
            check=True,
            timeout=120,
        )
        return list(records(trace))

    async def _judge(self, left: Path, told: Promised, quota: int, *, damaged: bool) -> None:
        path, begin = left / "p.db", time.monotonic()
        settings = StoreSettings(path=str(path), commit_interval=0.001, max_bytes=quota)
        store = await Store.open(settings, site="s", now=time.time)
        tally, where = self.tally, f"cut {self.tally.cuts}: "
        try:
            took = time.monotonic() - begin
            tally.slowest = max(tally.slowest, took)
            number = max([0, *store.documents("prior").values()])
            faults = [
                took > OPENED_WITHIN and f"opened in {took:.1f} s",
                store.quarantined and not damaged and f"set aside as {store.quarantined}",
                store.epoch in told.epochs and f"epoch {store.epoch} a second time",
                number < told.document and f"document {told.document} is {number}",
            ]
            store.append(block(1))
            await store.flush()
        finally:
            await store.close()
        broken = verify_audit(str(path))
        faults += [broken is not None and f"audit record {broken}", *self._samples(path, told, quota)]
        tally.faults += [where + str(fault) for fault in faults if fault]

    def _samples(self, path: Path, told: Promised, quota: int) -> Iterator[str]:
        """Every acknowledged sample is there with its value, but for the oldest that the quota let go."""
        with closing(sqlite3.connect(path)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                yield str(verdict)
            rows = connection.execute(
                "SELECT key, data, json_extract(points, '$[0]') FROM sample JOIN layout ON layout.id = sample.layout"
            ).fetchall()
        stored = {key for key, _, _ in rows}
        oldest = split_key(min(stored))
        for epoch, acknowledged in told.samples.items():
            first = 1
            if quota == QUOTA and epoch <= oldest[0]:
                first = oldest[1] if epoch == oldest[0] else acknowledged + 1
            missing = sum(make_key(epoch, one) not in stored for one in range(first, acknowledged + 1))
            if missing:
                yield f"{missing} of {acknowledged} acknowledged samples of epoch {epoch} are gone"
            self.tally.acknowledged += max(0, acknowledged - first + 1)
        self.tally.found += len(rows)
        wrong = [key for key, data, _ in rows if data != _data(split_key(key)[1])]
        if wrong:
            yield f"{len(wrong)} samples have another value than was given"


def spoil(path: Path) -> None:
    """Rubbish where the file says what it is, and in what the journal still has."""
    journal = path.with_name(path.name + "-wal")
    journal.unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.write(b"\xa5" * 4096)


def _data(sequence: int) -> bytes:
    return struct.pack("<10f", *(sequence + 0.5,) * 10)


def test_the_trace_rebuilds_every_file_of_the_process_to_the_byte(shim: Path, fast_folder: Path) -> None:
    bench = Bench(shim, fast_folder, SEED)
    disk = bench._fresh("disk")
    copy = CutDisk(disk)
    for record in bench._work(disk, QUOTA):
        copy.feed(record)
    seen = copy.contents()
    there = {path.name: path.read_bytes() for path in disk.iterdir() if not path.name.endswith("-shm")}
    assert {name: seen[name] for name in there} == there
    assert {"p.db", "p.db.epoch", PROMISES} <= set(there)


async def test_a_cut_at_any_moment_costs_no_acknowledged_sample(shim: Path, fast_folder: Path) -> None:
    tally = await Bench(shim, fast_folder, SEED).run(75)
    tell(tally)
    assert tally.faults == []
    assert tally.acknowledged > 10_000


async def test_cuts_of_disks_whose_file_is_damaged_again_and_again(shim: Path, fast_folder: Path) -> None:
    tally = await Bench(shim, fast_folder, SEED, spoilt=1.0).run(150)
    tell(tally)
    assert tally.faults == []


@pytest.mark.parametrize(
    "slack",
    [{"synchronous": "OFF"}, {"synchronous": "NORMAL"}, {"honest": False}],
    ids=["off", "normal", "no-op"],
)
async def test_the_same_cuts_show_a_store_that_does_not_sync(
    shim: Path, fast_folder: Path, slack: dict[str, Any]
) -> None:
    tally = await Bench(shim, fast_folder, SEED, **slack).run(75)
    assert [fault for fault in tally.faults if "gone" in fault], tally.faults


@pytest.mark.torture
@pytest.mark.timeout(8 * 3600)
async def test_two_thousand_power_cuts(shim: Path, fast_folder: Path) -> None:
    tally = await Bench(shim, fast_folder, SEED + 1_000).run(scaled(CUTS))
    tell(tally)
    assert tally.faults == []


def tell(tally: Tally) -> None:
    sys.stdout.write(
        f"{tally.cuts} cuts, {tally.acknowledged} acknowledged samples asked for, {tally.found} found, "
        f"slowest opening {tally.slowest:.2f} s\n"
    )
