"""From a run to the figures that people and machines look at, cold owed at the end charged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.compare.arm import ArmRun
from hil.compare.days import YEAR
from hil.compare.spending import Spending

KEYS = (
    "kwh", "cost", "peak_kw", "eer_sys", "cooling_kwh_th", "degree_hours", "starts_per_day", "dark_arrivals",
)  # fmt: skip
"""What every arm tells, the oracle too; None where it does not apply."""
COUNTED = (
    "dark_seconds", "late_appearances", "late_switch_on_seconds", "burning_by_day_seconds", "lux_minutes_below",
    "occupied_row_seconds", "outside_band_seconds", "below_band_seconds", "visible_steps", "renewable_energy", "fuel_energy",
    "cool_litres",
)  # fmt: skip
USUAL_EER = (
    3.0  # at which cold is charged to an arm that delivered none: the plant before, as projects report it
)
LEAST_EER = 1.0  # below, pumps ran against no load: a kWh of cold costs a kWh at most


def arm_figures(run: ArmRun) -> dict[str, Any]:
    """None where a figure does not apply."""
    figures, days = run.figures, run.days
    kwh, cooling = figures.get("kwh"), figures.get("cooling_kwh_th")
    plant = sum(figures.get(f"kwh.{name}") or 0.0 for name in run.plant)
    eer = cooling / plant if plant and cooling else None
    owed = charged(run.stored_change, eer)
    change = run.stored_change or 0.0
    share, left = share_of(run, -change, kwh, eer), share_of(run, change, kwh, eer)
    cost = _cost(run)
    starts = sum(value or 0.0 for name, value in figures.items() if name.startswith("starts.chiller"))
    return {
        "kwh": None if kwh is None else kwh + owed,
        "cost": None if cost is None or share is None else cost * (1.0 + share),
        "peak_kw": figures.get("peak_kw"),
        "eer_sys": eer,
        "plant_kwh": plant if run.plant else None,
        "cooling_kwh_th": cooling,
        "degree_hours": figures.get("degree_hours"),
        "starts_per_day": starts / days / run.chillers if run.chillers else None,
        "dark_arrivals": figures.get("dark_arrivals"),
        "in_band": _in_band(figures),
        "visible_steps": figures.get("visible_steps"),
        "stored_kwh_change": run.stored_change,
        "stored_kwh_charged": owed,
        "stored_share": share,
        "left_share": left,
        "failed_ticks": run.failed_ticks,
        "policy_faults": run.policy_faults,
        "trips": run.trips,
        "kwh_by_group": groups(figures),
        "months": {str(month): _month(one) for month, one in sorted(run.months.items())},
        "counters": {name: figures[name] for name in COUNTED if figures.get(name) is not None},
        "days_per_second": run.simulated / run.wall if run.wall > 0.0 else None,
    }


def charged(stored_change: float | None, eer: float | None) -> float:
    """Electricity (kWh) for cold that is missing at the end; nothing for cold left over."""
    return max(-(stored_change or 0.0), 0.0) / max(eer or USUAL_EER, LEAST_EER)


def share_of(run: ArmRun, missing: float, kwh: float | None, eer: float | None) -> float | None:
    """`missing` kWh of cold as a share of all that was spent: of its kWh, or of what was delivered where fuel was burnt too."""
    if run.mixed:
        cooling = run.figures.get("cooling_kwh_th")
        return max(missing, 0.0) / cooling if cooling else None
    return charged(-missing, eer) / kwh if kwh else None


def _in_band(figures: Mapping[str, float | None]) -> float | None:
    """Share (%) of the time with people in which a row's light was in the band, or above it by the sun alone."""
    occupied = figures.get("occupied_row_seconds")
    return 100.0 * (1.0 - (figures.get("outside_band_seconds") or 0.0) / occupied) if occupied else None


def groups(figures: Mapping[str, float | None]) -> dict[str, float]:
    """Electricity by kind of machine: what a person asks first."""
    result: dict[str, float] = {}
    for name, value in figures.items():
        if name.startswith("kwh.") and value is not None:
            group = name[4:].rstrip("0123456789").rstrip("_")
            result[group] = result.get(group, 0.0) + value
    return result if len(result) <= 12 else {}


def _cost(run: ArmRun) -> float | None:
    if run.tariff is None:
        return None
    spending = Spending((), (), "UTC", run.tariff, months=run.months)
    return sum(spending.cost(month, YEAR) for month in run.months)


def _month(one: Any) -> dict[str, float | None]:
    return {
        "kwh": one.kwh,
        "cooling_kwh_th": one.cooling,
        "eer_sys": one.cooling / one.kwh if one.kwh > 0.0 and one.cooling > 0.0 else None,
        "peak_kw": one.peak,
    }
