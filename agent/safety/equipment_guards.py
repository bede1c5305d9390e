"""The one guard mechanism: judges every start and stop of the area's machines, machines before what serves them.

It works on the role `enable`. A guard never starts or stops by itself, with one exception: a machine whose flow is lost
is stopped. A guard that refuses keeps the machine as it is; one that is not in our hands and cannot be seen stays so.
What is given back is judged like a command, as long as it is still in our hands.
Pumps on one header name it alike in their settings (`header`): one that runs may then take over from another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.core.decision import Stage
from agent.core.equipment import AreaModel, Equipment
from agent.core.point import Access, ValueKind
from agent.core.reading import Reading
from agent.core.snapshot import Snapshot
from agent.safety import guard_history
from agent.safety.draft import Draft
from agent.safety.guard_history import GuardHistory, is_on, just_stopped
from agent.safety.guard_rules import Hindrance, Sight, run_hindrance, start_hindrance, stop_hindrance
from agent.safety.limits import present_value
from agent.safety.serving import serving_ranks
from agent.safety.start_rules import StartRules

FEEDBACK_AGE = 120.0
"""A feedback older than this (site seconds) is no feedback; a machine unseen for longer counts as just stopped."""


@dataclass(slots=True)
class Round:
    """One tick's work on the guards: what is seen, the histories, and who will run on after it."""

    snapshot: Snapshot
    drafts: Mapping[str, Draft]
    sights: dict[str, Sight]
    histories: dict[str, GuardHistory]
    leaves: Callable[[Draft], bool]  # something above the guards will stop it in this tick
    staying: set[str] = field(default_factory=set)  # proven running, and nothing known that stops it


class EquipmentGuards:
    """The guards of one area."""

    def __init__(self, model: AreaModel) -> None:
        self._model = model
        ranks = serving_ranks(model.equipment)
        guarded = [one for one in model.equipment.values() if _enable_point(model, one) is not None]
        self.guarded = sorted(guarded, key=lambda one: ranks[one.id])
        order: dict[str, list[Equipment]] = {}
        for one in reversed(self.guarded):  # a point that several share is judged with the last of them
            order.setdefault(one.roles["enable"], []).insert(0, one)
        self.points = {point: tuple(order[point]) for point in reversed(order)}
        self._beside = {one.id: _readable_beside(model, one) for one in self.guarded}
        self._starts = StartRules(model)
        self._gap = max(FEEDBACK_AGE, 3 * model.area.tick)

    def initial(self, now: float) -> dict[str, GuardHistory]:
        return {one.id: just_stopped(now) for one in self.guarded}

    def taken_over(self, histories: Mapping[str, GuardHistory]) -> dict[str, GuardHistory]:
        """The histories when authority comes to us: what was only decided counts for nothing."""
        return {
            one.id: guard_history.taken_over(histories[one.id], "status" in one.roles)
            for one in self.guarded
            if one.id in histories
        }

    def look(
        self,
        snapshot: Snapshot,
        drafts: Mapping[str, Draft],
        histories: Mapping[str, GuardHistory],
        leaves: Callable[[Draft], bool],
    ) -> Round:
        """See every machine once, before any is judged."""
        now = snapshot.elapsed
        seen: dict[str, GuardHistory] = {}
        sights: dict[str, Sight] = {}
        for one in self.guarded:
            history = histories.get(one.id)
            if history is None or history.latest > now:  # new here, or of a clock that ran elsewhere
                history = just_stopped(now)
            sight = sights[one.id] = _sight(self._model, one, snapshot.readings, history, now)
            seen[one.id] = guard_history.observed(history, sight.running, now, self._gap)
        around = Round(snapshot, drafts, sights, seen, leaves)
        for one in self.guarded:
            self._note(one, around)
        if self._model.area.minimum_running:
            around.staying.update(one.id for one in self.guarded if self._stays(one, around))
        return around

    def judge(self, point: str, around: Round) -> None:
        """Let the guards of every machine behind this enable point speak."""
        draft = around.drafts[point]
        for one in self.points[point]:
            if draft.wanted is not None and not draft.held and one.id not in around.snapshot.locked_out:
                self._judge(one, draft, around)

    def settle(self, point: str, around: Round) -> None:
        """Take note of the final word on this enable point."""
        draft, now = around.drafts[point], around.snapshot.elapsed
        if draft.held:
            return
        for one in self.points[point]:
            sight = around.sights[one.id]
            around.histories[one.id] = guard_history.decided(
                around.histories[one.id], draft.wanted, sight.running, sight.feedback, now
            )
            if draft.wanted is False:
                around.staying.discard(one.id)

    def _judge(self, one: Equipment, draft: Draft, around: Round) -> None:
        now, sight, history = around.snapshot.elapsed, around.sights[one.id], around.histories[one.id]
        present = is_on(history, sight.running)
        if draft.passes(draft.value is True):
            return
        lost = None if present is not True else run_hindrance(one.guards, history, sight, now)
        if draft.wanted and present is not True:
            hindrance = start_hindrance(one.guards, history, sight, now) or self._starts.hindrance(
                one, around.histories, around.snapshot.readings, now
            )
        elif draft.wanted:
            hindrance, present = lost, False
        elif present is False or lost is not None:  # without flow nothing may hold it on
            hindrance = None
        else:
            hindrance = self._stop_hindrance(one, around)
        if hindrance is None:
            return
        if draft.value is None and hindrance is not lost:
            draft.hold(hindrance.guard, hindrance.sentence)
        else:
            draft.change(Stage.GUARD, hindrance.guard, present, hindrance.sentence)

    def start_hold(
        self, point: str, readings: Mapping[str, Reading], histories: Mapping[str, GuardHistory], now: float
    ) -> str:
        """What keeps a release from starting the machines behind this enable point yet; empty: nothing.

        `histories` of the last tick in which they were in our hands; what was seen since does not age them.
        """
        for one in self.points.get(point, ()):
            history = histories.get(one.id)
            if history is None:  # never judged here
                continue
            sight = _sight(self._model, one, readings, history, now)
            if sight.running is not True and is_on(history, sight.running) is not True:
                hindrance = start_hindrance(one.guards, history, sight, now)
                if hindrance is not None:
                    return hindrance.sentence
        return ""

    def _stop_hindrance(self, one: Equipment, around: Round) -> Hindrance | None:
        sight = around.sights[one.id]
        running = [name for name in one.guards.serves if self._may_run(name, around)]
        running = [name for name in running if not self._one_switch(name, one)]
        if running and not self._replaced(one, running, around):
            return Hindrance("serves", None, f"stays on: {', '.join(running)} still runs or may run")
        must = self._model.area.minimum_running.get(one.kind, 0)
        others = sum(self._model.equipment[name].kind == one.kind for name in around.staying - {one.id})
        if must > 0 and sight.running is not False and others < must:
            return Hindrance("minimum_running", None, f"stays on: {must} {one.kind} must keep running")
        history = around.histories[one.id]
        return stop_hindrance(one.guards, history, sight, around.snapshot.elapsed, bool(running))

    def _may_run(self, name: str, around: Round) -> bool:
        """Whether a served machine runs, is told to, or may do so unseen. Locked out, only when it is seen to run."""
        machine = self._model.equipment.get(name)
        sight = around.sights.get(name)
        if machine is None:
            return True
        if sight is None:
            sight = _sight(self._model, machine, around.snapshot.readings, None, around.snapshot.elapsed)
        if name in around.snapshot.locked_out:
            return sight.running is True
        draft = around.drafts.get(machine.roles.get("enable", ""))
        return sight.running is not False or (draft is not None and draft.wanted is True)

    def _replaced(self, one: Equipment, running: list[str], around: Round) -> bool:
        """Whether enough other machines on the same header are proven to run on for all that this one serves."""
        header = one.settings.get("header")
        if header is None:
            return False
        others = [
            other
            for other in self.guarded
            if other.id != one.id and other.kind == one.kind and other.settings.get("header") == header
        ]
        return sum(self._runs_on_for(other, running, around) for other in others) >= len(running)

    def _runs_on_for(self, other: Equipment, running: list[str], around: Round) -> bool:
        draft = around.drafts[other.roles["enable"]]
        stays = (draft.held or draft.wanted is not False) and not around.leaves(draft)
        return stays and around.sights[other.id].running is True and set(running) <= set(other.guards.serves)

    def _one_switch(self, name: str, one: Equipment) -> bool:
        """Whether both hang on one command: then they can only stop together."""
        machine = self._model.equipment.get(name)
        return machine is not None and machine.roles.get("enable") == one.roles["enable"]

    def _note(self, one: Equipment, around: Round) -> None:
        """What this look proves: the machine seen, a served one running, flow."""
        now, history, sight = around.snapshot.elapsed, around.histories[one.id], around.sights[one.id]
        serves = one.guards.serves
        serving = bool(serves) and any(self._may_run(name, around) for name in serves)
        around.histories[one.id] = guard_history.noted(
            history,
            seen=history.seen if sight.running is None else now,
            served=now if serving else history.served,
            flow=now if sight.flow or _out_of_reach(self._beside[one.id], around.snapshot) else history.flow,
        )

    def _stays(self, one: Equipment, around: Round) -> bool:
        sight, history = around.sights[one.id], around.histories[one.id]
        if not sight.running or one.id in around.snapshot.locked_out:
            return False
        draft, now = around.drafts[one.roles["enable"]], around.snapshot.elapsed
        if around.leaves(draft) or (draft.value is False and draft.passes(False)):
            return False
        return run_hindrance(one.guards, history, sight, now) is None


def _readable_beside(model: AreaModel, one: Equipment) -> tuple[str, ...]:
    """The readable points of the device that switches it."""
    device = model.points[one.roles["enable"]].device
    return tuple(
        id_
        for id_, point in model.points.items()
        if point.device == device and point.access is not Access.WRITE
    )


def _out_of_reach(beside: tuple[str, ...], snapshot: Snapshot) -> bool:
    """Whether nothing of the device that switches a machine can be read: it cannot be told to stop either.

    Its own flow switch protects it then, and the time in which its flow must be seen begins when it is back.
    """
    return bool(beside) and not snapshot.sees(beside)


def _sight(
    model: AreaModel,
    one: Equipment,
    readings: Mapping[str, Reading],
    history: GuardHistory | None,
    now: float,
) -> Sight:
    status = one.roles.get("status")
    if status is not None:
        running = _switch(readings.get(status), now)
    elif history is not None and history.commanded is not None:
        running = history.commanded
    else:
        enable = model.points.get(one.roles.get("enable", ""))
        present = None if enable is None else present_value(enable, readings)
        running = None if present is None or isinstance(present, str) else bool(present)
    flow = None
    if one.guards.proof_of_flow is not None:
        flow = _switch(readings.get(one.guards.proof_of_flow), now, one.guards.flow_minimum)
    return Sight(running, status is not None, flow)


def _switch(reading: Reading | None, now: float, above: float = 0.0) -> bool | None:
    """A feedback as on or off; None when it is bad, stale or makes no sense."""
    if reading is None or not reading.usable or reading.age(now) > FEEDBACK_AGE:
        return None
    value = reading.value
    if isinstance(value, bool):
        return value
    return value > above if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - NaN


def _enable_point(model: AreaModel, one: Equipment) -> str | None:
    point = model.points.get(one.roles.get("enable", ""))
    ours = point is not None and point.commandable and point.kind is ValueKind.SWITCH
    return one.roles["enable"] if ours else None
