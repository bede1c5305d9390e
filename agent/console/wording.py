"""The one sentence that answers "why", in words a facility engineer uses."""

from __future__ import annotations

from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.point import Point
from agent.safety.wording import said


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
