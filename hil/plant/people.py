"""Who is in the building and what runs there: use by hour and kind of day, and what one person gives off.

Sources: hourly shares in the form of GB 50189-2015 appendix B (offices 7-20 h, shops 9-22 h); a person at light office
work: 75 W sensible and 55 W latent at 24 degC (ASHRAE Handbook Fundamentals 2017, chapter 18, table 1: 130 W in all), 0.005 l/s
of carbon dioxide (ASHRAE 62.1-2019 appendix D, 1.2 met).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

SENSIBLE = 0.075  # kW a person
LATENT_HEAT = 0.055
CARBON_DIOXIDE = 5.0e-6  # m3/s
OUTDOOR_CARBON_DIOXIDE = 420.0  # ppm, the air of the 2020s

Working = Callable[[date], bool]
"""Whether a day is worked: a calendar's answer, handed in."""


def weekdays(day: date) -> bool:
    """Monday to Friday, for whom nobody handed in a calendar."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """24 hourly shares of the full use, for working days and for days off; straight between the hours."""

    working: tuple[float, ...]
    off: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.working) != 24 or len(self.off) != 24:
            raise ValueError("a day of use has 24 hours")

    def share(self, local: datetime, working: Working) -> float:
        """0..1 at a local time. The value of an hour stands at its middle."""
        hour = local.hour + local.minute / 60.0 + local.second / 3600.0
        return self.at(hour, worked=working(local.date()))

    def at(self, hour: float, *, worked: bool) -> float:
        """Likewise at an hour 0..24 of a day that is worked or not."""
        row = self.working if worked else self.off
        position = hour - 0.5
        first = int(position // 1)
        part = position - first
        return (1.0 - part) * row[first % 24] + part * row[(first + 1) % 24]


_NOBODY = (0.0,) * 24
_OFFICE = (0.1, 0.5, 0.95, 0.95, 0.95, 0.8, 0.8, 0.95, 0.95, 0.95, 0.95, 0.3, 0.3)  # from 7 to 20 o'clock
_MACHINES = (0.2, 0.5, 0.95, 0.95, 0.95, 0.6, 0.6, 0.95, 0.95, 0.95, 0.95, 0.4, 0.3)


def _office(hours: tuple[float, ...], idle: float) -> Use:
    """A working day of these hours; `idle` in the night and on days off."""
    return Use(working=(*(idle,) * 7, *hours, *(idle,) * 4), off=(idle,) * 24)


OFFICE_PEOPLE = _office(_OFFICE, 0.0)
OFFICE_LIGHTS = _office(_OFFICE, 0.05)
OFFICE_EQUIPMENT = _office(_MACHINES, 0.15)
_SHOP = (*(0.0,) * 8, 0.1, 0.5, 0.7, 0.75, 0.8, 0.8, 0.8, 0.8, 0.85, 0.9, 0.95, 0.9, 0.7, 0.4, *(0.0,) * 2)
SHOP_PEOPLE = Use(working=_SHOP, off=tuple(min(1.2 * share, 1.0) for share in _SHOP))
SHOP_LIGHTS = Use(
    working=(*(0.1,) * 8, 0.5, *(0.95,) * 12, 0.5, *(0.1,) * 2),
    off=(*(0.1,) * 8, 0.5, *(0.95,) * 12, 0.5, *(0.1,) * 2),
)
ALWAYS = Use(working=(1.0,) * 24, off=(1.0,) * 24)
EMPTY = Use(working=_NOBODY, off=_NOBODY)
