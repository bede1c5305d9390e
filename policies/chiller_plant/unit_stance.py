"""What the shedding policy has made of each chiller, and how that follows what the plant really does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.calc.timers import held
from policies.chiller_plant.units import Unit

RETRY = 1800.0  # s until a machine that failed to start, or was lost, is thought of again


class Stance(StrEnum):
    """The policy's relation to one machine."""

    LEFT = "left"  # not ours: relinquished
    ON = "on"  # runs and is wanted
    STARTING = "starting"  # wanted, its pumps first, not proven yet
    SHED = "shed"  # held off by us
    FAILED = "failed"  # was wanted and is not there: relinquished, replaced when the load asks for it


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """One machine; times are seconds lived through."""

    stance: Stance = Stance.LEFT
    reason: str = ""
    held: float = 0.0  # in this stance
    running: float = 0.0  # proven running without a break
    stopped: float = 0.0  # proven standing without a break
    go: bool = False  # starting: its water was proven once, the machine itself is enabled


def enter(before: UnitState, stance: Stance, reason: str) -> UnitState:
    return replace(before, stance=stance, reason=reason, held=0.0, go=False)


def follow(unit: Unit, before: UnitState | None, seconds: float, proof_within: float) -> UnitState:
    """The machine's state after this look at it, before any decision of ours."""
    if before is None:
        found = UnitState()
        if unit.running:
            return enter(found, Stance.ON, "found running")
        return enter(found, Stance.LEFT, "found off: left to the plant's own control")
    counts = not (before.stance is Stance.STARTING and unit.waiting)
    now = replace(
        before,
        held=before.held + (seconds if counts else 0.0),
        running=held(before.running, unit.running is True, seconds),
        stopped=held(before.stopped, unit.running is False, seconds),
    )
    if unit.running:
        return _follow_running(unit, now)
    return _follow_standing(unit, now, proof_within)


def _follow_running(unit: Unit, now: UnitState) -> UnitState:
    if now.stance is Stance.SHED:
        return enter(now, Stance.ON, f"held on by {unit.forced}") if unit.forced_on else now
    if now.stance is Stance.ON:
        return now
    return enter(now, Stance.ON, now.reason if now.stance is Stance.STARTING else "started by others")


def _follow_standing(unit: Unit, now: UnitState, proof_within: float) -> UnitState:
    """Not running, or not known to be."""
    if now.stance is Stance.FAILED:
        over = now.held >= RETRY and not unit.barred
        return enter(now, Stance.LEFT, "left to the plant's own control") if over else now
    if now.stance not in (Stance.ON, Stance.STARTING) or unit.running is None:
        return now
    if unit.barred:
        return enter(now, Stance.FAILED, f"{unit.barred}: left to its own control")
    if now.stance is Stance.ON and unit.managed:
        return enter(now, Stance.LEFT, f"stopped by {unit.managed}")
    if now.stance is Stance.ON and now.stopped >= proof_within:
        return enter(now, Stance.FAILED, "stopped though it was wanted: left to its own control for 30 min")
    if now.stance is Stance.STARTING and now.held >= proof_within:
        return enter(now, Stance.FAILED, f"did not run within {proof_within:g} s: given up for 30 min")
    return now
