"""What would make the figures of a comparison worth nothing, and what must be known beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hil.compare.arm import ArmRun
from hil.ready_site.ready_site import COMPETENT, POLICY, REPORTED

COMFORT_SLACK = (
    1.05,
    5.0,
)  # times the competent arm's degree-hours, and K h on top, are still the same comfort
OWED_SHARE = 0.05  # of an arm's kWh: where more is cold owed at the end, rooms and weather outweigh control
COOLING_SLACK = 0.97  # of the competent arm's cooling, less is said
BEATEN = 1.0  # a fraction above it, and the bound is none
Say = Callable[[str], None]
Arms = Mapping[str, Mapping[str, Any]]


def judge(arms: Arms, runs: Mapping[str, ArmRun], fraction: float | None, problem: Say, note: Say) -> None:
    """Says of the runs what is wrong with them, and of the fraction of the oracle's saving whether it can be."""
    competent = arms.get(COMPETENT)
    for name, run in runs.items():
        _judge_run(name, run, problem, note)
        _judge_stored(name, arms[name], problem, note)
        if competent is not None and name in (POLICY, REPORTED):
            _judge_service(name, arms[name], competent, problem if name == POLICY else note, note)
    if fraction is not None and fraction > BEATEN:
        problem(f"the policy beats the oracle ({fraction:.3f}): the bound is none")


def _judge_run(name: str, run: ArmRun, problem: Say, note: Say) -> None:
    if run.failed_ticks:
        problem(f"{name}: {run.failed_ticks} ticks failed")
    for policy, count in run.policy_faults.items():
        problem(f"{name}: policy {policy} failed {count} times")
    if run.trips:
        (problem if name == POLICY else note)(f"{name}: {run.trips} trips")


def _judge_stored(name: str, figures: Mapping[str, Any], problem: Say, note: Say) -> None:
    kwh, owed = figures["kwh"], figures["stored_share"]
    if not kwh or owed is None:
        return
    owed /= 1.0 + owed  # of all, what is owed included
    if owed > OWED_SHARE:
        problem(f"{name}: {100.0 * owed:.0f} % of its kWh is cold owed at the end: take more days")
    left = figures["left_share"] or 0.0
    if left > OWED_SHARE:
        note(
            f"{name}: cold worth {100.0 * left:.0f} % of its kWh is left over and not credited: take more days"
        )


def _judge_service(
    name: str, one: Mapping[str, Any], competent: Mapping[str, Any], say: Say, note: Say
) -> None:
    """Less comfort than the competent plant gives is no saving."""
    mine, theirs = one["degree_hours"], competent["degree_hours"]
    if mine is not None and theirs is not None and mine > COMFORT_SLACK[0] * theirs + COMFORT_SLACK[1]:
        say(f"{name}: unmet comfort, {mine:.0f} degree-hours against {theirs:.0f}")
    mine, theirs = one["cooling_kwh_th"], competent["cooling_kwh_th"]
    if mine is not None and theirs and mine < COOLING_SLACK * theirs:
        note(f"{name}: delivers {100.0 * (1.0 - mine / theirs):.1f} % less cooling than competent")
    arrivals, others = one["dark_arrivals"], competent["dark_arrivals"]
    if arrivals and arrivals > (others or 0.0):
        say(f"{name}: {arrivals:.0f} arrivals in the dark")
