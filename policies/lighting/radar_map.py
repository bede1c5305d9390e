"""The lamp groups of an area as a graph: who is next to whom, how long each one is, and where a way ends.

Worked out once for a model and kept: a tick looks at it with indexes and has nothing to search.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.equipment import AreaModel, Equipment

USUAL_LENGTH = 15.0  # m of a group whose site file does not tell; all that counts is that they are alike
_KEPT = 16


@dataclass(frozen=True, slots=True, eq=False)
class LampMap:
    """All groups with a lamp level, in the order of the site file; the tuples run side by side.

    A *dead end* is a group all whose neighbours are next to each other as well: a row of bays, stairs, the end of a ramp.
    Nobody passes through it, and often its radar sees nothing of who is about to step in. `beyond[g][n]`: where somebody may
    go on to from `g` who came in from neighbour `n`: not back, and not to what lies at the same end.
    """

    groups: tuple[Equipment, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    places: dict[str, int]
    levels: tuple[str, ...]  # points
    radars: tuple[str, ...]  # points; empty where there is none
    neighbours: tuple[tuple[int, ...], ...]
    ends: tuple[tuple[int, ...], ...]  # the dead ends among the neighbours
    ways: tuple[tuple[int, ...], ...]  # the other neighbours
    dead_end: tuple[bool, ...]
    beyond: tuple[dict[int, tuple[int, ...]], ...]  # of the ways
    lengths: tuple[float, ...]
    lit: tuple[float | None, ...]  # % that the lux limit takes there, where somebody has measured it
    lit_beside: tuple[float | None, ...]  # the same of a way with its dead ends, of a dead end with its ways


_known: dict[int, tuple[AreaModel, LampMap]] = {}


def lamp_map(model: AreaModel) -> LampMap:
    """The map of this model; worked out when it is seen for the first time."""
    known = _known.get(id(model))
    if known is None or known[0] is not model:
        if len(_known) >= _KEPT:
            _known.clear()
        known = _known[id(model)] = (model, _drawn(model))
    return known[1]


def _drawn(model: AreaModel) -> LampMap:
    groups = tuple(
        one for one in model.equipment.values() if one.kind == "lamp_group" and "lamp_level" in one.roles
    )
    places = {one.id: place for place, one in enumerate(groups)}
    beside = _beside(groups, places)
    dead_end = tuple(_is_dead_end(place, beside) for place in range(len(groups)))
    ends = tuple(tuple(other for other in others if dead_end[other]) for others in beside)
    ways = tuple(tuple(other for other in others if not dead_end[other]) for others in beside)
    return LampMap(
        groups=groups,
        ids=tuple(one.id for one in groups),
        names=tuple(one.name or one.id.replace("_", " ") for one in groups),
        places=places,
        levels=tuple(one.roles["lamp_level"] for one in groups),
        radars=tuple(one.roles.get("presence", "") for one in groups),
        neighbours=beside,
        ends=ends,
        ways=ways,
        dead_end=dead_end,
        beyond=tuple(
            {
                origin: tuple(one for one in ways[place] if one != origin and one not in beside[origin])
                for origin in others
            }
            for place, others in enumerate(beside)
        ),
        lengths=tuple(one.nameplate.get("length", USUAL_LENGTH) for one in groups),
        lit=tuple(one.nameplate.get("lit_level") for one in groups),
        lit_beside=tuple(one.nameplate.get("lit_level_beside") for one in groups),
    )


def _beside(groups: tuple[Equipment, ...], places: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    """Who is next to whom, both ways whichever side the site file names."""
    beside: list[dict[int, None]] = [{} for _ in groups]
    for place, group in enumerate(groups):
        for name in group.next_to:
            other = places.get(name, place)
            if other != place:
                beside[place][other] = None
                beside[other][place] = None
    return tuple(tuple(others) for others in beside)


def _is_dead_end(place: int, beside: tuple[tuple[int, ...], ...]) -> bool:
    others = beside[place]
    return all(two in beside[one] for at, one in enumerate(others) for two in others[at + 1 :])
