"""Arms side by side: savings, the fraction of the possible that was reached, and what makes a comparison unfair.

Cold that an arm holds at the end less than at the beginning is charged at its own efficiency and mean price; cold that
it holds more is not credited. Savings are of kWh, or of cost where the site says so.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hil.compare.arm import ArmRun, ready_plan
from hil.compare.fairness import judge
from hil.compare.figures import KEYS, arm_figures
from hil.compare.reported import Reported
from hil.compare.running import Far, Request, run_all
from hil.oracle.lighting import lighting_figures
from hil.ready_site.ready_site import ARMS, COMPETENT, ORACLE, POLICY, WEAK, ReadySite

Told = Callable[[str, ArmRun], None]


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

    @property
    def project(self) -> Reported | None:
        """What the project reports, where there is one."""
        return None if self.reported is None else Reported(self.reported, self.arms, self.days)

    def plain(self) -> dict[str, Any]:
        """One JSON object."""
        result: dict[str, Any] = {"site": self.site, "days": self.days, "seed": self.seed}
        result |= {"variant": self.variant or None, "hold_out": self.hold_out, "measure": self.measure}
        result |= {name: self.arms.get(name) for name in ARMS}
        result["saving_vs_weak"] = self.saving(POLICY, WEAK)
        result["saving_vs_competent"] = self.saving(POLICY, COMPETENT)
        result["fraction_of_oracle"] = self.fraction
        if self.project is not None:
            result |= self.project.plain()
        result["more"] = {name: figures for name, figures in self.arms.items() if name not in ARMS}
        result |= {"problems": self.problems, "notes": self.notes}
        return result

    def _paid(self, arm: str) -> float | None:
        figures = self.arms.get(arm)
        value = None if figures is None else figures.get(self.measure)
        return None if value is None else float(value)


def compare(request: Request, told: Told | None = None, far: Far | None = None) -> Comparison:
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
    for name, run in run_all(request, _run(ready, wanted), far or (lambda _: None)):
        runs[name] = run
        if told is not None:
            told(name, run)
    result.arms = {name: arm_figures(runs[name]) for name in wanted if name in runs}
    if ORACLE in wanted and ORACLE not in runs:
        _ask_oracle(ready, runs, result)
    judge(result.arms, runs, result.fraction, result.problems.append, result.notes.append)
    _note_bill(result, runs)
    return result


def length(request: Request) -> float:
    """Simulated days of all arms together, warm-up included. Raises ConfigurationError."""
    ready = request.ready()
    return ready_plan(ready, request.plan).simulated * len(_run(ready, _wanted(ready, request.arms)))


def _wanted(ready: ReadySite, chosen: tuple[str, ...]) -> list[str]:
    """The usual arms, and those that only this site has where they are asked for."""
    there = [name for name in ARMS if name in (POLICY, ORACLE) or name in ready.arms]
    own = [name for name in ready.arms if name not in ARMS]
    return [name for name in (*there, *own) if name in chosen or (not chosen and name in there)]


def _run(ready: ReadySite, wanted: list[str]) -> list[str]:
    """Those that run themselves: an oracle is found afterwards."""
    return [one for one in wanted if one != ORACLE or ORACLE in ready.arms]


def _ask_oracle(ready: ReadySite, runs: Mapping[str, ArmRun], result: Comparison) -> None:
    """The upper bound, on the traces of the arms; said where this site has none."""
    found = lighting_figures(runs[POLICY].figures) if POLICY in runs else None
    if found is None:
        find = getattr(importlib.import_module("hil.oracle"), "oracle_of", None)
        found = None if find is None else find(ready, {name: run.traces for name, run in runs.items()})
    if found is None:
        result.notes.append("no oracle knows this site, or none of the arms it follows was run")
    else:
        result.arms[ORACLE] = dict.fromkeys(KEYS) | dict(found)


def _note_bill(result: Comparison, runs: Mapping[str, ArmRun]) -> None:
    """A demand charge belongs to whole months."""
    if result.days < 365 and any(run.tariff is not None and run.tariff.demand for run in runs.values()):
        result.notes.append("the demand charge is that of the days that were run: a month's peak is higher")
