"""Hot tap water: when its cylinder is charged, how warm the tank has to be for that, and the heat that keeps legionella away.

The cylinder is charged from the heating tank when it has cooled by a band, sooner when heat is cheap and later when it is dear. Once in so many
days it is brought to 60 degC and more and held there (GB 50015-2019 6.2.6 asks for measures of this kind where water is kept cooler): in
the cheapest hours that come, at once when it is overdue. A cylinder whose temperature cannot be read is charged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.core.equipment import Equipment
from agent.core.frozen import quick
from agent.core.snapshot import Snapshot

OVER = 5.0  # K between heating water and what the cylinder is to reach
EAGER, LATE = 0.6, 1.2  # of the band, in cheap and in dear hours
TOP = 0.25  # of the tank that must be as warm as the cylinder wants it
GIVEN_UP = 6.0 * 3600.0  # s after which a legionella cycle that does not get there ends
AGAIN = 86_400.0  # s until it is tried again


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class WaterState:
    """Times in s."""

    charging: bool = False
    since_hot: float = 0.0  # since the last complete cycle
    cycle: bool = False
    cycled: float = 0.0  # in the present cycle
    hot: float = 0.0  # at the temperature, in the present cycle
    wait: float = 0.0  # until a cycle that failed is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterRule:
    """degC, K, s."""

    setpoint: float
    band: float
    hottest: float  # of a legionella cycle
    hold: float
    every: float  # 0: no cycles


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterNeed:
    """`least`: degC the tank must have; None: nothing is asked of it."""

    least: float | None = None
    why: str = ""


def cylinder_of(snapshot: Snapshot) -> Equipment | None:
    """The first one that can be charged."""
    return next((one for one in snapshot.equipment("hot_water_tank") if "charge" in one.roles), None)


def watered(
    rule: WaterRule, before: WaterState, temperature: float | None, seconds: float, mood: int
) -> WaterState:
    """One step. `mood`: 1 in cheap hours, -1 in dear ones, else 0."""
    state = _cycled(rule, before, temperature, seconds, mood)
    if state.cycle or temperature is None:
        return replace(state, charging=True)
    width = rule.band * (EAGER if mood > 0 else LATE if mood < 0 else 1.0)
    below = rule.setpoint - (0.0 if before.charging else width)
    return replace(state, charging=temperature < below)


def _cycled(
    rule: WaterRule, before: WaterState, temperature: float | None, seconds: float, mood: int
) -> WaterState:
    state = replace(before, since_hot=before.since_hot + seconds, wait=max(before.wait - seconds, 0.0))
    if rule.every <= 0.0:
        return replace(state, cycle=False)
    hot = before.hot + seconds if temperature is not None and temperature >= rule.hottest - 0.5 else 0.0
    if hot >= rule.hold > 0.0:  # also when draws or the panel did it
        return replace(state, since_hot=0.0, cycle=False, cycled=0.0, hot=0.0)
    if before.cycle:
        if before.cycled + seconds >= GIVEN_UP:
            return replace(state, cycle=False, cycled=0.0, hot=0.0, wait=AGAIN)
        return replace(state, cycled=before.cycled + seconds, hot=hot)
    due = state.since_hot >= rule.every - (AGAIN if mood > 0 else 0.0) and state.wait <= 0.0
    return replace(state, cycle=due, cycled=0.0, hot=hot)


def water_need(rule: WaterRule, state: WaterState) -> WaterNeed:
    """What the cylinder asks of the tank now."""
    if state.cycle:
        return WaterNeed(least=rule.hottest + OVER, why=f"hot water is brought to {rule.hottest:g} degC")
    if state.charging:
        return WaterNeed(least=rule.setpoint + OVER, why=f"hot water is charged to {rule.setpoint:g} degC")
    return WaterNeed()
