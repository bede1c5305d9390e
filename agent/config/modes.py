"""Modes of an area: parameter sets of its policies, checked like the policies themselves, each by itself and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent.calc.calendar import CALENDARS
from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import bad_name, nearest
from agent.config.parameters import Settings
from agent.config.schema import SpanShape
from agent.core.policy import AnyPolicy
from agent.core.tuning import Mode, Span, tunable


def build_modes(draft: Draft, settings: Settings) -> dict[str, dict[str, Mode]]:
    """The modes by area, of a draft whose policies are built; what is wrong is noted where it stands."""
    return {area: dict(_of_area(draft, settings, area)) for area in draft.modes}


def _of_area(draft: Draft, settings: Settings, area: str) -> Iterator[tuple[str, Mode]]:
    for name, shape in draft.modes[area].items():
        where: Where = ("areas", area, "modes", name)
        if (message := bad_name(name)) is not None:
            draft.document.add(where, message, "rename it, and say what it is with help: ...", key=True)
            continue
        if not shape.policies:
            draft.document.warn(where, f"mode {name} changes nothing", "add policies: {...}", key=True)
        policies = {
            policy: values
            for policy, data in shape.policies.items()
            if (values := _values(draft, settings, policy, data, (*where, "policies", policy))) is not None
        }
        when = tuple(_span(draft, one, (*where, "when", index)) for index, one in enumerate(shape.when))
        yield name, Mode(name=name, help=shape.help, policies=policies, when=when)


def _values(draft: Draft, settings: Settings, name: str, data: Any, place: Where) -> Mapping[str, Any] | None:
    """The parameters that this mode gives one policy."""
    area = place[1]
    built = draft.policies.get(name)
    mine = [known for known, (other, _) in draft.policies.items() if other == area]
    if built is None or built[0] != area:
        if name not in draft.section("policies") or built is not None:
            message = f"area {area} has no policy '{name[:60]}'"
            draft.document.add(place, message, nearest(name, mine), key=True)
        return None
    policy = built[1]
    if not isinstance(data, dict):
        draft.document.add(place, f"'{name}' needs its parameters", f"write {name}: {{parameter: value}}")
        return None
    known = {spec.name for spec in tunable(type(policy))}
    for key in [one for one in data if one not in known]:
        message = f"'{str(key)[:60]}' is no parameter of {name} that a mode can change"
        draft.document.add((*place, key), message, nearest(key, known), key=True)
    values = settings.values(type(policy), {key: data[key] for key in data if key in known}, place)
    if values is not None:
        _judge(draft, policy, values, place)
    return values


def _judge(draft: Draft, policy: AnyPolicy, values: Mapping[str, Any], place: Where) -> None:
    """The policy's own rules, over all of its parameters as they would be."""
    try:
        replace(policy, **values)  # type: ignore[type-var] # every policy is a dataclass
    except (ValueError, TypeError) as error:
        draft.document.add(place, str(error)[:300], "with what the policy has in the site file", key=True)


def _span(draft: Draft, shape: SpanShape, where: Where) -> Span:
    if shape.calendar not in CALENDARS:
        message = f"there is no calendar '{shape.calendar[:40]}'"
        draft.document.add((*where, "calendar"), message, nearest(shape.calendar, CALENDARS))
    return Span(days=shape.days, start=shape.start, end=shape.end, calendar=shape.calendar)
