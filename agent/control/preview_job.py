"""What the agent asks of the preview process and what comes back: recorded days under other parameters, or shadow beside what was.

One JSON text each way over the pipes of the process, like the planner's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.equipment import AreaModel
from agent.core.errors import PlantroomError
from agent.core.interlock import Interlock
from agent.core.point import Value
from agent.core.serial import from_plain, to_plain
from agent.core.tuning import Values

DEADLINE = 900.0  # real seconds for one preview, its twin included
LONGEST_ANSWER = 20_000_000  # bytes
MEMORY = 512 * 1024 * 1024
"""Bytes it may hold: 14 days of 171 points took 153 MB, and the twin brings its simulator."""


class PreviewError(PlantroomError):
    """There is no preview: the process was too slow or died, or the past cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """One policy of the area as plain values: what it goes by now, and what it would go by."""

    name: str
    address: str  # module:class
    present: Any
    changed: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinJob:
    """The site's simulated twin: run twice over the same days, weather and load."""

    site: str  # path of the site file
    plant: str  # path of the plant file
    area: str
    present: Mapping[str, Values] = field(default_factory=dict)  # by policy, where not as in the site file
    changed: Mapping[str, Values] = field(default_factory=dict)
    first: str = ""  # ISO date of the first local day
    days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One area and a stretch of its past. `kind`: replay or shadow."""

    kind: str
    model: AreaModel
    store: str
    since: float  # UTC
    until: float
    step: float  # s
    policies: tuple[PolicyText, ...] = ()
    interlocks: tuple[Interlock, ...] = ()
    authority: str = ""  # who is in charge now
    twin: TwinJob | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointReplay:
    """One commanded point under both sets of parameters. Lines are (UTC, value) where the value changes."""

    point: str
    label: str
    unit: str
    kind: str
    changes_old: int
    changes_new: int
    hours_differing: float
    mean_old: float | None  # of a switch: share of the time on
    mean_new: float | None
    segments: tuple[tuple[float, float, Value | None, Value | None], ...]  # from, until, old, new
    segments_total: int
    line_old: tuple[tuple[float, Value | None], ...]
    line_new: tuple[tuple[float, Value | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinArm:
    """Key figures of one run of the twin; None where one does not apply."""

    name: str  # present, changed
    figures: Mapping[str, float | None]
    daily_kwh: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinResult:
    """Both runs, and what is to be known of them."""

    arms: tuple[TwinArm, ...] = ()
    days: int = 0
    currency: str = ""
    saving: Interval | None = None  # kWh a day, present less changed
    note: str = ""  # why there is none, or what is doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its 90 % interval, by bootstrap over days."""

    mean: float
    low: float
    high: float
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What would have been commanded under today's parameters and under the new ones.

    `agreement`: share of the time in which the replay under today's gives what was decided then. Low: other parameters,
    another authority or overrides stood in those days.
    """

    since: float
    until: float
    step: float
    hours: float  # that could be replayed
    hours_missing: float  # nothing was recorded
    agreement: float | None
    points: tuple[PointReplay, ...]  # those that differ
    same: tuple[str, ...]  # ids of those that do not
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    twin: TwinResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointShadow:
    """One commanded point: what it was and what it would have been, while the agent did not write."""

    point: str
    label: str
    unit: str
    kind: str
    hours: float  # in which both are known
    hours_differing: float
    mean_is: float | None
    mean_would: float | None
    is_now: Value | None
    would_now: Value | None
    line_is: tuple[tuple[float, Value | None], ...] = ()
    line_would: tuple[tuple[float, Value | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineShadow:
    """One machine's part of the estimate. `kwh_day`: what it drew less what it would have drawn; None: not estimated, `note` says why."""

    equipment: str
    kwh_day: float | None
    method: str = ""
    fit_error: float | None = None  # root mean square of the curve against the meter, as a share of the mean
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """The comparison of one area. `saving` None: `note` says what is missing."""

    area: str
    since: float
    until: float
    step: float
    hours: float  # in which the agent did not write and what it would have done is known
    points: tuple[PointShadow, ...]
    machines: tuple[MachineShadow, ...]
    saving: Interval | None = None  # kWh a day
    share: float | None = None  # of what the estimated machines drew
    method: str = ""
    note: str = ""


def job_text(job: Job) -> bytes:
    return json.dumps(to_plain(job)).encode()


def read_job(text: bytes) -> Job:
    """Raises TypeError or ValueError for what is no job."""
    return from_plain(Job, json.loads(text))


def read_answer(text: bytes, kind: type[Replay | Shadow]) -> Replay | Shadow:
    """Raises PreviewError for a fault, and for everything that is no answer."""
    try:
        answer = json.loads(text)
        if "error" in answer:
            raise PreviewError(str(answer["error"]))
        return from_plain(kind, answer["result"])
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise PreviewError(f"the preview's answer makes no sense: {error}") from error
