"""The rows of lamps of an area, the one at the window first, and whose sensor each of them follows."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.equipment import AreaModel, Equipment

FAR = 1e6  # m; rows whose distance nobody has told come last, in the order of the site file
_KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LampRow:
    """One row. `leader`: the row whose level it takes for want of a sensor of its own; empty where none has one."""

    group: Equipment
    rank: int  # 0 at the window
    leader: str
    full: float | None  # lx that its lamps alone give at full level, where somebody has measured it

    @property
    def id(self) -> str:
        return self.group.id

    @property
    def name(self) -> str:
        return self.group.name or self.group.id


_known: dict[tuple[int, tuple[str, ...]], tuple[AreaModel, tuple[LampRow, ...]]] = {}


def lamp_rows(model: AreaModel, wanted: tuple[str, ...]) -> tuple[LampRow, ...]:
    """Worked out when a model is seen for the first time. `wanted`: ids of groups; all of the area when empty."""
    key = (id(model), wanted)
    known = _known.get(key)
    if known is None or known[0] is not model:
        if len(_known) >= _KEPT:
            _known.clear()
        known = _known[key] = (model, _rows(model, wanted))
    return known[1]


def _rows(model: AreaModel, wanted: tuple[str, ...]) -> tuple[LampRow, ...]:
    groups = [
        one
        for one in model.equipment.values()
        if one.kind == "lamp_group" and "lamp_level" in one.roles and (not wanted or one.id in wanted)
    ]
    groups.sort(key=lambda one: one.nameplate.get("distance", FAR))  # stable: equals keep their order
    return tuple(
        LampRow(
            group=one,
            rank=rank,
            leader=_leader(groups, rank),
            full=one.nameplate.get("full_illuminance"),
        )
        for rank, one in enumerate(groups)
    )


def _leader(groups: list[Equipment], rank: int) -> str:
    """Itself, else the nearest row deeper in the room (it is the darker one), else the nearest towards the window."""
    for one in (*groups[rank:], *reversed(groups[:rank])):
        if "illuminance" in one.roles:
            return one.id
    return ""
