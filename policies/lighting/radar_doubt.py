"""Radars that cannot be trusted, told to the caretaker: one alarm for an area, whose reason names them all.

The alarm is the role `alarm` of equipment of the kind `lamp_watch`, played by a virtual switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.core.command import Command, Priority
from agent.core.snapshot import Snapshot
from policies.lighting.radar_map import LampMap
from policies.lighting.radar_state import GroupWatch
from policies.lighting.radar_watch import blind

KIND = "lamp_watch"
_NAMED = 5  # radars; the others are counted


def doubtful(
    snapshot: Snapshot,
    plan: LampMap,
    watches: Mapping[str, GroupWatch],
    busy: list[int],
    source: str,
    stuck: float,
) -> Iterator[Command]:
    """The alarm as a command, where the site has a point for it."""
    point = next((one.roles["alarm"] for one in snapshot.equipment(KIND) if "alarm" in one.roles), None)
    if point is None:
        return
    found = list(_found(snapshot.elapsed, plan, watches, busy, stuck))
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    yield Command(
        point=point,
        priority=Priority.SEQUENCE,
        source=source,
        value=bool(found),
        reason="; ".join(found[:_NAMED]) + more if found else "all radars speak and see",
    )


def _found(
    now: float, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int], stuck: float
) -> Iterator[str]:
    for place in busy:
        watch, name = watches[plan.ids[place]], plan.names[place]
        if watch.presence is None:
            yield f"{name} is silent" if plan.radars[place] else f"{name} has no radar"
        elif watch.presence and now - watch.rose >= stuck:
            yield f"{name} may be stuck: it sees somebody without a break"
        elif blind(watch):
            yield f"{name} may be blind: it sees nobody while its neighbours do"
