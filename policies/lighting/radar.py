"""Radar lighting: dim where nobody is, bright where somebody is or may be, and ahead of whoever moves.

Doubt means light: a silent, stuck or blind radar, a fresh start, and a place where somebody was seen last and not seen to
leave. What a group's own traffic is like, hour by hour, chooses hold and dim level within the bounds that staff set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from agent.calc.calendar import CALENDARS
from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.learning import History, Learning
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.lighting import radar_words as words
from policies.lighting.radar_doubt import KIND, doubtful
from policies.lighting.radar_light import Light, LightRules, light_ahead, light_shared, own_light
from policies.lighting.radar_map import LampMap, lamp_map
from policies.lighting.radar_state import GroupWatch, RadarState, lived_through
from policies.lighting.radar_watch import HoldTimes, watch_all
from policies.lighting.traffic import LEARNING, LampTraffic, learn_traffic, traffic_now

_PATIENCE = 3.0  # ticks: longer gaps count as this long, so a pause of the agent never eats up a hold
_BUSY = 0.2  # of the time with somebody there: as busy as a group gets


@dataclass(frozen=True, slots=True, kw_only=True)
class Radar:
    """Dims lamp groups by their radars; light runs ahead of whoever moves."""

    kind: ClassVar[str] = "lighting.radar"
    version: ClassVar[int] = 3
    state_version: ClassVar[int] = 2
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("presence", "lamp_group", without="the group is lit at the presence level"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("lamp_level", "lamp_group", Priority.SEQUENCE),
        RoleClaim("alarm", KIND, Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    dim_level: float = parameter(
        10.0, unit="%", low=0.0, high=100.0, help="level where nobody is; never less than this"
    )
    dim_busy: float | None = parameter(
        None,
        unit="%",
        low=0.0,
        high=100.0,
        help="the same in a group's busiest hours, once learned; the dim level when not given",
    )
    entrances: tuple[str, ...] = parameter(
        (), help="groups where people come in from outside: kept lit, since no radar sees them coming"
    )
    entrance_level: float | None = parameter(
        None, unit="%", low=0.0, high=100.0, help="their level; as if somebody were there when not given"
    )
    presence_level: float = parameter(
        100.0,
        unit="%",
        low=1.0,
        high=100.0,
        help="level where somebody is, or may be; a group's own lit_level goes before",
    )
    hold: float = parameter(
        5.0, unit="s", low=0.0, high=3600.0, help="how long the light stays after the last movement"
    )
    hold_longest: float = parameter(
        10.0, unit="s", low=0.0, high=3600.0, help="the same in a group's quiet hours, once learned"
    )
    left_hold: float = parameter(
        0.0, unit="s", low=0.0, high=3600.0, help="the same where the last one was seen to go on next door"
    )
    lost_hold: float = parameter(
        62.0,
        unit="s",
        low=0.0,
        high=3600.0,
        help="the same where somebody was not seen to leave: he may sit in his car; also after a start",
    )
    ahead: float = parameter(
        3.0, unit="s", low=0.0, high=60.0, help="light is there so long before whoever moves"
    )
    sight: float = parameter(
        0.0,
        unit="m",
        low=0.0,
        high=15.0,
        help="from so far before a group's edge its radar sees who comes on foot; the time ahead then counts from the edge",
    )
    ahead_level: float | None = parameter(
        None,
        unit="%",
        low=0.0,
        high=100.0,
        help="level of the groups ahead of somebody; the presence level when not given",
    )
    fade: float = parameter(
        0.0, unit="s", low=0.0, high=60.0, help="in which light goes down to the dim level; up it is at once"
    )
    yields: bool = parameter(
        False, help="where nobody is, a schedule may say more than the dim level (lighting.tidal)"
    )
    stuck_after: float = parameter(
        7200.0,
        unit="s",
        low=60.0,
        high=604800.0,
        help="presence without a break for so long is called a stuck radar (the light stays on)",
    )
    stale_after: float | None = parameter(
        None,
        unit="s",
        low=0.5,
        high=3600.0,
        help="older presence counts as unknown; as the bus judges if not given",
    )
    calendar: str = parameter("cn", help="which days are alike in traffic: cn, weekly or daily")

    def __post_init__(self) -> None:
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")

    def initial_state(self) -> RadarState:
        return RadarState()

    def decide(self, snapshot: Snapshot, state: RadarState) -> tuple[Sequence[Command], RadarState]:
        plan, now = lamp_map(snapshot.model), snapshot.elapsed
        patience = max(_PATIENCE * snapshot.model.area.tick, 5.0)
        watches = lived_through(state, now, patience)
        usual = traffic_now(snapshot, self.name, self.calendar)
        busy = watch_all(self._holds(usual), snapshot, plan, watches)
        lit = self._lit(snapshot, plan, watches, busy)
        commands = list(self._dimmed(plan, usual))
        if self.fade > 0.0:
            self._fade(snapshot, plan, commands, passed(now, state.elapsed, patience))
        for place, (level, reason) in lit.items():
            commands[place] = Command(
                point=plan.levels[place],
                priority=Priority.SEQUENCE,
                source=self.name,
                value=max(level, self.dim_level),
                reason=reason,
            )
        commands += doubtful(snapshot, plan, watches, busy, self.name, self.stuck_after)
        return commands, RadarState(elapsed=now, groups=watches)

    def learn(self, history: History) -> LampTraffic:
        """Raises NothingToLearnError while too few days are known."""
        return learn_traffic(history, self.calendar)

    def _holds(self, usual: Mapping[str, float]) -> HoldTimes:
        return HoldTimes(
            edge=self.hold,
            quiet=max(self.hold_longest, self.hold),
            usual=usual,
            left=min(self.left_hold, self.hold),
            lost=max(self.lost_hold, self.hold),
            stuck=self.stuck_after,
            stale=self.stale_after,
            doors=frozenset(self.entrances),
        )

    def _lit(
        self, snapshot: Snapshot, plan: LampMap, watches: Mapping[str, GroupWatch], busy: list[int]
    ) -> dict[int, Light]:
        here = _levels(plan, self.presence_level)
        coming = here if self.ahead_level is None else (self.ahead_level,) * len(here)
        rules = LightRules(
            here=here, coming=coming, ahead=self.ahead, sight=self.sight, stuck=self.stuck_after
        )
        lit = light_ahead(rules, snapshot.elapsed, plan, watches, busy)
        lit.update(own_light(rules, snapshot, plan, watches, busy))
        light_shared(rules, snapshot.elapsed, plan, watches, lit)
        return lit

    def _dimmed(self, plan: LampMap, usual: Mapping[str, float]) -> Sequence[Command]:
        rest = _Rest(
            self.name,
            self.yields,
            self.dim_level,
            frozenset(self.entrances),
            self.entrance_level,
            self.presence_level,
        )
        if self.dim_busy is None or not usual:
            return _dimmed(plan, rest, None)
        more = max(self.dim_busy - self.dim_level, 0.0)
        return _dimmed(plan, rest, tuple(more * min(usual.get(id_, 0.0) / _BUSY, 1.0) for id_ in plan.ids))

    def _fade(self, snapshot: Snapshot, plan: LampMap, commands: list[Command], seconds: float) -> None:
        """Groups that were brighter a moment ago come down step by step."""
        most = (self.presence_level - self.dim_level) / self.fade * seconds
        for place, point in enumerate(plan.levels):
            decision = snapshot.decisions.get(point)
            before = None if decision is None else decision.value
            if isinstance(before, int | float) and before - most > self.dim_level:
                commands[place] = Command(
                    point=point,
                    priority=Priority.SEQUENCE,
                    source=self.name,
                    value=before - most,
                    reason=words.fading(plan.names[place], self.dim_level),
                )


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a group is told while nobody comes near."""

    source: str
    yields: bool
    level: float
    entrances: frozenset[str]
    entrance_level: float | None
    presence_level: float


@lru_cache(maxsize=64)
def _levels(plan: LampMap, usual: float) -> tuple[float, ...]:
    """Where somebody is, by place."""
    return tuple(usual if own is None else own for own in plan.lit)


@lru_cache(maxsize=64)
def _dimmed(plan: LampMap, rest: _Rest, more: tuple[float, ...] | None) -> tuple[Command, ...]:
    """All groups at rest: the same commands at every tick."""
    found, lit = [], _levels(plan, rest.presence_level)
    for place, (id_, name) in enumerate(zip(plan.ids, plan.names, strict=True)):
        level = rest.level if more is None else round(rest.level + more[place])
        bright = lit[place] if rest.entrance_level is None else rest.entrance_level
        door = id_ in rest.entrances and bright > level
        if door:
            level = bright
        yields = rest.yields and not door
        found.append(
            Command(
                point=plan.levels[place],
                priority=Priority.SEQUENCE,
                source=rest.source,
                value=None if yields else level,
                low=level if yields else None,
                reason=words.entrance(name, level) if door else words.empty(name, level),
            )
        )
    return tuple(found)
