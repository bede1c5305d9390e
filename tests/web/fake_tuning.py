"""Modes, tuning and shadow of the fake console: enough of a story for the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.console.tuning_views import ChangePreview, ModeView, ParameterChange, PointChange, TuningView
from agent.control.preview_job import Interval, MachineShadow, PointShadow, Shadow

MODES = {"energy_saving": "fewer machines, warmer water", "enhanced": "before an event"}


def give_modes(console: Any) -> None:
    """Two modes for the plant, one parameter on probation, and a comparison."""
    plain, standing = console.areas, {}

    def mode(name: str) -> TuningView | None:
        found = standing.get("plant")
        return found if found is not None and found.name == name else None

    def dressed(area):
        if area.id != "plant":
            return area
        modes = tuple(
            ModeView(area="plant", name=name, help=text, policies={}, calendar=(), chosen=mode(name))
            for name, text in MODES.items()
        )
        return replace(area, mode=standing.get("plant"), modes=modes)

    def areas():
        return [dressed(area) for area in plain()]

    def preview_mode(area, name):
        return ChangePreview(
            area=area,
            mode=name,
            parameters=(
                ParameterChange(policy="shed", parameter="shed_below", unit="%", old=60.0, new=75.0),
            ),
            points=(
                PointChange(
                    point="ch2.enable",
                    label="Chiller 2 start/stop",
                    unit="",
                    old=True,
                    new=False,
                    reason="shed",
                ),
            ),
        )

    async def set_mode(area, name, *, seconds, actor, reason):
        console.calls.append(("mode", area, name, seconds, actor, reason))
        standing[area] = TuningView(
            id="t1",
            layer="mode",
            area=area,
            name=name,
            values={},
            owner=actor,
            reason=reason,
            made=console.clock(),
            seconds_left=seconds,
            until=None,
            on_probation=False,
            ends_on=(),
        )
        return next(one for one in areas() if one.id == area)

    async def end_mode(area, *, actor, reason):
        console.calls.append(("end_mode", area, actor, reason))
        standing.pop(area, None)
        return next(one for one in areas() if one.id == area)

    async def shadow(area, *, days):
        console.calls.append(("shadow", area, days))
        return compared(area)

    async def undo_tuning(which, *, actor, reason):
        console.calls.append(("undo", which, actor, reason))

    console.areas, console.preview_mode, console.set_mode = areas, preview_mode, set_mode
    console.end_mode, console.shadow, console.undo_tuning = end_mode, shadow, undo_tuning


def compared(area: str) -> Shadow:
    return Shadow(
        area=area,
        since=0.0,
        until=1_209_600.0,
        step=300.0,
        hours=336.0,
        points=(
            PointShadow(
                point="lamps.level_2",
                label="Aisle B",
                unit="%",
                kind="number",
                hours=336.0,
                hours_differing=252.0,
                mean_is=100.0,
                mean_would=32.5,
                is_now=100.0,
                would_now=10.0,
            ),
        ),
        machines=(
            MachineShadow(equipment="garage_lighting", kwh_day=61.3, method="mean metered power by position"),
        ),
        saving=Interval(mean=61.3, low=57.9, high=64.4, days=14),
        method="difference of the machines' metered power curves; 90 % interval by bootstrap over days",
    )
