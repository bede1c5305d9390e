"""Temperature sensors of one room, watched against each other: silent, frozen, drifting ones are found by comparing.

Doubt means warmer: the sensor that makes the room warmest speaks for all places, also for that of one that is set aside. No sensor is given up for good: one that moves again is believed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import fmean, median

MOVED = 0.2  # K: less is noise of a sensor that stands
_NEARLY = 0.4  # of the drift limit: more than sensors differ by the room's own ups and downs
FORGETS = 30.0 * 86_400.0  # s: a usual difference is the mean of so long; a drift must not teach it faster
_TAUGHT = 600.0  # s after which the place of a sensor is known well enough to do without it
_ASTRAY = 0.3  # K the others moved while this one stood
_JUMPS = 1.0  # K from one look to the next: air does not, a sensor that breaks does
_PERSISTS = 600.0  # s a disagreement lasts before it is told: sensors follow the air at different speeds


class Doubt(StrEnum):
    """Why a sensor is not believed."""

    NONE = ""
    SILENT = "silent"
    FROZEN = "frozen"
    DRIFTS = "drifts"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRules:
    """Seconds and kelvin."""

    frozen_change: float
    frozen_after: float
    still_after: float  # 0: a room may stand still
    drift_limit: float
    learn_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorWatch:
    """What is known of one sensor. `mark`: what it read when it last moved; the other fields of movement count from then."""

    value: float | None = None
    mark: float | None = None
    still: float = 0.0  # s
    uncooled: float = 0.0  # s of these in which nothing cooled
    beside: float | None = None  # the others' mean at the last look
    low: float | None = None  # and since the mark
    high: float | None = None
    usual: float = 0.0  # K above the mean of all, as it usually is
    known: float = 0.0  # s behind `usual`
    apart: float = 0.0  # s it has been farther from there than it may
    doubt: Doubt = Doubt.NONE

    @property
    def spread(self) -> float:
        """K by which the others have moved since the mark."""
        return 0.0 if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSight:
    """The room's temperature (None: nobody can tell), and what is wrong with its sensors."""

    temperature: float | None = None
    doubts: tuple[str, ...] = field(default=())
    level: float | None = (
        None  # the mean of what is believed, as of the middle of the room; None: sensors disagree
    )


def watched(
    before: Mapping[str, SensorWatch],
    values: Mapping[str, float | None],
    seconds: float,
    cooled: bool,
    rules: SensorRules,
) -> Mapping[str, SensorWatch]:
    """All sensors one look later; `cooled`: whether a unit has been told to cool since the last one."""
    moved = {
        id_: _moved(before.get(id_, SensorWatch()), value, values, id_, (seconds, cooled))
        for id_, value in values.items()
    }
    moving = {id_: replace(one, doubt=_standing(one, rules)) for id_, one in moved.items()}
    believed = {id_: one for id_, one in moving.items() if one.doubt is Doubt.NONE}
    if believed and all(_stands(one, rules) for one in believed.values()):
        believed = {}
        moving = {id_: one if one.doubt else replace(one, doubt=Doubt.FROZEN) for id_, one in moving.items()}
    compared = _compared(moving, believed, seconds, rules)
    return _learned(compared, seconds, rules)


def sight_of(watches: Mapping[str, SensorWatch], names: Mapping[str, str]) -> RoomSight:
    """The warmest place of the room, by the sensor that makes it warmest."""
    doubts = [_words(names[id_], one) for id_, one in watches.items() if one.doubt is not Doubt.NONE]
    believed = {id_: one for id_, one in watches.items() if one.doubt is Doubt.NONE and one.value is not None}
    if len(believed) == 2 and all(one.apart >= _PERSISTS for one in believed.values()):
        shown = " and ".join(f"{names[id_]} {one.value:.1f} degC" for id_, one in believed.items())
        doubts.append(f"{shown} disagree more than they used to; the warmer one holds")
    if not believed:
        return RoomSight(doubts=tuple(doubts))
    bases = [(one.value or 0.0) - one.usual for one in believed.values()]
    places = [one.usual for id_, one in watches.items() if id_ in believed or one.known >= _TAUGHT]
    agreed = not any(one.apart for one in believed.values())
    return RoomSight(
        temperature=max(bases) + max(places), doubts=tuple(doubts), level=fmean(bases) if agreed else None
    )


def _moved(
    one: SensorWatch,
    value: float | None,
    values: Mapping[str, float | None],
    own: str,
    passed: tuple[float, bool],
) -> SensorWatch:
    seconds, cooled = passed
    if value is None:
        return replace(one, value=None, mark=None, still=0.0, uncooled=0.0, low=None, high=None)
    others = [other for id_, other in values.items() if id_ != own and other is not None]
    beside = fmean(others) if others else None
    leapt = beside is None or one.beside is None or abs(beside - one.beside) > _JUMPS
    one = replace(one, value=value, beside=beside)
    if one.mark is None or abs(value - one.mark) > MOVED:
        return replace(one, mark=value, still=0.0, uncooled=0.0, low=beside, high=beside)
    return replace(
        one,
        still=one.still + seconds,
        uncooled=0.0 if cooled else one.uncooled + seconds,
        low=beside if leapt or one.low is None or beside is None else min(beside, one.low),
        high=beside if leapt or one.high is None or beside is None else max(beside, one.high),
    )


def _standing(one: SensorWatch, rules: SensorRules) -> Doubt:
    """By itself and against the others' movement."""
    if one.value is None:
        return Doubt.SILENT
    frozen = one.still >= rules.frozen_after and one.spread >= rules.frozen_change
    # whoever stood still while nothing cooled has to move before it is believed again
    stays = one.doubt is Doubt.FROZEN and one.still > 0.0
    return Doubt.FROZEN if frozen or stays else Doubt.NONE


def _stands(one: SensorWatch, rules: SensorRules) -> bool:
    """A computer room that is not cooled warms: who does not see that sees nothing."""
    return 0.0 < rules.still_after <= one.uncooled


def _compared(
    watches: Mapping[str, SensorWatch],
    believed: Mapping[str, SensorWatch],
    seconds: float,
    rules: SensorRules,
) -> Mapping[str, SensorWatch]:
    """Who is farther from the others than usual: with three or more it is one of them, with two nobody can tell which."""
    if len(believed) < 2 or min(one.known for one in believed.values()) < rules.learn_time:
        return watches
    middle = median((one.value or 0.0) - one.usual for one in believed.values())
    half = 0.5 if len(believed) == 2 else 1.0  # the median of two lies half-way
    result = dict(watches)
    for id_, one in believed.items():
        far = abs((one.value or 0.0) - one.usual - middle) > half * rules.drift_limit
        apart = one.apart + seconds if far else 0.0
        drifts = len(believed) > 2 and apart >= _PERSISTS
        result[id_] = replace(one, apart=apart, doubt=Doubt.DRIFTS if drifts else Doubt.NONE)
    return result


def _learned(
    watches: Mapping[str, SensorWatch], seconds: float, rules: SensorRules
) -> Mapping[str, SensorWatch]:
    """Each sensor's usual place above the mean of all, while all are believed and agree.

    Who is on the way to a disagreement is learned no faster than over a month, however young what is known.
    """
    values = [one.value for one in watches.values() if one.value is not None]
    whole = len(values) == len(watches) > 1
    if any(one.doubt or one.apart or one.spread > _ASTRAY for one in watches.values()):
        return watches  # nothing is learned from one that may be frozen or drift
    if not whole:
        return watches
    middle = fmean(values)
    limit = _NEARLY * rules.drift_limit * (0.5 if len(values) == 2 else 1.0)
    strays = any(
        one.known >= rules.learn_time and abs((one.value or 0.0) - middle - one.usual) > limit
        for one in watches.values()
    )
    result = {}
    for id_, one in watches.items():
        known = min(one.known + seconds, FORGETS)
        behind = FORGETS if strays else known
        share = min(seconds / behind, 1.0) if behind > 0.0 else 1.0
        usual = one.usual + share * ((one.value or 0.0) - middle - one.usual)
        result[id_] = replace(one, usual=usual, known=known)
    return result


def _words(name: str, one: SensorWatch) -> str:
    if one.doubt is Doubt.SILENT:
        return f"{name} is silent"
    if one.doubt is Doubt.FROZEN and one.spread >= MOVED and one.mark is not None:
        return f"{name} is frozen at {one.mark:.1f} degC while the room moved by {one.spread:.1f} K"
    if one.doubt is Doubt.FROZEN:
        return f"{name} does not move though nothing cools"
    return f"{name} drifts: {one.value:.1f} degC is not what the others show"
