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
from policies.lighting.radar_watch import blind

MANOEUVRE = 5.5  # s in a dead end: longer than a car that drives past shows there
SEEN_AHEAD = 4.0  # m that radars see into the groups next door, from lamps at 2.6 m of height
SLACK = 0.1  # of the time through a group: nobody keeps his pace to the second

Light = tuple[float, str]
"""Level in % and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightRules:
    """Levels in % and times in s."""

    here: float
    coming: float
    ahead: float
    stuck: float


def own_light(
    rules: LightRules, snapshot: Snapshot, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int]
) -> dict[int, Light]:
    """Groups that are lit for what their own radar says, or said, by place."""
    now, level = snapshot.elapsed, rules.here
    lit: dict[int, Light] = {}
    for place in busy:
        watch, name = watches[plan.ids[place]], plan.names[place]
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


def light_ahead(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int]
) -> dict[int, Light]:
    """Groups that somebody next door may enter, by place."""
    lit: dict[int, Light] = {}
    level = rules.coming
    for place in busy:
        watch = watches[plan.ids[place]]
        if not watch.presence or now - watch.rose >= rules.stuck:
            continue
        for other in plan.ends[place]:
            if other not in lit:
                lit[other] = (level, words.way_in(plan.names[other], plan.names[place], watch.pace))
        seconds, targets = 0.0, plan.ways[place]
        if not (plan.dead_end[place] or watch.mixed or _coming_out(rules, now, plan, watches, place)):
            seconds = _seconds_to_go(plan, watch, place, now)
            targets = plan.beyond[place].get(plan.places.get(watch.origin, -1), targets)
        if seconds <= rules.ahead:
            for other in targets:
                if other not in lit:
                    text = words.expected(plan.names[other], plan.names[place], watch.pace, seconds)
                    lit[other] = (level, text)
    return lit


def _coming_out(
    rules: LightRules, now: float, plan: LampMap, watches: Mapping[str, GroupWatch], place: int
) -> bool:
    """Whether somebody is busy in one of the dead ends beside this way."""
    for other in plan.ends[place]:
        watch = watches[plan.ids[other]]
        if watch.presence and MANOEUVRE <= now - watch.rose < rules.stuck:
            return True
    return False


def _seconds_to_go(plan: LampMap, watch: GroupWatch, place: int, now: float) -> float:
    """Until whoever is there reaches the next group, at the earliest; 0 where his pace is not known."""
    if watch.pace <= 0.0:
        return 0.0
    through = (plan.lengths[place] * (1.0 - SLACK) + SEEN_AHEAD) / watch.pace
    return watch.rose + through - now
