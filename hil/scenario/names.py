"""All that a story may speak of on its stage, for a person who writes one."""

from __future__ import annotations

from collections.abc import Mapping

from agent.core.equipment import Authority
from agent.core.point import Point
from hil.fault_kinds import KINDS
from hil.scenario.staging import Staging


def names_of(staging: Staging) -> Mapping[str, tuple[str, ...]]:
    """Lines by title."""
    site = staging.site
    return {
        "truth of the plant, for conditions, record and plots (* can be forced)": tuple(
            f"{name}{'*' if info.input else ''} {info.unit}".rstrip()
            for name, info in sorted(staging.variables.items())
        ),
        "points, as point:... and decided:... in conditions (* can be overridden)": tuple(
            _point(point) for _, point in sorted(site.points.items())
        ),
        "equipment, to lock out": tuple(sorted(site.equipment)),
        "areas, as authority:...": tuple(f"{area}: {', '.join(Authority)}" for area in site.areas),
        "faults of the plant": tuple(
            f"plant:{name}: {text}" for name, text in sorted(staging.failures.items())
        ),
        "buses and devices that faults can hit": (
            *(f"bus:{name}" for name in site.buses),
            *(f"device:{name}" for name in site.devices),
        ),
        "kinds of such faults": tuple(
            f"{one.kind} (at {', '.join(one.places)}): {one.help}" for one in KINDS.values()
        ),
    }


def _point(point: Point) -> str:
    return f"{point.id}{'*' if point.commandable else ''} {point.unit}".rstrip()
