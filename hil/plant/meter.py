"""Energy registers: they only count up, and roll over like the real ones."""

from __future__ import annotations


class EnergyRegister:
    """One counter in kWh. `digits` before the point; after the last one it starts again at zero."""

    def __init__(self, start: float = 0.0, digits: int = 6) -> None:
        self._total = start
        self._full = 10.0**digits

    @property
    def value(self) -> float:
        """What the display shows, kWh."""
        return self._total % self._full

    @property
    def total(self) -> float:
        """Without roll-over, kWh: the truth for balances."""
        return self._total

    def count(self, dt: float, power: float) -> None:
        """`power` kW for `dt` seconds. A meter of this kind does not count backwards."""
        self._total += max(power, 0.0) * dt / 3600.0
