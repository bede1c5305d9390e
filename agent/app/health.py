"""How the agent itself does: buses, uplinks, store, memory."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent.app.build import Parts
from agent.console.views import HealthView, ProbationView
from agent.control.poller import Poller
from agent.control.site_trial import SiteTrial


def health(
    parts: Parts, uplinks: Mapping[str, Any], started: float, site_trial: SiteTrial | None = None
) -> HealthView:
    """One look at everything that must work for control and delivery."""
    clock = parts.clock
    return HealthView(
        version=version("plantroom"),
        site=parts.site.place.name,
        timezone=parts.site.place.timezone,
        started=started,
        utc=clock.utc(),
        utc_trusted=clock.trusted(),
        buses=tuple(
            {"kind": parts.site.buses[id_].kind, **bus_health(poller, clock.elapsed())}
            for id_, poller in parts.pollers.items()
        ),
        uplinks=tuple({"id": id_, **uplink.status()} for id_, uplink in uplinks.items()),
        store=store_health(parts),
        rss_mb=resident_mb(),
        probation=None if site_trial is None else _probation(site_trial, clock.utc()),
    )


def _probation(found: SiteTrial, now: float) -> ProbationView | None:
    trial = found.trial
    if trial is None:
        return None
    return ProbationView(
        owner=trial.owner, reason=trial.reason, until=now + found.left(trial), crashes=trial.crashes
    )


def store_health(parts: Parts) -> dict[str, Any]:
    """The store's own figures; `backlog` is what the slowest uplink has not delivered."""
    figures = parts.store.status()
    return {**figures, "backlog": max(figures["backlog"].values(), default=0), "backlogs": figures["backlog"]}


def bus_health(poller: Poller, elapsed: float) -> dict[str, Any]:
    """One bus as a person sees it; `since` in site seconds ago."""
    line = poller.line
    down = {id_: unit.error for id_, unit in poller.schedule.units.items() if unit.failures}
    return {
        "id": poller.bus,
        "state": "up" if line.up else "down",
        "since": elapsed - line.since,
        "error": line.error,
        "reads": line.reads,
        "writes": line.writes,
        "failures": line.failures,
        "devices_down": down,
    }


def resident_mb() -> float:
    """Resident memory now, in MB; the peak where /proc is missing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 1e6
