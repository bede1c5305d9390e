"""The recorded past as a replay wants it: what held at each step, numbers packed, texts as they are."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from math import ceil, inf, nan

from agent.calc.columns import HOLD
from agent.control.recorder import DECIDED, LEARNED
from agent.core.equipment import AreaModel
from agent.core.point import Point, Value, ValueKind
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact
from agent.telemetry.past import StoredHistory

LOOK_BACK = 14 * 86_400.0  # s before the window in which a decision that still holds may have been made
ALL = 1e9  # samples a step: none is left out


class Held:
    """One point's value at each step: the last sample up to it, for `hold` seconds at most."""

    __slots__ = ("_count", "_hold", "_kind", "_start", "_step", "_text", "_times", "_values")

    def __init__(self, point: Point, start: float, step: float, count: int, hold: float = HOLD) -> None:
        self._kind = point.kind
        self._start, self._step, self._count, self._hold = start, step, count, hold
        self._times = array("d", [-inf]) * (count + 1)  # the first holds what was before the window
        self._values = array("d", [nan]) * (count + 1)
        self._text: dict[int, Value] = {}

    def add(self, time: float, value: Value | None) -> None:
        at = 0 if time <= self._start else ceil((time - self._start) / self._step)
        if at > self._count or time < self._times[at]:
            return
        self._times[at] = time
        if isinstance(value, str):
            self._text[at] = value
        else:
            self._text.pop(at, None)
            self._values[at] = nan if value is None else float(value)

    def fill(self) -> None:
        """Once all samples are in: carry each value on."""
        at_time = -inf
        place = 0
        for at in range(self._count + 1):
            if self._times[at] > -inf:
                at_time, place = self._times[at], at
            elif self._start + at * self._step - at_time <= self._hold:
                self._values[at] = self._values[place]
                if place in self._text:
                    self._text[at] = self._text[place]

    def at(self, step: int) -> Value | None:
        """At the end of this step (0: the beginning of the window). None: not known."""
        if self._text and (text := self._text.get(step)) is not None:
            return text
        number = self._values[step]
        if number != number:  # noqa: PLR0124 - NaN
            return None
        return bool(number) if self._kind is ValueKind.SWITCH else number


class Recorded:
    """What was read and decided in one area, step by step. Raises StoreError where the store cannot be read."""

    def __init__(self, path: str, model: AreaModel, since: float, until: float, step: float) -> None:
        self.model = model
        self.start, self.step = since, step
        self.count = max(int((until - since) / step), 0)
        self._path, self._until = path, until

    def time(self, step: int) -> float:
        """UTC seconds."""
        return self.start + step * self.step

    def readings(self, points: Iterable[str]) -> Mapping[str, Held]:
        known = [self.model.points[id_] for id_ in points if id_ in self.model.points]
        held = {point.id: Held(point, self.start, self.step, self.count) for point in known}
        self._history(self.start - HOLD).gather(held, self.step, 1.0)
        return _filled(held)

    def decisions(self) -> Mapping[str, Held]:
        """What was decided for each commanded point; it holds until it is decided otherwise."""
        commanded = [one for one in self.model.points.values() if one.commandable]
        held = {f"{one.id}{DECIDED}": Held(one, self.start, self.step, self.count, inf) for one in commanded}
        self._history(self.start - LOOK_BACK).gather(held, self.step, ALL)
        return {key.removesuffix(DECIDED): one for key, one in _filled(held).items()}

    def artefacts(self, policies: Iterable[str]) -> Learnings:
        """What had been learned, when."""
        found = {f"{LEARNED}.{name}": _Texts() for name in policies}
        self._history(self.start - 2 * LOOK_BACK).gather(found, self.step, ALL)
        return Learnings({key.removeprefix(f"{LEARNED}."): one.artefacts() for key, one in found.items()})

    def _history(self, since: float) -> StoredHistory:
        return StoredHistory(
            path=self._path, model=self.model, since=since, until=self._until, readings={}, artefacts={}
        )


class Learnings:
    """Artefacts by policy and the time they were made."""

    def __init__(self, by_policy: Mapping[str, list[Artefact]]) -> None:
        self._times = {name: [one.utc for one in found] for name, found in by_policy.items()}
        self._by_policy = by_policy

    def at(self, utc: float, start: float) -> dict[str, Artefact]:
        """The newest of each policy; `made` counts from the replay's own beginning."""
        result: dict[str, Artefact] = {}
        for name, found in self._by_policy.items():
            place = bisect_right(self._times[name], utc)
            if place:
                one = found[place - 1]
                result[name] = Artefact(
                    one.kind, one.version, one.utc - start, one.digest, one.content, one.utc
                )
        return result


class _Texts:
    """Collects the samples of learned artefacts."""

    def __init__(self) -> None:
        self._found: dict[float, str] = {}

    def add(self, time: float, value: Value | None) -> None:
        if isinstance(value, str):
            self._found[time] = value

    def artefacts(self) -> list[Artefact]:
        return [from_plain(Artefact, json.loads(text)) for _, text in sorted(self._found.items())]


def _filled(held: Mapping[str, Held]) -> Mapping[str, Held]:
    for one in held.values():
        one.fill()
    return held
