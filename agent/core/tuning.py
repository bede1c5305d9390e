"""Parameters that are changed while the agent runs: modes of an area, and what people tune, layer upon layer.

The site file is the ground. On it lie layers: a mode that was chosen, a parameter that was tuned for good or on probation. The
newest layer that names a parameter decides it; a layer that ends uncovers what lay under it. Nothing is ever overwritten,
so every change can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from agent.core.parameter import ParameterSpec, parameters
from agent.core.point import Value
from agent.core.policy import AnyPolicy

Values = Mapping[str, Value]
"""Parameters of one policy, by name."""

DAYS = 86_400.0
AS_FILED = ""  # the name of no mode: what the site file says of each policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Hours of some days, by the site's clock. `end` at or before `start`: over midnight, and it belongs to the day it began."""

    days: Literal["all", "working", "off"] = "all"
    start: float = 0.0  # seconds after midnight
    end: float = DAYS
    calendar: str = "weekly"  # whose working days (see agent.calc.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to run an area: parameters of its policies. `when`: chosen by the calendar, while nobody has chosen."""

    name: str
    help: str = ""
    policies: Mapping[str, Values] = field(default_factory=dict)
    when: tuple[Span, ...] = ()


class Layer(StrEnum):
    """What a change of parameters is."""

    MODE = "mode"
    TUNED = "tuned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """One layer. It ends by itself at `until` (elapsed site seconds), or when an alarm comes that `ends_on` names."""

    id: str
    layer: Layer
    area: str
    name: str = ""  # of the mode
    values: Mapping[str, Values] = field(default_factory=dict)  # by policy
    owner: str = ""
    reason: str = ""
    made: float = 0.0  # UTC
    until: float | None = None  # elapsed site seconds; None: until somebody takes it back
    ends_on: tuple[str, ...] = ()  # severity, or shell pattern of an alarm's id or source

    @property
    def on_probation(self) -> bool:
        """A try that goes back by itself unless somebody confirms it."""
        return self.layer is Layer.TUNED and self.until is not None


@dataclass(frozen=True, slots=True)
class Source:
    """Where one parameter's value comes from. `tuning` None: the site file."""

    value: Any
    filed: Any
    tuning: Tuning | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """A policy as it decides. `aside`: layers that do not go together with what lies under them, and the policy's own words."""

    policy: AnyPolicy
    sources: Mapping[str, Source]  # of the parameters that any layer names
    aside: Mapping[str, str] = field(default_factory=dict)  # tuning id -> why


class UnfitError(ValueError):
    """A value that the parameter, or the policy as a whole, does not take. The sentence is for the person."""


def effective(filed: AnyPolicy, layers: Iterable[Tuning]) -> Effective:
    """The policy with all layers, oldest first. One that does not fit (any more) is left aside, the rest holds."""
    policy, sources, aside = filed, {}, {}
    specs = {spec.name: spec for spec in tunable(type(filed))}
    for layer in layers:
        wanted = layer.values.get(filed.name)
        if not wanted:
            continue
        try:
            fitting = {name: fit(specs, name, value) for name, value in wanted.items()}
            policy = _with(policy, fitting)
        except (ValueError, TypeError) as error:
            aside[layer.id] = str(error)
            continue
        for name, value in fitting.items():
            sources[name] = Source(value, getattr(filed, name), layer)
    return Effective(policy, sources, aside)


def tunable(kind: type) -> tuple[ParameterSpec, ...]:
    """The parameters that may change while the agent runs: numbers, switches and texts, not what a policy is made of."""
    plain = (float, int, bool, str)
    return tuple(
        spec
        for spec in parameters(kind)
        if spec.name != "name" and (spec.type in plain or _is_choice(spec.type) or spec.type == float | None)
    )


def fit(specs: Mapping[str, ParameterSpec], name: str, value: Any) -> Any:
    """The value in the parameter's type and inside its bounds. Raises UnfitError with the sentence."""
    spec = specs.get(name)
    if spec is None:
        raise UnfitError(f"{name} cannot be changed while the agent runs")
    if _is_choice(spec.type):
        try:
            return spec.type(value)
        except ValueError:
            choices = ", ".join(str(member.value) for member in spec.type)
            raise UnfitError(f"{name} must be one of {choices}") from None
    wanted = float if spec.type == float | None else spec.type
    if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        value = float(value)
    if wanted is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not wanted:
        raise UnfitError(f"{name} cannot be set to {value!r} while the agent runs")
    below = not isinstance(value, str) and spec.low is not None and value < spec.low
    if below or (not isinstance(value, str) and spec.high is not None and value > spec.high):
        raise UnfitError(f"{name} must lie between {spec.low} and {spec.high} {spec.unit}".rstrip())
    return value


def carried(before: AnyPolicy, after: AnyPolicy, state: Any) -> Any:
    """The state under new parameters: all of it is kept, but for timers that a changed parameter starts afresh.

    Which those are stands with the parameter (`restarts`, `field` or `field.field`): how long a condition has lasted says nothing of another condition.
    """
    afresh = {
        name
        for spec in parameters(type(after))
        if getattr(before, spec.name) != getattr(after, spec.name)
        for name in spec.restarts
    }
    if not afresh:
        return state
    first = after.initial_state()
    for name in sorted(afresh):
        state = _begun_anew(state, first, name)
    return state


def _begun_anew(state: Any, first: Any, path: str) -> Any:
    """The state with one field, or a field of a field, as it is at the very beginning."""
    name, _, rest = path.partition(".")
    fresh = getattr(first, name)
    return replace(state, **{name: _begun_anew(getattr(state, name), fresh, rest) if rest else fresh})


def pruned(layers: Sequence[Tuning], most: int) -> tuple[Tuning, ...]:
    """No more than `most` layers, as far as neighbours that were tuned for good on one policy can be made one."""
    kept = list(layers)
    at = 0
    while len(kept) > most and at + 1 < len(kept):
        under, over = kept[at], kept[at + 1]
        if _lasting(under) and _lasting(over) and under.values.keys() == over.values.keys():
            both = {name: {**under.values[name], **values} for name, values in over.values.items()}
            kept[at : at + 2] = [replace(over, values=both)]
        else:
            at += 1
    return tuple(kept)


def _lasting(one: Tuning) -> bool:
    return one.layer is Layer.TUNED and one.until is None


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _with(policy: AnyPolicy, values: Mapping[str, Any]) -> AnyPolicy:
    """Raises ValueError or TypeError when the policy's own rules do not take them together."""
    return replace(policy, **values)  # type: ignore[type-var] # every policy is a dataclass
