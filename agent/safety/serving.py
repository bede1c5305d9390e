"""Which machine keeps which one alive: pumps and towers serve chillers, flow outlives the machine."""

from __future__ import annotations

from collections.abc import Mapping

from agent.core.equipment import Equipment


def serving_ranks(equipment: Mapping[str, Equipment]) -> dict[str, int]:
    """0 for machines that serve nobody, else one more than the highest they serve.

    Judged, stopped and released in rising rank, a machine always comes before what serves it. Names of unknown
    equipment and circles are passed over.
    """
    ranks: dict[str, int] = {}
    for name in equipment:
        _rank(name, equipment, ranks, frozenset())
    return ranks


def _rank(name: str, equipment: Mapping[str, Equipment], ranks: dict[str, int], above: frozenset[str]) -> int:
    if name in ranks:
        return ranks[name]
    served = [one for one in equipment[name].guards.serves if one in equipment and one not in above | {name}]
    rank = max((1 + _rank(one, equipment, ranks, above | {name}) for one in served), default=0)
    ranks[name] = rank
    return rank
