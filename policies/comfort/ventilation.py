"""Ventilation by demand: as much fresh air as the people need, and a little more in than out.

Carbon dioxide moves the fresh-air damper (and the fan, where it has a converter) between a minimum and the design, as
ASHRAE Guideline 36 does it: proportional between a start below the set-point and the set-point. On top of that the room is kept
slightly above the outside by its own pressure sensor, or by bringing in a share more than is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent.calc.timers import passed, smoothed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot

_PATIENCE = 3.0  # ticks; a longer gap counts as this long
_SMOOTH = 120.0  # s over which carbon dioxide is smoothed: a breath at the sensor opens no damper
_STEP = 1.0  # % of opening below which nothing is moved


@dataclass(frozen=True, slots=True, kw_only=True)
class AirWatch:
    """What is remembered of one zone: smoothed carbon dioxide (ppm), what pressure adds (%), the opening last wanted."""

    ppm: float | None = None
    more: float = 0.0
    opening: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AirState:
    """Of all zones."""

    elapsed: float | None = None
    zones: Mapping[str, AirWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """One reason for fresh air: how much of the design (%), and why."""

    share: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ventilation:
    """Moves fresh air of zones by carbon dioxide, exhaust and pressure."""

    kind: ClassVar[str] = "comfort.ventilation"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed(
            "carbon_dioxide", "zone", required=False, without="the design opening while the zone is in use"
        ),
        RoleNeed("occupied", "zone", required=False, without="the zone counts as in use while its unit runs"),
        RoleNeed("status", "zone", required=False, without="the unit counts as running"),
        RoleNeed(
            "room_pressure", "zone", required=False, without="pressure follows the exhaust, or is left alone"
        ),
        RoleNeed("exhaust_air_flow", "zone", required=False, without="no exhaust is followed"),
        RoleNeed(
            "supply_air_flow", "zone", required=False, without="the exhaust is followed by the nameplate"
        ),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("damper_command", "zone", Priority.SEQUENCE),
        RoleClaim("speed_command", "zone", Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter((), help="zones it airs; all of its area when not given")
    setpoint: float = parameter(
        1000.0, unit="ppm", low=600.0, high=2000.0, help="carbon dioxide at which the damper is at its design"
    )
    band: float = parameter(
        300.0, unit="ppm", low=50.0, high=1000.0, help="below the set-point by so much the minimum is enough"
    )
    minimum: float = parameter(
        20.0,
        unit="%",
        low=0.0,
        high=100.0,
        help="fresh air of the design while the zone is in use: for the building",
    )
    design: float = parameter(
        100.0, unit="%", low=10.0, high=100.0, help="opening that brings the design fresh air"
    )
    empty: float = parameter(
        0.0, unit="%", low=0.0, high=100.0, help="opening while nobody is there, and while the unit stands"
    )
    lowest_speed: float = parameter(
        40.0, unit="%", low=0.0, high=100.0, help="of a fan that follows the damper"
    )
    pressure: float = parameter(
        3.0, unit="Pa", low=0.0, high=25.0, help="wanted above the outside, where it is measured"
    )
    pressure_time: float = parameter(
        300.0, unit="s", low=30.0, high=3600.0, help="in which a lack of 1 Pa opens the damper by 10 %"
    )
    over_exhaust: float = parameter(
        10.0, unit="%", low=0.0, high=50.0, help="more brought in than taken out, where exhaust is measured"
    )

    def __post_init__(self) -> None:
        if not self.minimum <= self.design:
            raise ValueError("minimum lies above design")
        if self.empty > self.design:
            raise ValueError("empty lies above design")

    def initial_state(self) -> AirState:
        return AirState()

    def decide(self, snapshot: Snapshot, state: AirState) -> tuple[Sequence[Command], AirState]:
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        commands: list[Command] = []
        zones = {}
        for one in snapshot.equipment("zone"):
            if self.equipment and one.id not in self.equipment:
                continue
            if "damper_command" not in one.roles and "speed_command" not in one.roles:
                continue
            watch, reason = self._aired(snapshot, one, state.zones.get(one.id, AirWatch()), seconds)
            zones[one.id] = watch
            commands += self._commands(one, watch.opening or 0.0, reason)
        return commands, AirState(elapsed=snapshot.elapsed, zones=zones)

    def _aired(
        self, snapshot: Snapshot, zone: Equipment, before: AirWatch, seconds: float
    ) -> tuple[AirWatch, str]:
        found = snapshot.number_of(zone, "carbon_dioxide")
        ppm = None if found is None else smoothed(before.ppm, found, seconds, _SMOOTH)
        if snapshot.value(zone, "status") is False:
            return AirWatch(ppm=ppm, opening=self.empty), "the unit stands"
        more = self._pressed(snapshot, zone, before, seconds)
        need = max(self._needs(snapshot, zone, ppm), key=lambda one: one.share)
        opening = min(max(need.share + more, 0.0), self.design)
        reason = need.reason + (f", {more:+.0f} % for its pressure" if abs(more) >= _STEP else "")
        if before.opening is not None and abs(opening - before.opening) < _STEP:
            opening = before.opening
        return AirWatch(ppm=ppm, more=more, opening=opening), reason

    def _needs(self, snapshot: Snapshot, zone: Equipment, ppm: float | None) -> Iterator[Need]:
        """Each by itself; the largest holds."""
        used = snapshot.value(zone, "occupied") is not False
        if not used:
            yield Need(self.empty, "nobody is there")
        else:
            yield Need(self.minimum, "in use, the minimum")
        if ppm is not None:
            share = min(max((ppm - self.setpoint + self.band) / self.band, 0.0), 1.0)
            if share > 0.0:
                text = f"{ppm:.0f} ppm of carbon dioxide"
                yield Need(self.minimum + share * (self.design - self.minimum), text)
        elif used:
            yield Need(self.design, "carbon dioxide cannot be read: the design opening")
        exhaust = snapshot.number_of(zone, "exhaust_air_flow")
        rated = zone.nameplate.get("rated_air_flow")
        if exhaust is not None and rated:
            wanted = exhaust * (1.0 + self.over_exhaust / 100.0)
            share = min(100.0 * wanted / rated, 100.0) * self.design / 100.0
            yield Need(share, f"{exhaust:.0f} l/s are taken out, {self.over_exhaust:g} % more come in")

    def _pressed(self, snapshot: Snapshot, zone: Equipment, before: AirWatch, seconds: float) -> float:
        """% that the measured pressure adds to the opening: an integral that cannot run away."""
        found = snapshot.number_of(zone, "room_pressure")
        if found is None:
            return 0.0
        more = before.more + 10.0 * (self.pressure - found) * seconds / self.pressure_time
        return min(max(more, -30.0), 60.0)

    def _commands(self, zone: Equipment, opening: float, reason: str) -> Iterator[Command]:
        text = f"{zone.name or zone.id}: {reason}"
        if "damper_command" in zone.roles:
            yield self._command(zone.roles["damper_command"], opening, text)
        if "speed_command" in zone.roles:
            share = opening / self.design
            speed = 0.0 if opening <= 0.0 else self.lowest_speed + share * (100.0 - self.lowest_speed)
            yield self._command(zone.roles["speed_command"], speed, text)

    def _command(self, point: str, value: float, reason: str) -> Command:
        return Command(
            point=point, priority=Priority.SEQUENCE, source=self.name, value=round(value, 1), reason=reason
        )
