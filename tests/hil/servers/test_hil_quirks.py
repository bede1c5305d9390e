"""The devices' own quirks, one by one, as a master meets them."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import pytest

from agent.core.point import Access, Persistence, WriteRules
from hil.clock import VirtualClock
from hil.servers.device import SimulatedDevice, Wiring
from hil.servers.modbus_unit import ModbusUnit
from hil.servers.pdu import answer
from hil.servers.quirks import read_quirks
from hil.world import World
from tests.hil.servers.face_builder import chiller, chiller_profile, world


def ask(unit: ModbusUnit, function: int, *words: int, tail: bytes = b"") -> bytes:
    return answer(unit, struct.pack(f">B{len(words)}H", function, *words) + tail)


def quirky(clock: VirtualClock | None = None, there: World | None = None, **quirks: Any) -> ModbusUnit:
    """The test chiller with these quirks and no watchdog."""
    return ModbusUnit(chiller(there or world(), clock or VirtualClock(), heartbeat=None, quirks=quirks))


def test_a_device_that_reads_one_register_at_a_time() -> None:
    """As Schneider's ATV212: function 3 with a quantity above 1 is exception 3."""
    unit = quirky(max_registers=1)
    assert ask(unit, 4, 0, 1)[:2] == bytes((4, 2))
    assert ask(unit, 4, 0, 2) == bytes((0x84, 3))


def test_blocks_that_are_never_read() -> None:
    unit = quirky(refused=[[4, 5]])
    assert ask(unit, 4, 2, 2)[0] == 4
    assert ask(unit, 4, 3, 2) == bytes((0x84, 2))


def test_functions_it_does_not_know() -> None:
    unit = quirky(functions=[3, 6])
    assert ask(unit, 3, 0, 1)[0] == 3
    assert ask(unit, 16, 2, 2, tail=b"\x04\0\0\0\0") == bytes((0x90, 1))


def test_half_a_value_is_refused_where_the_device_says_so() -> None:
    assert ask(quirky(), 4, 2, 1)[0] == 4
    assert ask(quirky(whole_values=True), 4, 2, 1) == bytes((0x84, 2))
    assert ask(quirky(whole_values=True), 4, 2, 2)[0] == 4


def test_a_value_that_is_not_there_is_a_sentinel_or_an_exception() -> None:
    """Exception 4 as Trane's gateway gives it for a table that is no longer renewed."""
    there = world()
    del there.truth["chiller_1.chilled_water_supply_temp"]
    assert ask(quirky(there=there), 4, 0, 1)[2:] == struct.pack(">h", -32768)
    assert ask(quirky(there=there, missing_code=4), 4, 0, 1) == bytes((0x84, 4))


@pytest.mark.parametrize(
    ("kind", "reply"), [("zero", b"\x03\x02\0\0"), ("shown", b"\x03\x02\0\x41"), ("refused", b"\x83\x02")]
)
def test_a_register_that_can_only_be_written(kind: str, reply: bytes) -> None:
    profile = chiller_profile(heartbeat=None, quirks={"write_only": kind})
    points = dict(profile.points)
    points["setpoint"] = replace(points["setpoint"], access=Access.WRITE)
    there = world()
    device = SimulatedDevice(
        "d", replace(profile, points=points), Wiring(objects={"": "chiller_1"}), there, VirtualClock()
    )
    unit = ModbusUnit(device)
    ask(unit, 6, 0, 65)
    assert there.commands["chiller_1.chilled_water_setpoint"] == pytest.approx(6.5)
    assert ask(unit, 3, 0, 1) == reply


async def test_what_is_written_is_seen_only_after_a_while() -> None:
    clock = VirtualClock()
    unit = quirky(clock, read_back_lag=3.0)
    ask(unit, 6, 0, 65)
    assert ask(unit, 3, 0, 1)[2:] == struct.pack(">h", 70)
    await clock.advance(3.5)
    assert ask(unit, 3, 0, 1)[2:] == struct.pack(">h", 65)


@pytest.mark.parametrize(("worn", "last"), [("refused", b"\x86\x03"), ("lost", b"\x06\0\0\0\x3e")])
def test_a_memory_cell_wears_out(worn: str, last: bytes) -> None:
    unit = quirky(eeprom_endurance=3, eeprom_worn=worn)
    for raw in (65, 64, 63):
        assert ask(unit, 6, 0, raw)[0] == 6
    assert ask(unit, 6, 0, 62) == last
    assert ask(unit, 3, 0, 1)[2:] == struct.pack(">h", 63), "the last value that was kept"
    assert unit.device.wear == {"setpoint": 4}


def test_memory_that_is_ram_never_wears_out() -> None:
    profile = chiller_profile(heartbeat=None, quirks={"eeprom_endurance": 1})
    points = dict(profile.points)
    points["setpoint"] = replace(points["setpoint"], writing=WriteRules(persistence=Persistence.RAM))
    device = SimulatedDevice(
        "d", replace(profile, points=points), Wiring(objects={"": "chiller_1"}), world(), VirtualClock()
    )
    for _ in range(10):
        device.write("setpoint", 6.5)
    assert device.wear == {}


def test_nothing_can_be_written_before_the_remote_bit() -> None:
    unit = quirky(there=(there := world()), needs="enable")
    there.truth["chiller_1.enable"] = False
    assert ask(unit, 6, 0, 65) == bytes((0x86, 3))
    ask(unit, 5, 0, 0xFF00)
    assert ask(unit, 6, 0, 65)[0] == 6


def test_a_value_that_hands_the_machine_back() -> None:
    """As York's YLAA: 37.2 written to the set-point means its own."""
    there = world()
    unit = quirky(there=there, hand_back=[37.2, 99])
    ask(unit, 6, 0, 65)
    assert "chiller_1.chilled_water_setpoint" in there.commands
    ask(unit, 6, 0, 372)
    assert there.commands == {}


async def test_a_watchdog_that_only_a_write_feeds() -> None:
    clock, there = VirtualClock(), world()
    unit = quirky(clock, there, watchdog=10.0, life="write")
    ask(unit, 5, 0, 0)
    for _ in range(3):
        await clock.advance(4.0)
        unit.device.heard()
        unit.device.watch()
    assert there.commands == {}, "reading keeps it alive no longer"


def test_the_benchs_word_comes_before_the_profiles() -> None:
    profile = chiller_profile(quirks={"max_registers": 4, "strict_map": True})
    device = SimulatedDevice("d", profile, Wiring(quirks={"max_registers": 2}), world(), VirtualClock())
    assert (device.quirks.max_registers, device.quirks.strict_map) == (2, True)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"max_register": 1}, "did you mean max_registers"),
        ({"reply_delay": -1}, "below zero"),
        ({"refused": [1, 2, 3]}, "pairs"),
        ({"life": "sometimes"}, "life"),
        ({"functions": ["three"]}, "is not a number"),
    ],
)
def test_a_quirk_nobody_knows_is_said(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_quirks(given)
