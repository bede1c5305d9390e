"""Sensors that stick: a value that does not change by a digit for long, while what it must follow has moved.

A held value alone proves nothing (good control holds one, water that stands keeps its temperature): a sensor is doubted only
while machines run, and only after its neighbours, or the machines, have moved so far that it had to. It starts afresh with
every restart and every change of the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """`patience` in site seconds; `moves`: by role of another sensor, how far it must have moved meanwhile (0: no need)."""

    patience: float
    moves: Mapping[str, float]
    running: bool = True  # counts only while a chiller of the area runs


RULES: Mapping[str, Rule] = {
    "chilled_water_supply_temp": Rule(
        1.5 * HOUR,
        {"chilled_water_supply_temp": 2.0, "chilled_water_return_temp": 4.0, "chilled_water_setpoint": 1.5},
    ),
    "chilled_water_return_temp": Rule(
        1.5 * HOUR, {"chilled_water_return_temp": 2.0, "chilled_water_supply_temp": 3.0}
    ),
    "condenser_entering_temp": Rule(
        1.5 * HOUR, {"condenser_entering_temp": 2.0, "condenser_leaving_temp": 4.0}
    ),
    "condenser_leaving_temp": Rule(
        1.5 * HOUR, {"condenser_leaving_temp": 2.0, "condenser_entering_temp": 3.0}
    ),
    "chilled_water_flow": Rule(1.5 * HOUR, {"speed": 20.0}),
    "condenser_flow": Rule(1.5 * HOUR, {"speed": 20.0}),
    "zone_temp": Rule(24 * HOUR, {"zone_temp": 3.0}, running=False),
    "outdoor_dry_bulb": Rule(12 * HOUR, {}, running=False),
}


@dataclass(slots=True)
class Standing:
    """One sensor's value, since when it stands, and what the others showed then."""

    value: float
    since: float
    others: dict[str, float]
    moved: str = ""  # who has moved far enough


@dataclass(slots=True)
class StuckSensors:
    """The sensors of one area."""

    _standing: dict[str, Standing] = field(default_factory=dict)

    def look(self, snapshot: Snapshot) -> Iterator[tuple[str, Equipment, str]]:
        """Points in doubt with their equipment and the sentence."""
        cools = any(snapshot.value(one, "status") is True for one in snapshot.equipment("chiller"))
        for one in snapshot.model.equipment.values():
            for role in one.roles.keys() & RULES.keys():
                rule, point = RULES[role], one.roles[role]
                value = snapshot.number_of(one, role)
                # zero is what a meter shows whom nothing passes, and a machine that stands follows nobody
                idle = rule.running and not (cools and _runs(snapshot, one))
                if value is None or idle or (value == 0.0 and role.endswith("flow")):
                    self._standing.pop(point, None)
                    continue
                minutes = self._doubted(snapshot, one, role, value)
                if minutes:
                    by = self._standing[point].moved
                    text = f"{role.replace('_', ' ')} has shown {value:g} for {minutes:.0f} min"
                    yield point, one, f"{text}{f' while {by} moved' if by else ''}: does the sensor stick?"

    def _doubted(self, snapshot: Snapshot, one: Equipment, role: str, value: float) -> float:
        """Minutes for which it has stood, once that is too long; else 0."""
        rule, point, now = RULES[role], one.roles[role], snapshot.elapsed
        patience = one.nameplate.get("stuck_after", rule.patience)
        standing = self._standing.get(point)
        others = dict(_others(snapshot, rule, point))
        if standing is None or standing.value != value:
            self._standing[point] = Standing(value, now, others)
            return 0.0
        for name, shown in others.items():
            limit = rule.moves[name.partition(" ")[0]]
            if not standing.moved and abs(shown - standing.others.setdefault(name, shown)) >= limit:
                standing.moved = name.partition(" ")[2]
        held = now - standing.since
        due = patience > 0.0 and held >= patience and (standing.moved or not rule.moves)
        return held / 60.0 if due else 0.0


def _others(snapshot: Snapshot, rule: Rule, point: str) -> Iterator[tuple[str, float]]:
    """What the sensors show that it must follow, as `<role> <point>`; of machines only those that run."""
    if not rule.moves:
        return
    for one in snapshot.model.equipment.values():
        if not _runs(snapshot, one):
            continue
        for role in rule.moves.keys() & one.roles.keys():
            value = snapshot.number_of(one, role)
            if value is not None and one.roles[role] != point:
                yield f"{role} {one.roles[role]}", value


def _runs(snapshot: Snapshot, one: Equipment) -> bool:
    """What has no machine of its own (a loop, a room) follows always."""
    return "status" not in one.roles or snapshot.value(one, "status") is True
