"""How much light a lamp group gives where somebody is: by hand with a luxmeter, or by its own sensor while its radar sees somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.ledger.register import StoredSample

SETTLED = 3.0  # s after somebody was first seen: lamps have come up by then
QUANTILE = 0.05  # a photocell hisses: so much of its samples may lie below what counts as its lowest
FEWEST = 5


class Source(StrEnum):
    """Where the figure comes from."""

    HAND = "luxmeter"
    SENSOR = "sensor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HandMeasurement:
    """One reading of a luxmeter, as staff wrote it down."""

    group: str
    lux: float
    time: str
    by: str
    instrument: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class GroupLight:
    """The lowest light of one group; `lowest` None: nobody has measured. `samples` are the first and the last behind it."""

    group: str
    name: str
    source: Source
    lowest: float | None
    count: int
    samples: tuple[StoredSample, ...] = ()
    sensor: float | None = None  # what the sensor says beside the luxmeter
    note: str = ""

    def enough(self, limit: float) -> bool:
        return self.lowest is not None and self.lowest >= limit


def group_light(
    group: str,
    name: str,
    by_hand: Sequence[HandMeasurement],
    lux: Sequence[StoredSample],
    presence: Sequence[StoredSample],
) -> GroupLight:
    """A luxmeter goes before the sensor. Samples oldest first; presence is 0 or 1."""
    seen = list(_occupied(lux, presence))
    sensor = _low(seen)
    ends = (seen[0], seen[-1]) if sensor is not None else ()
    mine = [one for one in by_hand if one.group == group]
    if mine:
        lowest = min(mine, key=lambda one: one.lux)
        note = ", ".join(one for one in (lowest.place, lowest.time, lowest.by, lowest.instrument) if one)
        return GroupLight(group, name, Source.HAND, lowest.lux, len(mine), ends, sensor, note)
    if sensor is not None:
        return GroupLight(group, name, Source.SENSOR, sensor, len(seen), ends, sensor)
    why = "no luxmeter reading, and no light sensor that was read while somebody was there"
    return GroupLight(group, name, Source.NONE, None, 0, note=why)


def _occupied(lux: Sequence[StoredSample], presence: Sequence[StoredSample]) -> Iterator[StoredSample]:
    """Light samples between two sightings of somebody without a break, a moment after the first."""
    at, begin, end = 0, 0.0, float("-inf")
    spans: list[tuple[float, float]] = []
    for one in presence:
        if one.value > 0.5:
            begin, end = (begin if end > 0.0 else one.time), one.time
        elif end > 0.0:
            spans.append((begin, end))
            end = float("-inf")
    if end > 0.0:
        spans.append((begin, end))
    for sample in lux:
        while at < len(spans) and spans[at][1] < sample.time:
            at += 1
        if at < len(spans) and spans[at][0] + SETTLED <= sample.time:
            yield sample


def _low(samples: Sequence[StoredSample]) -> float | None:
    if len(samples) < FEWEST:
        return None
    return sorted(one.value for one in samples)[int(QUANTILE * len(samples))]
