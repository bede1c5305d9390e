"""The point table: the newest reading of every point, and who wants to be woken by which.

Blocks stay whole: the table keeps a reference to the newest block per point, and a Reading is made only for points
that somebody looks at. That is what lets one small box hold 100,000 points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from agent.core.clock import Clock
from agent.core.point import Value
from agent.core.reading import Quality, Reading, ReadingBlock
from agent.core.snapshot import NEVER_READ

MISSED_POLLS = 5  # a reading older than this many poll periods is stale ...
SHORTEST_PATIENCE = 30.0  # ... but never before this many site seconds,
REAL_PATIENCE = 3.0  # nor before this many real seconds when the clock runs fast

Watcher = Callable[[ReadingBlock], None]


class PointTable:
    """Newest readings by point. One writer (the event loop), no locks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: dict[str, ReadingBlock] = {}
        self._patience: dict[str, float] = {}
        self._triggers: dict[str, dict[str, list[Callable[[], None]]]] = {}  # device -> point -> wake calls
        self._watchers: list[Watcher] = []
        self._places: dict[str, tuple[tuple[str, ...], int]] = {}  # where a point stood in its last block
        self._failed: dict[str, float] = {}  # device -> elapsed of its last failed exchange

    def put(self, block: ReadingBlock) -> None:
        """Take in one exchange's readings. A failed one keeps the last values, marked BAD, for people to see."""
        if block.qualities is not None and all(value is None for value in block.values):
            self._failed[block.device] = block.elapsed
            block = self._with_last_values(block)
        triggers = self._triggers.get(block.device)
        wakes = self._wakes(triggers, block) if triggers else ()
        self._newest.update(dict.fromkeys(block.points, block))
        for watcher in self._watchers:
            watcher(block)
        for wake in wakes:
            wake()

    def reading(self, point: str) -> Reading:
        """The newest reading; BAD when it is stale, "never read" when there is none."""
        return self._reading(point, self._clock.elapsed())

    def _reading(self, point: str, now: float) -> Reading:
        block = self._newest.get(point)
        if block is None:
            return NEVER_READ
        place = self._places.get(point)
        if place is None or place[0] is not block.points:
            place = self._places[point] = (block.points, block.points.index(point))
        index = place[1]
        quality = Quality.GOOD if block.qualities is None else block.qualities[index]
        age = now - block.elapsed
        if age > SHORTEST_PATIENCE and quality is not Quality.BAD and age > self._patience_with(point):
            return Reading(
                block.values[index], block.time, block.elapsed, Quality.BAD, f"stale: {age:.0f} s old"
            )
        reason = "" if quality is Quality.GOOD else block.reason
        return Reading(block.values[index], block.time, block.elapsed, quality, reason)

    def knows(self, points: Iterable[str]) -> bool:
        """Whether each of these points that is read at all has been heard of, well or badly."""
        return all(
            point in self._newest for point in points if point in self._patience and not _virtual(point)
        )

    def failed_at(self, device: str) -> float:
        """Elapsed site seconds of the device's last failed exchange, also one that no tick has seen."""
        return self._failed.get(device, float("-inf"))

    def picture(self, points: Iterable[str]) -> Mapping[str, Reading]:
        """The readings of one tick's points, frozen at this instant."""
        now = self._clock.elapsed()
        fresh = now - SHORTEST_PATIENCE
        newest, places = self._newest, self._places
        seen: dict[str, Reading] = {}
        # written out: hundreds of points at every tick, nearly all of them young and GOOD
        for point in points:
            block, place = newest.get(point), places.get(point)
            if block is None or place is None or place[0] is not block.points:
                seen[point] = self._reading(point, now)
            elif block.qualities is None and block.elapsed >= fresh:
                seen[point] = Reading(block.values[place[1]], block.time, block.elapsed)
            else:
                seen[point] = self._reading(point, now)
        return seen

    def put_virtual(self, values: Mapping[str, Value | None]) -> None:
        """Store virtual points: decided by policies, readable in the next snapshot."""
        if not values:
            return
        points = tuple(values)
        qualities = tuple(Quality.BAD if value is None else Quality.GOOD for value in values.values())
        clear = all(quality is Quality.GOOD for quality in qualities)
        now = self._clock
        self.put(
            ReadingBlock(
                "virtual",
                points,
                tuple(values.values()),
                now.utc(),
                now.elapsed(),
                None if clear else qualities,
                "" if clear else "nobody provides it",
                now.trusted(),
            )
        )

    def expect(self, points: Iterable[str], period: float) -> None:
        """Say how often these points are read, in site seconds; decides when a reading is stale."""
        patience = max(MISSED_POLLS * period, SHORTEST_PATIENCE, REAL_PATIENCE * self._clock.speed)
        self._patience.update(dict.fromkeys(points, patience))

    def wake_on(self, points: Iterable[str], wake: Callable[[], None]) -> None:
        """Call `wake` as soon as a reading of one of these points changes."""
        for point in points:
            device = point.partition(".")[0]
            self._triggers.setdefault(device, {}).setdefault(point, []).append(wake)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Hand every block to `watcher`; call the returned function to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def _patience_with(self, point: str) -> float:
        return self._patience.get(point, max(SHORTEST_PATIENCE, REAL_PATIENCE * self._clock.speed) * 4)

    def _wakes(
        self, triggers: Mapping[str, list[Callable[[], None]]], block: ReadingBlock
    ) -> list[Callable[[], None]]:
        wakes: list[Callable[[], None]] = []
        for index, point in enumerate(block.points):
            calls = triggers.get(point)
            if calls is None:
                continue
            old = self._newest.get(point)
            if old is None or _changed(old, point, block, index):
                wakes.extend(call for call in calls if call not in wakes)
        return wakes

    def _with_last_values(self, block: ReadingBlock) -> ReadingBlock:
        first = self._newest.get(block.points[0]) if block.points else None
        if first is None or first.points != block.points:
            return block
        return replace(block, values=first.values, time=first.time, elapsed=first.elapsed)


def _virtual(point: str) -> bool:
    return point.startswith("virtual.")


def _changed(old: ReadingBlock, point: str, new: ReadingBlock, index: int) -> bool:
    before = old.points.index(point)
    if old.values[before] != new.values[index]:
        return True
    old_quality = Quality.GOOD if old.qualities is None else old.qualities[before]
    new_quality = Quality.GOOD if new.qualities is None else new.qualities[index]
    return old_quality is not new_quality
