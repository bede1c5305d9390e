"""The recorder: takes what happened to where it is kept. The loop calls it and never waits.

Samples and decisions go to the store (and from there to the cloud), writes to the audit chain with everything that
answers "why", what a person must know to the alarms, and all of it to whoever watches live.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Protocol

from agent.control.alarm_desk import AlarmDesk
from agent.control.live import Live
from agent.control.write_state import Event
from agent.core.clock import Clock
from agent.core.decision import Decision
from agent.core.point import Point, Value
from agent.core.policy import AnyPolicy
from agent.core.reading import Quality, ReadingBlock
from agent.core.serial import to_plain
from agent.core.snapshot import Artefact
from agent.core.tick import Tick, WriteOrder

log = logging.getLogger("plantroom.recorder")

DECIDED = "@decided"  # suffix of the recorded decisions of a point
LEARNED = "learned"  # device under which artefacts lie among the samples
MOST_INPUTS = 40  # readings kept with one audit record
CHECKPOINT = 5.0  # site seconds between checkpoints of policy and safety state

ENDED_BY_A_WRITE = ("panel", "left")  # a value of ours stands there (again)

PanelTaken = Callable[[Point, Value], None]


class Keeper(Protocol):
    """What the recorder needs of the store; every call returns at once."""

    def append(self, block: ReadingBlock) -> int: ...

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def audit(self, record: Mapping[str, Any]) -> None: ...


class Recorder:
    """One per agent; knows the areas only by their ticks."""

    def __init__(
        self, store: Keeper, alarms: AlarmDesk, live: Live, clock: Clock, digest: str, panel_taken: PanelTaken
    ) -> None:
        self.checkpoints = True  # a bench that is never restarted does without
        self._store = store
        self._alarms = alarms
        self._live = live
        self._clock = clock
        self._digest = digest
        self._panel_taken = panel_taken
        self._last: dict[str, Tick] = {}
        self._seen: dict[str, tuple[Tick, dict[str, Any]]] = {}  # what each area's last tick with a write saw
        self._failed: dict[tuple[str, ...], str] = {}
        self._checkpoint_at: dict[str, float] = {}

    def block(self, block: ReadingBlock) -> None:
        """Readings as they arrive; of a device that stays silent only the first failure is a new sample."""
        self._live.block(block)
        if block.qualities is not None and all(quality is Quality.BAD for quality in block.qualities):
            if self._failed.get(block.points) == block.reason:
                return
            self._failed[block.points] = block.reason
        elif self._failed:
            self._failed.pop(block.points, None)
        self._store.append(block)

    def tick(self, tick: Tick) -> None:
        """One tick: changed decisions become samples, faults alarms, states a checkpoint."""
        before = self._last.get(tick.area)
        self._last[tick.area] = tick
        self._live.tick(tick)
        changed = _changed(tick.decisions, {} if before is None else before.decisions)
        if changed:
            self._store.append(self._decided(tick, changed))
        self._judge_faults(tick, before)

    def checkpoint(
        self, tick: Tick, safety: Any, policies: Iterable[AnyPolicy], *, now: bool = False
    ) -> None:
        """Keep what has to survive a restart, riding on the next commit: after every write, else now and then."""
        if not now and not (self.checkpoints and self._is_due(tick)):
            return
        self._checkpoint_at[tick.area] = tick.snapshot.elapsed
        for policy in policies:
            document = {
                "kind": policy.kind,
                "version": policy.state_version,
                "state": to_plain(tick.states[policy.name]),
            }
            self._store.put_soon("policy_state", f"{tick.area}/{policy.name}", document)
        self._store.put_soon("safety_state", tick.area, to_plain(safety))
        self._store.put_soon("clock", "site", _instant(tick))

    def _is_due(self, tick: Tick) -> bool:
        last = self._checkpoint_at.get(tick.area, float("-inf"))
        return bool(tick.writes) or tick.snapshot.elapsed - last >= CHECKPOINT

    def written(self, order: WriteOrder, old: Value | None, decision: Decision, error: str) -> None:
        """The audit record of one write: what, why, by whom, on which inputs, under which rule, with what result."""
        if order.why == "refresh" and not error:
            return  # the value is the same; what put it there is already in the chain
        winner = decision.winner
        self._store.audit(
            {
                "time": self._clock.utc(),
                "time_trusted": self._clock.trusted(),
                "event": "write",
                "point": order.point,
                "old": old,
                "new": order.value,
                "why": order.why,
                "reason": order.reason,
                "actor": winner.source if winner else "relinquish default",
                "priority": int(winner.priority) if winner else 17,
                "wanted": decision.wanted,
                "limited_by": to_plain(decision.limited_by),
                "inputs": self._inputs(order.point),
                "learned": self._learned(order.point),
                "configuration": self._digest,
                "result": error or "sent",
            }
        )
        if error:
            log.warning("%s = %s was not accepted: %s", order.point, order.value, error)
            return
        for alarm in ENDED_BY_A_WRITE:
            self._alarms.over(f"{alarm}:{order.point}")

    def acted(self, actor: str, event: str, **details: Any) -> None:
        """The audit record of something a person (or the agent on its own) did besides a write."""
        self._store.audit({"time": self._clock.utc(), "event": event, "actor": actor, **details})
        self._live.publish({"type": event})

    def noticed(
        self, event: Event, point: Point, wanted: Value | None, found: Value | None, note: str
    ) -> None:
        """What the writer found out while proving its writes."""
        name = point.label or point.id
        if event is Event.PANEL and found is not None:
            self.acted("panel", "panel_change", point=point.id, old=wanted, new=found)
            self._panel_taken(point, found)
        elif event is Event.FOREIGN:
            self._alarms.stand(f"foreign:{point.id}", point.id, "critical", f"{name}: {note}")
        elif event is Event.GAVE_UP:
            self._alarms.stand(f"refused:{point.id}", point.id, "warning", f"{name} = {wanted}: {note}")
        elif event is Event.LEFT:
            text = f"NOT RELEASED: {name}: {note}"
            self._alarms.stand(f"left:{point.id}", point.id, "critical", text)
        elif event is Event.BUDGET:
            self._alarms.stand(f"budget:{point.id}", point.id, "warning", f"{name}: {note}")

    def _decided(self, tick: Tick, changed: list[Decision]) -> ReadingBlock:
        qualities = tuple(Quality.BAD if one.value is None else Quality.GOOD for one in changed)
        released = any(quality is Quality.BAD for quality in qualities)
        return ReadingBlock(
            f"{tick.area}{DECIDED}",
            tuple(f"{one.point}{DECIDED}" for one in changed),
            tuple(one.value for one in changed),
            tick.snapshot.utc,
            tick.snapshot.elapsed,
            qualities if released else None,
            "released" if released else "",
            tick.snapshot.utc_trusted,
        )

    def learned(self, policy: str, artefact: Artefact) -> None:
        """What the planner has learned: its digest in the audit chain, its content beside the samples it will be used with.

        A recorded tick names the digest; so what was decided on it can be decided again.
        """
        point = f"{LEARNED}.{policy}"
        text = json.dumps(to_plain(artefact), separators=(",", ":"))
        now, trusted = self._clock.utc(), self._clock.trusted()
        self._store.append(
            ReadingBlock(LEARNED, (point,), (text,), now, self._clock.elapsed(), time_trusted=trusted)
        )
        names = {"kind": artefact.kind, "version": artefact.version, "digest": artefact.digest}
        self.acted("planner", "areas", policy=policy, learned=names)

    def _judge_faults(self, tick: Tick, before: Tick | None) -> None:
        failing = {fault.policy: fault.error for fault in tick.faults}
        known = {fault.policy for fault in before.faults} if before else set()
        for policy, error in failing.items():
            if policy not in known:
                log.error("policy %s failed: %s", policy, error)
            self._alarms.stand(f"policy:{policy}", policy, "critical", f"policy {policy} fails: {error}")
        for policy in known - set(failing):
            self._alarms.over(f"policy:{policy}")

    def _inputs(self, point: str) -> dict[str, Any]:
        """The readings the deciding tick saw, as far as they fit. All writes of one tick share them."""
        for area, tick in self._last.items():
            if point in tick.decisions:
                seen = self._seen.get(area)
                if seen is None or seen[0] is not tick:
                    seen = self._seen[area] = tick, _usable(tick)
                return seen[1]
        return {}

    def _learned(self, point: str) -> dict[str, str]:
        """The digests of what the deciding tick knew by learning."""
        for tick in self._last.values():
            if point in tick.decisions:
                return {name: one.digest for name, one in tick.snapshot.artefacts.items()}
        return {}


def _changed(decisions: Mapping[str, Decision], before: Mapping[str, Decision]) -> list[Decision]:
    """Those with another value than `before`."""
    return [
        one for id_, one in decisions.items() if (last := before.get(id_)) is None or last.value != one.value
    ]


def _usable(tick: Tick) -> dict[str, Any]:
    usable = ((id_, one.value) for id_, one in tick.snapshot.readings.items() if one.usable)
    return dict(islice(usable, MOST_INPUTS))


def _instant(tick: Tick) -> dict[str, Any]:
    """Where the site's clocks stood, for the run after this one."""
    snapshot = tick.snapshot
    return {"elapsed": snapshot.elapsed, "utc": snapshot.utc, "trusted": snapshot.utc_trusted}
