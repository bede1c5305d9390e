"""The one sentence that answers "why", in words a facility engineer uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.point import Point
from agent.safety.wording import said


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
    if note:
        sentence += f" Write: {note}."
    return sentence.replace("..", ".")
