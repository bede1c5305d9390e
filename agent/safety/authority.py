"""Who is in charge of an area, since when and why; and what a crash does to it. Pure transitions.

Taking over is bumpless: policies decide in every authority, ramps start at what is read, guards go by what is proven
(see agent.safety.arbiter), and the writer sends only what differs from what is there. Giving back is the release plan.

After a crash an area that was in the agent's hands stays released for a dwell, then comes back by itself. Three crashes
within an hour latch `bms` until a person says otherwise. An area in `shadow` or `bms` keeps what it has: nothing of it was
in our hands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.core.equipment import Area, Authority
from agent.safety.moment import Moment
from agent.safety.wording import lasting

DWELL = 300.0
CRASHES = 3
WINDOW = 3600.0
AGENT_ITSELF = "plantroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaAuthority:
    """One area's authority. `authority` is what holds now, `wanted` what people asked for."""

    area: str
    authority: Authority
    wanted: Authority
    since: float  # UTC seconds
    by: str
    reason: str
    crashes: tuple[float, ...] = ()  # elapsed site seconds, within the window
    returns: float | None = None  # elapsed when the dwell after a crash ends
    latched: bool = False  # too many crashes: only a person brings the agent back


def initial(area: Area, now: Moment) -> AreaAuthority:
    """What the configuration says, when nobody has said otherwise."""
    return AreaAuthority(
        area=area.id,
        authority=area.authority,
        wanted=area.authority,
        since=now.utc,
        by="configuration",
        reason="as configured",
    )


def assigned(state: AreaAuthority, authority: Authority, by: str, reason: str, now: Moment) -> AreaAuthority:
    """A person decides. It ends a dwell and unlatches; past crashes are forgiven."""
    return AreaAuthority(
        area=state.area, authority=authority, wanted=authority, since=now.utc, by=by, reason=reason
    )


def crashed(state: AreaAuthority, now: Moment, dwell: float = DWELL) -> AreaAuthority:
    """The agent came up and found that it had died: released for the dwell, or for good."""
    crashes = (*(one for one in state.crashes if one > now.elapsed - WINDOW), now.elapsed)
    if state.latched or state.wanted is not Authority.AGENT:
        return replace(state, crashes=crashes)
    if len(crashes) >= CRASHES:
        reason = f"{len(crashes)} crashes within {lasting(WINDOW)}: released until a person gives it back"
        return _released(replace(state, crashes=crashes, latched=True, returns=None), reason, now)
    reason = f"released after a crash, the agent returns in {lasting(dwell)}"
    return _released(replace(state, crashes=crashes, returns=now.elapsed + dwell), reason, now)


def advanced(state: AreaAuthority, now: Moment) -> AreaAuthority:
    """Time passes: the dwell after a crash may be over."""
    if state.returns is None or now.elapsed < state.returns:
        return state
    return replace(
        state,
        authority=state.wanted,
        since=now.utc,
        by=AGENT_ITSELF,
        reason="back after the dwell that follows a crash",
        returns=None,
    )


def _released(state: AreaAuthority, reason: str, now: Moment) -> AreaAuthority:
    return replace(state, authority=Authority.BMS, since=now.utc, by=AGENT_ITSELF, reason=reason)
