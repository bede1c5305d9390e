"""When radar lighting may say something else though no radar has changed: so that a year need not be asked second by second.

Between two such instants the answer stands, whoever asks. The test holds runs by these instants against runs by every tick.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from agent.core.equipment import AreaModel
from policies.lighting.radar import Radar
from policies.lighting.radar_light import FOLLOWED, MANOEUVRE, MISSED, OVERSTAYED, SLACK
from policies.lighting.radar_map import lamp_map
from policies.lighting.radar_state import GroupWatch, RadarState

_NOW = 1e-6  # s


def next_instant(policy: Radar, model: AreaModel, state: RadarState, now: float) -> float:
    """Elapsed seconds; inf where nothing will change by itself."""
    plan, found = lamp_map(model), inf
    for length, id_ in zip(plan.lengths, plan.ids, strict=True):
        watch = state.groups[id_]
        if watch.until < now - _NOW and not watch.presence and watch.rose + FOLLOWED < now - _NOW:
            continue
        for instant in _instants(policy, watch, length):
            if now - _NOW <= instant < found:
                found = instant
    return found


def _instants(policy: Radar, watch: GroupWatch, length: float) -> Iterator[float]:
    yield watch.until
    yield watch.rose + FOLLOWED
    if watch.presence:
        yield watch.rose + MANOEUVRE
        yield watch.rose + policy.stuck_after
        if watch.pace > 0.0:
            yield watch.rose + length * (1.0 - SLACK) / watch.pace - policy.ahead
            yield watch.rose + length * (1.0 + MISSED) / watch.pace
            yield watch.rose + OVERSTAYED[0] * length / watch.pace + OVERSTAYED[1]
