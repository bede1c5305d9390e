"""The word by which the emergency policy asks all that save to wait: an inner point of the loop."""

from __future__ import annotations

from agent.core.snapshot import Snapshot

ROLE = "emergency"


def in_emergency(snapshot: Snapshot) -> str:
    """For policies that save: why they have to wait; empty where nothing is wrong, or nobody watches."""
    loop = next(snapshot.equipment("loop"), None)
    if loop is None or ROLE not in loop.roles or snapshot.value(loop, ROLE) is not True:
        return ""
    decision = snapshot.decisions.get(loop.roles[ROLE])
    return decision.reason if decision is not None and decision.reason else "emergency"
