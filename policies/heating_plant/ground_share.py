"""The ground's heat over the year: what a field may give, so that it is as warm after years as it was in the first.

A ground machine may have a `yearly_heat` on its nameplate: kWh that it may take out of the ground from summer to summer. Of that the
heating season is given its share month by month. A machine that is ahead of its share becomes dearer in the merit order, so that air machines
carry mild days and the ground is kept for cold ones; one that has used up all comes last.
"""

from __future__ import annotations

from datetime import datetime

from policies.heating_plant.sources import Source

FIRST_MONTH = 7  # of the heat year: July, when the ground has recovered most
# Share of a year's heating by month from July on: heating degree days of a climate with cold winters (Beijing), rounded
BY_MONTH = (0.0, 0.0, 0.01, 0.06, 0.14, 0.20, 0.23, 0.18, 0.12, 0.05, 0.01, 0.0)
AHEAD = 0.05  # of the year's heat that may be drawn before its time
DEARER = 1.3  # times as dear as it is, while it is ahead
USED_UP = 3.0


def heat_year(local: datetime) -> int:
    """The calendar year in which the heat year of this instant began."""
    return local.year if local.month >= FIRST_MONTH else local.year - 1


def due(local: datetime) -> float:
    """Share of the year's heat that may have been drawn by now."""
    place = (local.month - FIRST_MONTH) % 12
    part = (local.day - 1 + local.hour / 24.0) / 31.0
    return sum(BY_MONTH[:place]) + part * BY_MONTH[place]


def dearness(one: Source, drawn: float, local: datetime | None) -> float:
    """By what its cost is multiplied. Without a trusted clock the year is not known and nothing is dearer."""
    yearly = one.equipment.nameplate.get("yearly_heat", 0.0)
    if yearly <= 0.0 or local is None:
        return 1.0
    if drawn >= yearly:
        return USED_UP
    return DEARER if drawn > (due(local) + AHEAD) * yearly else 1.0
