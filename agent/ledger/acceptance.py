"""The acceptance of a lighting retrofit: what must hold, what was found, and the one word at the end.

PASS needs all of it: the saving, the light of every group where somebody is, and every group that hears. What was not
measured is not passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.core.parameter import parameter
from agent.ledger.group_light import GroupLight
from agent.ledger.group_talk import GroupTalk
from agent.ledger.saving import Saving, Split

JUDGED_BY = ("lower", "estimate")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceLimits:
    """What the contract demands."""

    saving: float = parameter(
        80.0, unit="%", low=0.0, high=100.0, help="the saving must be more than this share of the baseline"
    )
    illuminance: float = parameter(
        65.0, unit="lx", low=0.0, high=10000.0, help="least light of every group where somebody is"
    )
    confidence: float = parameter(90.0, unit="%", low=50.0, high=99.9, help="of the interval of the saving")
    judged_by: str = parameter(
        "lower", help="what must pass the limit: the lower end of the interval, or the estimate"
    )
    communication: bool = parameter(True, help="every group must have been seen to follow its commands")
    standard: str = parameter(
        "acceptance terms of the reference garages: saving over 80 % by dedicated meters, 65 lx on the ground",
        help="where the limits come from: contract or standard, edition and clause",
    )

    def __post_init__(self) -> None:
        if self.judged_by not in JUDGED_BY:
            raise ValueError(f"judged_by must be one of {', '.join(JUDGED_BY)}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit looked at."""

    what: str
    wanted: str
    found: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that was found. `saving` None: too few days, and `why` says which."""

    limits: AcceptanceLimits
    saving: Saving | None
    why: str
    split: Split | None
    lights: Sequence[GroupLight]
    talks: Sequence[GroupTalk]

    @property
    def findings(self) -> tuple[Finding, ...]:
        found = [self._saving(), self._light()]
        return tuple([*found, self._talk()] if self.limits.communication else found)

    @property
    def passed(self) -> bool:
        return all(one.ok for one in self.findings)

    def _saving(self) -> Finding:
        limits, saving = self.limits, self.saving
        by = "lower end of the interval" if limits.judged_by == "lower" else "estimate"
        wanted = f"more than {limits.saving:g} % ({by})"
        if saving is None:
            return Finding("saving", wanted, self.why, ok=False)
        judged = saving.low if limits.judged_by == "lower" else saving.share
        found = f"{percent(saving.share)} ({percent(saving.low)} to {percent(saving.high)})"
        return Finding("saving", wanted, found, 100.0 * judged > limits.saving)

    def _light(self) -> Finding:
        limit = self.limits.illuminance
        wanted = f"at least {limit:g} lx in every group where somebody is"
        if not self.lights:
            return Finding("light", wanted, "no lamp group", ok=False)
        dark = [one.name for one in self.lights if one.lowest is not None and not one.enough(limit)]
        unknown = [one.name for one in self.lights if one.lowest is None]
        known = [one for one in self.lights if one.lowest is not None]
        found = f"{len(known) - len(dark)} of {len(self.lights)} groups"
        if known:
            lowest = min(known, key=lambda one: one.lowest or 0.0)
            found += f", the lowest {lowest.lowest:.0f} lx in {lowest.name}"
        found += f"; too dark: {_named(dark)}" if dark else ""
        found += f"; not measured: {_named(unknown)}" if unknown else ""
        return Finding("light", wanted, found, not dark and not unknown)

    def _talk(self) -> Finding:
        deaf = [one.name for one in self.talks if not one.passed]
        found = f"{len(self.talks) - len(deaf)} of {len(self.talks)} groups"
        found += f"; not proved: {_named(deaf)}" if deaf else ""
        return Finding(
            "communication", "every group seen to follow its commands", found, bool(self.talks) and not deaf
        )


def percent(share: float) -> str:
    return f"{100.0 * share:.2f} %"


def _named(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
