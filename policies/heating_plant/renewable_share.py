"""How much of the heat came out of air, ground and sun: a fading account over some weeks, and whether it is behind what is wanted.

Heat from the surroundings counts as renewable as directive (EU) 2018/2001, annex VII, counts it: the heat of a heat pump less its electricity.
Electricity from the site's own surplus counts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from agent.core.frozen import quick
from policies.heating_plant.sources import Source

WINDOW = 30.0 * 86_400.0  # s
LEAST = 100.0  # kWh before a share is told
SLACK = 2.0  # points above the wanted share before cost decides again


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HeatAccount:
    """kWh, fading."""

    heat: float = 0.0
    renewable: float = 0.0

    @property
    def share(self) -> float | None:
        """In %; None while too little was made."""
        return 100.0 * self.renewable / self.heat if self.heat >= LEAST else None


def booked(before: HeatAccount, sources: Iterable[Source], seconds: float) -> HeatAccount:
    """The account after `seconds` of what runs. A source that shows no heat is taken to give what it can."""
    kept, hours = exp(-seconds / WINDOW), seconds / 3600.0
    heat = renewable = 0.0
    for one in sources:
        if not one.running:
            continue
        made = one.capacity if one.heating is None else max(one.heating, 0.0)
        heat += made
        if one.power is not None and one.equipment.kind == "heat_pump":
            renewable += max(made - (1.0 - one.surplus) * max(one.power, 0.0), 0.0)
        else:
            renewable += made * one.renewable
    return HeatAccount(
        heat=before.heat * kept + heat * hours, renewable=before.renewable * kept + renewable * hours
    )


def is_behind(before: bool, account: HeatAccount, wanted: float) -> bool:
    """Whether renewable sources go first, whatever they cost. `wanted` in %, 0: cost alone decides."""
    if wanted <= 0.0 or account.share is None:
        return False
    return account.share < wanted + (SLACK if before else 0.0)
