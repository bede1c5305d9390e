"""Looking: points, areas and the answer to "why", made from what the control loop already knows."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.console.learned import LearnedLook, known_by
from agent.console.tuning_look import TuningLook
from agent.console.unknown_name import UnknownNameError
from agent.console.views import AreaView, ClaimView, LearnedView, PointView, WhyView
from agent.console.wording import tuned_words, why_sentence
from agent.control.in_charge import InCharge
from agent.control.loop import AreaLoop
from agent.control.point_table import PointTable
from agent.core.clock import Clock
from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.frozen import quick
from agent.core.parameter import parameters
from agent.core.point import Access, Point
from agent.core.policy import AnyPolicy
from agent.core.reading import Quality, Reading
from agent.core.site import Site
from agent.core.snapshot import NEVER_READ


@quick
@dataclass(frozen=True, slots=True)
class Seat:
    """Where a point sits: the area that decides it, the equipment and the role it plays there."""

    area: str | None = None
    equipment: str | None = None
    role: str | None = None


class Look:
    """Everything a person may see of the plant."""

    def __init__(
        self,
        site: Site,
        table: PointTable,
        loops: Mapping[str, AreaLoop],
        charge: InCharge,
        clock: Clock,
        learning: tuple[LearnedLook, TuningLook],
    ) -> None:
        self.learned, self.tuned = learning
        self._site = site
        self._table = table
        self._loops = loops
        self._charge = charge
        self._clock = clock
        self._seats = _seats(site)

    def known(self, point: str) -> Point:
        """The point of this id; raises UnknownNameError with the nearest names."""
        found = self._site.points.get(point)
        if found is None:
            raise UnknownNameError("point", point, self._site.points)
        return found

    def known_area(self, area: str) -> None:
        """Raises UnknownNameError with the nearest names."""
        if area not in self._loops:
            raise UnknownNameError("area", area, self._loops)

    def seat(self, point: str) -> Seat:
        return self._seats.get(point, Seat())

    def points(self, pattern: str = "*") -> Sequence[PointView]:
        wanted = self._site.points.values()
        return [self._view(point) for point in wanted if fnmatch.fnmatchcase(point.id, pattern)]

    def point(self, point: str) -> PointView:
        return self._view(self.known(point))

    def why(self, point: str) -> WhyView:
        known = self.known(point)
        seat = self.seat(point)
        loop = self._loops.get(seat.area or "")
        decision = None if loop is None else loop.memory.decisions.get(point)
        authority = Authority.BMS if seat.area is None else self._charge.authority(seat.area)
        view = self._view(known)
        state = None if loop is None else loop.writer.states.get(point)
        claims = () if decision is None else _claims(decision)
        tuned = self._tuned(loop, claims)
        return WhyView(
            point=view,
            authority=authority,
            claims=tuple(self._claim_view(claim) for claim in claims),
            winner=decision.winner.source if decision and decision.winner else None,
            wanted=decision.wanted if decision else None,
            final=decision.value if decision else None,
            limited_by=tuple(_limitation(one) for one in decision.limited_by) if decision else (),
            sentence=why_sentence(known, decision, authority, "" if state is None else state.note)
            + tuned_words(tuned),
            written=None if state is None else state.sent,
            write_state=_write_state(authority, state.phase.value if state else "idle"),
            inputs=tuple(self._inputs(loop, decision)) if loop and decision else (),
            learned=_learned(loop, decision),
            tuned=tuned,
        )

    def areas(self) -> Sequence[AreaView]:
        return [self.area(id_) for id_ in self._site.areas]

    def area(self, area: str) -> AreaView:
        """Raises KeyError for an unknown area."""
        loop = self._loops[area]
        memory = loop.memory
        charge = self._charge.standing(area)
        tick = memory.last_tick
        faults = [f"{fault.policy}: {fault.error}" for fault in tick.faults] if tick else []
        if memory.failed:
            faults.append(f"tick: {memory.failed}")
        return AreaView(
            id=area,
            authority=self._charge.authority(area),
            authority_since=charge.since,
            authority_by=charge.by,
            authority_reason=charge.reason,
            tick=loop.setup.model.area.tick,
            ticks=memory.number,
            last_tick_age=None if tick is None else self._clock.elapsed() - tick.snapshot.elapsed,
            faults=tuple(faults),
            policies=tuple(
                _policy(policy, self.learned.of(policy.name), self.tuned.differing(policy.name))
                for policy in loop.policies.values()
            ),
            mode=self.tuned.mode(area),
            modes=tuple(self.tuned.modes(area)),
            equipment=tuple(self._equipment(area)),
        )

    def _equipment(self, area: str) -> Iterator[dict[str, Any]]:
        locked = self._charge.locked_out()
        for one in self._site.areas[area].equipment.values():
            yield {
                "id": one.id,
                "kind": one.kind,
                "name": one.name or one.id,
                "locked_out": one.id in locked,
                "roles": dict(one.roles),
            }

    def _view(self, point: Point) -> PointView:
        seat = self.seat(point.id)
        loop = self._loops.get(seat.area or "") if point.commandable else None
        decision = None if loop is None else loop.memory.decisions.get(point.id)
        reading = self._reading(point, loop)
        never = reading.elapsed == float("-inf")
        return PointView(
            id=point.id,
            label=point.label,
            unit=point.unit,
            kind=point.kind.value,
            value=reading.value,
            quality=Quality(reading.quality).name.lower(),
            reason=reading.reason,
            time=None if never else reading.time,
            age=None if never else reading.age(self._clock.elapsed()),
            area=seat.area,
            equipment=seat.equipment,
            role=seat.role or point.role,
            commandable=point.commandable,
            choices=point.choices,
            low=point.limits.low,
            high=point.limits.high,
            decided=None if decision is None else decision.value,
            decided_by=decision.winner.source if decision and decision.winner else None,
            decided_reason="" if decision is None else decision.reason,
            overridden=self._charge.overridden(point.id),
        )

    def _reading(self, point: Point, loop: AreaLoop | None) -> Reading:
        """What the device shows; of a point that cannot be read, what was last sent."""
        reading = self._table.reading(point.writing.feedback or point.id)
        if point.access is not Access.WRITE or reading is not NEVER_READ:
            return reading
        sent = None if loop is None else loop.writer.states.get(point.id)
        if sent is None or sent.sent is None:
            return replace(NEVER_READ, reason="can only be written; nothing was sent")
        past = self._clock.elapsed() - sent.sent_at
        return Reading(
            sent.sent,
            self._clock.utc() - past,
            sent.sent_at,
            Quality.UNCERTAIN,
            "last sent; cannot be read back",
        )

    def _tuned(self, loop: AreaLoop | None, claims: Sequence[Command]) -> tuple[dict[str, Any], ...]:
        """What is not as in the site file, of the policies that want something of this point."""
        policies = dict.fromkeys(one.source for one in claims if loop and one.source in loop.policies)
        return tuple(one for name in policies for one in self.tuned.differing(name))

    def _claim_view(self, claim: Command) -> ClaimView:
        left = None if claim.expires is None else max(0.0, claim.expires - self._clock.elapsed())
        return ClaimView(
            priority=int(claim.priority),
            source=claim.source,
            value=claim.value,
            low=claim.low,
            high=claim.high,
            reason=claim.reason,
            seconds_left=left,
        )

    def _inputs(self, loop: AreaLoop, decision: Decision) -> Iterator[PointView]:
        policy = loop.policies.get(decision.winner.source) if decision.winner else None
        if policy is None:
            return
        roles = {(need.equipment, need.role) for need in policy.reads}
        for one in loop.setup.model.equipment.values():
            for role, point in one.roles.items():
                if (one.kind, role) in roles and point in self._site.points:
                    yield self._view(self._site.points[point])


def _seats(site: Site) -> dict[str, Seat]:
    seats: dict[str, Seat] = {}
    for area in site.areas.values():
        for one in area.equipment.values():
            for role, point in one.roles.items():
                seats.setdefault(point, Seat(area.area.id, one.id, role))
    for area in site.areas.values():
        for point in area.points:
            seats.setdefault(point, Seat(area.area.id))
    return seats


def _claims(decision: Decision) -> tuple[Command, ...]:
    winner = () if decision.winner is None else (decision.winner,)
    return tuple(sorted((*winner, *decision.losers), key=lambda claim: (claim.priority, claim.source)))


def _limitation(one: Any) -> dict[str, Any]:
    return {
        "stage": one.stage.value,
        "by": one.by,
        "before": one.before,
        "after": one.after,
        "reason": one.reason,
    }


def _write_state(authority: Authority, phase: str) -> str:
    return phase if authority is Authority.AGENT else {"shadow": "shadow", "bms": "released"}[authority.value]


def _learned(loop: AreaLoop | None, decision: Decision | None) -> tuple[dict[str, Any], ...]:
    """What the winner had learned when it was last asked."""
    if loop is None or loop.memory.last_tick is None or decision is None or decision.winner is None:
        return ()
    return known_by(loop.memory.last_tick.snapshot, (decision.winner.source,))


def _policy(
    policy: AnyPolicy, learned: LearnedView | None, differing: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    tuned = {one["parameter"]: one for one in differing}
    return {
        "name": policy.name,
        "kind": policy.kind,
        "parameters": [
            {
                "name": one.name,
                "value": getattr(policy, one.name),
                "unit": one.unit,
                "low": one.low,
                "high": one.high,
                "help": one.help,
                "tuned": tuned.get(one.name),
            }
            for one in parameters(type(policy))
            if one.name != "name"
        ],
        "learned": learned,
    }
