"""The agent's decisions on virtual time, straight against simulated devices: no sockets, no tasks, a day in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.reading import Reading
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from agent.safety.arbiter import Arbiter
from hil.servers.device import SimulatedDevice

Devices = Mapping[str, SimulatedDevice]


class VirtualAgent:
    """Decides one area of a site tick by tick."""

    def __init__(self, site: Site, area: str, devices: Devices) -> None:
        self._model = site.areas[area]
        self._policies = site.policies[area]
        self._arbiter = Arbiter(self._model, site.interlocks)
        self._devices = devices
        self._states: dict[str, Any] = {one.name: one.initial_state() for one in self._policies}
        self._safety = self._arbiter.initial_state(0.0)
        self._number = 0
        self.decisions: Mapping[str, Decision] = {}
        self.written: dict[str, Any] = {}

    def tick(self, elapsed: float, utc: float) -> Mapping[str, Decision]:
        snapshot = Snapshot(
            model=self._model,
            readings={name: self._read(name, elapsed, utc) for name in self._model.points},
            utc=utc,
            utc_trusted=True,
            elapsed=elapsed,
            authority=Authority.AGENT,
            decisions=self.decisions,
            number=self._number,
        )
        commands: list[Command] = []
        for policy in self._policies:
            wishes, self._states[policy.name] = policy.decide(snapshot, self._states[policy.name])
            commands.extend(wishes)
        heard = frozenset(policy.name for policy in self._policies)
        self.decisions, self._safety = self._arbiter.decide(snapshot, commands, heard, self._safety)
        self._number += 1
        self._write()
        return self.decisions

    def _read(self, point: str, elapsed: float, utc: float) -> Reading:
        device, _, name = point.partition(".")
        if device == "virtual":  # lives in the agent: as it was decided
            return Reading(self.written.get(point), utc, elapsed)
        return Reading(self._devices[device].read(name), utc, elapsed)

    def _write(self) -> None:
        for point, decision in self.decisions.items():
            if decision.value is not None and self.written.get(point) != decision.value:
                self.written[point] = decision.value
                device, _, name = point.partition(".")
                if device != "virtual":
                    self._devices[device].write(name, decision.value)
