"""What daylight lighting remembers from tick to tick. Seconds that were lived through, not stamps: a restart cuts nothing short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.core.frozen import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RowWatch:
    """One row of lamps. Levels in %, illuminances in lx."""

    level: float | None = None  # asked for last; None: nobody has asked yet
    seen: float | None = None  # level that the smoothed sensor has seen by now
    lux: float | None = None  # smoothed
    raw: float | None = None  # the last reading as it was
    same: float = 0.0  # s that the reading has not moved by a hair
    moving: bool = False  # on its way back into the deadband
    down: float = 0.0  # s that less light has been enough
    bright: float = 0.0  # s that the sun alone has been more than enough
    away: float = 0.0  # s since somebody was seen here


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomState:
    """All rows, and why the lamps burn at all."""

    elapsed: float | None = None
    rows: Mapping[str, RowWatch] = field(default_factory=dict)
    kept: float = 0.0  # s left of somebody's "keep on"
    pressed: bool = False
    warned: float = 0.0  # s of the warning before the lamps go out
    out: bool = False  # the warning is over and nobody has objected
