"""The rungs of the shed ladder as one position 0..5: how it moves with power, limit and risk, and what it takes from the plant.

0..1 warmer supply, 1..2 less capacity (and no machine starts), 2..3 slower pumps and fans, 3..4 machines, 4..5 zones. Down a rung is quick, back up
slow and only while the power is well below the limit; after the end the limit stays for a while where the plant was before, so that what was
saved is not drawn at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.calc.timers import smoothed
from policies.chiller_plant.pi_loop import clipped, mapped

if TYPE_CHECKING:
    from policies.chiller_plant.shed_ladder import ShedLadder

TEMPERATURE, CAPACITY, SPEEDS, UNITS, ZONES = range(5)
QUICKEST = 1.0  # rungs in the time of one, however far the power is above
GROWTH = 0.2  # of that limit in each further `rebound_time`
BEFORE = 900.0  # s over which the power before an event is taken
WORDS = ("supply warmer", "machines limited", "pumps and fans slower", "machines stopped", "rooms warmer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Power now, what is allowed (None: no limit), and whether an event without a limit of its own goes on. kW."""

    power: float | None
    limit: float | None
    event: bool
    risk: str = ""  # why nothing more may be taken, and something has to be given back
    near: bool = False  # not far from that: nothing more is taken
    short: bool = False  # chilled water is near its least flow: no pump slower


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Where it stands. `before`: kW drawn in calm times, `ended`: s since the last event, `running`: machines at its begin."""

    elapsed: float | None = None
    position: float = 0.0
    before: float | None = None
    ended: float = 1e9
    setpoint: float | None = None  # degC in force at the begin
    running: tuple[str, ...] = ()
    rooms: tuple[tuple[str, float], ...] = ()  # set-points of zones at the begin

    def rung(self, which: int) -> float:
        """How much of one rung is taken, 0..1."""
        return clipped(self.position - which, 0.0, 1.0)

    @property
    def on(self) -> bool:
        return self.position > 0.0


def moved(rule: ShedLadder, before: Ladder, need: Need, seconds: float) -> Ladder:
    """One tick."""
    active = need.event or need.limit is not None
    calm = not active and not before.on
    known = (
        before.before
        if need.power is None or not calm
        else smoothed(before.before, need.power, seconds, BEFORE)
    )
    ended = 0.0 if active else before.ended + seconds
    now = replace(before, before=known, ended=ended)
    return replace(now, position=clipped(now.position + _step(rule, now, need, seconds), 0.0, rule.rungs))


def limit_now(rule: ShedLadder, now: Ladder, need: Need) -> float | None:
    """The limit in force, kW: after an event what was drawn before it and a little more, then growing until all is back."""
    if need.limit is not None:
        return need.limit
    over = now.ended >= rule.rebound_time and not now.on
    if need.event or now.before is None or now.ended <= 0.0 or over or rule.rebound_time <= 0.0:
        return None
    late = max(now.ended / rule.rebound_time - 1.0, 0.0)
    return now.before * (1.0 + rule.rebound / 100.0) * (1.0 + GROWTH * late)


def _step(rule: ShedLadder, now: Ladder, need: Need, seconds: float) -> float:
    """Rungs by which it moves."""
    down, up = seconds / rule.rung_time, -seconds / rule.restore_time
    if need.risk:
        return -down
    limit = limit_now(rule, now, need)
    stuck = need.near or (need.short and now.position > SPEEDS)
    if limit is not None:
        if need.power is None:
            return 0.0
        over = (need.power - limit * (1.0 - rule.margin / 100.0)) / (limit * rule.band / 100.0)
        if over > 0.0:
            return 0.0 if stuck else down * min(over, QUICKEST)
        if need.limit is None:  # climbing back: all of what is left under the limit, and no more
            return up * min(-over, 1.0)
        return up if need.power < limit * (1.0 - rule.spread / 100.0) and not need.event else 0.0
    if need.event:
        missing = min(rule.event_rungs, rule.rungs) - now.position
        return min(down, missing) if missing > 0.0 and not stuck else 0.0
    return up


def begun(
    now: Ladder, setpoint: float | None, running: tuple[str, ...], rooms: tuple[tuple[str, float], ...]
) -> Ladder:
    """What the plant was when the first rung was taken."""
    return replace(now, setpoint=setpoint, running=running, rooms=rooms)


def warmest(rule: ShedLadder, now: Ladder, *, damp: bool) -> float | None:
    """DegC below which no set-point may be now; damp days keep it where coils still dry. None: not touched."""
    share = now.rung(TEMPERATURE)
    if share <= 0.0 or now.setpoint is None:
        return None
    top = min(now.setpoint + rule.supply_raise, rule.supply_most)
    if damp:
        top = min(top, rule.humid_supply_max)
    return mapped(share, (0.0, now.setpoint), (1.0, max(top, now.setpoint)))


def capacity_limit(rule: ShedLadder, now: Ladder) -> float | None:
    """% of each machine; None: not touched."""
    share = now.rung(CAPACITY)
    return None if share <= 0.0 else mapped(share, (0.0, 100.0), (1.0, rule.capacity_floor))


def speed_limit(rule: ShedLadder, now: Ladder) -> float | None:
    """% of pumps and fans; None: not touched."""
    share = now.rung(SPEEDS)
    return None if share <= 0.0 else mapped(share, (0.0, 100.0), (1.0, rule.speed_floor))


def units_off(rule: ShedLadder, now: Ladder) -> int:
    """How many of the machines that ran at the begin are stopped."""
    most = max(len(now.running) - rule.minimum_units, 0)
    return min(int(now.rung(UNITS) * most + 0.5), most)


def rooms_warmer(rule: ShedLadder, now: Ladder) -> float:
    """K above their set-points of the begin."""
    return rule.zone_raise * now.rung(ZONES)


def spoken(now: Ladder, need: Need, limit: float | None) -> str:
    """Where the ladder stands and why."""
    power = "power not known" if need.power is None else f"{need.power:.0f} kW drawn"
    allowed = "an event without a limit" if need.event and limit is None else "no limit"
    if limit is not None:
        allowed = (
            f"{limit:.0f} kW allowed"
            if need.limit is not None or need.event
            else f"{limit:.0f} kW after the event"
        )
    taken = [
        f"{word} {100.0 * now.rung(place):.0f} %" for place, word in enumerate(WORDS) if now.rung(place) > 0.0
    ]
    text = f"{power}, {allowed}: {', '.join(taken) or 'nothing is shed'}"
    if need.risk:
        return f"{text}; given back, for {need.risk}"
    return (
        f"{text}; no pump slower, its machines need their flow"
        if need.short and now.position > SPEEDS
        else text
    )
