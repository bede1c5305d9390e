"""Cooling units of one room: which of them can be relied on, and whose turn it is.

A unit is judged by its own contacts and by what the room does: one that was told to run and does not, or runs and
the room grows warmer, is left out until it has had time to be mended; in need it is told to run all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from agent.core.equipment import Authority, Equipment
from agent.core.reading import Quality
from agent.core.snapshot import Snapshot
from policies.comfort.room_sensors import RoomSight

LOCKED_OUT = "is locked out for maintenance"
_SHORT = 30.0  # s: a unit that has run less is not suspected
_SURE = 2
_FALLS = 0.1  # K: less is noise
_GROWS = 0.5  # K: less may be the dip in which two units ran together


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRules:
    """Seconds; degC above which a unit that does not run is missed, and above which it is too late to wait."""

    proof_within: float
    judged_after: float
    retry_after: float
    warm: float
    hot: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWatch:
    """What is remembered of one unit."""

    told: float = 0.0  # s it has been told to run without a break
    proven: float = 0.0  # s it has been seen to run without a break
    alone: float = 0.0  # s it has been the only one seen to run
    began: float = 0.0  # degC in the room then
    peak: float | None = None  # degC, the warmest the room has been since; inf: it has been held
    suspect: int = 0  # times in a row that the room grew hot while it ran alone
    barred: float = 0.0  # s for which it is still left out
    why: str = ""  # what it did not do then


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit as it is now. `fault` empty: it can be relied on. `hopeless`: telling it to run is of no use, or forbidden."""

    id: str
    name: str
    point: str
    setpoint: str | None
    fault: str
    hopeless: bool
    running: bool | None  # None: nobody can tell
    told: bool  # by the last decision
    proven: float


def unit_watches(
    snapshot: Snapshot,
    machines: Sequence[Equipment],
    before: Mapping[str, UnitWatch],
    seconds: float,
    sight: RoomSight,
    rules: UnitRules,
) -> Mapping[str, UnitWatch]:
    """All units one look later; none is judged by sensors that contradict each other."""
    seen = {one.id: running(snapshot, one) for one in machines}
    alone = [id_ for id_, runs in seen.items() if runs]
    level, warmest = sight.level, sight.temperature or 0.0
    result = {}
    for one in machines:
        own, runs = before.get(one.id, UnitWatch()), seen[one.id]
        told = snapshot.decided(one, "enable") is True and snapshot.authority is Authority.AGENT
        own = replace(
            own,
            told=own.told + seconds if told else 0.0,
            proven=own.proven + seconds if told and runs is not False else 0.0,
            barred=max(own.barred - seconds, 0.0),
        )
        if told and runs and alone == [one.id] and level is not None:
            own = _alone(own, seconds, level, warmest >= rules.hot, rules)
        else:
            own = replace(own, alone=0.0, peak=None)
        # below `warm` its own thermostat may be content
        if runs is False and level is not None and warmest >= rules.warm and own.told >= rules.proof_within:
            own = replace(own, barred=rules.retry_after, why="was told to run and did not")
        result[one.id] = own
    return result


def _alone(own: UnitWatch, seconds: float, level: float, hot: bool, rules: UnitRules) -> UnitWatch:
    """The only one that runs answers for the room: it must not let it grow warmer."""
    if own.peak is None:
        return replace(own, alone=0.0, began=level, peak=level)
    peak = max(own.peak, level)  # a sensor in a box still rises for a while
    own = replace(own, alone=own.alone + seconds, peak=peak)
    rises = level > peak - _FALLS
    if hot and rises and own.alone >= _SHORT:  # too early to be sure: once may be the sensor's own slowness
        own = replace(own, alone=0.0, peak=None, suspect=own.suspect + 1)
    elif own.alone < rules.judged_after or peak == inf:
        return own
    elif not rises or level <= own.began + _GROWS:
        return replace(own, peak=inf, suspect=0)
    else:
        own = replace(own, suspect=_SURE)
    if own.suspect < _SURE:
        return own
    why = "ran, and the room grew warmer"
    return replace(own, alone=0.0, peak=None, suspect=0, barred=rules.retry_after, why=why)


def read_units(
    snapshot: Snapshot, machines: Sequence[Equipment], watches: Mapping[str, UnitWatch]
) -> tuple[Unit, ...]:
    """In the order of the site file."""
    return tuple(_unit(snapshot, one, watches[one.id]) for one in machines)


def _unit(snapshot: Snapshot, one: Equipment, watch: UnitWatch) -> Unit:
    runs = running(snapshot, one)
    fault, hopeless = _fault(snapshot, one, watch, runs)
    return Unit(
        id=one.id,
        name=one.name or one.id.replace("_", " "),
        point=one.roles["enable"],
        setpoint=one.roles.get("zone_setpoint"),
        fault=fault,
        hopeless=hopeless,
        running=runs,
        told=snapshot.decided(one, "enable") is True,
        proven=watch.proven,
    )


def _fault(snapshot: Snapshot, one: Equipment, watch: UnitWatch, runs: bool | None) -> tuple[str, bool]:
    """Why it cannot be relied on (empty: it can), and whether it is of no use to tell it to run."""
    if one.id in snapshot.locked_out:
        return LOCKED_OUT, True
    if snapshot.value(one, "alarm") is True:
        return "reports a fault", True
    if snapshot.value(one, "available") is False:
        return "is not ready", True
    if snapshot.value(one, "local_mode") is True:
        return "is switched to its own panel", False
    if runs is None:
        return "is silent", False
    return (watch.why, True) if watch.barred > 0.0 else ("", False)


def running(snapshot: Snapshot, one: Equipment) -> bool | None:
    """By its own feedback; without one as it is told. None: the feedback cannot be read."""
    if "status" not in one.roles:
        return snapshot.decided(one, "enable") is True
    reading = snapshot.reading(one, "status")
    return None if reading.quality is Quality.BAD or reading.value is None else bool(reading.value)


def next_duty(units: Sequence[Unit], duty: str, *, due: bool) -> str:
    """Who leads: the present one until its turn is over or it fails, then the next that can be relied on."""
    sound = [one.id for one in units if not one.fault]
    if not sound:
        return duty if any(one.id == duty for one in units) else units[0].id
    if duty in sound and not due:
        return duty
    order = [one.id for one in units]
    start = order.index(duty) + 1 if duty in order else 0
    return next(id_ for id_ in order[start:] + order[:start] if id_ in sound)
