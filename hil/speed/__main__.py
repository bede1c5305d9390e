"""Runs the bench: farm, broker and counter stay up, and the parties take turns on them."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hil.ports import free_port
from hil.speed.process import Usage, start, stop, usage
from hil.speed.site import write_site

REGISTERS = 100


@dataclass(slots=True)
class Arrivals:
    """What the counter printed, with the time it was printed."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, lines: Any) -> None:
        for line in lines:
            self.rows.append(json.loads(line))

    def since(self, at: float) -> list[dict[str, Any]]:
        return [row for row in self.rows if row.get("at", 0.0) > at]


@dataclass(frozen=True, slots=True)
class Result:
    """One party's figures. CPU in % of one core; latencies in ms from a device's change to the subscriber."""

    name: str
    first_value: float
    values: float
    cpu: float
    rss: float
    p50: float
    p99: float
    bytes_a_sample: float | None = None


def measure(name: str, arguments: Sequence[str], arrivals: Arrivals, seconds: float, folder: Path) -> Result:
    """Start one party, let it settle, measure it for `seconds`, end it."""
    began = time.time()
    process = start(*arguments, log=folder / f"{name.replace(' ', '-')}.log")
    try:
        first = _first(arrivals, began, process)
        time.sleep(5.0)
        before, mark = usage(process), time.time()
        time.sleep(seconds)
        after, rows = usage(process), arrivals.since(mark)
    finally:
        stop(process)
        time.sleep(1.5)
    return _result(name, first - began, before, after, rows)


def _first(arrivals: Arrivals, began: float, process: subprocess.Popen[bytes]) -> float:
    while time.time() - began < 60.0:
        rows = [row for row in arrivals.since(began) if row["values"] and row["first"] > began]
        if rows:
            return float(rows[0]["first"])
        usage(process)
        time.sleep(0.02)
    raise RuntimeError("no value arrived within a minute")


def _result(name: str, first: float, before: Usage, after: Usage, rows: list[dict[str, Any]]) -> Result:
    span = after.at - before.at
    latencies = sorted(latency for row in rows for latency in row["latencies"])
    counted = sum(row["span"] for row in rows) or 1.0
    return Result(
        name,
        first,
        sum(row["values"] for row in rows) / counted,
        100.0 * (after.cpu - before.cpu) / span,
        after.rss,
        _percentile(latencies, 0.5),
        _percentile(latencies, 0.99),
    )


def _percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def stored(database: Path) -> float | None:
    """Bytes of the store's file a sample."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        samples = connection.execute(
            "SELECT sum(json_array_length(layout.points)) FROM sample JOIN layout ON layout.id = sample.layout"
        )
        total = samples.fetchone()[0]
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    return database.stat().st_size / total if total else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--period", type=float, default=1.0, help="seconds between polls")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured time of each party")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("mosquitto") is None:
        sys.exit("the bench needs mosquitto: sudo apt-get install mosquitto")
    with tempfile.TemporaryDirectory(prefix="plantroom-bench-") as name:
        results = run(Path(name), options.devices, options.period, options.seconds)
    if options.json:
        print(json.dumps([asdict(one) for one in results]))
    else:
        show(results, options.devices)


def run(folder: Path, devices: int, period: float, seconds: float) -> list[Result]:
    """All parties on one farm and one broker, one after the other."""
    broker_port, farm_port = free_port(), free_port()
    (folder / "mosquitto.conf").write_text(f"listener {broker_port} 127.0.0.1\nallow_anonymous true\n")
    broker = subprocess.Popen(  # noqa: S603 - a program this bench needs
        [str(shutil.which("mosquitto")), "-c", str(folder / "mosquitto.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    farm = start("hil.speed.farm", str(devices), str(farm_port), stdout=subprocess.PIPE)
    counter: subprocess.Popen[bytes] | None = None
    try:
        if farm.stdout is None:
            raise RuntimeError("the farm has no output")
        farm.stdout.readline()
        _await_port(broker_port)
        counter = start("hil.speed.count", str(broker_port), stdout=subprocess.PIPE)
        arrivals = Arrivals()
        threading.Thread(target=arrivals.follow, args=(counter.stdout,), daemon=True).start()
        site = write_site(folder / "site", farm_port, broker_port, devices, period)
        bare = ("hil.speed.bare", str(farm_port), str(broker_port), str(devices), str(period))
        results = [
            measure("bare", bare, arrivals, seconds, folder),
            measure("bare + uvloop", (*bare, "uvloop"), arrivals, seconds, folder),
            measure("plantroom", ("agent.cli", "run", "--config", str(site)), arrivals, seconds, folder),
        ]
        kept = stored(folder / "site/data/plantroom.db")
        return [*results[:-1], replace(results[-1], bytes_a_sample=kept)]
    finally:
        for process in (counter, farm, broker):
            stop(process)


def _await_port(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the broker does not start")


def show(results: list[Result], devices: int) -> None:
    """A table for people, with the ratio to the bare script."""
    bare = results[0]
    print(f"{devices} devices x {REGISTERS} registers, every register changing at every poll")
    print(
        f"{'':16}{'values/s':>10}{'CPU %':>8}{'x bare':>8}{'RSS MB':>8}{'first s':>9}{'p50 ms':>8}{'p99 ms':>8}{'B/sample':>10}"
    )
    for one in results:
        kept = "" if one.bytes_a_sample is None else f"{one.bytes_a_sample:.1f}"
        ratio = one.cpu / bare.cpu if bare.cpu else float("nan")
        print(
            f"{one.name:16}{one.values:>10.0f}{one.cpu:>8.1f}{ratio:>8.2f}{one.rss:>8.0f}"
            f"{one.first_value:>9.2f}{one.p50:>8.0f}{one.p99:>8.0f}{kept:>10}"
        )


if __name__ == "__main__":
    main()
