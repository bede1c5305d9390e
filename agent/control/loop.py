"""The control loop of one area: a frozen picture of the plant goes in, decisions come out, writes are sent.

    snapshot -> policies -> arbiter -> writer -> record

Between snapshot and decisions there is no `await`, so a recorded tick replays exactly. Ticks never nest, wakes coalesce.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.control.in_charge import InCharge
from agent.control.point_table import PointTable
from agent.control.policy_run import decide_all
from agent.control.restarts import Restarts
from agent.control.writer import Writer
from agent.core.clock import Clock
from agent.core.decision import Decision
from agent.core.equipment import AreaModel, Authority
from agent.core.interlock import Interlock
from agent.core.policy import AnyPolicy
from agent.core.snapshot import Artefact, Snapshot
from agent.core.tick import Tick
from agent.safety.arbiter import Arbiter, SafetyState
from agent.safety.guard_history import GuardHistory

log = logging.getLogger("plantroom.loop")

FIRST_READINGS = 2.0  # real seconds the first tick waits for them at most
FIRST_LOOK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSetup:
    """What one area is made of: all that its loop needs and that never changes."""

    model: AreaModel
    policies: Sequence[AnyPolicy]
    interlocks: Sequence[Interlock] = ()


@dataclass(slots=True)
class AreaMemory:
    """What one area remembers from tick to tick, and over a restart."""

    states: dict[str, Any]
    safety: SafetyState
    decisions: Mapping[str, Decision]
    guards: Mapping[str, GuardHistory] | None = (
        None  # as of the last tick in our hands, once there was a tick
    )
    number: int = 0
    last_tick: Tick | None = None
    failed: str = ""  # why the last tick failed altogether
    failures: int = 0  # failed ticks in a row
    artefacts: Mapping[str, Artefact] = field(default_factory=dict)  # the newest, put here by planning


class AreaLoop:
    """Ticks one area for ever."""

    def __init__(
        self,
        setup: AreaSetup,
        table: PointTable,
        writer: Writer,
        charge: InCharge,
        clock: Clock,
        record: Callable[[Tick, SafetyState], None],
    ) -> None:
        self.setup = setup
        self.writer = writer
        self._table = table
        self._charge = charge
        self._clock = clock
        self._record = record
        self._arbiter = Arbiter(setup.model, setup.interlocks)
        self._reads = points_read(setup)
        self._virtual = [
            id_ for id_, one in setup.model.points.items() if one.commandable and id_.startswith("virtual.")
        ]
        self._wake = asyncio.Event()
        self.policies: dict[str, AnyPolicy] = {policy.name: policy for policy in setup.policies}
        self.memory = AreaMemory(
            {name: policy.initial_state() for name, policy in self.policies.items()},
            self._arbiter.initial_state(clock.elapsed()),
            {},
        )
        wakers = trigger_points(setup.model)
        if wakers:
            table.wake_on(wakers, self._wake.set)

    def tick(self) -> Tick:
        """One tick, from picture to orders."""
        began = time.perf_counter()
        snapshot = self._picture()
        wishes = decide_all(tuple(self.policies.values()), snapshot, self.memory.states)
        standing = self._charge.standing_orders(snapshot)
        decisions, safety = self._arbiter.decide(
            snapshot,
            (*wishes.commands, *standing.commands),
            wishes.heard | standing.heard,
            self.memory.safety,
            self.writer.owed(),
        )
        duration = time.perf_counter() - began
        restarts = Restarts(self._arbiter, snapshot, safety)
        tick = Tick(
            area=self.setup.model.area.id,
            number=self.memory.number,
            snapshot=snapshot,
            states_before=self.memory.states,
            states=wishes.states,
            commands=(*wishes.commands, *standing.commands),
            decisions=decisions,
            writes=self.writer.apply(snapshot, decisions, restarts),
            faults=wishes.faults,
            duration=duration,
        )
        self._remember(tick, restarts.safety)
        self._record(tick, restarts.safety)
        return tick

    def start_hold(self, point: str) -> str:
        """Why a release may not start the machine behind `point` yet; empty: it may."""
        guards = self.memory.safety.guards if self.memory.guards is None else self.memory.guards
        return self._arbiter.start_hold(
            point, self._table.picture(self._reads), guards, self._clock.elapsed()
        )

    def wake(self) -> None:
        """Tick at once: somebody changed what the next tick would decide."""
        self._wake.set()

    async def run(self) -> None:
        """Tick at the area's pace and whenever a trigger role changes."""
        area = self.setup.model.area
        await self._first_readings()
        due = self._clock.elapsed()
        while True:
            woken = await self._until(due)
            began = self._clock.elapsed()
            self._wake.clear()
            try:
                self.tick()
                self.memory.failed, self.memory.failures = "", 0
            except Exception as error:  # a fault of ours must not end control of the other areas
                if not self.memory.failed:
                    log.exception("the tick of area %s failed", area.id)
                self.memory.failed = f"{type(error).__name__}: {error}"
                self.memory.failures += 1
            if not woken:
                due = max(due + area.tick, began)
            await self._clock.sleep(area.wake_spacing if area.wake_on else 0.0)

    async def _first_readings(self) -> None:
        """Let the first polls come in, so that the first tick does not decide on nothing; but not for long."""
        until = self._clock.elapsed() + FIRST_READINGS * self._clock.speed
        while self._clock.elapsed() < until and not self._table.knows(self._reads):
            await self._clock.sleep(FIRST_LOOK * self._clock.speed)

    async def _until(self, due: float) -> bool:
        """Wait for the time or a wake; True when it was a wake."""
        wait = (due - self._clock.elapsed()) / self._clock.speed
        if wait <= 0:
            return False
        timer = asyncio.get_running_loop().call_later(wait, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()
        return self._clock.elapsed() < due - 1e-3

    def _picture(self) -> Snapshot:
        area = self.setup.model.area
        return Snapshot(
            model=self.setup.model,
            readings=self._table.picture(self._reads),
            utc=self._clock.utc(),
            utc_trusted=self._clock.trusted(),
            elapsed=self._clock.elapsed(),
            authority=self._charge.authority(area.id),
            decisions=self.memory.decisions,
            artefacts=self.memory.artefacts,
            locked_out=self._charge.locked_out(),
            number=self.memory.number,
        )

    def _remember(self, tick: Tick, safety: SafetyState) -> None:
        memory = self.memory
        if tick.snapshot.authority is Authority.AGENT:
            memory.guards = safety.guards
        elif memory.guards is None:  # what the run before this one left; from here on it is only decided
            memory.guards = memory.safety.guards
        memory.states, memory.safety, memory.decisions = dict(tick.states), safety, tick.decisions
        memory.number += 1
        memory.last_tick = tick
        self._table.put_virtual({id_: tick.decisions[id_].value for id_ in self._virtual})


def points_read(setup: AreaSetup) -> tuple[str, ...]:
    """Every point a tick of this area looks at."""
    model = setup.model
    wanted = dict.fromkeys(model.points)
    wanted.update(dict.fromkeys(p.writing.feedback for p in model.points.values() if p.writing.feedback))
    wanted.update(dict.fromkeys(interlock.watch for interlock in setup.interlocks))
    proofs = (one.guards.proof_of_flow for one in model.equipment.values())
    wanted.update(dict.fromkeys(proof for proof in proofs if proof))
    cap = model.area.start_cap
    wanted.update(dict.fromkeys(point for point in (cap.power, cap.when) if point) if cap else {})
    return tuple(wanted)


def trigger_points(model: AreaModel) -> tuple[str, ...]:
    """The points whose change wakes the area at once."""
    return tuple(
        point
        for equipment in model.equipment.values()
        for role, point in equipment.roles.items()
        if role in model.area.wake_on
    )
