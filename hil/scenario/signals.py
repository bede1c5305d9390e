"""Where the signals of conditions come from on a running bench."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping

from agent.app.build import Parts
from agent.core.point import Value
from hil.bench.watched import Moment
from hil.plant.variables import Variable


class Signals:
    """Truth, readings, decisions, alarms and authorities by the names that conditions use."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._truth: Mapping[str, Variable] = {}
        self._homes = {id_: loop for loop in parts.loops.values() for id_ in loop.setup.model.points}

    def stepped(self, moment: Moment) -> None:
        self._truth = moment.truth

    def read(self, signal: str) -> Value | None:
        kind, _, name = signal.partition(":")
        if not name:
            return self._truth.get(signal)
        if kind == "point":
            reading = self._parts.table.reading(name)
            return reading.value if reading.usable else None
        if kind == "decided":
            loop = self._homes.get(name)
            decision = None if loop is None else loop.memory.decisions.get(name)
            return None if decision is None else decision.value
        if kind == "authority":
            return self._parts.charge.authority(name).value
        return any(fnmatch.fnmatchcase(one.id, name) for one in self._parts.alarms.all() if one.standing)
