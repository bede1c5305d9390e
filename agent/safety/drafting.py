"""The first half of a decision: who wins a point, within which bounds, engineering limits and ramps."""

from __future__ import annotations

from agent.core.command import Command, Priority
from agent.core.decision import Stage
from agent.core.point import OnLoss, Point, Value, ValueKind
from agent.core.priority_array import PriorityArray
from agent.safety.draft import NOBODY, Draft
from agent.safety.limits import apply_limits, apply_ramp, is_number
from agent.safety.safety_state import Final, Loss
from agent.safety.span import OPEN, Edge, Span, fitted, span_of
from agent.safety.wording import said


def drafted(
    point: Point, claims: tuple[Command, ...], loss: Loss | None, last: Final | None, now: float
) -> Draft:
    """The point's value as its claims want it (strongest first), clamped, limited and ramped."""
    if len(claims) == 1 and claims[0].value is not None:
        winner: Command | None = claims[0]
    else:
        winner = PriorityArray(claims).strongest(point.safe_end)
    if winner is None:
        value, note = _unclaimed(point, loss)
        draft = Draft(point, claims, value, None, NOBODY, note)
    else:
        draft = Draft(point, claims, winner.value, winner, winner.priority, "")
    if draft.value is None:
        return draft
    if claims and point.kind in (ValueKind.NUMBER, ValueKind.SWITCH):
        _apply_bounds(draft)
    if is_number(draft.value):
        apply_limits(draft, draft.value)
        apply_ramp(draft, last, now)
    return draft


def _unclaimed(point: Point, loss: Loss | None) -> tuple[Value | None, str]:
    """The value of a point that nobody claims, and why it is that."""
    default = point.relinquish_default
    since = "nobody asks for a value" if loss is None else f"{' and '.join(loss.sources)} fell silent"
    if loss is not None and point.on_loss is OnLoss.HOLD and loss.value is not None:
        return loss.value, f"held as it was, since {since}"
    if loss is not None and point.on_loss is OnLoss.RELEASE:
        return None, f"given back to local control, since {since}"
    if default is None:
        return None, f"left to local control, since {since}"
    return default, f"the relinquish default, since {since}"


def _apply_bounds(draft: Draft) -> None:
    point, value = draft.point, draft.value
    span = span_of(draft.claims, draft.priority, point.safe_end)
    if span is None or value is None:
        return
    after, claim = span.clamp(value)
    if claim is not None:
        side = "at least" if not isinstance(value, str) and value < span.low.at else "at most"
        because = f": {claim.reason}" if claim.reason else ""
        reason = (
            f"{claim.source} (priority {claim.priority:d}) allows {side} {said(after, point.unit)}{because}"
        )
        draft.force(Stage.BOUND, claim.source, after, reason)
        draft.priority = min(draft.priority, claim.priority)
    if draft.claims[0].priority <= Priority.AUTOMATIC_LIFE_SAFETY:
        life = span_of(draft.claims, Priority.AUTOMATIC_LIFE_SAFETY, point.safe_end) or OPEN
        limits = point.limits
        low = Edge(float("-inf") if limits.low is None else limits.low)
        high = Edge(float("inf") if limits.high is None else limits.high)
        draft.life = fitted(life, Span(low, high))
