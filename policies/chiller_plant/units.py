"""One chiller as the picture of this tick shows it: does it run, what can it do, may it be started."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.command import Priority
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

# Present capacity against nameplate, per K: medians over the capacity curves of 17 electric chillers (1.1-5.7 MW) in the
# EnergyPlus 25.2 data set, 27-32 degC entering condenser water and 5-8 degC leaving chilled water.
CONDENSER_SLOPE = 0.037
SUPPLY_SLOPE = 0.047
RATED_CONDENSER = 30.0  # degC entering, GB/T 18430.1; nameplate `rated_condenser_temp` says otherwise
RATED_SUPPLY = 7.0  # degC leaving; nameplate `rated_supply_temp`
LEAST = 0.5  # of nameplate: below it the readings are wrong, not the machine

_HEALTH = (
    ("alarm", True, "in alarm"),
    ("local_mode", True, "switched to local at its panel"),
    ("available", False, "reporting not ready"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is known of one chiller now."""

    id: str
    capacity: float | None  # kW it can give at present; None without a nameplate capacity
    running: bool | None  # proven; None when unknown
    barred: str = ""  # why it may not be started; empty when nothing speaks against it
    doubt: str = ""  # why it does not count as dependable though nothing bars it
    load: float | None = None  # kW
    forced: str = ""  # somebody stronger holds its start/stop
    forced_on: bool = False
    managed: str = ""  # a weaker claim (sequence, schedule, optimiser) also decides on it
    waiting: bool = False  # we want it on, and guards or interlocks still hold it off
    minimum_on: float = 0.0  # s
    minimum_off: float = 0.0

    @property
    def dependable(self) -> bool:
        """May be counted on to carry load."""
        return not self.barred and not self.doubt and self.capacity is not None


def read_unit(snapshot: Snapshot, chiller: Equipment, name: str, default_setpoint: float) -> Unit:
    """`name` is the policy's own, to tell its claims from others'."""
    barred, doubt = state_of_health(snapshot, chiller)
    forced, forced_on, managed = other_claims(snapshot, chiller.roles["enable"], name)
    capacity = present_capacity(snapshot, chiller, default_setpoint)
    running = snapshot.value(chiller, "status")
    known = None if running is None or isinstance(running, str) else bool(running)
    return Unit(
        id=chiller.id,
        capacity=capacity,
        running=known,
        barred=barred or (f"held off by {forced}" if forced and not forced_on else ""),
        doubt=doubt,
        load=_load(snapshot, chiller, known, capacity),
        forced=forced,
        forced_on=forced_on,
        managed=managed,
        waiting=_held_back(snapshot, chiller.roles["enable"], name),
        minimum_on=chiller.guards.minimum_on,
        minimum_off=chiller.guards.minimum_off,
    )


def present_capacity(snapshot: Snapshot, chiller: Equipment, default_setpoint: float) -> float | None:
    """Nameplate capacity (kW), less what warm condenser water, cold supply and a demand limit take.

    Corrected as far as there are readings, and never upwards: a cool condenser is no promise for the next hour.
    """
    nameplate = chiller.nameplate.get("capacity")
    if nameplate is None or nameplate <= 0.0:
        return None
    factor = 1.0
    condenser = snapshot.number_of(chiller, "condenser_entering_temp")
    if condenser is not None:
        rated = chiller.nameplate.get("rated_condenser_temp", RATED_CONDENSER)
        factor -= CONDENSER_SLOPE * max(condenser - rated, 0.0)
    setpoint = snapshot.number_of(chiller, "chilled_water_setpoint")
    supply = default_setpoint if setpoint is None else setpoint
    factor -= SUPPLY_SLOPE * max(chiller.nameplate.get("rated_supply_temp", RATED_SUPPLY) - supply, 0.0)
    limit = snapshot.number_of(chiller, "demand_limit")
    limited = limit / 100.0 if limit is not None and 0.0 < limit < 100.0 else 1.0
    return nameplate * max(factor, LEAST) * limited


def state_of_health(snapshot: Snapshot, machine: Equipment) -> tuple[str, str]:
    """Why it may not be started; why it is not to be counted on."""
    if machine.id in snapshot.locked_out:
        return "locked out for maintenance", ""
    doubts = []
    for role, bad, words in _HEALTH:
        if role not in machine.roles:
            continue
        value = snapshot.value(machine, role)
        if value is None:
            doubts.append(f"{role} not readable")
        elif bool(value) is bad:
            return words, ""
    return "", doubts[0] if doubts else ""


def other_claims(snapshot: Snapshot, point: str, name: str) -> tuple[str, bool, str]:
    """Who else spoke for the point in the last decision: (stronger, wants it on, weaker)."""
    decision = snapshot.decisions.get(point)
    if decision is None:
        return "", False, ""
    winner = () if decision.winner is None else (decision.winner,)
    others = [one for one in (*winner, *decision.losers) if one.source != name and one.value is not None]
    stronger = [one for one in others if one.priority < Priority.LOAD_SHEDDING]
    weaker = [one for one in others if one.priority > Priority.LOAD_SHEDDING]
    first = min(stronger, key=lambda one: one.priority, default=None)
    return (
        "" if first is None else first.source,
        first is not None and bool(first.value),
        weaker[0].source if weaker else "",
    )


def _held_back(snapshot: Snapshot, point: str, name: str) -> bool:
    """Our start won and was not let through: a minimum off time, a missing proof, an interlock."""
    decision = snapshot.decisions.get(point)
    if decision is None or decision.winner is None or decision.winner.source != name:
        return False
    return bool(decision.winner.value) and not decision.value


def _load(
    snapshot: Snapshot, chiller: Equipment, running: bool | None, capacity: float | None
) -> float | None:
    """What this machine gives (kW): its own cooling measurement, else its load reading."""
    if running is False:
        return 0.0
    measured = snapshot.number_of(chiller, "cooling")
    if measured is not None and measured >= 0.0:
        return measured
    share = snapshot.number_of(chiller, "load")
    if share is None or capacity is None or not 0.0 <= share <= 130.0:
        return None
    return share / 100.0 * capacity
