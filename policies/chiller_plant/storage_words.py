"""Why the tank does what it does, in one sentence for the page and the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.calc.tariff_lines import Prices
from policies.chiller_plant.storage_plan import StoragePlan
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage

STEP = 1800.0
AHEAD = 48  # steps


def spoken(
    picture: StoragePicture, intent: Intent, prices: Prices, plan: StoragePlan | None, doubt: str
) -> str:
    """What, until when, and against which other price; then what it rests on."""
    rule, snapshot, sight = picture.rule, picture.snapshot, picture.sight
    money = snapshot.model.place.currency or "a kWh"
    now = prices.at(snapshot.utc)
    source = _source(rule, intent, plan, doubt)
    if intent.mode is Mode.CHARGE:
        when, price = _other(prices, snapshot.utc, dearest=True)
        text = f"charging {-intent.tank:,.0f} kW until {prices.clock(intent.until)} because {now:.2f} {money} now against {price:.2f} at {when}"
    elif intent.mode is Mode.DISCHARGE:
        when, price = _other(prices, snapshot.utc, dearest=False)
        carries = "alone" if intent.alone else f"beside {intent.machines:,.0f} kW of machines"
        text = f"giving {intent.tank:,.0f} kW {carries} until {prices.clock(intent.until)} because {now:.2f} {money} now against {price:.2f} at {when}"
        text = f"{text}; {intent.reason}" if intent.reason else text
    else:
        when, price = _other(prices, snapshot.utc, dearest=True)
        text = f"resting with {sight.stored:,.0f} kWh for {price:.2f} {money} at {when}"
        text = f"{text}; {intent.reason}" if intent.reason else text
    return f"{text} ({source})"


def _source(rule: Storage, intent: Intent, plan: StoragePlan | None, doubt: str) -> str:
    if plan is None or intent.source != "plan":
        return f"by the tariff: {doubt}" if doubt else "by the tariff"
    text = f"plan, load {plan.source}"
    if rule.demand_price > 0.0:
        text += f", demand {max(plan.planned_peak, 0.0):,.0f} kW"
    return text


def _other(prices: Prices, utc: float, *, dearest: bool) -> tuple[str, float]:
    """The next time of the highest or lowest price of the coming day."""
    first = (utc // STEP + 1.0) * STEP
    found = [(prices.at(first + place * STEP), first + place * STEP) for place in range(AHEAD)]
    price, at = min(found, key=lambda one: (-one[0] if dearest else one[0], one[1]))
    return prices.clock(at), price
