"""A measured process: its CPU seconds and resident memory as the kernel counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds so far, resident MB now, at a real time."""

    cpu: float
    rss: float
    at: float


def start(
    *arguments: str, stdout: int | IO[bytes] = subprocess.DEVNULL, log: Path | None = None
) -> subprocess.Popen[bytes]:
    """A Python module in a process of its own: `start("hil.speed.farm", "0")`."""
    command = [sys.executable, "-m", *arguments]
    if log is None:
        return subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)  # noqa: S603 - own modules
    with log.open("wb") as errors:
        return subprocess.Popen(command, stdout=stdout, stderr=errors)  # noqa: S603 - own modules


def usage(process: subprocess.Popen[bytes]) -> Usage:
    """What the process has used; raises when it has ended."""
    if process.poll() is not None:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    stat = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return Usage((int(stat[11]) + int(stat[12])) / TICKS, pages * PAGE / 1e6, time.monotonic())


def stop(process: subprocess.Popen[bytes] | None) -> None:
    """End it and wait."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
