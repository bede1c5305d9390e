"""Where and by whose calendar a plant file's plant stands: read alike for every kind of plant."""

from __future__ import annotations

from datetime import timedelta

from agent.calc.calendar import CALENDARS
from hil.climates import find_climate, moved
from hil.plant.people import Working, weekdays
from hil.plant.weather import Climate
from hil.ready_site.sizes import Sizes, wrong


def climate_of(sizes: Sizes, usual: str = "shenzhen") -> Climate:
    """By `climate`, on the clock of `utc_offset` where that is given. Raises ConfigurationError."""
    try:
        climate = find_climate(sizes.text("climate", usual))
    except ValueError as error:
        raise wrong("climate", str(error)) from None
    if sizes.has("utc_offset"):  # the clock of the site, where the weather is that of another time zone
        climate = moved(climate, timedelta(seconds=sizes.number("utc_offset", "s")))
    return climate


def working_days(calendar: str) -> Working:
    """Raises ConfigurationError."""
    if not calendar:
        return weekdays
    if calendar not in CALENDARS:
        raise wrong("calendar", f"{calendar!r} is none of {', '.join(CALENDARS)}")
    return CALENDARS[calendar].working
