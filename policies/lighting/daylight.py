"""Office light by daylight: each row of lamps adds what the sun lacks, and burns only when somebody may want it.

In doubt there is light: a sensor that is silent or stands still means a safe level, an untrusted clock means working
hours, and nothing goes dark without a warning that anybody can answer. No movement is fast enough to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

from agent.calc.calendar import CALENDARS
from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.lighting.daylight_aim import Aim, AimRules, aimed, look, moved
from policies.lighting.daylight_hours import Hours, Phase, window
from policies.lighting.daylight_light import BandRules
from policies.lighting.daylight_rows import LampRow, lamp_rows
from policies.lighting.daylight_scenes import scene_levels
from policies.lighting.daylight_state import RoomState, RowWatch

_PATIENCE = 3.0  # ticks: a longer pause of the agent counts as that long
WATCH = "lamp_watch"  # the equipment that carries what belongs to the whole room


@dataclass(frozen=True, slots=True, kw_only=True)
class Daylight:
    """Dims the lamps of an office row by row to what the sun leaves wanting."""

    kind: ClassVar[str] = "lighting.daylight"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed(
            "illuminance",
            "lamp_group",
            required=False,
            without="as the next row with a sensor, or safe level",
        ),
        RoleNeed("lamp_level_status", "lamp_group", required=False, without="lamps are where they were sent"),
        RoleNeed("presence", "lamp_group", required=False, without="the hours and people's requests decide"),
        RoleNeed("keep_on", WATCH, required=False, without="nobody can ask for light after hours"),
        RoleNeed("scene", WATCH, required=False, without="there are no scenes"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("lamp_level", "lamp_group", Priority.SEQUENCE),
        RoleClaim("lamp_switch", "lamp_group", Priority.SEQUENCE),
        RoleClaim("alarm", WATCH, Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    groups: tuple[str, ...] = parameter((), help="lamp groups it dims; all of its area when not given")
    low: float = parameter(
        300.0, unit="lx", low=20.0, high=5000.0, help="least light on the desks while somebody may be there"
    )
    high: float = parameter(
        400.0, unit="lx", low=20.0, high=5000.0, help="more than this only where the sun gives it"
    )
    target: float | None = parameter(
        None,
        unit="lx",
        low=20.0,
        high=5000.0,
        help="what is held; when not given the middle (geometric), which leaves sensors the most room for error",
    )
    deadband: float = parameter(
        14.0, unit="lx", low=1.0, high=500.0, help="nothing moves within so much of the target"
    )
    full_illuminance: float = parameter(
        450.0,
        unit="lx",
        low=20.0,
        high=20000.0,
        help="what the lamps alone give at full level, as their sensor shows it; a group's own full_illuminance goes before",
    )
    minimum_level: float = parameter(
        5.0, unit="%", low=0.0, high=100.0, help="lamps do not go lower while there is enough sun"
    )
    off_after: float = parameter(
        900.0,
        unit="s",
        low=0.0,
        high=14400.0,
        help="a row goes out when the sun alone has given a quarter more than the band for so long; 0: never",
    )
    safe_level: float = parameter(
        80.0, unit="%", low=0.0, high=100.0, help="level of a row whose light sensor cannot be trusted"
    )
    stale_after: float = parameter(
        60.0, unit="s", low=1.0, high=3600.0, help="an older light reading counts as none"
    )
    stuck_after: float = parameter(
        1800.0,
        unit="s",
        low=60.0,
        high=86400.0,
        help="a light sensor that has not moved at all by day for so long is not believed",
    )
    response: float = parameter(
        5.0, unit="s", low=0.0, high=120.0, help="time constant in which light readings are smoothed"
    )
    fade: float = parameter(
        3.0, unit="%", low=0.1, high=7.0, help="light comes up by at most so much in a second"
    )
    fade_down: float = parameter(
        1.0, unit="%", low=0.1, high=7.0, help="light the sun has made needless goes by so much in a second"
    )
    down_delay: float = parameter(
        10.0,
        unit="s",
        low=0.0,
        high=600.0,
        help="less light must have been enough for so long, for the second row from the window twice as long, and so on",
    )
    work_from: str = parameter("08:00", help="local time of day the working hours begin (HH:MM)")
    work_to: str = parameter("18:00", help="local time of day they end (HH:MM)")
    lunch_from: str = parameter(
        "", help="local time of day the lunch break begins (HH:MM); none if not given"
    )
    lunch_to: str = parameter("", help="local time of day it ends (HH:MM)")
    lunch_level: float = parameter(
        30.0, unit="%", low=0.0, high=100.0, help="lamps give no more than this during the lunch break"
    )
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    absent_after: float = parameter(
        1200.0,
        unit="s",
        low=0.0,
        high=14400.0,
        help="nobody seen for so long means empty; 0: motion sensors are not looked at",
    )
    absent_level: float = parameter(
        5.0, unit="%", low=0.0, high=100.0, help="level of an empty row in working hours"
    )
    keep_on: float = parameter(
        7200.0, unit="s", low=60.0, high=43200.0, help="how long one press of keep on lasts after hours"
    )
    warning: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="warning before lamps go out after hours"
    )
    warning_level: float = parameter(
        30.0, unit="%", low=0.0, high=100.0, help="lamps dip to this when the warning begins"
    )
    scenes: tuple[str, ...] = parameter(
        ("presentation: 5 30 60", "cleaning: 100", "rest: 20"),
        help="scenes by name, with the levels of the rows from the window inwards, the last for all deeper ones",
    )

    def __post_init__(self) -> None:
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")
        if self.low >= self.high:
            raise ValueError("low must lie below high")
        if self.target is not None and not self.low <= self.target <= self.high:
            raise ValueError("target must lie between low and high")
        if 2.0 * self.deadband > self.high - self.low:
            raise ValueError("twice the deadband is more than the band from low to high")
        object.__setattr__(self, "groups", tuple(self.groups))
        object.__setattr__(self, "scenes", tuple(self.scenes))
        _hours(self)
        scene_levels(self.scenes)

    def initial_state(self) -> RoomState:
        return RoomState()

    def decide(self, snapshot: Snapshot, state: RoomState) -> tuple[Sequence[Command], RoomState]:
        rows = lamp_rows(snapshot.model, self.groups)
        patience = max(_PATIENCE * snapshot.model.area.tick, 5.0)
        seconds = passed(snapshot.elapsed, state.elapsed, patience)
        rules = _rules(self)
        watches = {
            row.id: look(rules, snapshot, row, state.rows.get(row.id, RowWatch()), seconds) for row in rows
        }
        phase, why, state = self._phase(snapshot, rows, watches, state, seconds)
        aims: dict[str, Aim] = {}
        for row in sorted(rows, key=lambda one: one.leader != one.id):  # those that are followed first
            aims[row.id] = aimed(rules, snapshot, row, watches, aims, (phase, why, state.warned), seconds)
        commands: list[Command] = []
        for row in rows:
            aim = aims[row.id]
            level = moved(rules, aim, seconds)
            watches[row.id] = replace(aim.watch, level=level)
            commands += self._commands(row, level, aim.reason)
        commands += self._doubts(snapshot, rows, aims)
        return commands, replace(state, elapsed=snapshot.elapsed, rows=watches)

    def _phase(
        self,
        snapshot: Snapshot,
        rows: Sequence[LampRow],
        watches: Mapping[str, RowWatch],
        state: RoomState,
        seconds: float,
    ) -> tuple[Phase, str, RoomState]:
        people = None
        seeing = [watches[row.id].away for row in rows if "presence" in row.group.roles]
        if seeing and self.absent_after > 0.0:
            people = min(seeing) < self.absent_after
        pressed = any(snapshot.value(one, "keep_on") is True for one in snapshot.equipment(WATCH))
        phase, why, state = _hours(self).now(snapshot, state, people, pressed, seconds)
        scene = self._scene(snapshot)
        return (Phase.SCENE, scene, replace(state, out=False, warned=0.0)) if scene else (phase, why, state)

    def _scene(self, snapshot: Snapshot) -> str:
        """The scene somebody has called up; empty for none, or one that nobody has described."""
        known = scene_levels(self.scenes)
        for one in snapshot.equipment(WATCH):
            name = snapshot.value(one, "scene")
            if isinstance(name, str) and name.strip().casefold() in known:
                return name.strip().casefold()
        return ""

    def _commands(self, row: LampRow, level: float, reason: str) -> Iterator[Command]:
        values = {"lamp_level": level, "lamp_switch": level > 0.0}
        for role, value in values.items():
            if role in row.group.roles:
                yield Command(
                    point=row.group.roles[role],
                    priority=Priority.SEQUENCE,
                    source=self.name,
                    value=value,
                    reason=f"{row.name}: {reason}",
                )

    def _doubts(
        self, snapshot: Snapshot, rows: Sequence[LampRow], aims: Mapping[str, Aim]
    ) -> Iterator[Command]:
        """One alarm for the room, whose reason names the sensors that are not believed."""
        point = next((one.roles["alarm"] for one in snapshot.equipment(WATCH) if "alarm" in one.roles), None)
        if point is None:
            return
        found = [f"{row.name}: {aims[row.id].doubt}" for row in rows if aims[row.id].doubt]
        yield Command(
            point=point,
            priority=Priority.SEQUENCE,
            source=self.name,
            value=bool(found),
            reason="; ".join(found) or "all light sensors speak and move",
        )


@lru_cache(maxsize=64)
def _rules(policy: Daylight) -> AimRules:
    target = (policy.low * policy.high) ** 0.5 if policy.target is None else policy.target
    return AimRules(
        band=BandRules(
            high=policy.high,
            target=target,
            deadband=policy.deadband,
            minimum=policy.minimum_level,
            full=policy.full_illuminance,
            down_delay=policy.down_delay,
            off_after=policy.off_after,
        ),
        safe_level=policy.safe_level,
        stale_after=policy.stale_after,
        stuck_after=policy.stuck_after,
        response=policy.response,
        fade=policy.fade,
        fade_down=policy.fade_down,
        lunch_level=policy.lunch_level,
        absent_after=policy.absent_after,
        absent_level=policy.absent_level,
        warning_level=policy.warning_level,
        scenes=policy.scenes,
    )


@lru_cache(maxsize=64)
def _hours(policy: Daylight) -> Hours:
    work = window(policy.work_from, policy.work_to, "working hours")
    if work is None:
        raise ValueError("working hours are missing: write work_from and work_to as HH:MM")
    return Hours(
        work=work,
        lunch=window(policy.lunch_from, policy.lunch_to, "lunch"),
        calendar=policy.calendar,
        keep_on=policy.keep_on,
        warning=policy.warning,
    )
