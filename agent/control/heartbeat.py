"""Device heartbeats: the sign of life that keeps a device's own watchdog from taking its machine back.

Written only after a good tick of every area that commands the device, and only while the agent is in charge: so
the device reverts by itself when control fails, whatever still runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.core.clock import Clock
from agent.core.device_profile import Device, Heartbeat
from agent.core.tick import WriteOrder

Send = Callable[[WriteOrder], None]


@dataclass(slots=True)
class _Beat:
    heartbeat: Heartbeat
    point: str
    areas: frozenset[str]
    next_at: float = 0.0
    turn: int = 0


class Heartbeats:
    """Knows which device wants a heartbeat, how often, and whose ticks must be good for it."""

    def __init__(
        self, devices: Iterable[Device], areas_of: Callable[[str], frozenset[str]], clock: Clock
    ) -> None:
        self._clock = clock
        self._beats = [
            _Beat(
                device.profile.heartbeat, f"{device.id}.{device.profile.heartbeat.point}", areas_of(device.id)
            )
            for device in devices
            if device.profile.heartbeat is not None and areas_of(device.id)
        ]

    def __bool__(self) -> bool:
        """Whether any device wants a sign of life."""
        return bool(self._beats)

    def beat(self, area: str, areas_well: frozenset[str], send: Send) -> None:
        """Call after a good tick of `area`; sends what is due for devices whose areas are all well."""
        now = self._clock.elapsed()
        for one in self._beats:
            if area not in one.areas or not one.areas <= areas_well or now < one.next_at:
                continue
            values = one.heartbeat.values
            one.turn = (one.turn + 1) % len(values)
            one.next_at = now + one.heartbeat.period / 2
            send(WriteOrder(point=one.point, value=values[one.turn], reason="sign of life", why="heartbeat"))
