"""What radar lighting remembers from tick to tick. All instants are elapsed site seconds.

Instants, not seconds left: a group that nobody comes near costs nothing at a tick. After a pause or a restart they are
moved along, so that no hold is cut short by time that nobody lived through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from agent.core.frozen import quick

NEVER = -1e12


class Hold(StrEnum):
    """Why a group stays lit after its radar has seen nobody any more."""

    NONE = ""
    START = "start"  # nothing is known yet
    DOUBT = "doubt"  # its radar was silent
    EDGE = "edge"  # the usual time after the last movement
    LEFT = "left"  # seen to go on to a neighbour
    LOST = "lost"  # not seen to go on anywhere: must still be there
    NEAR = "near"  # somebody was lost next door


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWatch:
    """One lamp group. `origin` is the neighbour from which whoever is there came, empty where that is not known."""

    presence: bool | None = None  # None: the radar is silent, or nobody has looked yet
    rose: float = NEVER
    fell: float = NEVER
    until: float = NEVER  # lit till then, whatever the radar says
    hold: Hold = Hold.NONE
    origin: str = ""
    pace: float = 0.0  # m/s of whoever is there; 0: not measured
    mixed: bool = (
        False  # somebody else may be on his way out of a dead end: no direction is safe to leave dark
    )
    passed_by: int = 0  # times that neighbours saw somebody since this radar last did
    usual: float = 0.0  # how many times that is in the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarState:
    """All groups, and when they were last looked at."""

    elapsed: float | None = None
    groups: Mapping[str, GroupWatch] = field(default_factory=dict)


def lived_through(state: RadarState, now: float, patience: float) -> dict[str, GroupWatch]:
    """The groups with their instants on today's clock: a gap longer than `patience` seconds counts as that long."""
    groups = dict(state.groups)
    if state.elapsed is None:
        return groups
    gap = now - state.elapsed
    shift = gap - min(max(gap, 0.0), patience)
    if shift:
        groups = {id_: _moved(watch, shift) for id_, watch in groups.items()}
    return groups


def _moved(watch: GroupWatch, shift: float) -> GroupWatch:
    rose, fell, until = (
        one if one == NEVER else one + shift for one in (watch.rose, watch.fell, watch.until)
    )
    return replace(watch, rose=rose, fell=fell, until=until)
