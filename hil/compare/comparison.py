"""Arms side by side: savings, the fraction of the possible that was reached, and what makes a comparison unfair.

Cold that an arm holds at the end less than at the beginning is charged at its own efficiency and mean price; cold that
it holds more is not credited. Savings are of kWh, or of cost where the site says so.
"""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hil.compare.arm import ArmRun, Plan, run_arm
from hil.compare.days import YEAR, blocks, chosen_days
from hil.compare.spending import Spending
from hil.oracle.lighting import lighting_figures
from hil.ready_site.ready_site import POLICY, ReadySite, load_ready_site

WEAK, COMPETENT, REPORTED, ORACLE = "weak", "competent", "reported", "oracle"
ARMS = (WEAK, COMPETENT, REPORTED, POLICY, ORACLE)
COMFORT_SLACK = (
    1.05,
    5.0,
)  # times the competent arm's degree-hours, and K h on top, are still the same comfort
OWED_SHARE = 0.05  # of an arm's kWh: where more is cold owed at the end, rooms and weather outweigh control
COOLING_SLACK = 0.97  # of the competent arm's cooling, less is said
Told = Callable[[str, ArmRun], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. Everything is a plain value, so that it goes to other processes."""

    site: str
    days: int = 12
    seed: int = 1
    arms: tuple[str, ...] = ()  # none: all the site has
    variant: str = ""
    hold_out: bool = False
    jobs: int = 1

    @property
    def plan(self) -> Plan:
        return Plan(blocks(chosen_days(self.days)), self.seed)

    def ready(self) -> ReadySite:
        """Raises ConfigurationError."""
        return load_ready_site(self.site, variant=self.variant, hold_out=self.hold_out)


@dataclass(slots=True)
class Comparison:
    """All that came of it. `arms`: the figures of each as plain values; `problems`: why it is no fair comparison."""

    site: str
    days: int
    seed: int
    measure: str
    arms: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reported: Mapping[str, Any] | None = None
    variant: str = ""
    hold_out: bool = False

    def saving(self, arm: str, against: str) -> float | None:
        """In %, of what the site measures savings in."""
        one, base = self._paid(arm), self._paid(against)
        return None if one is None or not base else 100.0 * (1.0 - one / base)

    @property
    def fraction(self) -> float | None:
        """Share of the possible saving against the weak arm that the policy reached."""
        policy, possible = self.saving(POLICY, WEAK), self.saving(ORACLE, WEAK)
        return None if policy is None or not possible else policy / possible

    def plain(self) -> dict[str, Any]:
        """One JSON object."""
        result: dict[str, Any] = {"site": self.site, "days": self.days, "seed": self.seed}
        result |= {"variant": self.variant or None, "hold_out": self.hold_out, "measure": self.measure}
        result |= {name: self.arms.get(name) for name in ARMS}
        result["saving_vs_weak"] = self.saving(POLICY, WEAK)
        result["saving_vs_competent"] = self.saving(POLICY, COMPETENT)
        result["fraction_of_oracle"] = self.fraction
        if self.reported is not None:
            result["reported_saving"] = self.reported.get("saving")
            result["reported_arm_saving"] = self.saving(REPORTED, str(self.reported.get("against", WEAK)))
            result["reported_why"] = self.reported.get("why")
        result["more"] = {name: figures for name, figures in self.arms.items() if name not in ARMS}
        result |= {"problems": self.problems, "notes": self.notes}
        return result

    def _paid(self, arm: str) -> float | None:
        figures = self.arms.get(arm)
        value = None if figures is None else figures.get(self.measure)
        return None if value is None else float(value)


def compare(request: Request, told: Told | None = None) -> Comparison:
    """Runs all arms. Raises ConfigurationError."""
    ready = request.ready()
    wanted = _wanted(ready, request.arms)
    result = Comparison(
        ready.name,
        request.days,
        request.seed,
        ready.measure,
        reported=ready.reported,
        variant=request.variant,
        hold_out=request.hold_out,
    )
    runs: dict[str, ArmRun] = {}
    for name, run in _run_all(request, [one for one in wanted if one != ORACLE or ORACLE in ready.arms]):
        runs[name] = run
        if told is not None:
            told(name, run)
    result.arms = {name: arm_figures(runs[name]) for name in wanted if name in runs}
    if ORACLE in wanted and ORACLE not in runs:
        _ask_oracle(ready, runs, result)
    _judge(result, runs)
    return result


def arm_figures(run: ArmRun) -> dict[str, Any]:
    """The figures people and machines look at; None where one does not apply."""
    figures, days = run.figures, run.days
    kwh, cooling = figures.get("kwh"), figures.get("cooling_kwh_th")
    plant = sum(figures.get(f"kwh.{name}") or 0.0 for name in run.plant)
    eer = cooling / plant if plant and cooling else None
    owed = max(-(run.stored_change or 0.0), 0.0) / eer if eer else 0.0
    cost = _cost(run)
    starts = sum(value or 0.0 for name, value in figures.items() if name.startswith("starts.chiller"))
    return {
        "kwh": None if kwh is None else kwh + owed,
        "cost": None if cost is None or not kwh else cost * (1.0 + owed / kwh),
        "peak_kw": figures.get("peak_kw"),
        "eer_sys": eer,
        "plant_kwh": plant if run.plant else None,
        "cooling_kwh_th": cooling,
        "degree_hours": figures.get("degree_hours"),
        "starts_per_day": starts / days / run.chillers if run.chillers else None,
        "dark_arrivals": figures.get("dark_arrivals"),
        "stored_kwh_change": run.stored_change,
        "stored_kwh_charged": owed,
        "failed_ticks": run.failed_ticks,
        "policy_faults": run.policy_faults,
        "trips": run.trips,
        "kwh_by_group": _groups(figures),
        "months": {str(month): _month(one) for month, one in sorted(run.months.items())},
        "counters": {
            name: figures[name]
            for name in (
                "dark_seconds",
                "late_appearances",
                "late_switch_on_seconds",
                "burning_by_day_seconds",
                "lux_minutes_below",
            )
            if figures.get(name) is not None
        },
        "days_per_second": run.simulated / run.wall if run.wall > 0.0 else None,
    }


def _cost(run: ArmRun) -> float | None:
    if run.tariff is None:
        return None
    spending = Spending((), (), "UTC", run.tariff, months=run.months)
    return sum(spending.cost(month, YEAR) for month in run.months)


def _groups(figures: Mapping[str, float | None]) -> dict[str, float]:
    """Electricity by kind of machine: what a person asks first."""
    result: dict[str, float] = {}
    for name, value in figures.items():
        if name.startswith("kwh.") and value is not None:
            group = name[4:].rstrip("0123456789").rstrip("_")
            result[group] = result.get(group, 0.0) + value
    return result if len(result) <= 12 else {}


def _month(one: Any) -> dict[str, float | None]:
    return {
        "kwh": one.kwh,
        "cooling_kwh_th": one.cooling,
        "eer_sys": one.cooling / one.kwh if one.kwh > 0.0 and one.cooling > 0.0 else None,
        "peak_kw": one.peak,
    }


def _wanted(ready: ReadySite, chosen: tuple[str, ...]) -> list[str]:
    """The usual arms, and those that only this site has where they are asked for."""
    there = [name for name in ARMS if name in (POLICY, ORACLE) or name in ready.arms]
    own = [name for name in ready.arms if name not in ARMS]
    return [name for name in (*there, *own) if name in chosen or (not chosen and name in there)]


def _run_all(request: Request, arms: list[str]) -> Iterable[tuple[str, ArmRun]]:
    if request.jobs <= 1 or len(arms) == 1:
        ready = request.ready()
        for arm in arms:
            yield arm, run_arm(ready, arm, request.plan)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(request.jobs, len(arms)), mp_context=context) as pool:
        waiting = {pool.submit(partial(_run_one, request), arm): arm for arm in arms}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _run_one(request: Request, arm: str) -> ArmRun:
    return run_arm(request.ready(), arm, request.plan)


def _ask_oracle(ready: ReadySite, runs: Mapping[str, ArmRun], result: Comparison) -> None:
    """The upper bound, on the traces of the arms; said where this site has none."""
    found = lighting_figures(runs[POLICY].figures) if POLICY in runs else None
    if found is None:
        find = getattr(importlib.import_module("hil.oracle"), "oracle_of", None)
        found = None if find is None else find(ready, {name: run.traces for name, run in runs.items()})
    if found is None:
        result.notes.append("no oracle knows this site")
    else:
        result.arms[ORACLE] = dict(found)


def _judge(result: Comparison, runs: Mapping[str, ArmRun]) -> None:
    """What would make the figures worth nothing."""
    competent = result.arms.get(COMPETENT)
    for name, run in runs.items():
        if run.failed_ticks:
            result.problems.append(f"{name}: {run.failed_ticks} ticks failed")
        for policy, count in run.policy_faults.items():
            result.problems.append(f"{name}: policy {policy} failed {count} times")
        if run.trips:
            (result.problems if name == POLICY else result.notes).append(f"{name}: {run.trips} trips")
        kwh, owed = result.arms[name]["kwh"], result.arms[name]["stored_kwh_charged"]
        if kwh and owed > OWED_SHARE * kwh:
            share = 100.0 * owed / kwh
            result.problems.append(
                f"{name}: {share:.0f} % of its kWh is cold owed at the end: take more days"
            )
        if competent is not None and name in (POLICY, REPORTED):
            _judge_service(result, name, competent)
    fraction = result.fraction
    if fraction is not None and fraction > 1.0:
        result.problems.append(f"the policy beats the oracle ({fraction:.3f}): the bound is none")


def _judge_service(result: Comparison, name: str, competent: Mapping[str, Any]) -> None:
    """Less comfort than the competent plant gives is no saving."""
    into = result.problems if name == POLICY else result.notes
    one = result.arms[name]
    mine, theirs = one["degree_hours"], competent["degree_hours"]
    if mine is not None and theirs is not None and mine > COMFORT_SLACK[0] * theirs + COMFORT_SLACK[1]:
        into.append(f"{name}: unmet comfort, {mine:.0f} degree-hours against {theirs:.0f}")
    mine, theirs = one["cooling_kwh_th"], competent["cooling_kwh_th"]
    if mine is not None and theirs and mine < COOLING_SLACK * theirs:
        result.notes.append(
            f"{name}: delivers {100.0 * (1.0 - mine / theirs):.1f} % less cooling than competent"
        )
    arrivals, others = one["dark_arrivals"], competent["dark_arrivals"]
    if arrivals and arrivals > (others or 0.0):
        into.append(f"{name}: {arrivals:.0f} arrivals in the dark")
