"""The plant behind the fake console: its points, how they move, its areas. Pure: a step of seconds at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from agent.console import LearnedView
from agent.core.equipment import Authority
from agent.core.point import Value


@dataclass(slots=True)
class FakePoint:
    id: str
    label: str
    unit: str
    kind: str
    value: Value | None
    equipment: str | None
    role: str | None
    area: str | None
    commandable: bool = False
    low: float | None = None
    high: float | None = None
    quality: str = "good"
    reason: str = ""
    time: float = 0.0
    decided: Value | None = None
    decided_by: str | None = None
    decided_reason: str = ""
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class FakeArea:
    id: str
    tick: float
    authority: Authority
    since: float
    by: str = "configuration"
    reason: str = "as configured"
    policies: list[dict] = field(default_factory=list)
    equipment: list[dict] = field(default_factory=list)


def _rows() -> list[tuple]:
    """id, label, unit, kind, value, equipment, role, area, commandable, low, high"""
    rows: list[tuple] = []
    for n, load in ((1, 71.0), (2, 44.0)):
        eq = f"chiller_{n}"
        rows += [
            (f"ch{n}.enable", "Start/stop", "", "switch", True, eq, "enable", "plant", True, None, None),
            (
                f"ch{n}.chws_setpoint",
                "Leaving water set-point",
                "degC",
                "number",
                7.0,
                eq,
                "chilled_water_setpoint",
                "plant",
                True,
                5.0,
                14.0,
            ),
            (f"ch{n}.status", "Running", "", "switch", True, eq, "status", "plant", False, None, None),
            (
                f"ch{n}.chws_temp",
                "Leaving water",
                "degC",
                "number",
                7.1,
                eq,
                "chilled_water_supply_temp",
                "plant",
                False,
                None,
                None,
            ),
            (
                f"ch{n}.chwr_temp",
                "Entering water",
                "degC",
                "number",
                12.2,
                eq,
                "chilled_water_return_temp",
                "plant",
                False,
                None,
                None,
            ),
            (f"ch{n}.load", "Load", "%", "number", load, eq, "load", "plant", False, 0.0, 100.0),
            (
                f"pm{n}.power",
                "Electrical power",
                "kW",
                "number",
                2.9 * load,
                eq,
                "power",
                "plant",
                False,
                None,
                None,
            ),
        ]
    rows += [
        (
            "chwp1.speed_command",
            "Speed command",
            "%",
            "number",
            78.0,
            "pump_1",
            "speed_command",
            "plant",
            True,
            30.0,
            100.0,
        ),
        ("chwp1.speed", "Speed", "%", "number", 78.0, "pump_1", "speed", "plant", False, 0.0, 100.0),
        (
            "chwp1.flow_proof",
            "Flow proven",
            "",
            "switch",
            True,
            "pump_1",
            "flow_proof",
            "plant",
            False,
            None,
            None,
        ),
        (
            "bms.outdoor_temp",
            "Outdoor air",
            "degC",
            "number",
            31.4,
            "weather",
            "outdoor_dry_bulb",
            "plant",
            False,
            None,
            None,
        ),
    ]
    for letter, level in (("a", 100.0), ("b", 10.0), ("c", 10.0)):
        eq = f"aisle_{letter}"
        rows += [
            (
                f"lamps.level_{letter}",
                "Lamp level",
                "%",
                "number",
                level,
                eq,
                "lamp_level",
                "garage",
                True,
                0.0,
                100.0,
            ),
            (
                f"lamps.presence_{letter}",
                "Presence",
                "",
                "switch",
                letter == "a",
                eq,
                "presence",
                "garage",
                False,
                None,
                None,
            ),
        ]
    rows.append(("bms.mode", "Building mode", "", "enum", "occupied", None, None, None, False, None, None))
    rows.append(
        ("bms.zone_3_temp", "Zone 3 air", "degC", "number", 25.3, None, None, None, False, None, None)
    )
    return rows


def make_points(now: float) -> dict[str, FakePoint]:
    points = {row[0]: FakePoint(*row, time=now) for row in _rows()}
    wishes = {
        "ch1.enable": (
            True,
            "shed",
            "Load 58 % of running capacity: one chiller could carry it, dwell 212 s left",
        ),
        "ch2.enable": (
            True,
            "shed",
            "Load 58 % of running capacity: one chiller could carry it, dwell 212 s left",
        ),
        "ch1.chws_setpoint": (7.0, "reset", "No valve asks for colder water: trim 0.1 K"),
        "ch2.chws_setpoint": (7.0, "reset", "No valve asks for colder water: trim 0.1 K"),
        "chwp1.speed_command": (78.0, "pumps", "Holds 120 kPa at the far end"),
        "lamps.level_a": (100.0, "lights", "Somebody is here"),
        "lamps.level_b": (60.0, "lights", "Lit ahead: next to aisle A"),
        "lamps.level_c": (10.0, "lights", "Nobody seen for 30 s: dim level"),
    }
    for name, (value, by, why) in wishes.items():
        point = points[name]
        point.decided, point.decided_by, point.decided_reason = value, by, why
    points["bms.mode"].choices = ("occupied", "vacant", "night")
    stale = points["bms.zone_3_temp"]
    stale.quality, stale.reason, stale.time = "bad", "no answer from the BMS for 4 min", now - 240.0
    doubtful = points["ch2.chwr_temp"]
    doubtful.quality, doubtful.reason = "uncertain", "the sensor drifts"
    return points


def make_areas(now: float) -> dict[str, FakeArea]:
    shed = [
        {
            "name": "shed_below",
            "value": 60.0,
            "unit": "%",
            "low": 30.0,
            "high": 80.0,
            "help": "plant load below which a unit may stop",
        },
        {
            "name": "minimum_units",
            "value": 1,
            "unit": "",
            "low": 1,
            "high": 4,
            "help": "units that always stay",
        },
    ]
    hold = [
        {
            "name": "hold",
            "value": 30.0,
            "unit": "s",
            "low": 5.0,
            "high": 600.0,
            "help": "seconds lit after the last movement",
            "tuned": {
                "policy": "lights",
                "parameter": "hold",
                "value": 30.0,
                "filed": 60.0,
                "unit": "s",
                "by": "tuned on probation",
                "owner": "user:li",
                "reason": "dark too late",
                "tuning": "t7",
                "on_probation": True,
            },
        }
    ]
    plant = FakeArea("plant", 10.0, Authority.SHADOW, now - 5_400.0)
    learned = make_learned(now)
    plant.policies = [
        {
            "name": "shed",
            "kind": "chiller_plant.load_shedding",
            "parameters": shed,
            "learned": learned["shed"],
        },
        {
            "name": "reset",
            "kind": "chiller_plant.water_reset",
            "parameters": [],
            "learned": learned["reset"],
        },
    ]
    plant.equipment = [
        _machine("chiller_1", "chiller", "Chiller 1"),
        _machine("chiller_2", "chiller", "Chiller 2"),
        _machine("pump_1", "pump", "Chilled water pump 1"),
        _machine("weather", "weather", "Weather"),
    ]
    garage = FakeArea("garage", 1.0, Authority.AGENT, now - 86_400.0, by="user:wang")
    garage.policies = [{"name": "lights", "kind": "lighting.radar", "parameters": hold, "learned": None}]
    garage.equipment = [_machine(f"aisle_{x}", "lamp_group", f"Aisle {x.upper()}") for x in "abc"]
    return {"plant": plant, "garage": garage}


def make_learned(now: float) -> dict[str, LearnedView]:
    """One policy that has learned, and one that cannot."""
    done = LearnedView(
        policy="shed",
        area="plant",
        kind="load_profile",
        version=1,
        state="learned",
        digest="5f3a" * 16,
        made=now - 10_800.0,
        age=10_800.0,
        next_in=75_600.0,
        seconds=2.4,
        rss_mb=31.0,
    )
    failing = replace(
        done,
        policy="reset",
        kind="machine_curves",
        state="failing",
        digest=None,
        made=None,
        age=None,
        failures=3,
        error="no result within 120 s",
    )
    return {"shed": done, "reset": failing}


def _machine(name: str, kind: str, label: str) -> dict:
    roles = {row[6]: row[0] for row in _rows() if row[5] == name}
    return {"id": name, "kind": kind, "name": label, "locked_out": False, "roles": roles}


def move(points: dict[str, FakePoint], now: float) -> list[str]:
    """Every good number swings a little around where it was; names of what moved."""
    moved = []
    for phase, point in enumerate(points.values()):
        if point.quality == "bad":
            continue
        point.time = now
        if point.kind == "number" and not point.commandable and isinstance(point.value, float):
            swing = 0.01 * point.value * math.sin(now / 7.0 + phase)
            point.value = round(point.value + 0.2 * swing, 2)
        moved.append(point.id)
    return moved
