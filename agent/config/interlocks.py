"""Interlocks of a site: `when: "ch1.chws_temp < 3 degC"` read and checked."""

from __future__ import annotations

import re
from typing import Any

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import bad_name
from agent.config.points import typed_value
from agent.config.schema import InterlockShape
from agent.config.shapes import fit
from agent.core.interlock import Comparison, Interlock
from agent.core.point import Point, Value, ValueKind

_CONDITION = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*(<=|>=|==|!=|<|>)\s*(\S.{0,60}?)\s*")
_ORDERED = (Comparison.BELOW, Comparison.AT_MOST, Comparison.ABOVE, Comparison.AT_LEAST)


def build_interlocks(draft: Draft) -> None:
    """Adds the interlocks to a draft whose points and equipment are built."""
    listed = draft.document.data.get("interlocks")
    if listed is None:
        return
    if not isinstance(listed, list):
        mend = "write interlocks: [{id: ..., point: ..., value: ..., when: ..., reason: ...}]"
        draft.document.add(("interlocks",), "interlocks are a list", mend)
        return
    for index, data in enumerate(listed):
        where: Where = ("interlocks", index)
        shape = fit(InterlockShape, data, draft.document, where)
        interlock = None if shape is None else _build(draft, shape, where)
        if interlock is None:
            continue
        if any(other.id == interlock.id for other in draft.interlocks):
            draft.document.add((*where, "id"), f"interlock '{interlock.id}' stands here twice", "rename one")
        draft.interlocks.append(interlock)


def _build(draft: Draft, shape: InterlockShape, where: Where) -> Interlock | None:
    if (message := bad_name(shape.id)) is not None:
        draft.document.add((*where, "id"), message, "rename it")
    point = draft.find_point(shape.point, (*where, "point"))
    condition = _condition(draft, shape.when, (*where, "when"))
    if point is not None and not point.commandable:
        draft.document.add((*where, "point"), f"{point.id} cannot be written", "name a commandable point")
    if point is None or condition is None:
        return None
    watch, comparison, threshold = condition
    value = _typed(draft, shape.value, point, (*where, "value"))
    only_when = None
    if shape.only_when is not None:
        only_when = _typed(draft, shape.only_when, point, (*where, "only_when"))
    if value is None:
        return None
    return Interlock(
        id=shape.id,
        point=point.id,
        value=value,
        watch=watch.id,
        comparison=comparison,
        threshold=threshold,
        reason=shape.reason,
        max_age=shape.max_age,
        hold=shape.hold,
        trip_on_loss=shape.trip_on_loss,
        beats_life_safety=shape.beats_life_safety,
        only_when=only_when,
    )


def _condition(draft: Draft, text: str, where: Where) -> tuple[Point, Comparison, Value] | None:
    match = _CONDITION.fullmatch(text)
    if match is None:
        mend = 'write "<device>.<point> < 3 degC" (<, <=, >, >=, == or !=)'
        draft.document.add(where, f"'{text[:60]}' is not a condition", mend)
        return None
    watch = draft.find_point(match[1], where)
    if watch is None:
        return None
    comparison = Comparison(match[2])
    if watch.kind is not ValueKind.NUMBER and comparison in _ORDERED:
        draft.document.add(where, f"{watch.id} is a {watch.kind.value}; it has no order", "use == or !=")
        return None
    written: Any = {"true": True, "false": False}.get(match[3], match[3])
    threshold = _typed(draft, written, watch, where)
    return None if threshold is None else (watch, comparison, threshold)


def _typed(draft: Draft, written: object, point: Point, where: Where) -> Value | None:
    value = typed_value(
        written, point.kind, point.unit, lambda message, mend: draft.document.add(where, message, mend)
    )
    if value is not None and point.choices and value not in point.choices:
        mend = f"choices: {', '.join(point.choices)}"
        draft.document.add(where, f"{point.id} has no choice '{value}'", mend)
    return value
