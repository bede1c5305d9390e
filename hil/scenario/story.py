"""The words of a scenario: steps at times, expectations with their windows, bands for the figures. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.core.equipment import Authority
from agent.core.point import Value
from hil.scenario.condition import Condition


@dataclass(frozen=True, slots=True)
class Instant:
    """A time of the story: seconds after its start, or after a step of this name."""

    seconds: float
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throw:
    """A fault begins: path and kind in the words of the fault board."""

    path: str
    kind: str
    amount: float | None = None
    seconds: float | None = None  # site seconds; None: until it is mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A fault ends."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overriding:
    """A person takes a point, for a while; `value` None gives it back."""

    point: str
    value: Value | None
    seconds: float = 3600.0
    reason: str = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """A person says who is in charge of an area."""

    area: str
    authority: Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """The world changes: an input of the plant gets a value; None gives it back to the plant."""

    variable: str
    value: float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """Somebody works on a machine, or has finished."""

    equipment: str
    locked: bool


Deed = Throw | Mend | Overriding | Assign | Force | LockOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens. `name` is how windows refer to it."""

    at: float
    deed: Deed
    name: str
    line: int = 0


class Kind(StrEnum):
    """What an expectation demands of its condition."""

    WITHIN = "within"  # true for the first time (and `holds` long) within a time after something
    ALWAYS = "always"
    NEVER = "never"
    FINALLY = "finally"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Something that must be so. `tolerated` is how long a violation may last without being one."""

    name: str
    kind: Kind
    condition: Condition
    begin: Instant = Instant(0.0)
    end: Instant | None = None
    spared: tuple[tuple[Instant, float], ...] = ()  # (from, seconds) in which it need not hold
    within: float = 0.0
    holds: float = 0.0
    tolerated: float = 0.0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Every fault kind of the registry in random order: one each `every` seconds, for `lasting` seconds."""

    begin: float
    end: float
    every: float
    lasting: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole story."""

    file: str
    name: str
    help: str = ""
    site: str = ""
    start: float = 0.0  # UTC seconds
    timezone: str = "UTC"
    seed: int = 1
    length: float = 3600.0
    speed: float = 60.0  # of the live bench
    pace: float = 60.0  # site seconds a step of the sim bench
    steps: tuple[Step, ...] = ()
    storm: Storm | None = None
    expectations: tuple[Expectation, ...] = ()
    abort_if: tuple[Condition, ...] = ()
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    record: tuple[str, ...] = ()
    plots: tuple[tuple[str, ...], ...] = ()
