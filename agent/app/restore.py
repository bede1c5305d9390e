"""Brings back what areas remembered: policy states and guard timers. What does not fit starts afresh."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from agent.control.loop import AreaLoop
from agent.core.serial import from_plain
from agent.safety.arbiter import SafetyState
from agent.safety.safety_state import after_restart, forget_source

log = logging.getLogger("plantroom.restore")


class Documents(Protocol):
    """The part of the store that keeps small documents."""

    def documents(self, kind: str) -> dict[str, Any]: ...


def restore_areas(loops: Iterable[AreaLoop], store: Documents) -> None:
    """Policy and safety states of the last run. A state of another version is left aside and said so."""
    policies = store.documents("policy_state")
    safety = store.documents("safety_state")
    for loop in loops:
        area = loop.setup.model.area.id
        for name, policy in loop.policies.items():
            kept = policies.get(f"{area}/{name}")
            if kept is None or kept.get("kind") != policy.kind or kept.get("version") != policy.state_version:
                continue
            try:
                loop.memory.states[name] = from_plain(type(policy.initial_state()), kept["state"])
            except (TypeError, ValueError) as error:
                log.warning("the saved state of policy %s does not fit (%s): it starts afresh", name, error)
        if area in safety:
            try:
                kept = after_restart(from_plain(SafetyState, safety[area]))
                loop.memory.safety = _without_strangers(kept, loop)
            except (TypeError, ValueError) as error:
                log.warning(
                    "the saved timers of area %s do not fit (%s): just stopped is assumed", area, error
                )


def _without_strangers(state: SafetyState, loop: AreaLoop) -> SafetyState:
    """Without the latched bounds of policies that the configuration no longer has."""
    sources = {claim.source for claims in state.claims.values() for claim in claims}
    for source in sources - set(loop.policies):
        state = forget_source(state, source)
    return state
