"""The arbiter: turns the claims of one area into decisions. The last hand on every value.

Order of judgement: claims -> winner -> bounds -> engineering limits -> ramps -> equipment guards -> interlocks ->
maintenance lock-out. Pure: same snapshot, commands and state, same decisions, whatever the order of the commands.

Taking over is bumpless: at the first tick with authority `agent` ramps start at what is read from the plant, and the
guards go by what is proven; what is neither read nor proven counts as just stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.core.command import Command, lifetime
from agent.core.decision import Decision, Stage
from agent.core.equipment import AreaModel, Authority
from agent.core.frozen import quick
from agent.core.interlock import Interlock
from agent.core.reading import Reading
from agent.core.snapshot import Snapshot
from agent.safety.claims import collect
from agent.safety.draft import Draft
from agent.safety.drafting import drafted
from agent.safety.equipment_guards import EquipmentGuards
from agent.safety.guard_history import GuardHistory, restarted
from agent.safety.interlocks import Trip, apply_interlocks, judge, ruling
from agent.safety.limits import present_value
from agent.safety.lone_wish import LoneWishes
from agent.safety.release import STARTING_ROLES, plan_release
from agent.safety.safety_state import Final, Refusal, SafetyState
from agent.safety.start_rules import StartRules

__all__ = ["Arbiter", "SafetyState"]


@quick
@dataclass(frozen=True, slots=True)
class Ruling:
    """What stands above all claims in this tick: trips and locked-out machines by point; `owed`: points in our hands."""

    trips: Mapping[str, Sequence[Trip]]
    locked: Mapping[str, tuple[str, bool]]
    owed: Collection[str]


class Arbiter:
    """Decides every commandable point of one area."""

    def __init__(self, model: AreaModel, interlocks: Sequence[Interlock]) -> None:
        self._model = model
        self._commandable = {id_: point for id_, point in model.points.items() if point.commandable}
        self._interlocks = tuple(one for one in interlocks if one.point in self._commandable)
        self._guards = EquipmentGuards(model)
        self._starts = StartRules(model)
        self._lone = LoneWishes(self._commandable, self._guards.points)
        self._lifetime = lifetime(model.area.tick)

    def initial_state(self, elapsed: float) -> SafetyState:
        """Nothing is claimed, and every machine counts as just stopped."""
        return SafetyState(guards=self._guards.initial(elapsed))

    def decide(
        self,
        snapshot: Snapshot,
        commands: Sequence[Command],
        heard: frozenset[str],
        state: SafetyState,
        owed: Collection[str] = (),
    ) -> tuple[Mapping[str, Decision], SafetyState]:
        """One decision for every commandable point, and the state to hand in at the next tick.

        `heard`: the sources that decided in this tick; what they do not say again they have given up. A family
        (`operator`) stands for all its members (`operator:anna`). `state.refused` says what was not taken.
        `owed`: points where a value of ours stands. What nobody asks for any more is given back, but not against the
        guards: such a decision has no value, and the guard among what limited it.
        """
        now = snapshot.elapsed
        state = self._as_found(snapshot, state)
        trips, tripped = judge(self._interlocks, snapshot.readings, state.tripped, now)
        locked = self._locked_out(snapshot.locked_out)
        lone = self._lone.among(commands, {*trips, *locked}, state, now)
        rest = [one for one in commands if one.point not in lone]
        collected = collect(self._model.points, rest, heard, state, now, self._lifetime, lone)
        claims, lost = collected.claims, collected.lost
        drafts = {
            id_: drafted(point, claims.get(id_, ()), lost.get(id_), state.finals.get(id_), now)
            for id_, point in self._commandable.items()
            if id_ not in lone
        }
        self._let_go(drafts, owed)
        guards = self._last_hand(snapshot, drafts, Ruling(trips, locked, owed), state)
        decisions = self._decisions(snapshot, drafts, lone, collected.refused)
        return decisions, SafetyState(
            claims=claims,
            lost=lost,
            finals={id_: Final(one.value, now) for id_, one in decisions.items() if one.value is not None},
            guards=guards,
            tripped=tripped,
            refused=collected.refused,
            authority=snapshot.authority,
        )

    def _decisions(
        self,
        snapshot: Snapshot,
        drafts: Mapping[str, Draft],
        lone: Mapping[str, Command],
        refused: Sequence[Refusal],
    ) -> dict[str, Decision]:
        """By either way, in the order of the points."""
        short = self._lone.decided(lone, snapshot.elapsed, snapshot.utc)
        why = _by_point(refused) if refused else {}
        return {
            id_: short[id_] if id_ in short else drafts[id_].decision(snapshot, why.get(id_, ()))
            for id_ in self._commandable
        }

    def start_hold(
        self, point: str, readings: Mapping[str, Reading], guards: Mapping[str, GuardHistory], now: float
    ) -> str:
        """Why a release may not start the machine behind `point` yet; empty: it may."""
        return self._guards.start_hold(point, readings, guards, now)

    def restart_hold(
        self, point: str, readings: Mapping[str, Reading], guards: Mapping[str, GuardHistory], now: float
    ) -> str:
        """Why a machine whose device came back without our word may not be told again to run; empty: it may."""
        for one in self._guards.points.get(point, ()):
            hindrance = self._starts.above_cap(one, guards, readings, now)
            if hindrance is not None:
                return hindrance.sentence
        return ""

    def restarted(self, state: SafetyState, point: str, now: float) -> SafetyState:
        """The state after the machine behind `point` was told again to run."""
        again = {one.id for one in self._guards.points.get(point, ())} & set(state.guards)
        guards = {**state.guards, **{name: restarted(state.guards[name], now) for name in again}}
        return replace(state, guards=guards)

    def _let_go(self, drafts: Mapping[str, Draft], owed: Collection[str]) -> None:
        """What gives back each point that nobody asks for any more: the guards judge that too."""
        let_go = [one.point for id_, one in drafts.items() if one.value is None and id_ in owed]
        for step in plan_release(let_go, self._model.equipment.values(), {}) if let_go else ():
            drafts[step.point].returns = step.value

    def _as_found(self, snapshot: Snapshot, state: SafetyState) -> SafetyState:
        """At the first tick in our hands with what is there; else as it is."""
        if snapshot.authority is not Authority.AGENT or state.authority is Authority.AGENT:
            return state
        present = {
            id_: Final(value, snapshot.elapsed)
            for id_, point in self._commandable.items()
            if (value := present_value(point, snapshot.readings)) is not None
        }
        return replace(state, finals=present, guards=self._guards.taken_over(state.guards))

    def _last_hand(
        self, snapshot: Snapshot, drafts: Mapping[str, Draft], ruled: Ruling, state: SafetyState
    ) -> Mapping[str, GuardHistory]:
        """Guards, interlocks and lock-out, on machines before what serves them. The guards' new memory."""
        trips, locked = ruled.trips, ruled.locked

        def leaves(draft: Draft) -> bool:
            trip = ruling(trips.get(draft.point.id, ()), draft)
            return trip is not None and trip.interlock.value is False

        def last_word(point: str) -> None:
            apply_interlocks(drafts[point], trips.get(point, ()))
            if point in locked:
                held = point in state.finals or point in ruled.owed
                _lock_out(drafts[point], *locked[point], held=held)

        around = self._guards.look(snapshot, drafts, state.guards, leaves)
        for point in self._guards.points:
            self._guards.judge(point, around)
            if trips or locked:
                last_word(point)
            self._guards.settle(point, around)
        for point in {*trips, *locked}.difference(self._guards.points):
            last_word(point)
        return around.histories

    def _locked_out(self, names: frozenset[str]) -> dict[str, tuple[str, bool]]:
        """The commandable points of locked-out machines: whose, and whether the point starts it."""
        locked: dict[str, tuple[str, bool]] = {}
        for name in sorted(names):
            machine = self._model.equipment.get(name)
            for role, point in machine.roles.items() if machine is not None else ():
                if point in self._commandable:
                    starts = role in STARTING_ROLES or locked.get(point, ("", False))[1]
                    locked[point] = (name, starts)
        return locked


def _lock_out(draft: Draft, machine: str, starts: bool, *, held: bool) -> None:
    """Somebody may have his hands in the machine: neither interlock nor life safety starts it.

    Nor does its own control: a start/stop that was in our hands (`held`) is not given back when nobody asks any more.
    """
    if draft.value is not None or (starts and held):
        after = False if starts else None
        draft.force(Stage.LOCK_OUT, machine, after, f"{machine} is locked out for maintenance")


def _by_point(refused: Sequence[Refusal]) -> Mapping[str, Sequence[Refusal]]:
    grouped: dict[str, list[Refusal]] = {}
    for one in refused:
        grouped.setdefault(one.point, []).append(one)
    return grouped
