"""The guards themselves: pure rules that say what keeps one machine from starting, running on or stopping.

Missing feedback is the worst assumption each time: it counts as just stopped when the machine wants to start, as no flow
when flow has to be proven, and as running when something that serves it wants to stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.core.equipment import GuardSettings
from agent.core.frozen import quick
from agent.safety.guard_history import HOUR, GuardHistory
from agent.safety.wording import lasting

FLOW_GRACE = 10.0
"""Seconds a running machine may go on while its flow cannot be read. Flow seen to be lost stops it at once."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A guard that says no: its name, how long still (None: until the plant changes), and the sentence."""

    guard: str
    wait: float | None
    sentence: str

    @property
    def rank(self) -> float:
        return float("inf") if self.wait is None else self.wait


@quick
@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of one machine in this tick. None: it cannot be seen."""

    running: bool | None
    feedback: bool  # it has a run feedback, readable or not
    flow: bool | None = None


def start_hindrance(
    settings: GuardSettings, history: GuardHistory, sight: Sight, now: float
) -> Hindrance | None:
    """What keeps the machine from starting; of several guards the one that takes longest."""
    return max(_start_hindrances(settings, history, sight, now), key=lambda one: one.rank, default=None)


def _start_hindrances(
    settings: GuardSettings, history: GuardHistory, sight: Sight, now: float
) -> Iterator[Hindrance]:
    if settings.proof_of_flow is not None and sight.flow is not True:
        seen = "no flow" if sight.flow is False else "nothing"
        yield Hindrance(
            "proof_of_flow", None, f"starts when flow is proven: {settings.proof_of_flow} shows {seen}"
        )
    timers = (
        ("minimum_off", history.last_stop, settings.minimum_off),
        ("start_to_start", history.last_start, settings.start_to_start),
    )
    timed = any(length > 0 for _, _, length in timers) or settings.starts_per_hour is not None
    if timed and sight.feedback and sight.running is None:
        yield Hindrance(
            "feedback", None, "starts when its run feedback is back: unseen, it counts as just stopped"
        )
    for guard, since, length in timers:
        wait = since + length - now
        if wait > 0:
            yield Hindrance(guard, wait, f"starts in {lasting(wait)}: {_spoken(guard)} {lasting(length)}")
    wait = _quota_wait(settings.starts_per_hour, history, now)
    if wait > 0:
        yield Hindrance(
            "starts_per_hour",
            wait,
            f"starts in {lasting(wait)}: no more than {settings.starts_per_hour} starts an hour",
        )


def _quota_wait(quota: int | None, history: GuardHistory, now: float) -> float:
    """Seconds until fewer than `quota` starts lie within the last hour (a quota below 1 counts as 1)."""
    if quota is None:
        return 0.0
    recent = [start for start in history.starts if start > now - HOUR]
    allowed = max(1, quota)
    return 0.0 if len(recent) < allowed else recent[-allowed] + HOUR - now


def run_hindrance(
    settings: GuardSettings, history: GuardHistory, sight: Sight, now: float
) -> Hindrance | None:
    """What forbids a machine that is on to run on: lost flow. It beats the minimum on time."""
    if settings.proof_of_flow is None or sight.flow is True:
        return None
    if sight.flow is False:
        return Hindrance("proof_of_flow", None, f"stopped: {settings.proof_of_flow} shows that flow is lost")
    if now - history.flow <= FLOW_GRACE:
        return None
    return Hindrance(
        "proof_of_flow",
        None,
        f"stopped: {settings.proof_of_flow} has shown nothing for over {lasting(FLOW_GRACE)}",
    )


def stop_hindrance(
    settings: GuardSettings, history: GuardHistory, sight: Sight, now: float, relieved: bool
) -> Hindrance | None:
    """What keeps a machine that is on from stopping by its own past: minimum on and run-on.

    `relieved`: another one runs on for what this one serves, so its own run-on is not needed.
    """
    hindrances = []
    wait = history.last_start + settings.minimum_on - now
    # strictly later: start and stop of one moment are an assumption, not a proof
    stopped_by_itself = sight.running is False and history.stopped > history.last_start
    if wait > 0 and not stopped_by_itself:
        hindrances.append(
            Hindrance(
                "minimum_on", wait, f"may stop in {lasting(wait)}: minimum on {lasting(settings.minimum_on)}"
            )
        )
    wait = history.served + settings.run_on - now
    if settings.serves and wait > 0 and not relieved:
        hindrances.append(
            Hindrance(
                "run_on",
                wait,
                f"may stop in {lasting(wait)}: runs on {lasting(settings.run_on)} after what it serves",
            )
        )
    return max(hindrances, key=lambda one: one.rank, default=None)


def _spoken(guard: str) -> str:
    return guard.replace("_", " ")
