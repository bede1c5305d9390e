"""What the guards remember of one machine: when it started and stopped, as proven, else as decided.

Where a machine has run feedback (role `status`), its starts and stops are what the feedback proves; a command counts as
well, because a machine that was told to start has started until the feedback says otherwise. Without feedback the decided
value stands for it. Times are elapsed site seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.frozen import quick, replace
from agent.core.point import Value

HOUR = 3600.0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GuardHistory:
    """One machine's past."""

    running: bool | None = None  # as last proven; None: never known
    seen: float  # when that was last proven
    started: float  # last proven start
    stopped: float  # last proven stop
    on_at: float  # last command that started it
    off_at: float  # last command that stopped it
    starts: tuple[float, ...]  # starts of the last hour
    commanded: bool | None = None  # last final value; None: not in our hands
    served: float  # when a machine that needs this one last ran, or may have run
    flow: float  # when flow was last proven

    @property
    def last_start(self) -> float:
        return max(self.started, self.on_at)

    @property
    def last_stop(self) -> float:
        return max(self.stopped, self.off_at)

    @property
    def latest(self) -> float:
        return max(self.seen, self.last_start, self.last_stop)


def just_stopped(now: float) -> GuardHistory:
    """The worst assumption on a machine of unknown history: it started and stopped this very moment."""
    return GuardHistory(
        seen=now, started=now, stopped=now, on_at=now, off_at=now, starts=(now,), served=now, flow=now
    )


def observed(history: GuardHistory, running: bool | None, now: float, gap: float) -> GuardHistory:
    """The history after a look at the machine. None: it could not be seen, nothing is learned.

    After more than `gap` seconds unseen it may have started and stopped meanwhile: it counts as just having done so.
    """
    if running is None:
        return history
    if history.running is None or now - history.seen > gap:
        known = () if history.running is None else history.starts
        starts = _with_start(known, now)
        return replace(history, running=running, started=now, stopped=now, starts=starts)
    if running is history.running:
        return history
    if not running:
        return replace(history, running=False, stopped=now)
    ours = history.commanded is True and history.started < history.on_at  # counted when it was commanded
    starts = history.starts if ours else _with_start(history.starts, now)
    return replace(history, running=True, started=now, starts=starts)


def is_on(history: GuardHistory, running: bool | None) -> bool | None:
    """Whether the machine is on as far as a command to it goes: our last word, else what is seen, else None."""
    return running if history.commanded is None else history.commanded


def decided(
    history: GuardHistory, final: Value | None, running: bool | None, feedback: bool, now: float
) -> GuardHistory:
    """The history after the final word of this tick. `running` is what was seen before it."""
    on = None if final is None else bool(final)
    if on == history.commanded:
        return history
    was_on = is_on(history, running)
    after = replace(history, commanded=on)
    if on and was_on is not True:
        after = replace(after, on_at=now, starts=_with_start(history.starts, now))
        return after if feedback else replace(after, running=True, seen=now, started=now)
    if on is False and was_on is not False:
        after = replace(after, off_at=now)
        return after if feedback else replace(after, running=False, seen=now, stopped=now)
    return after


def restarted(history: GuardHistory, now: float) -> GuardHistory:
    """The history after our standing word was said once more to a machine whose device had forgotten it."""
    return replace(history, on_at=now, starts=_with_start(history.starts, now))


def noted(history: GuardHistory, *, seen: float, served: float, flow: float) -> GuardHistory:
    """The history with the times of this look; written out because it is made for every machine in every tick."""
    return GuardHistory(
        running=history.running,
        seen=seen,
        started=history.started,
        stopped=history.stopped,
        on_at=history.on_at,
        off_at=history.off_at,
        starts=history.starts,
        commanded=history.commanded,
        served=served,
        flow=flow,
    )


def taken_over(history: GuardHistory, feedback: bool) -> GuardHistory:
    """The history when the machine comes into our hands: no command of ours stands.

    Without feedback all that is known was only decided, never done: the next look makes it just stopped.
    """
    return replace(history, commanded=None, running=history.running if feedback else None)


def _with_start(starts: tuple[float, ...], now: float) -> tuple[float, ...]:
    return (*(start for start in starts if start > now - HOUR), now)
