"""A simulated device: a profile whose points read the plant's truth and whose commands reach the plant's inputs.

Its own communication watchdog is here too: silence for too long, and every command is let go, as the real ones do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.core.clock import Clock
from agent.core.device_profile import DeviceProfile
from agent.core.point import Value, ValueKind
from hil.servers.words import truth_of
from hil.world import World

_log = logging.getLogger("plantroom.hil")

Look = Callable[[World], Value | None]
"""How a point's value is found in the world."""


class Life(StrEnum):
    """What a device takes as a sign that its master lives."""

    FRAME = "frame"  # any valid request
    WRITE = "write"  # any write
    HEARTBEAT = "heartbeat"  # a new value in the heartbeat point


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How a device is wired to the plant.

    `objects`: group of the profile ("" for points without one) to the plant's object whose quantities bear the role's
    name. `looks`: single points read otherwise. `commands`: single points whose writes go to that plant input.
    """

    objects: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    watchdog: float | None = None  # site seconds of silence; None: whatever was commanded last stays for ever


class SimulatedDevice:
    """One device on a wire. Values are engineering units; the face in front of it does the encoding."""

    def __init__(self, name: str, profile: DeviceProfile, wiring: Wiring, world: World, clock: Clock) -> None:
        self.id = name
        self.profile = profile
        self._world = world
        self._clock = clock
        self._watchdog = wiring.watchdog
        self._life = Life.HEARTBEAT if profile.heartbeat else Life.FRAME
        self._looks = {point: self._look_of(point, wiring) for point in profile.points}
        self._commands = {
            point: variable
            for point in profile.points
            if profile.points[point].commandable
            and (variable := wiring.commands.get(point) or self._by_role(point, wiring))
        }
        self._written: dict[str, Value] = {}
        self._last_sign = clock.elapsed()
        self.reverted = False
        self.writes = 0

    def read(self, point: str) -> Value | None:
        """What the device shows: its own register where a master wrote one, else the plant."""
        if point in self._written:
            return self._written[point]
        return self._looks[point](self._world)

    def write(self, point: str, value: Value) -> None:
        """A master wrote this. Raises ValueError where the device would refuse the value."""
        template = self.profile.points[point]
        if not template.commandable:
            raise ValueError(f"{point} is read only")
        if template.kind is ValueKind.SWITCH:
            value = truth_of(value)
        heartbeat = self.profile.heartbeat
        if self._life is Life.WRITE or (
            heartbeat and point == heartbeat.point and self._is_new(point, value)
        ):
            self._sign_of_life()
        self.writes += 1
        self._written[point] = value
        if point in self._commands and not self.reverted:
            self._world.command(self._commands[point], value)

    def heard(self) -> None:
        """A valid request for this device came in."""
        if self._life is Life.FRAME:
            self._sign_of_life()

    def watch(self) -> None:
        """Look at the clock: silent for too long, and every command is let go until the master is back."""
        silent = self._clock.elapsed() - self._last_sign
        if self._watchdog is None or self.reverted or silent <= self._watchdog or not self._written:
            return
        self.reverted = True
        _log.info("%s: nothing heard for %.0f s, back to local control", self.id, silent)
        for point, variable in self._commands.items():
            self._written.pop(point, None)
            self._world.let_go(variable)

    def reboot(self) -> None:
        """Power off and on: what was commanded is forgotten."""
        for variable in self._commands.values():
            self._world.let_go(variable)
        self._written.clear()
        self._sign_of_life()

    def _is_new(self, point: str, value: Value) -> bool:
        return self._written.get(point) != value

    def _sign_of_life(self) -> None:
        self._last_sign = self._clock.elapsed()
        if self.reverted:
            self.reverted = False
            _log.info("%s: master is back", self.id)

    def _by_role(self, point: str, wiring: Wiring) -> str | None:
        role = self.profile.points[point].role
        owner = wiring.objects.get(self.profile.groups.get(point, ""))
        return f"{owner}.{role}" if role and owner else None

    def _look_of(self, point: str, wiring: Wiring) -> Look:
        if point in wiring.looks:
            return wiring.looks[point]
        name = wiring.commands.get(point) or self._by_role(point, wiring)
        return variable(name) if name else constant(None)


def variable(name: str, factor: float = 1.0) -> Look:
    """The plant's variable, where needed times a factor (one phase's share of a power)."""

    def look(world: World) -> Value | None:
        value = world.read(name)
        return value if value is None or isinstance(value, bool) else value * factor

    return look


def constant(value: Value | None) -> Look:
    """Always the same: nameplate values, mains frequency, what the plant does not model."""
    return lambda _: value
