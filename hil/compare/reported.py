"""What a project reports, beside what its measures in plain form come to here: at both ends, before and after.

reported:
  before: {cost_per_month: 383000}   # of the weak arm; or kwh_per_day, or eer_sys
  saving: 31.35                      # %, of what `of` names: kwh or cost
  saving_kwh: 444100                 # a year, where no percentage is told
  groups: [landscape]                # of kwh_by_group, where the figure is told of a part
  why: ...                           # what makes the difference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hil.ready_site.ready_site import REPORTED, WEAK

YEAR_DAYS = 365.0
LABELS = {
    "kwh_per_day": "kWh a day",
    "cost_per_month": "a month",
    "eer_sys": "EER of the system",
}


@dataclass(frozen=True, slots=True)
class Reported:
    """One project's figures and the arms' own."""

    told: Mapping[str, Any]
    arms: Mapping[str, Mapping[str, Any]]
    days: int

    @property
    def arm_saving(self) -> float | None:
        """%, of the same thing against the same arm."""
        one, base = self._paid(REPORTED), self._paid(str(self.told.get("against", WEAK)))
        return None if one is None or not base else 100.0 * (1.0 - one / base)

    @property
    def arm_saving_kwh(self) -> float | None:
        """In a year, the days that were run standing for all."""
        one, base = self._paid(REPORTED), self._paid(str(self.told.get("against", WEAK)))
        return None if one is None or base is None else (base - one) * YEAR_DAYS / self.days

    @property
    def before(self) -> tuple[str, float, float | None] | None:
        """What was measured before, the reported figure, and the weak arm's."""
        told = self.told.get("before")
        if not isinstance(told, Mapping) or not told:
            return None
        name, value = next(iter(told.items()))
        weak = self.arms.get(WEAK)
        found = None if weak is None else _before(str(name), weak, self.days)
        return str(name), float(value), found

    def plain(self) -> dict[str, Any]:
        """For the JSON object."""
        before = self.before
        return {
            "reported_saving": self.told.get("saving"),
            "reported_arm_saving": self.arm_saving,
            "reported_saving_kwh": self.told.get("saving_kwh"),
            "reported_arm_saving_kwh": self.arm_saving_kwh if "saving_kwh" in self.told else None,
            "reported_before": None if before is None else {before[0]: before[1]},
            "weak_before": None if before is None else {before[0]: before[2]},
            "reported_why": self.told.get("why"),
        }

    def sentences(self) -> list[str]:
        """For people."""
        lines = []
        if self.before is not None:
            name, value, weak = self.before
            found = "not run" if weak is None else f"{weak:,.2f}"
            lines.append(f"before: {value:,.2f} {LABELS.get(name, name)} reported; the weak arm: {found}")
        if "saving_kwh" in self.told:
            found = "not run" if self.arm_saving_kwh is None else f"{self.arm_saving_kwh:,.0f}"
            share = "" if self.arm_saving is None else f", {self.arm_saving:.1f} %"
            lines.append(
                f"the project reports {self.told['saving_kwh']:,.0f} kWh saved in a year; its measures in plain form: {found}{share}"
            )
        if "saving" in self.told:
            found = "not run" if self.arm_saving is None else f"{self.arm_saving:.2f} %"
            lines.append(f"the project reports {self.told['saving']} %; its measures in plain form: {found}")
        if lines and self.told.get("why"):
            lines.append(f"why they differ: {self.told['why']}")
        return lines

    def _paid(self, arm: str) -> float | None:
        figures = self.arms.get(arm)
        if figures is None:
            return None
        if groups := self.told.get("groups"):
            by_group = figures.get("kwh_by_group") or {}
            return sum(float(by_group[one]) for one in groups) if set(groups) <= set(by_group) else None
        value = figures.get(str(self.told.get("of", "kwh")))
        return None if value is None else float(value)


def _before(name: str, weak: Mapping[str, Any], days: int) -> float | None:
    value = weak.get({"kwh_per_day": "kwh", "cost_per_month": "cost"}.get(name, name))
    if value is None:
        return None
    share = {"kwh_per_day": days, "cost_per_month": days * 12.0 / YEAR_DAYS}.get(name, 1.0)
    return float(value) / share
