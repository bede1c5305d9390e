"""Why each source runs or stands, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

from policies.heating_plant.dispatch_state import DispatchState
from policies.heating_plant.merit_order import Wanted
from policies.heating_plant.sources import Source
from policies.heating_plant.tank_heat import TankHeat
from policies.heating_plant.tank_target import TankTarget


def situation(
    wanted: Wanted, setpoint: float, tank: TankHeat | None, target: TankTarget, state: DispatchState
) -> str:
    """What holds for all sources."""
    if isinf(wanted.kw):
        first = "neither heat nor tank can be measured: sources go by their own thermostats"
    else:
        first = f"{max(wanted.kw, wanted.fill if wanted.worth > 0.0 else 0.0, 0.0):.0f} kW wanted at {setpoint:.0f} degC"
    held = "" if tank is None else f", tank {100.0 * tank.hot:.0f} % hot ({target.why})"
    share = state.account.share
    told = "" if share is None else f"; renewable share {share:.0f} %"
    late = ", behind what is wanted: renewable first" if state.behind else ""
    return f"{first}{held}{told}{late}"


def why_source(
    one: Source, order: Sequence[Source], names: Sequence[str], state: DispatchState, currency: str, rest: str
) -> str:
    """`order`: the merit order; `names`: who is to run; `rest`: the situation."""
    if one.barred or one.locked:
        return f"{one.name} {one.barred or one.locked}; {rest}"
    money = f" {currency}/kWh" if currency else "/kWh"
    own = f"{one.name} at {one.cost:.2f}{money}"
    if state.sources[one.id].on:
        after = next((other for other in order if other.id not in names), None)
        beyond = "" if after is None or after is one else f" before {after.name} at {after.cost:.2f}"
        spare = " as the supply stays too cold" if one.backup and state.extra > 0 else ""
        ends = (
            "" if one.id in names else ", not wanted any more, for its least time or until others are proven"
        )
        return f"{own}{beyond}{spare}{ends}; {rest}"
    if one.id in names:
        return f"{own} comes next; {rest}"
    before = [other for other in order if other.id in names]
    if before:
        return f"{own} comes after {before[-1].name} at {before[-1].cost:.2f}; {rest}"
    return f"{own} is not needed; {rest}"
