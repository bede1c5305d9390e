"""Lamp groups with radar sensors, and street lamps."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hil.plant.variables import Outputs, outputs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LampDesign:
    """A group of equal lamps: W each at full and at the dimmer's bottom, lx on the floor at full."""

    name: str
    lamps: int
    full: float = 16.0
    standby: float = 0.4
    illuminance: float = 75.0
    fade: float = 1.5  # s from dark to full


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarDesign:
    """How a radar sensor errs: share of visits it misses, false alarms an hour and their length in s."""

    misses: float = 0.01
    false_alarms: float = 0.3
    false_length: float = 4.0
    hold: float = 2.0  # s it keeps reporting after the last movement


class LampGroup:
    """One group: lamps that fade to their level and a radar that sees (or not) who is there."""

    def __init__(self, design: LampDesign, radar: RadarDesign, seed: int) -> None:
        self.design = design
        self.radar = radar
        self.level = 100.0
        self._random = Random(f"{design.name}/{seed}")
        self._occupied = False
        self._missed = False
        self._seen_for = 0.0

    @property
    def power(self) -> float:
        """Electrical, in kW."""
        share = self.level / 100.0
        each = self.design.standby + (self.design.full - self.design.standby) * share
        return self.design.lamps * (each if self.level > 0.0 else self.design.standby) / 1e3

    @property
    def illuminance(self) -> float:
        return self.design.illuminance * self.level / 100.0

    def step(self, dt: float, occupied: bool, level: float) -> bool:
        """Fade towards `level` (%); what the radar says."""
        if level != self.level:
            reach = 100.0 * dt / self.design.fade
            self.level += min(max(level - self.level, -reach), reach)
        if occupied and not self._occupied:
            self._missed = self._random.random() < self.radar.misses
        self._occupied = occupied
        self._seen_for -= dt
        if occupied and not self._missed:
            self._seen_for = self.radar.hold
        elif self._random.random() < self.radar.false_alarms * dt / 3600.0:
            self._seen_for = self.radar.false_length
        return self._seen_for > 0.0

    def outputs(self, presence: bool, command: float) -> Outputs:
        return outputs_of(
            self.design.name,
            {
                "presence": presence,
                "occupied": self._occupied,
                "lamp_level": command,
                "lamp_level_status": self.level,
                "illuminance": self.illuminance,
                "power": self.power,
            },
        )
