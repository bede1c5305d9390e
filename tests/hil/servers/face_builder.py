"""Devices built in code for the tests of the faces: one of every raw type, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping

from agent.core.device_profile import BlockLimits, DeviceProfile, Heartbeat
from agent.core.point import Access, Point, ValueKind
from agent.core.register import Node, RawType, Register, Source, Table, WordOrder
from hil.clock import VirtualClock
from hil.servers.device import SimulatedDevice, Wiring, variable
from hil.world import World

LINES: Mapping[str, tuple[Point, Source]] = {
    "temperature": (
        Point(id="temperature", unit="degC", role="chilled_water_supply_temp"),
        Register(table=Table.INPUT, address=0, type=RawType.INT16, scale=0.1, sentinels=(-32768,)),
    ),
    "power": (
        Point(id="power", unit="kW", role="power"),
        Register(table=Table.INPUT, address=2, type=RawType.FLOAT32, scale=0.001),
    ),
    "energy": (
        Point(id="energy", unit="kWh", role="energy"),
        Register(table=Table.INPUT, address=4, type=RawType.UINT32, order=WordOrder.CDAB),
    ),
    "status": (
        Point(id="status", kind=ValueKind.SWITCH, role="status"),
        Register(table=Table.DISCRETE, address=0, type=RawType.BIT),
    ),
    "enable": (
        Point(id="enable", kind=ValueKind.SWITCH, role="enable", access=Access.READ_WRITE),
        Register(table=Table.COIL, address=0, type=RawType.BIT),
    ),
    "setpoint": (
        Point(id="setpoint", unit="degC", role="chilled_water_setpoint", access=Access.READ_WRITE),
        Register(table=Table.HOLDING, address=0, type=RawType.INT16, scale=0.1),
    ),
    "mode": (
        Point(id="mode", kind=ValueKind.ENUM, access=Access.READ_WRITE, choices=("off", "cool")),
        Register(
            table=Table.HOLDING,
            address=1,
            codes={0: "off", 1: "cool"},
            write_codes={2: "off", 1: "cool"},
        ),
    ),
    "limit": (
        Point(id="limit", unit="%", access=Access.READ_WRITE),
        Register(table=Table.HOLDING, address=2, type=RawType.FLOAT32),
    ),
    "heartbeat": (
        Point(id="heartbeat", access=Access.READ_WRITE),
        Register(table=Table.HOLDING, address=10),
    ),
}


def chiller_profile(**changes: object) -> DeviceProfile:
    settings: dict[str, object] = {
        "id": "test_chiller",
        "points": {name: point for name, (point, _) in LINES.items()},
        "sources": {name: source for name, (_, source) in LINES.items()},
        "limits": BlockLimits(max_registers=8, refused=((6, 7),)),
        "heartbeat": Heartbeat(point="heartbeat", period=5.0),
    }
    return DeviceProfile(**(settings | changes))  # type: ignore[arg-type]


def opcua_profile() -> DeviceProfile:
    points = {
        "temperature": Point(id="temperature", unit="degC"),
        "occupied": Point(id="occupied", kind=ValueKind.SWITCH),
        "setpoint": Point(id="setpoint", unit="degC", access=Access.READ_WRITE),
    }
    sources: dict[str, Source] = {
        "temperature": Node(node="ns=2;s=Zone.Temp", scale=0.1),
        "occupied": Node(node="ns=2;s=Zone.Occupied"),
        "setpoint": Node(node="ns=2;s=Zone.Setpoint"),
    }
    return DeviceProfile(id="test_bms", points=points, sources=sources)


def world() -> World:
    made = World()
    made.truth = {
        "chiller_1.chilled_water_supply_temp": 6.84,
        "chiller_1.power": 123.5,
        "chiller_1.energy": 1_234_567.0,
        "chiller_1.status": True,
        "chiller_1.enable": True,
        "chiller_1.chilled_water_setpoint": 7.0,
        "zone.temp": 24.5,
        "zone.occupied": True,
        "zone.setpoint": 25.0,
    }
    return made


def chiller(there: World, clock: VirtualClock, name: str = "ch1", **changes: object) -> SimulatedDevice:
    wiring = Wiring(objects={"": "chiller_1"}, watchdog=30.0)
    return SimulatedDevice(name, chiller_profile(**changes), wiring, there, clock)


def bms(there: World, clock: VirtualClock) -> SimulatedDevice:
    wiring = Wiring(
        looks={
            name: variable(f"zone.{short}") for name, short in (("temperature", "temp"), ("occupied",) * 2)
        },
        commands={"setpoint": "zone.setpoint"},
    )
    return SimulatedDevice("bms", opcua_profile(), wiring, there, clock)
