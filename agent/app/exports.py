"""What leaves the site, and under which name."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.app.clock_record import SET_BY
from agent.control.override_digest import POINT
from agent.control.recorder import DECIDED
from agent.core.point import Point, ValueKind
from agent.core.site import Site

OVERRIDDEN = Point(id=POINT, label="Overrides that stand, told once a day", kind=ValueKind.TEXT)


def exported_points(site: Site) -> dict[str, Point]:
    """Everything that leaves the site: the points, and what was decided for those that are commanded."""
    decided = {
        f"{point.id}{DECIDED}": replace(
            point, id=f"{point.id}{DECIDED}", label=f"{point.label or point.id}, decided"
        )
        for model in site.areas.values()
        for point in model.points.values()
        if point.commandable
    }
    return {**site.points, **decided, OVERRIDDEN.id: OVERRIDDEN, SET_BY.id: SET_BY}


def site_key(site: Site) -> str:
    """The site's name as topics and keys want it: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", site.place.name.lower()).strip("-") or "site"
