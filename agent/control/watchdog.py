"""The watchdog: tells systemd that control works, only after proof, and notices a stalled event loop.

Fed by outputs of good ticks, never by a timer. The stall detector is a thread of its own, since a stalled loop
cannot watch itself; it writes down where the loop hangs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable

log = logging.getLogger("plantroom.watchdog")

STALL = 2.0  # real seconds of a loop that does not turn


def notify(message: str) -> None:
    """One sd_notify(3) message; nothing happens outside systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(address)
            sock.sendall(message.encode())
        except OSError as error:
            log.warning("systemd cannot be told: %s", error)


class Watchdog:
    """Collects proof that every part works, and feeds systemd when all of it is fresh."""

    def __init__(self, parts: Callable[[], dict[str, float]]) -> None:
        """`parts` gives, per part, the real seconds since it last proved itself over what is allowed (<= 1 is well)."""
        self._parts = parts
        self._late: frozenset[str] = frozenset()

    def feed(self) -> bool:
        """Call after a good tick; True when systemd was told."""
        late = frozenset(name for name, share in self._parts().items() if share > 1.0)
        for name in late - self._late:
            log.error("%s has not proved itself in time: the watchdog is not fed", name)
        for name in self._late - late:
            log.info("%s proves itself again", name)
        self._late = late
        if not late:
            notify("WATCHDOG=1")
        return not late


class StallDetector:
    """A thread that sees when the event loop does not turn, and logs the stack once per stall."""

    def __init__(self, limit: float = STALL) -> None:
        self._limit = limit
        self._beat = time.monotonic()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.stalls = 0

    def start(self) -> None:
        """Watch the running loop; call from its thread."""
        self._turn(asyncio.get_running_loop())
        self._thread = threading.Thread(
            target=self._watch, args=(threading.get_ident(),), name="stall-detector", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            self._thread.join(timeout=self._limit + 1)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beat = time.monotonic()
        self._timer = loop.call_later(self._limit / 4, self._turn, loop)

    def _watch(self, loop_thread: int) -> None:
        reported = 0.0
        while not self._stop.wait(self._limit / 4):
            beat = self._beat
            if time.monotonic() - beat <= self._limit or beat == reported:
                continue
            reported = beat
            self.stalls += 1
            frame = sys._current_frames().get(loop_thread)  # noqa: SLF001 - the documented way to see another thread
            stack = "".join(traceback.format_stack(frame)) if frame else "(no frame)"
            log.error("the event loop has not turned for %.1f s; it is here:\n%s", self._limit, stack)
