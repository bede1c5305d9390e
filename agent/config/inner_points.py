"""Points by which one policy speaks to another: made where a policy writes such a role, so that no site file has to name them.

A role that is `inner` (see agent.core.role) has no place on any device. Where a policy of the file writes one and its equipment binds
nothing to it, the equipment is given `virtual.<equipment>_<role>`. A site file may still bind a virtual point of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.config.draft import Draft
from agent.core.equipment import Equipment
from agent.core.point import Access, Point, Release, ReleaseKind
from agent.core.role import ROLES


def join_policies(draft: Draft) -> None:
    """Equipment must be built, policies need not be: their kinds and areas are enough."""
    for entry in draft.section("policies").values():
        if not isinstance(entry, dict):
            continue
        kind: Any = draft.catalogue.policies.get(str(entry.get("kind")))
        for claim in () if kind is None else kind.claims:
            if not ROLES[claim.role].inner:
                continue
            for one in list(draft.equipment.values()):
                if one.area == entry.get("area") and one.kind == claim.equipment:
                    _bind(draft, one, claim.role)


def _bind(draft: Draft, one: Equipment, role: str) -> None:
    if role in one.roles:
        return
    name, kind = f"virtual.{one.id}_{role}", ROLES[role]
    point = Point(
        id=name,
        unit=kind.unit,
        kind=kind.kind,
        access=Access.READ_WRITE,
        role=role,
        label=f"{one.name}: {kind.meaning}",
        release=Release(ReleaseKind.NONE),
        has_device_timeout=True,  # nothing stays behind when the box dies
    )
    draft.points.setdefault(name, point)
    draft.equipment[one.id] = replace(one, roles={**one.roles, role: name})
