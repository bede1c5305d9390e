"""What each policy could read and finds nowhere, and what it does without: for whoever wires a plant."""

from __future__ import annotations

from collections.abc import Iterator

from agent.config.draft import Draft
from agent.config.policies import reached
from agent.core.policy import RoleNeed

_SHOWN = 4  # machines named; of more their number


def lacking(draft: Draft) -> Iterator[str]:
    """One line for each optional reading that is missing on all or some of the equipment that could have it."""
    for name, (area, policy) in draft.policies.items():
        for need in policy.reads:
            if need.required or not need.without:
                continue
            machines = list(reached(draft, policy, area, need.equipment))
            without = [one.id for one in machines if need.role not in one.roles]
            if without or not machines:
                yield f"{name}: {_who(need, without, len(machines))} {need.role}: {need.without}"


def _who(need: RoleNeed, without: list[str], number: int) -> str:
    if not number:
        return f"no {need.equipment or 'equipment'} with"
    if len(without) == number > 1:
        return f"no {need.equipment} has"
    if len(without) > _SHOWN:
        return f"{len(without)} of {number} {need.equipment}s have no"
    return f"{', '.join(without)} {'has' if len(without) == 1 else 'have'} no"
