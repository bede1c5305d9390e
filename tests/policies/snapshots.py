"""Small builders: equipment, areas and snapshots for policy tests, and a bench that runs a policy tick by tick."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Area, AreaModel, Authority, Equipment, GuardSettings, Place
from agent.core.point import Access, Point
from agent.core.policy import AnyPolicy
from agent.core.reading import Quality, Reading
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Snapshot

SHENZHEN = Place(name="Shenzhen", latitude=22.55, longitude=114.06, timezone="Asia/Shanghai")


def bad(reason: str = "time-out", value: Any = None) -> Reading:
    """What a failed read leaves in the picture."""
    return Reading(value, 0.0, 0.0, Quality.BAD, reason)


def machine(
    id_: str,
    kind: str,
    roles: Iterable[str],
    *,
    next_to: tuple[str, ...] = (),
    serves: tuple[str, ...] = (),
    minimum_on: float = 0.0,
    minimum_off: float = 0.0,
    **nameplate: float,
) -> Equipment:
    """Equipment whose role `r` is played by point `<id>.<r>`."""
    return Equipment(
        id=id_,
        kind=kind,
        area="area",
        roles={role: f"{id_}.{role}" for role in roles},
        nameplate=nameplate,
        next_to=next_to,
        guards=GuardSettings(serves=serves, minimum_on=minimum_on, minimum_off=minimum_off),
    )


def model(*machines: Equipment, tick: float = 10.0, place: Place = SHENZHEN) -> AreaModel:
    points = {
        point: Point(id=point, access=Access.READ_WRITE) for one in machines for point in one.roles.values()
    }
    return AreaModel(
        area=Area(id="area", tick=tick),
        place=place,
        equipment={one.id: one for one in machines},
        points=points,
    )


def snapshot(area: AreaModel, values: Mapping[str, Any], elapsed: float = 0.0, **more: Any) -> Snapshot:
    """`values` by point id; a Reading goes in as it is, anything else as a GOOD reading of this instant."""
    settings = {"utc": 1.8e9 + elapsed, "utc_trusted": True, "authority": Authority.AGENT} | more
    readings = {
        point: value if isinstance(value, Reading) else Reading(value, settings["utc"], elapsed)
        for point, value in values.items()
    }
    return Snapshot(model=area, readings=readings, elapsed=elapsed, **settings)


@dataclass
class Bench:
    """Runs one policy; every state goes through JSON, so each tick is a restart as far as the state goes."""

    policy: AnyPolicy
    area: AreaModel
    values: dict[str, Any]
    elapsed: float = 1000.0
    state: Any = None
    decisions: dict[str, Decision] = field(default_factory=dict)
    wishes: dict[str, Command] = field(default_factory=dict)

    def run(self, seconds: float = 0.0, *, locked: Iterable[str] = (), **more: Any) -> dict[str, Any]:
        """Tick through `seconds` (at least once); the last wishes by point."""
        tick = self.area.area.tick
        for _ in range(max(1, round(seconds / tick))):
            self.elapsed += tick
            self.tick(locked=locked, **more)
        return {point: command.value for point, command in self.wishes.items()}

    def tick(self, *, locked: Iterable[str] = (), **more: Any) -> None:
        picture = snapshot(
            self.area,
            self.values,
            self.elapsed,
            decisions=dict(self.decisions),
            locked_out=frozenset(locked),
            **more,
        )
        before = self.policy.initial_state() if self.state is None else self.state
        commands, state = self.policy.decide(picture, before)
        again, state_again = self.policy.decide(picture, before)
        assert (list(commands), state) == (list(again), state_again), "the same picture, another decision"
        self.state = from_plain(type(state), json.loads(json.dumps(to_plain(state))))
        assert self.state == state, "the state does not survive a restart"
        self.wishes = {command.point: command for command in commands}
        assert len(self.wishes) == len(commands), "two commands for one point"
        assert all(command.reason and command.source == self.policy.name for command in commands)

    def reason(self, point: str) -> str:
        return self.wishes[point].reason
