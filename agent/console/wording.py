"""The one sentence that answers "why", in words a facility engineer uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.core.command import Priority
from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.parameter import parameters
from agent.core.point import Point
from agent.core.serial import to_plain
from agent.core.tuning import Effective, Layer, Tuning
from agent.safety.wording import said

LAMP_ROLES = ("lamp_level", "lamp_switch")
_LAMP_MODES: Mapping[int, str] = {
    Priority.OPERATOR: "remote",
    Priority.DEMAND_RESPONSE: "remote",
    Priority.CLOUD: "remote",
    Priority.SEQUENCE: "sensor",
    Priority.SCHEDULE: "schedule",
}
"""What lighting people call the voices of the priority array; the others are limits and life safety."""


def lamp_mode(decision: Decision) -> str:
    """Which of remote, sensor and schedule a lamp obeys, and who speaks there."""
    winner = decision.winner
    if winner is None:
        return "Mode: none, nobody asks for anything; its own default stands."
    mode = _LAMP_MODES.get(winner.priority, "safety" if winner.priority < Priority.GUARD else "limit")
    return f"Mode: {mode}, by {winner.source}."


def by_whose_word(tuning: Tuning | None) -> str:
    """What sort of layer a value comes from; None: of none."""
    if tuning is None:
        return "the site file"
    if tuning.layer is Layer.MODE:
        return f"mode {tuning.name}"
    return "tuned on probation" if tuning.on_probation else "tuned"


def differing(policy: Effective) -> tuple[dict[str, Any], ...]:
    """The parameters of a policy that are not those of the site file, and by whose word."""
    units = {spec.name: spec.unit for spec in parameters(type(policy.policy))}
    return tuple(
        {
            "policy": policy.policy.name,
            "parameter": name,
            "value": to_plain(source.value),
            "filed": to_plain(source.filed),
            "unit": units[name],
            "by": by_whose_word(source.tuning),
            "owner": source.tuning.owner,
            "reason": source.tuning.reason,
            "tuning": source.tuning.id,
            "on_probation": source.tuning.on_probation,
        }
        for name, source in policy.sources.items()
        if source.tuning is not None and source.value != source.filed
    )


def tuned_words(tuned: Sequence[Mapping[str, Any]]) -> str:
    """The parameters that are not those of the site file, after the sentence."""
    if not tuned:
        return ""
    parts = [
        f"{one['policy']} goes by {one['parameter']} {said(one['value'], one['unit'])} "
        f"({one['by']} by {one['owner'] or 'somebody'}; the site file says {said(one['filed'], one['unit'])})"
        for one in tuned
    ]
    return f" {'; '.join(parts)}."


def why_sentence(point: Point, decision: Decision | None, authority: Authority, note: str) -> str:
    """One sentence: what it is set to, by whom, what limited it, and whether it is written at all."""
    name = point.label or point.id
    if not point.commandable:
        return f"{name} is only measured; nobody commands it."
    if authority is Authority.BMS:
        return f"{name} is in the hands of its own control: the area is released and nothing is written."
    if decision is None:
        return f"{name} has not been decided yet."
    would = "it would be " if authority is Authority.SHADOW else ""
    sentence = f"{name}: {would}{decision.reason or said(decision.value, point.unit)}."
    if point.role in LAMP_ROLES:
        sentence += f" {lamp_mode(decision)}"
    if note:
        sentence += f" Write: {note}."
    return sentence.replace("..", ".")
