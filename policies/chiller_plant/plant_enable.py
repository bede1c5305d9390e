"""5.20.2 Plant enable and disable: requests, outdoor lockout, schedule, and the operator's one switch for the whole plant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.calc.timers import held
from agent.core.frozen import quick

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

LOCKOUT_BAND = 0.56  # K (1 degF) below the lockout temperature until the plant stops


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PlantEnable:
    """Whether the plant is wanted, since when (s), and how long nobody has asked for it (s)."""

    enabled: bool = False
    held: float = 1e6  # a plant that was never seen may start at once
    quiet: float = 0.0
    reason: str = "not asked for yet"
    # found running, and nobody has asked since: a request only begins when a coil falls short
    adopted: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who needs the plant. `requests` None: nobody can ask, the schedule decides.

    Own additions: `called`, for a tank that is to be charged though no coil asks; `served`, machines carry a load: a plant that was
    found so is not stopped because nobody happens to ask.
    """

    requests: float | None
    called: bool = False
    served: bool = False


def plant_enable(
    rule: PlantSequence,
    before: PlantEnable,
    seconds: float,
    *,
    asked: Asked,
    outdoor: float | None,
    scheduled: bool,
    switch: bool | None = None,
) -> PlantEnable:
    """5.20.2.1-3. `switch`: the operator's word, if any."""
    requests = asked.requests
    requested = requests is None or requests > rule.ignored_plant_requests
    adopted = before.adopted and not requested
    wanted = requested or asked.called or (adopted and asked.served)
    now = PlantEnable(
        enabled=before.enabled,
        held=before.held + seconds,
        quiet=held(before.quiet, not wanted, seconds),
        reason=before.reason,
        adopted=adopted,
    )
    if switch is not None:
        return _set(now, switch, "the operator has switched the whole plant " + ("on" if switch else "off"))
    if now.held < rule.plant_time:
        return now
    if now.enabled:
        why = _why_stop(rule, now, outdoor, scheduled=scheduled)
        return _set(now, False, why) if why else now
    if not (wanted and scheduled) or (outdoor is not None and outdoor <= rule.lockout_temperature):
        return _set(now, False, _why_not(rule, asked=wanted, scheduled=scheduled))
    told = "its schedule" if requests is None else f"{requests:g} plant requests"
    return _set(now, True, f"enabled by {told if requested else 'a tank that is to be charged'}")


def _why_stop(rule: PlantSequence, now: PlantEnable, outdoor: float | None, *, scheduled: bool) -> str:
    if now.quiet >= rule.request_time:
        return f"disabled: nobody has asked for {rule.request_time / 60.0:g} min"
    if outdoor is not None and outdoor < rule.lockout_temperature - LOCKOUT_BAND:
        return f"disabled: outdoor {outdoor:.1f} degC, lockout at {rule.lockout_temperature:g}"
    return "" if scheduled else "disabled: outside its schedule"


def _why_not(rule: PlantSequence, *, asked: bool, scheduled: bool) -> str:
    if not scheduled:
        return "off: outside its schedule"
    return (
        "off: nobody asks for it"
        if not asked
        else f"off: outdoor lockout at {rule.lockout_temperature:g} degC"
    )


def _set(now: PlantEnable, enabled: bool, reason: str) -> PlantEnable:
    if now.enabled == enabled:
        return now if now.reason == reason else replace(now, reason=reason)
    return PlantEnable(enabled=enabled, held=0.0, quiet=0.0, reason=reason)
