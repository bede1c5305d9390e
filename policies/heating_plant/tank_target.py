"""How full the tank had best be: by what heat costs now and within the hours that a full tank lasts.

Heat that will be dearer soon is made now, and warmer than the building needs it, as long as the poorer performance of a heat pump at the higher
temperature does not eat the gain. Heat that will be cheaper soon is left to come. Sunshine that would be sold for little makes heat cheap as a
valley does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.calc.tariff_lines import Prices
from policies.heating_plant.sources import Source

STEP = 1800.0  # s
LONGEST = 6  # hours looked ahead at most
WORTH = 0.05  # share by which prices must differ before the tank is moved
PER_KELVIN = 0.02  # of a heat pump's performance lost with each kelvin of supply


@dataclass(frozen=True, slots=True, kw_only=True)
class TankTarget:
    """`hot`: share of the tank; `lift`: K above the supply set-point; `worth`: cost that heat made now spares later.

    `mood`: 1 where heat is cheap now, -1 where it is dear.
    """

    hot: float
    lift: float = 0.0
    worth: float = 0.0
    mood: int = 0
    hours: float = 24.0  # until the price it waits for
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TankRule:
    """Shares of the tank; K."""

    usual: float
    least: float
    most: float
    lift: float


def tank_target(
    rule: TankRule, sources: Sequence[Source], prices: Prices | None, utc: float, lasts: float
) -> TankTarget:
    """`sources` priced for now; `lasts`: hours for which a full tank carries the building."""
    usual = TankTarget(hot=rule.usual, why="price as in the hours to come")
    able = [one for one in sources if one.usable and one.capacity > 0.0]
    if prices is None or not able:
        return usual
    first = min(able, key=lambda one: one.cost)
    now = first.cost
    hours = min(max(lasts, 1.0), LONGEST)
    ahead = [prices.at(utc + place * STEP) for place in range(1, round(hours * 3600.0 / STEP) + 1)]
    later = [min(one.cost_at(price) for one in able) for price in ahead]
    if max(later) > now * (1.0 + WORTH):
        lift = _worthwhile(first, now, max(later), rule.lift)
        why = f"filled: {now:.2f} now, {max(later):.2f} soon"
        hours = _hours_until(later, lambda one: one > now * (1.0 + WORTH))
        worth = max(later) * (1.0 - WORTH)
        return TankTarget(hot=rule.most, lift=lift, worth=worth, mood=1, hours=hours, why=why)
    if min(later) < now * (1.0 - WORTH):
        hours = _hours_until(later, lambda one: one < now * (1.0 - WORTH))
        why = f"let down: {now:.2f} now, {min(later):.2f} soon"
        return TankTarget(hot=rule.least, mood=-1, hours=hours, why=why)
    return usual


def _hours_until(later: Sequence[float], comes: Callable[[float], bool]) -> float:
    place = next(place for place, one in enumerate(later, start=1) if comes(one))
    return place * STEP / 3600.0


def _worthwhile(first: Source, now: float, later: float, most: float) -> float:
    """The lift at which the dearer heat still costs less than what it spares; in whole kelvins."""
    if first.equipment.kind != "heat_pump":
        return most
    gain = later / now - 1.0
    return float(int(min(most, max(gain - WORTH, 0.0) / PER_KELVIN)))
