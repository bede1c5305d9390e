"""What people may see and ask for, whichever way they come: page, command line or cloud.

Looking needs no name; everything that changes something takes `actor`, is checked, logged in the audit chain and
answered with what was done. Errors are ValueError with a sentence for the person who asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.console.site_desk import SiteFileView
from agent.console.tuning_views import ChangePreview, ModeView, TuningView
from agent.control.preview_job import Replay, Shadow
from agent.core.command import Override
from agent.core.equipment import Authority
from agent.core.point import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """One point as a person sees it. `age` in site seconds; `decided` is the last decision's final value."""

    id: str
    label: str
    unit: str
    kind: str  # number, switch, text, enum
    value: Value | None
    quality: str  # good, uncertain, bad
    reason: str  # why the quality is not good
    time: float | None  # UTC seconds of the read
    age: float | None
    area: str | None
    equipment: str | None
    role: str | None
    commandable: bool
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    decided: Value | None = None
    decided_by: str | None = None
    decided_reason: str = ""
    overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One row of a priority array."""

    priority: int
    source: str
    value: Value | None
    low: float | None
    high: float | None
    reason: str
    seconds_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyView:
    """Why a commanded point is what it is: the full answer."""

    point: PointView
    authority: Authority
    claims: tuple[ClaimView, ...]  # strongest first
    winner: str | None
    wanted: Value | None
    final: Value | None
    limited_by: tuple[dict[str, Any], ...]  # stage, by, before, after, reason
    sentence: str  # one plain sentence that says it all
    written: Value | None  # what was last sent to the device
    write_state: str  # idle, pending, confirmed, retrying, failed, foreign_writer, shadow, released
    inputs: tuple[PointView, ...] = ()  # what the winning policy looked at
    learned: tuple[dict[str, Any], ...] = ()  # what it had learned: policy, kind, version, digest, age, made
    tuned: tuple[
        dict[str, Any], ...
    ] = ()  # parameters not as in the site file: policy, parameter, value, filed, by ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedView:
    """What one policy has learned, and how learning does. Ages in site seconds, `seconds` real ones."""

    policy: str
    area: str
    kind: str  # of the artefact
    version: int
    state: str  # waiting, learning, learned, failing, nothing_yet
    digest: str | None  # SHA-256 of the content
    made: float | None  # UTC seconds
    age: float | None
    next_in: float  # until it is learned afresh, or tried again
    failures: int = 0  # in a row
    error: str = ""
    note: str = ""  # why there is nothing to learn from yet
    seconds: float | None = None
    rss_mb: float | None = None
    content: Any = None  # only where one is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaView:
    """One area: who is in charge, how its tick does."""

    id: str
    authority: Authority
    authority_since: float | None
    authority_by: str
    authority_reason: str
    tick: float
    ticks: int
    last_tick_age: float | None
    faults: tuple[str, ...]
    policies: tuple[
        dict[str, Any], ...
    ]  # name, kind, parameters: [{name, value, unit, low, high, help, tuned}], learned
    equipment: tuple[dict[str, Any], ...]  # id, kind, name, locked_out, roles: {role: point id}
    mode: TuningView | None = None  # the one that holds
    modes: tuple[ModeView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One alarm after ISA-18.2: what, since when, seen by whom."""

    id: str
    source: str
    severity: str  # info, warning, critical
    text: str
    state: str  # unacknowledged, acknowledged, returned_unacknowledged
    raised: float
    cleared: float | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationView:
    """A site file that is tried in place of the present one: whose, until when, and that it can be kept or taken back on the box."""

    owner: str
    reason: str
    until: float  # UTC: then it goes back by itself
    crashes: int = 0  # of the agent since it began


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """How the agent itself does."""

    version: str
    site: str
    timezone: str
    started: float
    utc: float
    utc_trusted: bool
    buses: tuple[dict[str, Any], ...]  # id, kind, state (up, down), since, error, reads, failures
    uplinks: tuple[dict[str, Any], ...]  # id, kind, state, backlog, delivered, error
    store: dict[str, Any] = field(default_factory=dict)  # bytes, rows, written_today, backlog, state
    rss_mb: float = 0.0
    probation: ProbationView | None = None


class Console(Protocol):
    """What web and command line may ask for."""

    def health(self) -> HealthView: ...

    def areas(self) -> Sequence[AreaView]: ...

    def points(self, pattern: str = "*") -> Sequence[PointView]:
        """Points whose id matches the shell pattern."""
        ...

    def point(self, point: str) -> PointView:
        """Raises KeyError with the nearest names when there is no such point."""
        ...

    def why(self, point: str) -> WhyView: ...

    def overrides(self) -> Sequence[Override]: ...

    def alarms(self) -> Sequence[AlarmView]: ...

    def learned(self) -> Sequence[LearnedView]: ...

    def learned_by(self, policy: str) -> LearnedView:
        """With the content. Raises KeyError with the nearest names when no policy of this name learns."""
        ...

    async def learn(self, policy: str, *, actor: str, reason: str) -> LearnedView:
        """Learn afresh as soon as the planner is free, without waiting for the time."""
        ...

    async def history(
        self, point: str, since: float, until: float, limit: int = 2000
    ) -> Sequence[tuple[float, Value | None, str]]:
        """(UTC seconds, value, quality) of stored samples, oldest first, thinned to `limit`."""
        ...

    async def audit(self, limit: int = 100) -> Sequence[dict[str, Any]]:
        """Newest audit records first."""
        ...

    async def read(self, point: str) -> PointView:
        """Read now, from the device."""
        ...

    async def write(self, point: str, value: Value, *, actor: str, reason: str) -> PointView:
        """One write for commissioning; refused while the agent is in charge of the area (use override)."""
        ...

    async def override(
        self, point: str, value: Value, *, seconds: float, actor: str, reason: str
    ) -> Override:
        """Priority 8 until it ends. Warns (in the answer's reason) when it crosses a comfort limit."""
        ...

    async def cancel_override(self, override: str, *, actor: str) -> None: ...

    async def set_authority(
        self, area: str, authority: Authority, *, actor: str, reason: str
    ) -> AreaView: ...

    async def release(self, area: str | None, *, actor: str, reason: str) -> Sequence[dict[str, Any]]:
        """Give one area (None: all) back to local control. One row per point: point, value, ok, error."""
        ...

    async def lock_out(self, equipment: str, locked: bool, *, actor: str, reason: str) -> None:
        """Local maintenance lock-out of one machine; not reachable from the cloud."""
        ...

    async def acknowledge(self, alarm: str, *, actor: str) -> AlarmView: ...

    async def tune(
        self, policy: str, parameter: str, value: Value, *, actor: str, reason: str
    ) -> AreaView: ...

    def modes(self, area: str) -> Sequence[ModeView]: ...

    def preview_mode(self, area: str, name: str) -> ChangePreview:
        """What would change, and what would be set otherwise now. `name` empty: the site file as it is."""
        ...

    async def set_mode(
        self, area: str, name: str, *, seconds: float | None, actor: str, reason: str
    ) -> AreaView:
        """Until its time is up (None: until somebody ends it). Raises KeyError for an unknown mode."""
        ...

    async def end_mode(self, area: str, *, actor: str, reason: str) -> AreaView: ...

    def tunings(self) -> Sequence[TuningView]:
        """What differs from the site file: modes and tuned parameters, oldest first."""
        ...

    def preview_tuning(self, policy: str, values: Mapping[str, Value]) -> ChangePreview: ...

    async def try_out(
        self,
        policy: str,
        values: Mapping[str, Value],
        *,
        seconds: float | None,
        ends_on: tuple[str, ...],
        actor: str,
        reason: str,
    ) -> TuningView:
        """Several parameters; with `seconds` on probation. `ends_on`: alarms that end it at once."""
        ...

    async def preview(
        self, policy: str, values: Mapping[str, Value], *, days: float, step: float | None, twin: bool
    ) -> Replay:
        """Recorded days under today's parameters and under these, and the twin. Takes minutes; nothing is applied."""
        ...

    async def shadow(self, area: str, *, days: float) -> Shadow:
        """Where each point was and would have been while the agent did not write, and the saving that would have been."""
        ...

    async def confirm_tuning(self, tuning: str, *, actor: str, reason: str) -> TuningView: ...

    async def undo_tuning(self, which: str, *, actor: str, reason: str) -> TuningView:
        """`which`: an id, a policy (its newest), or empty for the newest of all."""
        ...

    def site_file(self) -> SiteFileView: ...

    async def try_site(self, *, seconds: float, actor: str, reason: str) -> SiteFileView:
        """The file offered in the data folder on probation: the agent begins anew with it, and goes back unless it is kept."""
        ...

    async def keep_site(self, *, actor: str, reason: str) -> SiteFileView: ...

    async def take_back_site(self, *, actor: str, reason: str) -> SiteFileView: ...

    def changes(self) -> AsyncIterator[dict[str, Any]]:
        """Live events for the page; a slow reader misses events and never slows the agent.

        {"type": "points", "points": {id: [value, quality, time]}}, {"type": "decisions", "decisions": {id: [value, reason]}},
        {"type": "areas" | "alarms" | "overrides" | "health"}: that part changed, ask again.
        """
        ...
