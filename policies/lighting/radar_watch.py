"""What the radars say, turned into what is known of each lamp group: who came from where, how fast, and where he was lost.

Nobody vanishes: whoever was seen in a group and is then seen neither there nor next door is still there, behind a sensor that
missed him or in a parked car, and the place stays lit for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from agent.core.reading import Quality, Reading
from agent.core.snapshot import NEVER_READ, Snapshot
from policies.lighting.radar_map import LampMap
from policies.lighting.radar_state import GroupWatch, Hold
from policies.lighting.traffic import visits

SLOWEST, FASTEST = 1.0, 8.0
"""m/s; what is measured outside is no pace: who seems slower came after another one."""
SAME_INSTANT = 0.7  # s within which radars that lose the same person say so
JUST_LEFT = 3.0  # s after its radar fell a group may still be where somebody came from
CAR = 2.2  # m/s: whoever is faster drives
DRIVEN = 4.0  # m/s that a garage allows: of whoever was not measured
DRIVEN_PAST = 2.5  # s after a car came into view in which it may also show in the rows of bays beside it
BRIEF = 4.0  # s; a visit out of nowhere that is shorter may be a false alarm: it loses nobody
TOGETHER = 1.5  # s within which two radars at a junction come to see the same person
EARLY = 0.7  # of the time through a group: who comes into view beyond it sooner is somebody else
IN_BETWEEN = (
    5.0  # s in which somebody who is seen in the next group may still be in the last metres of this one
)
FLICKER = 1.0  # s of nobody that do not end a visit
EXTRA = 0.01  # of the time that longer holds may light a group
BLIND, BLIND_AT_LEAST, BLIND_UNKNOWN = 20.0, 200, 2000
"""A radar that misses this many times as many passers-by as it usually does, and at least so many, is called blind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTimes:
    """Seconds of light after a radar sees nobody any more."""

    edge: float
    quiet: float  # the same where hardly anybody comes by
    left: float
    lost: float
    stuck: float
    stale: float | None
    usual: Mapping[str, float]  # share of this hour with somebody there, of groups whose traffic is known

    def edge_of(self, id_: str) -> float:
        """Of one group: asked when something happens there, not for all groups at every tick."""
        share = self.usual.get(id_)
        if share is None:
            return self.edge
        return min(self.edge + EXTRA * 3600.0 / max(visits(share), 1.0), self.quiet)


def watch_all(
    times: HoldTimes, snapshot: Snapshot, plan: LampMap, watches: dict[str, GroupWatch]
) -> list[int]:
    """Renews `watches` by the radars. The places of the groups about which there is something to say."""
    now, readings, stale = snapshot.elapsed, snapshot.readings, times.stale
    good, busy = Quality.GOOD, []
    turned: dict[int, bool | None] = {}  # what groups were before
    for place, id_ in enumerate(plan.ids):
        watch = watches.get(id_)
        reading = readings.get(plan.radars[place], NEVER_READ)
        if watch is None:
            watch = watches[id_] = _first(times, believed(reading, now, stale), now)
        elif reading.value is not watch.presence or reading.quality is not good or stale is not None:
            presence = believed(reading, now, stale)
            if presence is not watch.presence:
                turned[place] = watch.presence
                watch = watches[id_] = _turned(times, watch, presence, now)
        if watch.presence is not False or watch.until > now or watch.passed_by >= BLIND_AT_LEAST:
            watches[id_] = _no_longer(times, id_, watch, now)
            busy.append(place)
    return busy + _consequences(times, plan, watches, turned, now)


def _consequences(
    times: HoldTimes,
    plan: LampMap,
    watches: dict[str, GroupWatch],
    turned: Mapping[int, bool | None],
    now: float,
) -> list[int]:
    """Of radars that say something else than before: first of who came, then of who went."""
    more: list[int] = []
    for place in turned:
        if watches[plan.ids[place]].presence:
            _came(plan, watches, place, now)
    for place, before in turned.items():
        if before and watches[plan.ids[place]].presence is False:
            more += _went(times, plan, watches, place, now)
    return more


def believed(reading: Reading, now: float, stale: float | None) -> bool | None:
    """True, False or None: unknown. A doubtful "nobody" is no knowledge either."""
    value = reading.value
    if reading.quality is Quality.BAD or value is None or isinstance(value, str):
        return None
    if stale is not None and now - reading.elapsed > stale:
        return None
    if not value and reading.quality is not Quality.GOOD:
        return None
    return bool(value)


def blind(watch: GroupWatch) -> bool:
    """Whether its radar has seen nobody for much longer than its neighbours make likely."""
    if watch.passed_by < BLIND_AT_LEAST or watch.presence is not False:
        return False
    return watch.passed_by >= (BLIND * watch.usual if watch.usual > 0.0 else BLIND_UNKNOWN)


def _first(times: HoldTimes, presence: bool | None, now: float) -> GroupWatch:
    if presence:
        return GroupWatch(presence=True, rose=now)
    return GroupWatch(presence=presence, until=now + times.lost, hold=Hold.START)


def _no_longer(times: HoldTimes, id_: str, watch: GroupWatch, now: float) -> GroupWatch:
    """A hold that was tuned shorter counts at once."""
    if watch.hold is Hold.LEFT:
        longest = max(times.left, times.edge)
    elif watch.hold is Hold.EDGE:
        longest = times.edge_of(id_)
    else:
        longest = times.lost
    return watch if watch.until <= now + longest else replace(watch, until=now + longest)


def _turned(times: HoldTimes, watch: GroupWatch, presence: bool | None, now: float) -> GroupWatch:
    if presence:
        again = now - watch.fell < FLICKER
        usual = watch.usual + (watch.passed_by - watch.usual) * (0.1 if watch.usual else 1.0)
        return GroupWatch(
            presence=True,
            rose=watch.rose if again else now,
            fell=watch.fell,
            origin=watch.origin if again else "",
            pace=watch.pace if again else 0.0,
            mixed=again and watch.mixed,
            usual=usual,
        )
    if presence is None:
        return replace(watch, presence=None)
    if watch.presence is None:
        return replace(watch, presence=False, until=now + times.lost, hold=Hold.DOUBT)
    return replace(watch, presence=False, fell=now)


def _came(plan: LampMap, watches: dict[str, GroupWatch], place: int, now: float) -> None:
    """Somebody came into view: from where he came, and how fast he is."""
    ids, id_ = plan.ids, plan.ids[place]
    watch = watches[id_]
    beside = plan.neighbours[place]
    for other in beside:
        one = watches[ids[other]]
        if not one.presence:
            watches[ids[other]] = replace(one, passed_by=one.passed_by + 1)
    if watch.rose < now:
        return  # it only flickered
    _mix(plan, watches, place, now)
    found = [other for other in beside if _was_there(watches[ids[other]], now)]
    if not found:
        return
    first = min(found, key=lambda other: watches[ids[other]].rose)
    if any(other != first and other not in plan.neighbours[first] for other in found):
        return  # there is somebody on either side
    watches[id_] = replace(watch, origin=ids[first], pace=_pace(plan, watches, first, place, now))


def _mix(plan: LampMap, watches: dict[str, GroupWatch], place: int, now: float) -> None:
    """Somebody comes into view beside a way on which there is somebody already: the same one, or another who comes in."""
    for other in plan.ways[place]:
        id_ = plan.ids[other]
        one = watches[id_]
        if not one.presence or one.mixed:
            continue
        if plan.dead_end[place]:
            another = one.pace < CAR and now - one.rose > DRIVEN_PAST
        else:
            due = plan.lengths[other] * EARLY / (one.pace or DRIVEN)
            far = place in plan.beyond[other].get(plan.places.get(one.origin, -1), ())
            another = far and TOGETHER < now - one.rose < due
        if another:
            watches[id_] = replace(one, mixed=True)


def _was_there(watch: GroupWatch, now: float) -> bool:
    return watch.rose < now and (bool(watch.presence) or now - watch.fell < JUST_LEFT)


def _pace(plan: LampMap, watches: Mapping[str, GroupWatch], place: int, into: int, now: float) -> float:
    """Of who went through a whole group `place`, from view to view; else what was measured before, or 0: not known."""
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
    if origin is not None and not plan.dead_end[origin] and now > before.rose:
        pace = plan.lengths[place] / (now - before.rose)
        if SLOWEST <= pace <= FASTEST:
            return pace
    return before.pace


def _went(
    times: HoldTimes, plan: LampMap, watches: dict[str, GroupWatch], place: int, now: float
) -> Iterable[int]:
    """Nobody is seen there any more, gone on or lost. The groups that are lit for it."""
    ids, id_ = plan.ids, plan.ids[place]
    watch, beside = watches[id_], plan.neighbours[place]
    here = [watches[ids[other]] for other in beside]
    on = [one.rose for one in here if one.presence is not False and now - one.rose < times.stuck]
    if on:
        until = max(now + times.left, min(max(on) + IN_BETWEEN, now + times.edge))
        watches[id_] = replace(watch, until=until, hold=Hold.LEFT)
        if plan.dead_end[place]:
            return (place, *_near(plan, watches, place, beside, now + IN_BETWEEN))
        return (place, *_near(plan, watches, place, _or_there(plan, watches, place), now + IN_BETWEEN))
    to_an_end = any(now - watches[ids[other]].fell < SAME_INSTANT for other in plan.ends[place])
    if (now - watch.rose < BRIEF and not watch.origin) or (to_an_end and not plan.dead_end[place]):
        watches[id_] = replace(watch, until=now + times.edge_of(id_), hold=Hold.EDGE)
        return (place,)
    watches[id_] = replace(watch, until=now + times.lost, hold=Hold.LOST)
    if plan.dead_end[place]:
        return (place,)
    return (place, *_near(plan, watches, place, beside, now + times.lost))


def _or_there(plan: LampMap, watches: Mapping[str, GroupWatch], place: int) -> Iterator[int]:
    """Other ways of the junction at which he was seen to go on: the radar that sees him may look across it.

    Only those that he was on his way to and whose own radar has seen nobody since he came.
    """
    ids, watch = plan.ids, watches[plan.ids[place]]
    for other in plan.beyond[place].get(plan.places.get(watch.origin, -1), plan.ways[place]):
        one = watches[ids[other]]
        if (
            one.presence is False
            and one.rose < watch.rose
            and any(
                watches[ids[third]].presence for third in plan.ways[place] if third in plan.neighbours[other]
            )
        ):
            yield other


def _near(
    plan: LampMap, watches: dict[str, GroupWatch], place: int, others: Iterable[int], until: float
) -> Iterator[int]:
    """He may be next door, missed by the sensors there: the groups that stay lit for it."""
    for other in others:
        id_ = plan.ids[other]
        one = watches[id_]
        if one.presence is False and one.until < until:
            watches[id_] = replace(one, until=until, hold=Hold.NEAR, origin=plan.ids[place])
            yield other
