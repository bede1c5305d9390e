"""Whether a run was a fair one: ticks that failed, policies that failed, machines that tripped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.app.build import Parts
from agent.core.equipment import Equipment
from hil.bench.watched import Moment


@dataclass(slots=True)
class Wellness:
    """Watches the agent's last ticks and the machines' alarms."""

    parts: Parts
    equipment: Iterable[Equipment]
    failed_ticks: int = 0
    faults: Counter[str] = field(default_factory=Counter)  # by policy
    trips: int = 0
    _alarms: dict[str, bool] = field(default_factory=dict)
    _names: tuple[str, ...] | None = None

    def stepped(self, moment: Moment) -> None:
        for loop in self.parts.loops.values():
            if loop.memory.failed:
                self.failed_ticks += 1
            tick = loop.memory.last_tick
            if tick is not None and tick.faults:
                self.faults.update(one.policy for one in tick.faults)
        if self._names is None:
            self._names = tuple(name for one in self.equipment if (name := f"{one.id}.alarm") in moment.truth)
        for name in self._names:
            alarm = bool(moment.truth[name])
            self.trips += alarm and not self._alarms.get(name, False)
            self._alarms[name] = alarm
