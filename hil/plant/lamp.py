"""Lamps: what they give, what they take and how fast they follow. One circuit or lamp group is `Lamps`.

An adjustable LED lamp is a driver with a fixed loss behind which light follows power: P = standby + (full - standby) *
level. The fixed part (control gear, radio, radar) stays while the light is out; 0.4 W lies inside the 0.5 W that
Commission Regulation (EU) 2019/2020, annex II, allows for networked standby. In terms of a driver that is 87 % efficient
at full load, the curve says 71 % at a tenth of the light and 59 % at a twentieth (see the tests). The gain of
efficacy of LEDs at low current is left out: savings are not flattered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """One make of lamp. Powers in W, flux in lm out of the fitting when new, `fade` in s from dark to full."""

    full: float
    flux: float
    standby: float = 0.0
    dimmable: bool = True
    fade: float = 0.0

    def light(self, level: float) -> float:
        """Share of the full light at `level` %. A lamp that cannot be dimmed is on or off."""
        if self.dimmable:
            return min(max(level, 0.0), 100.0) / 100.0
        return 1.0 if level > 0.0 else 0.0

    def power(self, light: float) -> float:
        """W at a share of the full light."""
        return self.standby + (self.full - self.standby) * light


LED_16W = Lamp(full=16.0, flux=1980.0, standby=0.4, fade=0.5)
"""Adjustable 0-16 W lamp with radar and radio, 124 lm/W: usual for integrated T8 lamps of 16-18 W. The fade is that of
drivers with a soft start of half a second."""

TUBE_18W = Lamp(full=25.1, flux=1210.0, dimmable=False)
"""Tube of 18 W with its ballast: 276.03 kWh a day by 458 tubes that always burn is 25.1 W each. The flux (1,350 lm less the
fitting) makes the 58.9 lx that were measured under them; that of the LED lamps the 75.8 lx afterwards, with one group
lit and its neighbours dimmed."""


class Lamps:
    """The lamps of one group. The light moves in a straight line to its target, so that any step is exact."""

    __slots__ = ("_fixed", "_moving", "count", "failed", "lamp", "light", "target")

    def __init__(self, lamp: Lamp, count: int, light: float = 1.0) -> None:
        self.lamp = lamp
        self.count = count
        self.light = light
        self.target = light
        self.failed = 0.0  # share of the lamps that are out
        self._fixed = count * lamp.power(0.0) / 1e3  # kW
        self._moving = count * (lamp.power(1.0) - lamp.power(0.0)) / 1e3  # kW from dark to full

    @property
    def power(self) -> float:
        """Electrical, kW."""
        return (1.0 - self.failed) * (self._fixed + self._moving * self.light)

    @property
    def output(self) -> float:
        """Share of the full light of all its lamps that comes out."""
        return self.light * (1.0 - self.failed)

    @property
    def settling(self) -> float:
        """Seconds until the target is reached."""
        return abs(self.target - self.light) * self.lamp.fade

    def ask(self, level: float) -> bool:
        """A new target in %; whether it is one."""
        target = self.lamp.light(level)
        if target == self.target:
            return False
        self.target = target
        if self.lamp.fade <= 0.0:
            self.light = target
        return True

    def step(self, dt: float) -> float:
        """Fade for `dt` s; the energy taken, kWh."""
        before, after, left = self.light, self.target, 0.0
        if before != after:
            way = dt / self.lamp.fade
            if abs(after - before) <= way + 1e-12:
                left = dt - abs(after - before) * self.lamp.fade
            else:
                after = before + way if after > before else before - way
            self.light = after
        works = (1.0 - self.failed) / 3600.0  # power is linear in the light: the middle of a fade is its mean
        middle = self._fixed + self._moving * (before + after) / 2.0
        return works * (middle * (dt - left) + (self._fixed + self._moving * after) * left)
