"""What the writer need not think about: points that rest as they are, and those that carry no value of ours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from agent.control.write_state import PointWrite
from agent.core.frozen import quick
from agent.core.point import Value


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """A point that was found settled: as long as all this is so, it still is, and needs no thought at a tick."""

    state: PointWrite
    wanted: Value
    found: Value | None
    shown_by: str
    device: str
    answers_since: float  # its device has not failed after that (elapsed site seconds)


class OwedPoints(Collection[str]):
    """Those of an area's points that have to be given back, looked up when somebody asks: hundreds, and hardly ever asked for."""

    def __init__(self, points: Collection[str], owed: Callable[[str], bool]) -> None:
        self._points = points
        self._is_owed = owed

    def __contains__(self, point: object) -> bool:
        return isinstance(point, str) and point in self._points and self._is_owed(point)

    def __iter__(self) -> Iterator[str]:
        return (point for point in self._points if self._is_owed(point))

    def __len__(self) -> int:
        return sum(1 for _ in self)
