"""The writer: brings decided values to the devices, proves that they arrived, and never fights anybody over a point.

It is told of decisions once per tick and never waits: orders go to the pollers, results come back by call. What it
thinks of each point lives in agent.control.write_state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from agent.control.calm import Calm, OwedPoints
from agent.control.letting_go import letting_go, waits
from agent.control.write_state import (
    Event,
    Haste,
    Machine,
    Phase,
    PointWrite,
    advance,
    failed,
    same_value,
    settled,
    starts_again,
    unbudgeted,
)
from agent.core.command import Priority
from agent.core.decision import Decision, Stage
from agent.core.equipment import Authority
from agent.core.errors import BusError, RefusedError
from agent.core.point import Access, Point, Value
from agent.core.reading import Quality, Reading
from agent.core.snapshot import NEVER_READ, Snapshot
from agent.core.tick import WriteOrder
from agent.safety.release import ReleaseStep

Done = Callable[[WriteOrder, Exception | None], None]
Submit = Callable[[WriteOrder, Done], None]


BLIND_STAGES = frozenset({Stage.INTERLOCK, Stage.LOCK_OUT})
"""What these steps decide is sent even while nothing can be read back."""


class Ledger(Protocol):
    """The values found before our first write (agent.control.priors).

    `take` starts storing one; `taken` says that it is durable; `wrote` that ours stands there now, so that it is `owed`
    until it was given back; `let_go` that nothing of ours is left.
    """

    def taken(self, point: str) -> bool: ...

    def take(self, point: str, value: Value | None) -> None: ...

    def prior(self, point: str) -> Value | None: ...

    def wrote(self, point: str) -> None: ...

    def owed(self, point: str) -> bool: ...

    def let_go(self, point: str) -> None: ...

    def returning(self, point: str) -> bool: ...

    def left_at(self, point: str) -> float: ...


class Starting(Protocol):
    """Who allows that a machine is started again (agent.control.restarts), and hears that it was."""

    def hold(self, point: str) -> str: ...

    def started(self, point: str) -> None: ...


class WriteReport(Protocol):
    """Who hears what became of writes (audit, alarms, overrides). Both calls return at once."""

    def written(self, order: WriteOrder, old: Value | None, decision: Decision, error: str) -> None: ...

    def noticed(
        self, event: Event, point: Point, wanted: Value | None, found: Value | None, note: str
    ) -> None: ...


class Writer:
    """Serves the commandable points of one area."""

    def __init__(
        self,
        points: Mapping[str, Point],
        submit: Submit,
        ledger: Ledger,
        report: WriteReport,
        rests: Mapping[str, float],
        failed_at: Callable[[str], float],
    ) -> None:
        """`rests`: minimum off by the point that starts the machine; `failed_at`: a device's last failed exchange."""
        self._rests = rests
        self._failed_at = failed_at
        self._points = {id_: p for id_, p in points.items() if p.commandable and p.device != "virtual"}
        self._device = {id_: point.device for id_, point in self._points.items()}
        self._calm: dict[str, Calm] = {}
        self._restarts: Starting | None = None
        self._owed = OwedPoints(self._points, ledger.owed)
        self._beside: dict[str, tuple[str, ...]] = {}
        for point in points.values():
            if point.access is not Access.WRITE:
                self._beside[point.device] = (*self._beside.get(point.device, ()), point.id)
        # what a machine does is not an echo of what it was told: a trip is not a person at the panel
        self._statuses = frozenset(id_ for id_, point in points.items() if point.role == "status")
        self._submit = submit
        self._ledger = ledger
        self._report = report
        self.states: dict[str, PointWrite] = {id_: PointWrite() for id_ in self._points}

    def apply(
        self, snapshot: Snapshot, decisions: Mapping[str, Decision], restarts: Starting | None = None
    ) -> tuple[WriteOrder, ...]:
        """Send what has to be sent for these decisions; returns the orders sent in this tick.

        `restarts` has a say in what is started again because its device forgot.
        """
        self._restarts = restarts
        if snapshot.authority is not Authority.AGENT:
            self.stand_back()
            return ()
        orders: list[WriteOrder | None] = []
        unasked = []
        for id_, point in self._points.items():
            decision = decisions.get(id_)
            if (
                decision is None
                or self._rests_as_it_is(id_, decision, snapshot)
                or self._ledger.returning(id_)
            ):
                continue
            if decision.value is None:
                unasked.append(point)
            elif self._ready(point, self.states[id_], snapshot):
                orders.append(self._advance(point, decision.value, decision, snapshot))
        orders += self._give_back(unasked, decisions, snapshot)
        return tuple(order for order in orders if order is not None)

    def _rests_as_it_is(self, id_: str, decision: Decision, snapshot: Snapshot) -> bool:
        """Nothing has moved since it was found settled: neither the wish, what is shown, nor our memory of it."""
        calm = self._calm.get(id_)
        if calm is None or decision.value != calm.wanted or self.states[id_] is not calm.state:
            return False
        found = snapshot.readings.get(calm.shown_by, NEVER_READ)
        return (
            found.value == calm.found
            and found.quality is not Quality.BAD
            and self._failed_at(calm.device) <= calm.answers_since
            and self._ledger.owed(id_)
            and not self._ledger.returning(id_)
        )

    def stand_back(self) -> None:
        """Nothing is ours any more (authority bms or shadow): the next time starts with adopting."""
        for id_, state in self.states.items():
            if self._ledger.taken(id_) and not self._ledger.owed(id_):
                self._ledger.let_go(id_)
            if state.phase is not Phase.IDLE:
                self.states[id_] = _fresh(state)

    def clear(self, point: str) -> None:
        """A person cleared the point (foreign writer, given up): start over with it."""
        if point in self.states:
            self.states[point] = _fresh(self.states[point])

    def owed(self) -> Collection[str]:
        """Points that carry a value of ours, or of a run before this one, and have to be given back: as of now."""
        return self._owed

    def _give_back(
        self, unasked: Sequence[Point], decisions: Mapping[str, Decision], snapshot: Snapshot
    ) -> list[WriteOrder | None]:
        """What nobody asks for any more, step by step: done is what the device shows."""
        owed = []
        for point in unasked:
            if self._ledger.owed(point.id):
                owed.append(point)
            else:
                self._let_go(point)
        if not owed:
            return []
        steps = letting_go(owed, decisions, snapshot, self._ledger)
        still = {step.point for step in steps}
        orders = []
        for step in steps:
            point, why = self._points[step.point], waits(step, still)
            if why:
                self.states[point.id] = replace(self.states[point.id], note=why)
            elif step.value is None or self._arrived(point, step.value):
                self._end(point, step)
                still.discard(point.id)
            else:
                orders.append(self._advance(point, step.value, decisions[point.id], snapshot))
        return orders

    def _arrived(self, point: Point, value: Value) -> bool:
        state = self.states[point.id]
        return state.phase is Phase.CONFIRMED and same_value(state.sent, value, point)

    def _end(self, point: Point, step: ReleaseStep) -> None:
        """Given back; or left as it is, since there is nothing to write, and that is said."""
        if step.missing:
            self._report.noticed(Event.LEFT, point, None, None, step.reason)
        self._let_go(point)

    def _let_go(self, point: Point) -> None:
        if self._ledger.taken(point.id):
            self._ledger.let_go(point.id)
            self.states[point.id] = replace(_fresh(self.states[point.id]), note="released")

    def _ready(self, point: Point, state: PointWrite, snapshot: Snapshot) -> bool:
        """The value found is stored before the first write, and stored only from a good reading that is not our own."""
        if self._ledger.taken(point.id):
            return True
        found = _before_us(point, snapshot.readings)
        if point.writing.feedback is None and point.access.value == "write":
            self._ledger.take(point.id, None)
            return False
        usable = found.usable and found.elapsed > self._ledger.left_at(point.id) + point.writing.settle
        if usable:
            self._ledger.take(point.id, found.value)
        note = "storing the value found" if usable else "waiting for a reading before the first write"
        self.states[point.id] = replace(state, note=note)
        return False

    def _advance(
        self, point: Point, wanted: Value, decision: Decision, snapshot: Snapshot
    ) -> WriteOrder | None:
        found = snapshot.readings.get(point.writing.feedback or point.id, NEVER_READ)
        if self._undisturbed(point) and settled(
            self.states[point.id], point, wanted, found, snapshot.elapsed
        ):
            self._ledger.wrote(point.id)
            self._calm[point.id] = _calmed(self.states[point.id], point, wanted, found)
            return None
        beside = self._beside.get(point.device, ())
        state = self._noticing_absence(point)
        again = self._restarts if starts_again(state, wanted, found) else None
        machine = Machine(
            echo=point.writing.feedback not in self._statuses,
            rest=self._rests.get(point.id, 0.0),
            answers=not beside or snapshot.sees(beside),
            hold=again.hold(point.id) if again else "",
        )
        rules = unbudgeted(point) if _personal(decision) else point
        step = advance(state, rules, wanted, found, snapshot.elapsed, _haste(decision), machine)
        self.states[point.id] = step.state
        if step.state.sent is not None:
            self._ledger.wrote(point.id)
        if step.event is not None:
            self._report.noticed(step.event, point, wanted, found.value, step.state.note)
        if step.send is None:
            return None
        if again:
            again.started(point.id)
        why = "release" if decision.value is None else step.send
        order = WriteOrder(point=point.id, value=wanted, reason=decision.reason, why=why)
        self._submit(order, self._result(point, found.value, decision))
        return order

    def _noticing_absence(self, point: Point) -> PointWrite:
        """Its device may have been away, and restarted, between two ticks."""
        state = self.states[point.id]
        if self._undisturbed(point):
            return state
        if state.unsent:  # it is found out anew
            state = replace(state, unsent=False)
        failed = self._failed_at(self._device[point.id])
        if failed <= max(state.away_at, state.asked_at):
            return state
        return replace(state, was_away=True, away_at=failed)

    def _undisturbed(self, point: Point) -> bool:
        """Its device has answered ever since, and nothing waits to be sent."""
        state = self.states[point.id]
        return not state.unsent and self._failed_at(self._device[point.id]) <= max(
            state.away_at, state.asked_at
        )

    def _result(self, point: Point, old: Value | None, decision: Decision) -> Done:
        def done(order: WriteOrder, error: Exception | None) -> None:
            self._report.written(order, old, decision, "" if error is None else str(error))
            if error is None:
                return
            refused = isinstance(error, RefusedError | ValueError)
            state = self.states[point.id]
            if isinstance(error, BusError):
                state = replace(state, was_away=True, tries=0)
            self.states[point.id] = failed(state, refused, str(error))

        return done


def _calmed(state: PointWrite, point: Point, wanted: Value, found: Reading) -> Calm:
    return Calm(
        state=state,
        wanted=wanted,
        found=found.value,
        shown_by=point.writing.feedback or point.id,
        device=point.device,
        answers_since=max(state.away_at, state.asked_at),
    )


def _fresh(state: PointWrite) -> PointWrite:
    """Nothing is known of the point but what its memory has already borne today."""
    return PointWrite(day_began=state.day_began, sent_today=state.sent_today)


def _before_us(point: Point, readings: Mapping[str, Reading]) -> Reading:
    """What stands there: the point itself where it can be read, else what shows it."""
    own = point.access.value != "write" or point.writing.feedback is None
    return readings.get(point.id if own else point.writing.feedback or point.id, NEVER_READ)


def _haste(decision: Decision) -> Haste:
    """Life safety, critical service, interlocks and giving back go blind; the guards only protect what they see."""
    winner = decision.winner
    if decision.value is None or (winner is not None and winner.priority <= Priority.CRITICAL_SERVICE):
        return Haste.BLIND
    stages = {one.stage for one in decision.limited_by}
    if stages & BLIND_STAGES:
        return Haste.BLIND
    return Haste.URGENT if Stage.GUARD in stages else Haste.NONE


def _personal(decision: Decision) -> bool:
    """What a person asked for, as he asked for it or as far as it was let through."""
    return decision.winner is not None and decision.winner.priority <= Priority.OPERATOR
