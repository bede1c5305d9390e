"""Who came into view: from where, how fast, and whether he is alone on his way.

All of it is guessed from one bit a group, so each guess errs towards light: two who may be one are two, and the faster pace counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from policies.lighting.radar_map import LampMap
from policies.lighting.radar_state import GroupWatch

SLOWEST, FASTEST = 1.0, 8.0
"""m/s; what is measured outside is no pace: who seems slower came after another one."""
JUST_LEFT = 3.0  # s after its radar fell a group may still be where somebody came from
SLOWER = 0.9  # times the pace measured last: nobody slows down more than that from group to group
CAR = 2.2  # m/s: whoever is faster drives
DRIVEN = 4.0  # m/s that a garage allows: of whoever was not measured
DRIVEN_PAST = 3.0  # s after a car came into view in which it may also show in the rows of bays beside it
MANOEUVRE = 5.5  # s in a dead end: longer than a car that drives past shows there, as a rule
PARKED = 30.0  # s in which a car is in its bay
TOGETHER = 1.5  # s within which two radars at a junction come to see the same person
EARLY = 0.7  # of the time through a group: who comes into view beyond it sooner is somebody else


def came(
    plan: LampMap, doors: frozenset[str], watches: dict[str, GroupWatch], place: int, now: float
) -> None:
    """Somebody came into view: from where he came, and how fast he is."""
    ids, id_ = plan.ids, plan.ids[place]
    watch = watches[id_]
    beside = plan.neighbours[place]
    for other in beside:
        one = watches[ids[other]]
        if not one.presence:
            watches[ids[other]] = replace(one, passed_by=one.passed_by + 1)
    if watch.rose < now:  # it only flickered, unless somebody has come out beside it meanwhile
        rows = (watches[ids[other]] for other in plan.ends[place])
        if any(one.presence and one.rose >= min(watch.fell, watch.rose + DRIVEN_PAST) for one in rows):
            watches[id_] = replace(watch, mixed=True)
        return
    _mix(plan, watches, place, now)
    found = [other for other in beside if _was_there(watches[ids[other]], now)]
    if not found:
        return
    first = min(found, key=lambda other: watches[ids[other]].rose)
    if any(other != first and other not in plan.neighbours[first] for other in found):
        return  # there is somebody on either side
    watches[id_] = replace(watch, origin=ids[first], pace=_pace(plan, doors, watches, first, place, now))


def parking(plan: LampMap, watches: Mapping[str, GroupWatch], place: int, now: float) -> bool:
    """Whether a car has turned from this way into one of the dead ends beside it and is busy there."""
    watch = watches[plan.ids[place]]
    return watch.pace >= CAR and any(
        (end := watches[plan.ids[other]]).presence
        and watch.rose <= end.rose <= watch.rose + DRIVEN_PAST
        and MANOEUVRE <= now - end.rose < PARKED
        for other in plan.ends[place]
    )


def _mix(plan: LampMap, watches: dict[str, GroupWatch], place: int, now: float) -> None:
    """Somebody comes into view beside a way on which there is somebody already: the same one, or another who comes in."""
    for other in plan.ways[place]:
        id_ = plan.ids[other]
        one = watches[id_]
        if not one.presence or one.mixed:
            continue
        if plan.dead_end[place]:
            another = 0.0 < one.pace < CAR or now - one.rose > DRIVEN_PAST
        else:
            due = plan.lengths[other] * EARLY / (one.pace or DRIVEN)
            origin = plan.places.get(one.origin, -1)
            far = place in plan.beyond[other].get(origin, ())
            soon = TOGETHER if plan.dead_end[origin] else -1.0  # nobody is at both ends of a way at once
            another = far and (soon < now - one.rose < due or parking(plan, watches, other, now))
        if another:
            watches[id_] = replace(one, mixed=True)


def _was_there(watch: GroupWatch, now: float) -> bool:
    return watch.rose < now and (bool(watch.presence) or now - watch.fell < JUST_LEFT)


def _pace(
    plan: LampMap,
    doors: frozenset[str],
    watches: Mapping[str, GroupWatch],
    place: int,
    into: int,
    now: float,
) -> float:
    """Of who went through a whole group `place`, from view to view; else what was measured before, or 0: not known.

    A door may lie half way along: who came through it is at most as fast as that, and on foot where that is no car's pace.
    """
    before, beside = watches[plan.ids[place]], plan.neighbours[into]
    for other in plan.ways[place]:
        one = watches[plan.ids[other]]
        if (
            other != into
            and other not in beside
            and _was_there(one, now)
            and one.rose > before.rose + TOGETHER
        ):
            return 0.0  # another one has come in meanwhile, and may be the faster
    origin = plan.places.get(before.origin)
    if origin is not None and now > before.rose:
        pace, way = plan.lengths[place] / (now - before.rose), not plan.dead_end[origin]
        door = before.origin in doors and into not in plan.neighbours[origin]
        if (way and SLOWEST <= pace <= FASTEST) or (door and SLOWEST <= pace < CAR):
            return max(pace, SLOWER * before.pace)  # a sensor that missed him makes him seem slow
    return before.pace
