"""One agent per site folder: a lock that the kernel gives back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path

from agent.core.errors import PlantroomError

NAME = "agent.lock"


class SiteLockedError(PlantroomError):
    """Another process holds this site."""


class SiteLock:
    """Held from start to end of an agent or a release."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise SiteLockedError naming the process that has it. Raises OSError where it cannot be made."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise SiteLockedError(f"{self._path.parent} is in use by process {holder}") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def give_back(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder(folder: Path) -> int | None:
    """The process that holds the site, None when nobody does."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)
    return None


def end_holder(folder: Path, patience: float = 2.0) -> int | None:
    """End the process that holds the site, hung or stopped as it may be; its number, or None when nobody did.

    SIGKILL at once: a hung agent would still own the serial port, and what it would do on SIGTERM is our job now.
    """
    process = holder(folder)
    if process is None or process == os.getpid():
        return None
    os.kill(process, signal.SIGKILL)
    until = time.monotonic() + patience
    while holder(folder) is not None and time.monotonic() < until:
        time.sleep(0.01)
    return process
