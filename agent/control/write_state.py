"""What became of the value we sent to one point. Pure: one step a tick, from wish and reading to what to do.

idle -> pending -> confirmed            sent, then read back within settle time and tolerance
pending -> gave_up                      never accepted: retried, then the claim is given up for a while
confirmed -> pending  (reasserted)      the device was away and came back with another value: once more
confirmed -> panel                      changed by somebody while it answered: theirs, as an expiring override
panel, again and again -> foreign       another master writes it: yield until a person clears it
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from agent.core.frozen import quick, replace
from agent.core.point import Access, Persistence, Point, SafeEnd, Value
from agent.core.reading import Reading

TRIES = 3
GIVE_UP_FOR = 900.0  # site seconds before a refused value is tried again
READ_FIRST = 5.0  # site seconds after a device is seen again in which only what may be sent unseen is sent
UNSEEN_RETRY = 60.0  # site seconds between sends of what is urgent, while nothing can be read back
FOREIGN_WITHIN = 3600.0
FOREIGN_COUNT = 3
DAY = 86_400.0
EEPROM_DAILY_WRITES = 27  # 100,000 cycles in ten years
NUMBER_TOLERANCE = 1e-6
NO_END = 1_000_000_000


class Phase(StrEnum):
    """Where one point stands."""

    IDLE = "idle"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    GAVE_UP = "failed"
    FOREIGN = "foreign_writer"


class Event(StrEnum):
    """What a step found out that somebody should hear of."""

    GAVE_UP = "gave_up"
    PANEL = "panel"
    FOREIGN = "foreign"
    BUDGET = "budget"
    LEFT = "left"  # nobody asks for it any more, and there is nothing to give it back with


@quick
@dataclass(frozen=True, slots=True)
class PointWrite:
    """The memory of one point between steps. Times are elapsed site seconds."""

    phase: Phase = Phase.IDLE
    sent: Value | None = None
    sent_at: float = float("-inf")
    tries: int = 0
    asked_at: float = float("-inf")  # like sent_at, but a mere refresh does not count
    was_away: bool = False  # the device did not answer since the value was confirmed
    away_at: float = float("-inf")  # when it last did not answer
    unseen: bool = False  # nothing could be read back at the last tick
    seen_at: float = float("-inf")  # when it could be read again after that
    lost: bool = False  # the last send itself failed
    taken_over: tuple[float, ...] = ()  # when somebody else changed it
    day_began: float = float("-inf")
    sent_today: int = 0
    unsent: bool = False  # a wish waits for the budget of the next day
    note: str = ""


class Haste(IntEnum):
    """How little a write may wait."""

    NONE = 0
    URGENT = 1  # what protects the machine: passes interval and write budget
    BLIND = 2  # life safety, critical service, interlocks, giving back: is sent even while nothing can be read back


@quick
@dataclass(frozen=True, slots=True)
class Machine:
    """What has to be known of the machine behind a point."""

    echo: bool = True  # what is read back is the value itself; else it is what the machine does
    rest: float = 0.0  # site seconds a machine that this point starts must stay off
    answers: bool = True  # its device; known of a point that cannot be read back by those that can
    hold: str = ""  # what keeps it from being started again after its device came back


@quick
@dataclass(frozen=True, slots=True)
class Step:
    """The next memory, and what to do: why to send (None: nothing), whom to tell."""

    state: PointWrite
    send: str | None = None
    event: Event | None = None


def advance(
    state: PointWrite,
    point: Point,
    wanted: Value,
    found: Reading,
    elapsed: float,
    haste: Haste,
    machine: Machine = Machine(),
) -> Step:
    """One tick of one point. Haste beyond NONE does not yield to a foreign writer either."""
    urgent = haste is not Haste.NONE
    if state.phase is Phase.FOREIGN:
        return _insist(state, point, wanted, found, elapsed) if urgent else Step(state)
    if not (found.usable if _readable(point) else machine.answers):
        return _unseen(state, point, wanted, elapsed, haste)
    if state.unseen:
        state = replace(state, unseen=False, seen_at=elapsed)
    if haste is Haste.URGENT and elapsed - state.seen_at < READ_FIRST:
        # what was decided blind is not the first word: its neighbours on the line are read before
        return Step(replace(state, note="answers again: read first, then written"))
    if state.sent is None:
        return _first(state, point, wanted, found, elapsed, urgent)
    if not same_value(wanted, state.sent, point):
        return _send(replace(state, tries=0), point, wanted, elapsed, "changed", urgent)
    if state.phase is Phase.GAVE_UP:
        if elapsed - state.sent_at < GIVE_UP_FOR:
            return Step(state)
        return _send(replace(state, tries=0), point, wanted, elapsed, "retry", urgent)
    if state.phase is Phase.PENDING:
        return _settle(state, point, wanted, found, elapsed, urgent)
    return _confirmed(state, point, wanted, found, elapsed, urgent, machine)


def starts_again(state: PointWrite, wanted: Value, found: Reading) -> bool:
    """Whether a machine that was told to run is not, since its device was away."""
    return state.phase is Phase.CONFIRMED and state.was_away and wanted is True and found.value is not True


def failed(state: PointWrite, refused: bool, error: str) -> PointWrite:
    """The send itself failed; a refusal by the device is final, anything else is tried again."""
    tries = TRIES if refused else state.tries
    return replace(state, tries=tries, note=error, phase=Phase.PENDING, lost=True)


def same_value(one: Value | None, other: Value | None, point: Point) -> bool:
    """Equal within the point's tolerance; switches compare as truth, numbers as numbers."""
    if one is None or other is None:
        return one is other
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= max(point.writing.tolerance, NUMBER_TOLERANCE)


def settled(state: PointWrite, point: Point, wanted: Value, found: Reading, elapsed: float) -> bool:
    """Sent, confirmed, still wanted and still there: `advance` would leave everything as it is. Most of all ticks."""
    return (
        state.phase is Phase.CONFIRMED
        and not (state.was_away or state.unseen)
        and elapsed - state.seen_at >= READ_FIRST
        and point.writing.refresh is None
        and _readable(point)
        and found.usable
        and same_value(wanted, state.sent, point)
        and same_value(found.value, wanted, point)
    )


def _unseen(state: PointWrite, point: Point, wanted: Value, elapsed: float, haste: Haste) -> Step:
    away = replace(state, was_away=True, away_at=elapsed, unseen=True)
    waited = not same_value(wanted, state.sent, point) or elapsed - state.sent_at >= UNSEEN_RETRY
    if haste is Haste.BLIND and waited:
        return _send(away, point, wanted, elapsed, "changed", urgent=True)
    if _safer(state, point, wanted):
        return _send(away, point, wanted, elapsed, "changed", urgent=False)
    return Step(replace(away, note="device does not answer"))


def _safer(state: PointWrite, point: Point, wanted: Value) -> bool:
    """More light or air than was sent last, where more is the safe side: said once though nothing can be read back.

    A device whose replies are late or garbled hears it all the same. What must stop is left to the device's own watchdog.
    """
    if point.safe_end is not SafeEnd.HIGH or state.sent is None:
        return False
    if isinstance(wanted, str) or isinstance(state.sent, str) or same_value(wanted, state.sent, point):
        return False
    return wanted > state.sent


def _first(
    state: PointWrite, point: Point, wanted: Value, found: Reading, elapsed: float, urgent: bool
) -> Step:
    if _readable(point) and same_value(found.value, wanted, point):
        adopted = replace(
            state, phase=Phase.CONFIRMED, sent=wanted, sent_at=elapsed, was_away=False, note="adopted"
        )
        return Step(adopted)
    return _send(state, point, wanted, elapsed, "changed", urgent)


def _settle(
    state: PointWrite, point: Point, wanted: Value, found: Reading, elapsed: float, urgent: bool
) -> Step:
    if not _readable(point) and not state.lost:
        return Step(replace(state, phase=Phase.CONFIRMED, tries=0, was_away=False, note=""))
    fresh = found.elapsed > state.sent_at or not _readable(point)
    if fresh and _readable(point) and same_value(found.value, wanted, point):
        return Step(replace(state, phase=Phase.CONFIRMED, tries=0, was_away=False, lost=False, note=""))
    if not fresh or elapsed - state.sent_at < point.writing.settle:
        return Step(state)
    if state.tries < TRIES:
        return _send(state, point, wanted, elapsed, "retry", urgent)
    shown = state.note if state.lost else f"reads {found.value}"
    note = f"not accepted after {state.tries} tries: {shown}"
    return Step(replace(state, phase=Phase.GAVE_UP, sent_at=elapsed, note=note), None, Event.GAVE_UP)


def _confirmed(
    state: PointWrite,
    point: Point,
    wanted: Value,
    found: Reading,
    elapsed: float,
    urgent: bool,
    machine: Machine,
) -> Step:
    if not machine.echo and not same_value(found.value, wanted, point):
        return Step(
            replace(state, note=f"the machine shows {found.value} all the same")
        )  # a trip is nobody's wish
    back = elapsed - state.away_at
    if state.was_away and wanted is True and found.value is not True and back < machine.rest and not urgent:
        return Step(
            replace(state, note=f"back after a restart: minimum off ends in {machine.rest - back:.0f} s")
        )
    if machine.hold and starts_again(state, wanted, found) and not urgent:
        return Step(replace(state, note=f"back after a restart: {machine.hold}"))
    return _watch(state, point, wanted, found, elapsed, urgent)


def _watch(
    state: PointWrite, point: Point, wanted: Value, found: Reading, elapsed: float, urgent: bool
) -> Step:
    differs = _readable(point) and not same_value(found.value, wanted, point)
    if differs and found.elapsed <= state.asked_at + point.writing.settle:
        return Step(state)  # a slow device, or an earlier write of ours that arrives late
    if differs and found.elapsed > state.sent_at:
        if state.was_away:  # stays so until it could be sent: what it came back with is nobody's wish
            return _send(replace(state, tries=0), point, wanted, elapsed, "reasserted", urgent)
        return _taken_over(state, found, elapsed)
    state = state if not state.was_away else replace(state, was_away=False, note="")
    refresh = point.writing.refresh
    if refresh is not None and elapsed - state.sent_at >= refresh:
        step = _send(state, point, wanted, elapsed, "refresh", urgent)
        return replace(step, state=replace(step.state, phase=Phase.CONFIRMED, asked_at=state.asked_at))
    return Step(state)


def _insist(state: PointWrite, point: Point, wanted: Value, found: Reading, elapsed: float) -> Step:
    """Life safety does not yield to a foreign writer; it says its word again now and then, never in a race."""
    if same_value(found.value, wanted, point) or elapsed - state.sent_at < UNSEEN_RETRY:
        return Step(state)
    step = _send(state, point, wanted, elapsed, "changed", urgent=True)
    return replace(step, state=replace(step.state, phase=Phase.FOREIGN, note=state.note))


def _taken_over(state: PointWrite, found: Reading, elapsed: float) -> Step:
    recent = (*(at for at in state.taken_over if elapsed - at < FOREIGN_WITHIN), elapsed)
    if len(recent) >= FOREIGN_COUNT:
        note = f"another master wrote {found.value} {len(recent)} times within an hour: yielding until an override clears it"
        return Step(replace(state, phase=Phase.FOREIGN, taken_over=recent, note=note), None, Event.FOREIGN)
    note = f"changed to {found.value} at the machine"
    taken = replace(state, sent=found.value, sent_at=elapsed, taken_over=recent, note=note)
    return Step(taken, None, Event.PANEL)


def _send(state: PointWrite, point: Point, wanted: Value, elapsed: float, why: str, urgent: bool) -> Step:
    rules = point.writing
    if not urgent and elapsed - state.sent_at < rules.minimum_interval:
        return Step(replace(state, note="waiting for the shortest interval between writes"))
    if elapsed - state.day_began >= DAY:
        state = replace(state, day_began=elapsed, sent_today=0)
    budget = daily_budget(point)
    if not urgent and budget is not None and state.sent_today >= budget:
        told = state.sent_today > budget  # one past the budget marks that it has been said
        note = "write budget of the day is used up"
        spent = replace(state, sent_today=max(state.sent_today, budget + 1), unsent=True, note=note)
        return Step(spent, None, None if told else Event.BUDGET)
    sent = replace(
        state,
        phase=Phase.PENDING,
        sent=wanted,
        sent_at=elapsed,
        asked_at=elapsed,
        lost=False,
        tries=state.tries + 1,
        sent_today=state.sent_today + 1,
        note="",
    )
    return Step(sent, why)


def unbudgeted(point: Point) -> Point:
    """The point as a person may write it: the budget is for machines. What he writes is counted all the same."""
    return dataclasses.replace(point, writing=dataclasses.replace(point.writing, daily_budget=NO_END))


def daily_budget(point: Point) -> int | None:
    """Writes a day that the device's memory can take; None when it keeps the value in RAM."""
    if point.writing.daily_budget is not None:
        return point.writing.daily_budget
    return None if point.writing.persistence is Persistence.RAM else EEPROM_DAILY_WRITES


def _readable(point: Point) -> bool:
    return point.access is not Access.WRITE or point.writing.feedback is not None
