"""5.20.4.16-17, 5.20.2.4-7 The change from one stage to the next: a sequence of events, each waiting for its proof.

Up: limit the demand of what runs, raise the minimum flow, start condenser water, enable head-pressure control, open the isolation
valve slowly, start, release. Down: stop, close slowly, condenser water off. A change that swaps machines starts the new one first. A
plant start has nothing running that could be disturbed: valves, pumps, then the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from agent.core.frozen import quick, replace
from policies.chiller_plant.pi_loop import clipped

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

CLOSED = 30.0  # s for the condenser valve to shut before its pump may go
OVERTIME = 300.0  # s beyond its ramp that the minimum flow is waited for


class Step(IntEnum):
    """Where a change is."""

    IDLE = 0
    REDUCE = 1
    MINIMUM_FLOW = 2
    CONDENSER_WATER = 3
    HEAD_PRESSURE = 4
    ISOLATION = 5
    START = 6
    PROVE = 7
    STOP = 8
    CLOSE = 9


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change under way. `held`: s in this step; `smooth`: others run and must not be disturbed."""

    step: Step = Step.IDLE
    held: float = 0.0
    starting: str = ""
    stopping: tuple[str, ...] = ()
    smooth: bool = False
    shared: bool = (
        True  # the machines share their pumps: a valve takes flow from the others, and opens slowly
    )
    up: bool = True
    loads: Mapping[str, float] = field(default_factory=dict)  # % at its begin, of the machines that ran
    failed: str = ""  # the machine that could not be started: the change is over

    @property
    def active(self) -> bool:
        return self.step is not Step.IDLE


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is seen of a change. None: cannot be seen, time alone must do."""

    reduced: bool | None = None  # the others are below 80 % of what they carried
    flow_reached: bool | None = None
    water: bool | None = None  # the pumps that the new machine needs are proven
    opened: bool | None = None  # its isolation valve
    running: bool | None = None
    waiting: bool = False  # guards hold the start back: that time does not count
    stopped: bool | None = None  # all that were stopped


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """What one machine is given now. `opening` 0..1 of its chilled-water isolation valve."""

    enable: bool = False
    minimum: bool = False  # counts in the minimum flow
    condenser: bool = False  # condenser pump and valve
    head: bool = False  # head-pressure control
    opening: float = 0.0


_NOTHING, _ALL = Water(), Water(enable=True, minimum=True, condenser=True, head=True, opening=1.0)
_RUNS_OUT = replace(_ALL, enable=False)


def begin(
    target: Sequence[str],
    on: Sequence[str],
    loads: Mapping[str, float],
    sizes: Mapping[str, float],
    *,
    shared: bool = True,
    hopeless: bool = False,
) -> Change:
    """The first change on the way from the machines `on` to the `target`; idle when there is none.

    `hopeless`: own addition, what runs is so far from its set-point that nothing can be disturbed: nobody gives way to the
    new machine, and with pumps of their own its water comes at once.
    """
    missing = [id_ for id_ in target if id_ not in on]
    extra = tuple(id_ for id_ in on if id_ not in target)
    up = sum(sizes[id_] for id_ in target) > sum(sizes[id_] for id_ in on)
    if missing:
        smooth = bool(on) and not (hopeless and not shared and not extra)
        first = Step.CONDENSER_WATER if not smooth else Step.MINIMUM_FLOW if hopeless else Step.REDUCE
        return Change(
            step=first,
            starting=missing[0],
            stopping=extra[:1] if len(missing) == 1 else (),  # all that come are there before one goes
            smooth=smooth,
            shared=shared,
            up=up,
            loads=dict(loads) if first is Step.REDUCE else {},
        )
    if extra:
        return Change(
            step=Step.STOP,
            stopping=extra if not target else extra[:1],
            smooth=bool(target),
            shared=shared,
            up=False,
        )
    return Change()


def advanced(rule: PlantSequence, before: Change, signs: Signs, seconds: float) -> Change:
    """One tick: at most one step further."""
    if not before.active:
        return before
    counts = not (before.step is Step.START and signs.waiting)
    now = replace(before, held=before.held + (seconds if counts else 0.0))
    if _lost(rule, now, signs):
        return Change(failed=now.starting)
    return _following(now) if _done(rule, now, signs) else now


def _lost(rule: PlantSequence, now: Change, signs: Signs) -> bool:
    waits = {Step.CONDENSER_WATER: signs.water, Step.START: signs.running}
    return waits.get(now.step) is False and now.held >= rule.proof_within


def _done(rule: PlantSequence, now: Change, signs: Signs) -> bool:
    held = now.held
    match now.step:
        case Step.REDUCE:
            return signs.reduced is not False or held >= rule.demand_wait
        case Step.MINIMUM_FLOW:
            least = rule.minimum_flow_ramp + rule.minimum_flow_settle
            return held >= least + OVERTIME or (held >= least and signs.flow_reached is not False)
        case Step.CONDENSER_WATER:
            return held >= rule.condenser_wait and signs.water is not False
        case Step.HEAD_PRESSURE:
            return held >= rule.head_wait
        case Step.ISOLATION:
            ramp = _stroke(rule, now)
            return held >= ramp and (signs.opened is not False or held >= ramp + rule.proof_within)
        case Step.START:
            return bool(signs.running) or (signs.running is None and held >= rule.prove_time)
        case Step.PROVE:
            return now.up or held >= rule.prove_time
        case Step.STOP:
            return bool(signs.stopped) or (signs.stopped is None and held >= rule.close_after)
        case _:
            return held >= max(_stroke(rule, now), CLOSED)


def _stroke(rule: PlantSequence, now: Change) -> float:
    """Seconds over which an isolation valve is moved, so that the other machines notice little."""
    return rule.isolation_time if now.smooth and now.shared else 0.0


def _following(now: Change) -> Change:
    if now.step is Step.CLOSE or (now.step is Step.START and not now.stopping):
        return Change()
    return replace(now, step=Step(now.step + 1), held=0.0)


def water_of(rule: PlantSequence, change: Change, on: Sequence[str], machine: str) -> Water:
    """What this machine is given in this step. `on`: those that run and are wanted."""
    if change.active and machine == change.starting:
        step = change.step
        if step > Step.START:
            return _ALL
        return Water(
            enable=step >= Step.START,
            minimum=step >= Step.MINIMUM_FLOW,
            condenser=step >= Step.CONDENSER_WATER,
            head=step >= Step.HEAD_PRESSURE,
            opening=_opening(rule, change),
        )
    if change.active and machine in change.stopping and change.step >= Step.STOP:
        if change.step is Step.STOP:
            return _RUNS_OUT
        stroke = _stroke(rule, change)
        shut = change.held / stroke if stroke > 0.0 else 1.0
        return replace(
            _NOTHING,
            minimum=True,
            condenser=change.held < CLOSED,
            opening=clipped(1.0 - shut, 0.0, 1.0),
        )
    return _ALL if machine in on else _NOTHING


def kept_wet(water: Water, *, runs: bool) -> Water:
    """A machine that is seen to run keeps its water, whoever wants it off: guards may hold it on, and none stops at once."""
    return _RUNS_OUT if runs and water == _NOTHING else water


def _opening(rule: PlantSequence, change: Change) -> float:
    if not change.smooth:
        return 1.0
    if change.step is not Step.ISOLATION:
        return float(change.step > Step.ISOLATION)
    stroke = _stroke(rule, change)
    return clipped(change.held / stroke, 0.0, 1.0) if stroke > 0.0 else 1.0


def demand_limits(rule: PlantSequence, change: Change, least: Mapping[str, float]) -> Mapping[str, float]:
    """% for each machine that ran when the change began, until the new one is proven. `least`: % it needs to go on.

    5.20.4.16.a and 5.20.4.17.a.1: 75 % of the present load; going down not below the minimum cycling load. Where all of it is left
    nobody gives way: a computer centre that has just lost a machine needs the others whole.
    """
    if not change.active or change.step > Step.PROVE or rule.demand_reduction >= 1.0:
        return {}
    return {
        id_: clipped(
            max(rule.demand_reduction * load, 0.0 if change.up else least.get(id_, 0.0)), 10.0, 100.0
        )
        for id_, load in change.loads.items()
    }


def spoken(change: Change) -> str:
    """The step in words; empty when nothing is changing."""
    if not change.active:
        return ""
    names = ", ".join(change.stopping)
    words = {
        Step.REDUCE: "the running machines give way to 75 % of their load",
        Step.MINIMUM_FLOW: "minimum flow is raised slowly",
        Step.CONDENSER_WATER: "condenser water first",
        Step.HEAD_PRESSURE: "head-pressure control on",
        Step.ISOLATION: "its isolation valve opens slowly",
        Step.START: "started, waits for its run proof",
        Step.PROVE: f"proves itself before {names} stops",
        Step.STOP: f"{names} stopped, waits for its stop",
        Step.CLOSE: f"valves of {names} close",
    }
    return words[change.step]
