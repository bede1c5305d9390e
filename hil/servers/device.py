"""A simulated device: a profile whose points read the plant's truth and whose commands reach the plant's inputs.

Its quirks and its ailments are here too, so that every bench has the same ones. Its own communication watchdog: silence
for too long, and every command is let go, as the real ones do.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.core.clock import Clock
from agent.core.device_profile import DeviceProfile
from agent.core.point import Persistence, Value, ValueKind
from agent.core.register import Register
from hil.servers.ailments import WHOLE, Ailment, Ailments, Upset
from hil.servers.looks import Gathering, Look, VariableLook, constant, variable
from hil.servers.quirks import Life, Worn, read_quirks
from hil.servers.words import says_nothing, truth_of
from hil.world import World

__all__ = ["Look", "SimulatedDevice", "VariableLook", "Wiring", "constant", "variable"]

_log = logging.getLogger("plantroom.hil")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How a device is wired to the plant.

    `objects`: group of the profile ("" for points without one) to the plant's object whose quantities bear the role's
    name. `looks`: single points read otherwise. `commands`: single points whose writes go to that plant input, divided by
    the factor their look has. `quirks` come on top of the profile's.
    """

    objects: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    watchdog: float | None = None  # site seconds of silence; None: whatever was commanded last stays for ever
    quirks: Mapping[str, Any] = field(default_factory=dict)

    def by_role(self, profile: DeviceProfile, point: str) -> str | None:
        """The variable that bears the point's role, of the object its group is wired to."""
        role = profile.points[point].role
        owner = self.objects.get(profile.groups.get(point, ""))
        return f"{owner}.{role}" if role and owner else None

    def look(self, profile: DeviceProfile, point: str) -> Look:
        if point in self.looks:
            return self.looks[point]
        name = self.commands.get(point) or self.by_role(profile, point)
        return variable(name) if name else constant(None)


class SimulatedDevice:
    """One device on a wire. Values are engineering units; the face in front of it does the encoding."""

    def __init__(self, name: str, profile: DeviceProfile, wiring: Wiring, world: World, clock: Clock) -> None:
        self.id = name
        self.profile = profile
        self.quirks = read_quirks(profile.quirks, wiring.quirks)
        self.ailments = Ailments()
        self.wear: dict[str, int] = {}  # writes each EEPROM cell has taken
        self.reverted = False
        self.writes = 0
        self.writes_to: Counter[str] = Counter()  # by point
        self._world = world
        self._clock = clock
        self._watchdog = wiring.watchdog if self.quirks.watchdog is None else self.quirks.watchdog
        self._life = self.quirks.life or (Life.HEARTBEAT if profile.heartbeat else Life.FRAME)
        # what has no word for "not available" cannot say it on a wire, so it does not on a bench without wires either
        self.speechless = frozenset(
            point
            for point, source in profile.sources.items()
            if isinstance(source, Register) and not says_nothing(source) and self.quirks.missing_code is None
        )
        self.looks = {point: wiring.look(profile, point) for point in profile.points}
        self.commands = {
            point: variable
            for point in profile.points
            if profile.points[point].commandable
            and (variable := wiring.commands.get(point) or wiring.by_role(profile, point))
        }
        self._written: dict[str, Value] = {}
        self._gatherings: dict[Sequence[str], Gathering] = {}  # by the points they gather
        self._before: dict[str, tuple[Value | None, float]] = {}  # what a write replaced, and when
        self._ill = False
        self._last_sign = clock.elapsed()
        self._up_at = float("-inf")

    @property
    def deaf(self) -> bool:
        """Without power, cut off or still starting: nothing is heard and nothing answered."""
        if self.ailments and (self.ailments.on(Ailment.OFF) or self.ailments.on(Ailment.SILENT)):
            return True
        return self._clock.elapsed() < self._up_at

    def measures(self, point: str) -> bool:
        """Whether this is something the device senses and nobody can write."""
        template = self.profile.points[point]
        return not template.commandable and template.kind in (ValueKind.NUMBER, ValueKind.SWITCH)

    def read(self, point: str) -> Value | None:
        """What the device shows: its own register where a master wrote one, else the plant; None: not available."""
        if not self._ill:
            return self.looks[point](self._world) if point not in self._written else self._plain(point)
        if self.ailments.on(Ailment.LOCAL_OVERRIDE) and self.profile.points[point].role == "local_mode":
            return True
        value = self._plain(point)
        now, speechless = self._clock.elapsed(), point in self.speechless
        return self.ailments.shown(point, value, now, measured=self.measures(point), speechless=speechless)

    def read_all(self, points: Sequence[str]) -> Sequence[Value | None]:
        """Like `read` for each of them; `points` are always the same few tuples."""
        if self._ill or self._before:
            return [self.read(point) for point in points]
        gathering = self._gatherings.get(points)
        if gathering is None:
            gathering = self._gatherings[points] = Gathering(points, self.looks, self._written, self._world)
        found = gathering.values(self._world, self._written)
        return [self.read(point) for point in points] if found is None else found

    def show(self, point: str, look: Look) -> None:
        """From now on the point shows what this look finds."""
        self.looks[point] = look
        self._gatherings.clear()

    def write(self, point: str, value: Value) -> None:
        """A master wrote this. Raises ValueError where the device would refuse the value."""
        template = self.profile.points[point]
        if not template.commandable:
            raise ValueError(f"{point} is read only")
        if template.kind is ValueKind.SWITCH:
            value = truth_of(value)
        _admit(self, point)
        heartbeat = self.profile.heartbeat
        if self._life is Life.WRITE or (
            heartbeat and point == heartbeat.point and self._written.get(point) != value
        ):
            self._sign_of_life()
        self.writes += 1
        self.writes_to[point] += 1
        if self.ailments.on(Ailment.FREEZE) or not _survives(self, point):
            return
        if self.quirks.read_back_lag:
            self._before[point] = (self._plain(point), self._clock.elapsed())
        if point not in self._written:
            self._gatherings.clear()
        self._written[point] = value
        if value in self.quirks.hand_back and not isinstance(value, bool | str):
            self._let_go(point)
        else:
            self._pass_on(point)

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
        self._gatherings.clear()
        _log.info("%s: nothing heard for %.0f s, back to local control", self.id, silent)
        for point in self.commands:
            self._written.pop(point, None)
            self._let_go(point)

    def reboot(self, silent: float = 0.0) -> None:
        """Power off and on: what was commanded is forgotten; nothing is answered for `silent` site seconds."""
        for point in self.commands:
            self._let_go(point)
        self._written.clear()
        self._gatherings.clear()
        self._before.clear()
        self._up_at = self._clock.elapsed() + silent
        self._sign_of_life()

    def fall_ill(self, kind: Ailment, point: str = WHOLE, amount: float | None = None) -> None:
        """From now on, until `recover`. Raises KeyError for a point it does not have."""
        held: Mapping[str, Value | None] = {}
        if kind in (Ailment.FREEZE, Ailment.STUCK):
            places = self.profile.points if point == WHOLE else (point,)
            held = {one: self.read(one) for one in places}
        elif point != WHOLE and point not in self.profile.points:
            raise KeyError(point)
        self.ailments.add(point, Upset(kind, amount, self._clock.elapsed(), held))
        self._ill = True
        if kind is Ailment.OFF:
            self.reboot()
        elif kind is Ailment.LOCAL_OVERRIDE:
            for one in self.commands if point == WHOLE else (point,):
                self._let_go(one)

    def recover(self, kind: Ailment, point: str = WHOLE) -> None:
        """As it was; what masters wrote meanwhile takes effect."""
        if self.ailments.on(kind, point) is None:
            return
        self.ailments.remove(point, kind)
        self._ill = bool(self.ailments)
        if kind is Ailment.OFF:
            self.reboot(self.quirks.boot_time)
        elif kind in (Ailment.LOCAL_OVERRIDE, Ailment.STUCK_ACTUATOR):
            for one in self.commands if point == WHOLE else (point,):
                if one in self._written:
                    self._pass_on(one)

    def _plain(self, point: str) -> Value | None:
        if point not in self._written:
            return self.looks[point](self._world)
        before = self._before.get(point)
        if before is not None and self._clock.elapsed() - before[1] < self.quirks.read_back_lag:
            return before[0]
        return self._written[point]

    def _pass_on(self, point: str) -> None:
        """What is written reaches the machine, unless something stands in between."""
        name, value = self.commands.get(point), self._written[point]
        ill = self.ailments
        stopped = ill and (ill.on(Ailment.LOCAL_OVERRIDE, point) or ill.on(Ailment.STUCK_ACTUATOR, point))
        if name is None or self.reverted or stopped:
            return
        look = self.looks[point]
        if isinstance(look, VariableLook) and look.name == name and not isinstance(value, bool | str):
            value = value / look.factor if look.factor != 1.0 else value
        self._world.command(name, value)

    def _let_go(self, point: str) -> None:
        if point in self.commands and not self.ailments.on(Ailment.STUCK_ACTUATOR, point):
            self._world.let_go(self.commands[point])

    def _sign_of_life(self) -> None:
        self._last_sign = self._clock.elapsed()
        if self.reverted:
            self.reverted = False
            _log.info("%s: master is back", self.id)
            for point in self.commands:  # what was written before the sign of life waited in its register
                if point in self._written:
                    self._pass_on(point)


def _admit(device: SimulatedDevice, point: str) -> None:
    needs = device.quirks.needs
    if needs is not None and point != needs and not device.read(needs):
        raise ValueError(f"{point} cannot be written while {needs} is off")
    if device.ailments.on(Ailment.WRITES_REFUSED, point):
        raise ValueError(f"{point}: writes are refused")


def _survives(device: SimulatedDevice, point: str) -> bool:
    """Whether the memory cell takes one more write. Raises ValueError where a worn one refuses."""
    endurance = device.quirks.eeprom_endurance
    if endurance is None or device.profile.points[point].writing.persistence is Persistence.RAM:
        return True
    device.wear[point] = device.wear.get(point, 0) + 1
    if device.wear[point] <= endurance:
        return True
    if device.quirks.eeprom_worn is Worn.REFUSED:
        raise ValueError(f"{point}: the memory is worn out")
    return False
