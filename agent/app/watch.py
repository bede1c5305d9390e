"""Looks once a second at everything that must work: raises and clears alarms, and feeds the systemd watchdog on proof."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from agent.alarms.rules import machine_conditions
from agent.alarms.sensor_watch import SensorWatch
from agent.app.build import FAILED_TICKS, Parts, decides
from agent.app.clock_record import ClockRecord
from agent.console.wording import by_whose_word
from agent.control.watchdog import Watchdog
from agent.control.write_state import Phase
from agent.core.equipment import Authority

log = logging.getLogger("plantroom")

EVERY = 1.0  # real seconds
RETRY = 10  # looks between tries to give back what could not be reached
BUS_PATIENCE = 10.0  # real seconds a line may be down before it is an alarm
UNIT_FAILURES = 3  # answers missed in a row before a device is an alarm
LEARNING_FAILURES = 3  # in a row before it is an alarm
UPLINK_PATIENCE = 300.0  # site seconds

LOOKED_FOR = frozenset(
    {"bus", "device", "tick", "refused", "foreign", "policy", "store", "clock", "uplink", "page", "planner"}
    | {"budget", "panel", "fault", "stopped", "cooling", "tuned", "stuck", "contradiction"}
)
"""First words of the alarms that this look (or the next tick) finds again while their cause lasts."""

Finding = tuple[str, str, str, str]  # alarm id, source, severity, text


class Watch:
    """Compares what stands with what stood before; each finding is one alarm."""

    def __init__(self, parts: Parts, uplinks: Mapping[str, Any]) -> None:
        self._parts = parts
        self._uplinks = uplinks
        # what stood when the last run ended is over, too, unless it is found again
        self._standing: Mapping[str, str] = {
            one.id: one.text
            for one in parts.alarms.all()
            if one.standing and one.id.split(":")[0] in LOOKED_FOR
        }
        self._watchdog = Watchdog(self._proofs)
        self._clock_record = ClockRecord(parts.clock)
        self._sensors = {area: SensorWatch() for area in parts.loops}

    async def run(self) -> None:
        """For ever. Giving back may take long where a device is dead: the watchdog does not wait for it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._retry())
            while True:
                self.look()
                self._watchdog.feed()
                self._parts.beat()
                await asyncio.sleep(EVERY)

    async def _retry(self) -> None:
        while True:
            await asyncio.sleep(RETRY * EVERY)
            await self._give_back_the_rest()

    async def _give_back_the_rest(self) -> None:
        """What is still taken in an area that is not ours any more: its bus was down, now it may be back.

        And in an area that cannot decide: its devices do not revert by themselves while a neighbour has them polled.
        """
        parts = self._parts
        if parts.lease is not None and not parts.lease.may_write():
            return  # the plant is another box's, or nobody knows whose
        for name, model in parts.site.areas.items():
            if not self._not_ours(name):
                continue
            taken = [point for point in model.points if parts.priors.owed(point)]
            if any(parts.by_device[point.partition(".")[0]].line.up for point in taken):
                await parts.handover.release(name, partial(self._not_ours, name))

    def _not_ours(self, area: str) -> bool:
        failing = self._parts.loops[area].memory.failures >= FAILED_TICKS
        return failing or self._parts.charge.authority(area) is not Authority.AGENT

    def look(self) -> None:
        """Raise what is found, clear what is found no more; end what was to end by itself."""
        alarms = self._parts.alarms
        found = {finding[0]: finding for finding in self._findings()}
        for finding in found.values():
            alarms.stand(*finding)
        for gone in set(self._standing) - set(found):
            alarms.over(gone)
        self._standing = {id_: finding[3] for id_, finding in found.items()}
        self._parts.tunings.look()
        self._record_the_clock()

    def _record_the_clock(self) -> None:
        """What was read before keeps its time; this says what the clock was set by since."""
        block = self._clock_record.look()
        if block is not None:
            log.warning("the wall clock was set by %s s", block.values[0])
            self._parts.store.append(block)
            self._parts.recorder.acted(
                "plantroom", "clock", set_by=block.values[0], trusted=block.time_trusted
            )

    def _findings(self) -> Iterator[Finding]:
        yield from self._buses()
        yield from self._areas()
        yield from self._machines()
        yield from self._points()
        yield from self._learning()
        yield from self._tuned()
        store = self._parts.store.status()
        if store["state"] != "ok":
            yield "store", "store", "critical", f"samples cannot be stored: {store['error']}"
        if store["quarantined"]:
            yield (
                "store:damaged",
                "store",
                "warning",
                f"a damaged store was set aside: {store['quarantined']}",
            )
        if not self._parts.clock.trusted():
            yield "clock", "clock", "warning", "the clock is not trusted: schedules are in their safe state"
        now = self._parts.clock.utc()
        for id_, uplink in self._uplinks.items():
            status = uplink.status()
            if status["state"] != "up" and now - status["since"] > UPLINK_PATIENCE:
                text = f"uplink {id_} has been down for {(now - status['since']) / 60:.0f} min: {status['error']}"
                yield f"uplink:{id_}", id_, "warning", text
            if status.get("comes_and_goes"):
                text = f"uplink {id_} comes up and is ended again and again: a bad line, or another box under the same name"
                yield f"uplink:{id_}:twin", id_, "warning", text

    def _buses(self) -> Iterator[Finding]:
        clock = self._parts.clock
        for id_, poller in self._parts.pollers.items():
            line = poller.line
            if not line.up and (clock.elapsed() - line.since) / clock.speed > BUS_PATIENCE:
                yield f"bus:{id_}", id_, "critical", f"bus {id_} is down: {line.error}"
                continue
            for device, unit in poller.schedule.units.items():
                if unit.failures >= UNIT_FAILURES:
                    yield (
                        f"device:{device}",
                        device,
                        "warning",
                        f"device {device} does not answer: {unit.error}",
                    )

    def _areas(self) -> Iterator[Finding]:
        for id_, loop in self._parts.loops.items():
            if loop.memory.failures:
                yield f"tick:{id_}", id_, "critical", f"area {id_} cannot decide: {loop.memory.failed}"
            for refusal in loop.memory.safety.refused:
                text = f"{refusal.source} asked for {refusal.point} and was refused: {refusal.reason}"
                yield f"refused:{id_}:{refusal.source}:{refusal.point}", id_, "warning", text

    def _machines(self) -> Iterator[Finding]:
        for id_, loop in self._parts.loops.items():
            tick = loop.memory.last_tick
            if tick is None:
                continue
            ours = self._parts.charge.authority(id_) is Authority.AGENT
            guards = loop.memory.safety.guards
            told = {name: past.on_at for name, past in guards.items() if ours and past.commanded}
            for one in (*machine_conditions(tick.snapshot, told), *self._sensors[id_].look(tick.snapshot)):
                yield one.id, one.source, one.severity, one.text

    def _points(self) -> Iterator[Finding]:
        """Points that somebody else writes, or whose device does not take our value (until it has taken one)."""
        for loop in self._parts.loops.values():
            for id_, state in loop.writer.states.items():
                name = loop.setup.model.points[id_].label or id_
                if state.phase is Phase.FOREIGN:
                    yield f"foreign:{id_}", id_, "critical", f"{name}: {state.note}"
                elif state.phase is Phase.GAVE_UP:
                    yield f"refused:{id_}", id_, "warning", f"{name} = {state.sent}: {state.note}"
                elif state.unsent:
                    yield f"budget:{id_}", id_, "warning", f"{name}: {state.note}"
                elif state.phase is Phase.PENDING and f"refused:{id_}" in self._standing:
                    yield f"refused:{id_}", id_, "warning", self._standing[f"refused:{id_}"]

    def _learning(self) -> Iterator[Finding]:
        for lesson in self._parts.planning.lessons.values():
            if lesson.failures >= LEARNING_FAILURES:
                text = f"policy {lesson.policy} cannot learn: {lesson.error}; {self._parts.planning.standing(lesson)}"
                yield f"planner:{lesson.policy}", lesson.policy, "warning", text

    def _tuned(self) -> Iterator[Finding]:
        """Layers that people count on and that do not go with what lies under them any more."""
        tunings = self._parts.tunings
        for layer in tunings.layers:
            if why := tunings.aside(layer):
                text = f"{by_whose_word(layer)} by {layer.owner or 'somebody'} is left aside: {why}"
                yield f"tuned:{layer.id}", layer.area or "plantroom", "warning", text

    def _proofs(self) -> dict[str, float]:
        """Areas in our hands that do not decide are late by definition.

        A policy that fails is no reason to end the agent: its points go by their `on_loss`, an alarm stands, heartbeats
        stop, and what other policies and areas do would be lost with it, again after every restart.
        """
        clock = self._parts.clock
        return {
            f"area {name}": 0.0 if decides(loop, clock) else 2.0
            for name, loop in self._parts.loops.items()
            if loop.memory.last_tick is not None and self._parts.charge.authority(name) is Authority.AGENT
        }
