"""Which lamp groups are lit, and why: for what their own radar says or said, and ahead of whoever moves next door.

A dead end (bays, stairs) is lit as long as anybody is on the way to it. A way is lit when somebody is about to arrive, at the
pace that was measured; at once where no pace is known, or where somebody may be coming out of a dead end beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.core.snapshot import Snapshot
from policies.lighting import radar_words as words
from policies.lighting.radar_map import LampMap
from policies.lighting.radar_state import GroupWatch
from policies.lighting.radar_travel import CAR, MANOEUVRE, TOGETHER, parking
from policies.lighting.radar_watch import FLICKER, blind

FOLLOWED = 8.5  # s after the next radar saw somebody in which he is out of sight of this one
SLACK = 0.2  # of the time through a group: a sensor that missed somebody makes him seem late, and slow

# times the time through a group, and s: longer than anybody who goes through shows there
OVERSTAYED = (2.0, 6.5)
WALKED = 1.4  # m/s of whoever was not measured and is still there when a car would be gone
CAR_SIGHT = 1.5  # times as far as somebody on foot: a car gives more echo
SETTLED = 1.0  # s in which lamps that are lit together have come up
MISSED = 0.05  # of the time through a group, after which whoever is not seen next door has been missed

Light = tuple[float, str]
"""Level in % and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightRules:
    """Levels in %, by place, and times in s."""

    here: tuple[float, ...]
    coming: tuple[float, ...]
    ahead: float
    sight: float  # m before the edge of a group from which its radar sees who comes
    stuck: float


def own_light(
    rules: LightRules, snapshot: Snapshot, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int]
) -> dict[int, Light]:
    """Groups that are lit for what their own radar says, or said, by place."""
    now = snapshot.elapsed
    lit: dict[int, Light] = {}
    for place in busy:
        watch, name, level = watches[plan.ids[place]], plan.names[place], rules.here[place]
        origin = plan.names[plan.places[watch.origin]] if watch.origin in plan.places else ""
        if watch.presence is None:
            why = snapshot.reading(plan.groups[place], "presence").reason
            lit[place] = (level, words.unknown(name, why))
        elif watch.presence:
            stuck = now - watch.rose >= rules.stuck
            lit[place] = (level, words.stuck(name, rules.stuck) if stuck else words.here(name, watch, origin))
        elif watch.until > now:
            lit[place] = (level, words.held(name, watch, now, origin))
        elif blind(watch):
            lit[place] = (level, words.blind(name, watch))
    return lit


def light_shared(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], lit: dict[int, Light]
) -> None:
    """A way with somebody on it and its dead ends are lit together and need less each: what comes over counts.

    Only once all of them have come up, so that nobody sees one go down before the others are there.
    """
    settled = {
        place
        for place in lit
        if plan.lit_beside[place] is not None
        and not plan.dead_end[place]
        and watches[plan.ids[place]].presence
        and settles(watches[plan.ids[place]]) <= now < watches[plan.ids[place]].rose + rules.stuck
    }
    for place in (*settled, *(end for way in settled for end in plan.ends[way])):
        less = plan.lit_beside[place]
        if less is None or rules.coming[place] < rules.here[place]:
            continue
        if place in settled or settled.issuperset(plan.ways[place]):
            lit[place] = (min(less, rules.here[place]), lit[place][1])


def settles(watch: GroupWatch) -> float:
    """When all that was lit for whoever is seen there has come up; a flicker may have put it out in between."""
    return max(watch.rose, watch.fell + FLICKER) + SETTLED


def light_ahead(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int]
) -> dict[int, Light]:
    """Groups that somebody next door may enter, by place."""
    lit: dict[int, Light] = {}
    levels, names = rules.coming, plan.names
    for place in busy:
        watch = watches[plan.ids[place]]
        if not watch.presence or now - watch.rose >= rules.stuck:
            continue
        for end in plan.ends[place]:
            if end not in lit:
                lit[end] = (levels[end], words.way_in(names[end], names[place], watch.pace))
        seconds, targets = _way_on(rules, now, plan, watches, place)
        if seconds > rules.ahead:
            continue
        for other in targets:
            if other not in lit:
                lit[other] = (levels[other], words.expected(names[other], names[place], watch.pace, seconds))
            if _overdue(plan, watch, place, now) and not watches[plan.ids[other]].presence:
                for end in plan.ends[other]:
                    lit.setdefault(end, (levels[end], words.overdue(names[end], names[place])))
    return lit


def _way_on(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], place: int
) -> tuple[float, tuple[int, ...]]:
    """Seconds until whoever is there reaches the next way, and which ones that may be."""
    watch = watches[plan.ids[place]]
    if plan.dead_end[place] or watch.mixed or _coming_out(rules, now, plan, watches, place):
        return 0.0, plan.ways[place]
    if _overstayed(watch, plan.lengths[place], now):
        return 0.0, plan.ways[place]  # he has turned, or it is another one whom no radar told apart
    targets = plan.beyond[place].get(plan.places.get(watch.origin, -1), plan.ways[place])
    for other in targets:
        rose = watches[plan.ids[other]].rose
        if rose > watch.rose + TOGETHER and now - rose > FOLLOWED:
            return 0.0, plan.ways[place]  # that one has gone on long ago: there is another here
    return _seconds_to_go(rules, plan, watch, place, now), targets


def _overstayed(watch: GroupWatch, length: float, now: float) -> bool:
    """Whether somebody is still seen where he who came should long be through."""
    times, more = OVERSTAYED
    return watch.pace > 0.0 and now - watch.rose > times * length / watch.pace + more


def _overdue(plan: LampMap, watch: GroupWatch, place: int, now: float) -> bool:
    """Whoever is there should have been seen next door by now: a sensor has missed him."""
    if watch.pace <= 0.0 and (watch.origin not in plan.places or plan.dead_end[plan.places[watch.origin]]):
        return False
    return now - watch.rose > (1.0 + MISSED) * plan.lengths[place] / (watch.pace or WALKED)


def _coming_out(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], place: int
) -> bool:
    """Whether somebody is busy in one of the dead ends beside this way, and not the one who has just driven in."""
    if parking(plan, watches, place, now):
        return False
    for other in plan.ends[place]:
        watch = watches[plan.ids[other]]
        if watch.presence and MANOEUVRE <= now - watch.rose < rules.stuck:
            return True
    return False


def _seconds_to_go(rules: LightRules, plan: LampMap, watch: GroupWatch, place: int, now: float) -> float:
    """Until whoever is there reaches the next group, at the earliest; 0 where his pace or where he began is not known."""
    origin = plan.places.get(watch.origin)
    if watch.pace <= 0.0 or origin is None or plan.dead_end[origin]:
        return 0.0
    return watch.rose + earliest(plan.lengths[place], rules.sight, watch.pace) - now


def earliest(length: float, sight: float, pace: float) -> float:
    """Seconds from view to the far edge of a group of that length."""
    seen_from = sight * (CAR_SIGHT if pace >= CAR else 1.0)
    return (length + seen_from) * (1.0 - SLACK) / pace
