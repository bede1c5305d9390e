"""When radar lighting may say something else though no radar has changed: so that a year need not be asked second by second.

Between two such instants the answer stands, whoever asks. The test holds runs by these instants against runs by every tick.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from math import inf
from operator import is_not

from agent.core.equipment import AreaModel
from policies.lighting.radar import Radar
from policies.lighting.radar_light import FOLLOWED, MISSED, OVERSTAYED, WALKED, earliest, settles
from policies.lighting.radar_map import lamp_map
from policies.lighting.radar_state import GroupWatch, RadarState
from policies.lighting.radar_travel import MANOEUVRE, PARKED

_NOW = 1e-6  # s


class Instants:
    """Of one policy on one model. What a group's watch holds for the future is worked out when the watch is new."""

    def __init__(self, policy: Radar, model: AreaModel) -> None:
        self._policy = policy
        self._plan = lamp_map(model)
        self._known: Sequence[GroupWatch | None] = [None] * len(self._plan.ids)
        self._rows: dict[int, list[float]] = {}

    def after(self, state: RadarState, now: float) -> float:
        """Elapsed seconds; inf where nothing will change by itself."""
        watches = [*state.groups.values()]  # in the order of the map
        for place in compress(range(len(watches)), map(is_not, watches, self._known)):
            self._rows[place] = sorted(_instants(self._policy, watches[place], self._plan.lengths[place]))
        self._known, found, limit = watches, inf, now - _NOW
        for place, row in [*self._rows.items()]:
            while row and row[0] < limit:
                del row[0]
            if not row:
                del self._rows[place]
            elif row[0] < found:
                found = row[0]
        return found


def _instants(policy: Radar, watch: GroupWatch, length: float) -> Iterator[float]:
    yield watch.until
    yield watch.rose + FOLLOWED
    if watch.presence:
        yield watch.rose + MANOEUVRE
        yield watch.rose + PARKED
        yield settles(watch)
        yield watch.rose + length * (1.0 + MISSED) / (watch.pace or WALKED)
        yield watch.rose + policy.stuck_after
        if watch.pace > 0.0:
            yield watch.rose + earliest(length, policy.sight, watch.pace) - policy.ahead
            yield watch.rose + OVERSTAYED[0] * length / watch.pace + OVERSTAYED[1]
