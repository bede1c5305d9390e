"""`check`: all problems and warnings of a site file, and what would be left without anybody if the box died."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.config.draft import Draft
from agent.config.equipment import warn_of_odd_kinds
from agent.config.lacking import lacking
from agent.config.load import draft_site, sorted_problems
from agent.config.policies import reached
from agent.core.errors import Problem
from agent.core.site import Catalogue


@dataclass(frozen=True, slots=True)
class Unguarded:
    """A commanded point that neither its device nor a change-over gives back when the box dies."""

    point: str
    equipment: str
    role: str
    policies: tuple[str, ...]  # who commands it; empty: only people can
    problem: Problem  # where the equipment stands, in words, and the mend

    def __str__(self) -> str:
        return str(self.problem)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found. Nothing may start while there are problems."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    unguarded: tuple[Unguarded, ...]
    lacking: tuple[str, ...] = ()  # what policies could use and do without

    @property
    def good(self) -> bool:
        return not self.problems


def check_site(path: Path, catalogue: Catalogue) -> CheckReport:
    """Never raises for what the file says."""
    _, draft = draft_site(path, catalogue)
    warn_of_odd_kinds(draft)
    unguarded = tuple(_unguarded(draft)) if isinstance(draft.document.data, dict) else ()
    problems = sorted_problems(draft.document)
    lacks = () if problems else tuple(lacking(draft))
    return CheckReport(problems, tuple(draft.document.warnings), unguarded, lacks)


def _unguarded(draft: Draft) -> Iterator[Unguarded]:
    commanded = _commanded(draft)
    seen: set[str] = set()
    for machine in draft.equipment.values():
        for role, point_id in machine.roles.items():
            point = draft.points[point_id]
            if not point.commandable or point.has_device_timeout or point_id in seen:
                continue
            seen.add(point_id)
            policies = commanded.get(point_id, ())
            by = f"commanded by {', '.join(policies)}" if policies else "commandable by people"
            message = f"{point_id} ({machine.id} {role}), {by}, would stay as it is if the box died"
            mend = (
                "set the device's own communication time-out and write device_timeout: true on the point, "
                f"or fit a change-over and write change_over: true on {machine.id}"
            )
            where = draft.document.problem(("equipment", machine.id), message, mend, key=True)
            yield Unguarded(point_id, machine.id, role, policies, where)


def _commanded(draft: Draft) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, (area, policy) in draft.policies.items():
        for claim in policy.claims:
            for machine in reached(draft, policy, area, claim.equipment):
                point_id = machine.roles.get(claim.role)
                if point_id is not None and name not in found.get(point_id, ()):
                    found[point_id] = (*found.get(point_id, ()), name)
    for interlock in draft.interlocks:
        found[interlock.point] = (*found.get(interlock.point, ()), interlock.id)
    return found
