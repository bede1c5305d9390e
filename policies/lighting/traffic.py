"""How much goes on in each lamp group at each hour of a working day and of a day off, learned from its own radar.

The share of the time with somebody there, not a count of heads: it is what a radar can tell, and what light costs by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.core.learning import DAY, History, Learning, NothingToLearnError
from agent.core.snapshot import Artefact, Snapshot

LEARNING = Learning(kind="lamp_traffic", version=1, window=28.0 * DAY, every=DAY, deadline=120.0)
MAX_AGE = 14.0 * DAY
STEP = 900.0  # s of one step of the past
HOURS = 24
LEAST_DAYS = 3  # of one kind, before an hour of it is believed
WORKING, OFF = "working", "off"
VISIT = 8.0  # s of presence one visit makes, in the mean: a car drives by in 6, a walker takes 13


@dataclass(frozen=True, slots=True, kw_only=True)
class LampTraffic:
    """By group and kind of day: share of the time with presence in each hour, -1 where too little is known."""

    shares: Mapping[str, Mapping[str, tuple[float, ...]]] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)


def learn_traffic(history: History, calendar: str) -> LampTraffic:
    """Raises NothingToLearnError while too few days are known."""
    radars = {
        one.id: one.roles["presence"]
        for one in history.model.equipment.values()
        if one.kind == "lamp_group" and "presence" in one.roles
    }
    columns = history.columns(tuple(radars.values()), STEP)
    zone = history.model.place.timezone
    first = next(iter(columns.values()), None)
    slots = [] if first is None else [_slot(first.start + (at + 0.5) * STEP, zone, calendar) for at in range(len(first.values))]  # fmt: skip
    days = {kind: round(sum(one[0] == kind for one in slots) * STEP / DAY) for kind in (WORKING, OFF)}
    if max(days.values()) < LEAST_DAYS:
        raise NothingToLearnError(
            f"radars were read on {max(days.values())} of at least {LEAST_DAYS} days alike"
        )
    return LampTraffic(
        shares={
            id_: _shares(slots, columns[point].values) for id_, point in radars.items() if point in columns
        },
        days=days,
    )


def traffic_now(snapshot: Snapshot, name: str, calendar: str) -> Mapping[str, float]:
    """Share of the time with somebody there, by group, as usual at this hour; empty where nothing is known."""
    if not snapshot.utc_trusted:
        return {}
    found = snapshot.learned(name, LEARNING.kind, LEARNING.version, MAX_AGE)
    if found is None:
        return {}
    kind, hour = _slot(snapshot.utc, snapshot.model.place.timezone, calendar)
    return _hour(_Known(found), kind, hour)


class _Known:
    """An artefact by its fingerprint."""

    __slots__ = ("artefact",)

    def __init__(self, artefact: Artefact) -> None:
        self.artefact = artefact

    def __hash__(self) -> int:
        return hash(self.artefact.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.artefact.digest == self.artefact.digest


@lru_cache(maxsize=16)
def _hour(known: _Known, kind: str, hour: int) -> Mapping[str, float]:
    shares = known.artefact.content["shares"]
    return {id_: kinds[kind][hour] for id_, kinds in shares.items() if kind in kinds and kinds[kind][hour] >= 0.0}  # fmt: skip


def visits(share: float) -> float:
    """A rough number of visits an hour."""
    return share * 3600.0 / VISIT


def _slot(utc: float, timezone: str, calendar: str) -> tuple[str, int]:
    return _slot_of(int(utc // STEP), timezone, calendar)


@lru_cache(maxsize=8192)
def _slot_of(quarter: int, timezone: str, calendar: str) -> tuple[str, int]:
    local = datetime.fromtimestamp(quarter * STEP, ZoneInfo(timezone))
    return (WORKING if CALENDARS[calendar].working(local.date()) else OFF), local.hour


def _shares(slots: list[tuple[str, int]], values: object) -> dict[str, tuple[float, ...]]:
    sums = {kind: [0.0] * HOURS for kind in (WORKING, OFF)}
    counts = {kind: [0] * HOURS for kind in (WORKING, OFF)}
    for (kind, hour), value in zip(slots, values, strict=True):  # type: ignore[call-overload]  # an array of floats
        if value == value:  # noqa: PLR0124 - NaN
            sums[kind][hour] += value
            counts[kind][hour] += 1
    least = LEAST_DAYS * 3600.0 / STEP
    return {
        kind: tuple(
            round(total / count, 5) if count >= least else -1.0
            for total, count in zip(sums[kind], counts[kind], strict=True)
        )
        for kind in sums
    }
