"""Whether each lamp group hears: what was written to it against what it showed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHARE = 0.95  # of the commands that could be looked at must have been seen to arrive
APART = 5.0  # % between two levels that prove a group follows


@dataclass(frozen=True, slots=True)
class Order:
    """One level written to a group. `audit`: number of its record in the chain."""

    audit: int
    time: float
    level: float
    error: str = ""  # empty: sent


@dataclass(frozen=True, slots=True)
class Answer:
    """What the group showed after an order: `shown` None where nobody looked in time."""

    order: Order
    shown: float | None
    place: str = ""  # of the sample
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class GroupTalk:
    """The communication test of one group."""

    group: str
    name: str
    answers: tuple[Answer, ...]

    @property
    def looked(self) -> int:
        return sum(one.shown is not None or bool(one.order.error) for one in self.answers)

    @property
    def arrived(self) -> int:
        return sum(one.arrived for one in self.answers)

    @property
    def levels(self) -> tuple[float, ...]:
        """Lowest and highest level that was seen to arrive."""
        seen = sorted(one.order.level for one in self.answers if one.arrived)
        return (seen[0], seen[-1]) if seen else ()

    @property
    def passed(self) -> bool:
        """It followed, and to more than one level."""
        levels = self.levels
        moved = len(levels) == 2 and levels[1] - levels[0] >= APART
        return moved and self.arrived >= SHARE * self.looked

    @property
    def words(self) -> str:
        if not self.answers:
            return "no command of the monitoring period is on record"
        if not self.levels:
            return f"none of {self.looked} commands was seen to arrive"
        low, high = self.levels
        return f"{self.arrived} of {self.looked} commands seen to arrive, {low:g} to {high:g} %"


def answered(order: Order, shown: Sequence[tuple[float, str]], tolerance: float) -> Answer:
    """`shown`: what the group said from the order on until the next one or the end of patience, with its places."""
    if order.error:
        return Answer(order, None)
    for value, place in shown:
        if abs(value - order.level) <= tolerance:
            return Answer(order, value, place, arrived=True)
    return Answer(order, shown[-1][0], shown[-1][1]) if shown else Answer(order, None)
