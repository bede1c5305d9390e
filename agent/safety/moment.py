"""One instant on both clocks: the one that timers use and the one that people read."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.frozen import quick


@quick
@dataclass(frozen=True, slots=True)
class Moment:
    """`elapsed` site seconds never jump; `utc` may, and `trusted` says whether it is to be believed."""

    elapsed: float
    utc: float
    trusted: bool = True
