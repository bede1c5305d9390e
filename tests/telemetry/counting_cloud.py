"""A receiver on a UNIX socket that counts what came, and checks that one key never comes with two contents."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agent.telemetry.ranges import Range, Ranges
from agent.telemetry.receiver import Receiver


class CountingCloud:
    """Knows the children of `telemetry_child`: a block's values say its sequence."""

    def __init__(self) -> None:
        self.receiver = Receiver()
        self.wrong: list[object] = []
        self.delivered: dict[int, Ranges] = {}
        self._lock = threading.Lock()

    def take(self, body: bytes) -> None:
        with self._lock:
            for block in self.receiver.take(body):
                self.delivered.setdefault(block["epoch"], Ranges()).add(block["seq"], block["seq"])
                if set(block["values"].values()) != {block["seq"] + 0.5} or len(block["values"]) != 10:
                    self.wrong.append(block)

    def lost(self, promised: dict[int, int]) -> dict[int, list[Range]]:
        """By epoch: what was acknowledged and never came."""
        holes = {
            epoch: self.delivered.get(epoch, Ranges()).holes(1, acknowledged)
            for epoch, acknowledged in promised.items()
            if acknowledged
        }
        return {epoch: missing for epoch, missing in holes.items() if missing}


@contextmanager
def counting_cloud(address: Path) -> Iterator[CountingCloud]:
    taken = CountingCloud()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the other end is killed, that is the point
                while head := self.rfile.read(4):
                    body = self.rfile.read(int.from_bytes(head, "big"))
                    if len(body) < int.from_bytes(head, "big"):
                        return
                    taken.take(body)
                    self.wfile.write(b"k")

    with socketserver.ThreadingUnixStreamServer(str(address), Talk) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield taken
        finally:
            server.shutdown()
            thread.join()
