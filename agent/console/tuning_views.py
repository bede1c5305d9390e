"""What people see of changed parameters: modes with what they would change, what was tuned and by whom, and where a value comes from."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.point import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningView:
    """One layer of changed parameters: a mode, or what somebody tuned."""

    id: str
    layer: str  # mode, tuned
    area: str
    name: str  # of the mode; empty: none, the site file as it is
    values: dict[str, dict[str, Value]]  # by policy
    owner: str
    reason: str
    made: float  # UTC seconds
    seconds_left: float | None  # None: until somebody takes it back
    until: float | None  # UTC seconds
    on_probation: bool
    ends_on: tuple[str, ...]
    left_aside: str = ""  # why it does not hold: it does not go with the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChange:
    """One parameter that a change would set otherwise, or that differs from the site file."""

    policy: str
    parameter: str
    unit: str
    old: Value | None
    new: Value | None
    by: str = ""  # whose value it is now: "the site file", "mode night", "tuned", "tuned on probation"
    restarts: tuple[str, ...] = ()  # timers of the policy that begin anew


@dataclass(frozen=True, slots=True, kw_only=True)
class PointChange:
    """One commanded point that would be set otherwise right now. None: nobody would set it."""

    point: str
    label: str
    unit: str
    old: Value | None
    new: Value | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What a mode or new parameters would change, before anybody says yes."""

    area: str
    mode: str | None  # None: parameters, no mode
    parameters: tuple[ParameterChange, ...]
    points: tuple[PointChange, ...]  # at this very moment; timers and ramps come later
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeView:
    """One mode of an area, and whether it holds now."""

    area: str
    name: str
    help: str
    policies: dict[str, dict[str, Value]]
    calendar: tuple[str, ...]  # its hours in words
    chosen: TuningView | None = None
