"""Free ports on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterable


def free_port() -> int:
    """One that nobody listens on now."""
    return free_ports((0,))[0]


def free_ports(wanted: Iterable[int]) -> list[int]:
    """Each wanted port or a free one in its place; probed together so that none is given twice."""
    probes: list[socket.socket] = []
    try:
        probes.extend(_bound(port) for port in wanted)
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _bound(port: int) -> socket.socket:
    for attempt in (port, 0):
        probe = socket.socket()
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", attempt))
        except OSError:
            probe.close()
            continue
        return probe
    raise OSError("there is no free port on loopback")
