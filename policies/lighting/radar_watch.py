"""What the radars say, turned into what is known of each lamp group: who came from where, how fast, and where he was lost.

Nobody vanishes: whoever was seen in a group and is then seen neither there nor next door is still there, behind a sensor that
missed him or in a parked car, and the place stays lit for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import repeat

from agent.core.reading import Quality, Reading
from agent.core.snapshot import NEVER_READ, Snapshot
from policies.lighting.radar_map import LampMap
from policies.lighting.radar_state import GroupWatch, Hold
from policies.lighting.radar_travel import CAR, DRIVEN, EARLY, came
from policies.lighting.traffic import visits

SAME_INSTANT = 0.7  # s within which radars that lose the same person say so
BRIEF = 4.0  # s; a visit out of nowhere that is shorter may be a false alarm: it loses nobody
IN_BETWEEN = (
    5.0  # s in which somebody who is seen in the next group may still be in the last metres of this one
)
UNSEEN = 12.0  # s in which whoever was missed next door may walk on from there into one of its dead ends
TO_THE_EDGE = 3.5  # s after a radar saw him coming in which somebody is still in the group before
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
    doors: frozenset[str]  # groups where people come in
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
    now, ids, stale = snapshot.elapsed, plan.ids, times.stale
    radars = map(snapshot.readings.get, plan.radars, repeat(NEVER_READ))
    if tuple(watches) != ids:
        _begin(times, snapshot, plan, watches)
    turned: dict[int, bool | None] = {}  # what groups were before
    busy = []
    for place, reading in _stirring(radars, watches.values(), now, stale):
        id_ = ids[place]
        watch, presence = watches[id_], believed(reading, now, stale)
        if presence is not watch.presence:
            turned[place] = watch.presence
            watch = watches[id_] = _turned(times, watch, presence, now)
        if watch.presence is not False or watch.until > now or watch.passed_by >= BLIND_AT_LEAST:
            watches[id_] = _no_longer(times, id_, watch, now)
            busy.append(place)
    return busy + _consequences(times, plan, watches, turned, now) if turned else busy


def _stirring(
    readings: Iterable[Reading], watches: Iterable[GroupWatch], now: float, stale: float | None
) -> list[tuple[int, Reading]]:
    """Groups that are not simply at rest: looked for in one go, since this is asked some thousand times an hour."""
    good = Quality.GOOD
    return [
        (place, reading)
        for place, (reading, watch) in enumerate(zip(readings, watches, strict=True))
        if watch.presence is not False
        or reading.value is not False
        or reading.quality is not good
        or watch.until > now
        or watch.passed_by >= BLIND_AT_LEAST
        or stale is not None
    ]


def _begin(times: HoldTimes, snapshot: Snapshot, plan: LampMap, watches: dict[str, GroupWatch]) -> None:
    """Groups that are looked at for the first time; all of them in the order of the map from here on."""
    known, now = dict(watches), snapshot.elapsed
    watches.clear()
    for id_, point in zip(plan.ids, plan.radars, strict=True):
        reading = snapshot.readings.get(point, NEVER_READ)
        watches[id_] = known.get(id_) or _first(times, believed(reading, now, times.stale), now)


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
            came(plan, times.doors, watches, place, now)
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
        ends = (other for other in plan.ends[place] if ids[other] != watch.origin)
        return (
            place,
            *_near(plan, watches, place, ends, max(on) + TO_THE_EDGE),
            *_near(plan, watches, place, _or_there(plan, watches, place), now + IN_BETWEEN),
        )
    to_an_end = any(now - watches[ids[other]].fell < SAME_INSTANT for other in plan.ends[place])
    if (now - watch.rose < BRIEF and not watch.origin) or (to_an_end and not plan.dead_end[place]):
        watches[id_] = replace(watch, until=now + times.edge_of(id_), hold=Hold.EDGE)
        return (place,)
    on_foot = plan.dead_end[place] and 0.0 < watch.pace < CAR  # he gets into his car, or leaves by a door
    watches[id_] = replace(
        watch, until=now + (min(times.quiet, times.lost) if on_foot else times.lost), hold=Hold.LOST
    )
    if plan.dead_end[place]:  # who appeared here may have gone out to a way that has missed him
        unseen = (other for other in plan.ways[place] if watches[ids[other]].fell < watch.rose)
        out = () if watch.origin else unseen
        return (place, *_near(plan, watches, place, out, now + min(UNSEEN, times.lost)))
    further = {end for other in plan.ways[place] for end in plan.ends[other]}.difference(beside, (place,))
    return (
        place,
        *_near(plan, watches, place, beside, now + times.lost),
        *_near(plan, watches, place, sorted(further), now + min(UNSEEN, times.lost)),
    )


def _or_there(plan: LampMap, watches: Mapping[str, GroupWatch], place: int) -> Iterator[int]:
    """Other ways of the junction at which he was seen to go on: the radar that sees him may look across it.

    Only those that he was on his way to and whose own radar has seen nobody since he can have been there.
    """
    ids, watch = plan.ids, watches[plan.ids[place]]
    due = watch.rose + plan.lengths[place] * EARLY / (watch.pace or DRIVEN)
    for other in plan.beyond[place].get(plan.places.get(watch.origin, -1), plan.ways[place]):
        one = watches[ids[other]]
        if (
            one.presence is False
            and one.rose < due
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
