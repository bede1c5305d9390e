"""What happened in a run, told so that a person sees what led to what: each fault or step with the alarms that followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hil.recording import Happening

CAUSES = ("fault", "step")


@dataclass(slots=True)
class Chapter:
    """One cause, and all that was noted until the next one. Without a cause: what came before the first."""

    cause: Happening | None
    followed: list[Happening] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """Happenings of one kind at one moment."""

    elapsed: float
    kind: str
    texts: tuple[str, ...]


def chapters(happenings: Sequence[Happening]) -> list[Chapter]:
    """In the order of the story."""
    told = [Chapter(None)]
    for one in happenings:
        if one.kind in CAUSES:
            told.append(Chapter(one))
        else:
            told[-1].followed.append(one)
    return [one for one in told if one.cause is not None or one.followed]


def lines(happenings: Sequence[Happening]) -> Iterator[Line]:
    """What came together stands together: a dead bus is one line, not one for each of its devices."""
    open_: list[Happening] = []
    for one in (*happenings, None):
        if open_ and (one is None or (one.elapsed, one.kind) != (open_[0].elapsed, open_[0].kind)):
            yield Line(open_[0].elapsed, open_[0].kind, tuple(each.text for each in open_))
            open_ = []
        if one is not None:
            open_.append(one)


def spans(happenings: Sequence[Happening], end: float) -> dict[str, list[tuple[float, float]]]:
    """When faults of each layer and alarms stood, as (begin, end) in site seconds; what never ended lasts to `end`."""
    found: dict[str, list[tuple[float, float]]] = {}
    alarms: dict[str, float] = {}
    for one in happenings:
        if one.kind == "alarm":
            alarms.setdefault(one.subject, one.elapsed)
        elif one.kind == "alarm over" and one.subject in alarms:
            found.setdefault("alarms", []).append((alarms.pop(one.subject), one.elapsed))
        elif one.kind == "fault" and (one.until is None or one.until > one.elapsed):
            layer = one.subject.partition(":")[0]
            found.setdefault(layer, []).append((one.elapsed, _end_of(one, happenings, end)))
    found.setdefault("alarms", []).extend((begin, end) for begin in alarms.values())
    return {
        layer: found[layer] for layer in ("bus", "device", "point", "plant", "alarms") if found.get(layer)
    }


def _end_of(fault: Happening, happenings: Sequence[Happening], end: float) -> float:
    """By itself, or when it was mended."""
    until = end if fault.until is None else min(fault.until, end)
    mends = (
        one.elapsed
        for one in happenings
        if one.kind == "fault" and one.until == one.elapsed and one.subject in ("*", fault.subject)
        and one.elapsed >= fault.elapsed
    )  # fmt: skip
    return min(until, next(mends, until))
