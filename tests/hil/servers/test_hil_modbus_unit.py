"""A device's tables, its refusals and its watchdog, without a wire."""

import struct

import pytest

from agent.core.register import RawType, Register, Table, WordOrder
from hil.clock import VirtualClock
from hil.servers.modbus_unit import ModbusUnit
from hil.servers.pdu import answer
from hil.servers.words import from_words, to_words
from tests.hil.servers.face_builder import chiller, world


def ask(unit: ModbusUnit, function: int, *words: int, tail: bytes = b"") -> bytes:
    return answer(unit, struct.pack(f">B{len(words)}H", function, *words) + tail)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_registers_show_the_truth_of_the_plant(clock: VirtualClock) -> None:
    there = world()
    unit = ModbusUnit(chiller(there, clock))
    assert ask(unit, 4, 0, 6) == struct.pack(
        ">BBhHfHH", 4, 12, 68, 0, 123500.0, 1234567 & 0xFFFF, 1234567 >> 16
    )
    there.truth["chiller_1.chilled_water_supply_temp"] = -3.0
    assert ask(unit, 4, 0, 1) == struct.pack(">BBh", 4, 2, -30)


def test_a_missing_value_shows_the_sentinel(clock: VirtualClock) -> None:
    there = world()
    del there.truth["chiller_1.chilled_water_supply_temp"]
    assert ask(ModbusUnit(chiller(there, clock)), 4, 0, 1) == struct.pack(">BBh", 4, 2, -32768)


def test_commands_reach_the_plant_and_are_read_back(clock: VirtualClock) -> None:
    there = world()
    unit = ModbusUnit(chiller(there, clock))
    assert ask(unit, 5, 0, 0) == struct.pack(">BHH", 5, 0, 0)
    assert there.commands == {"chiller_1.enable": False}
    assert ask(unit, 1, 0, 1) == bytes((1, 1, 0))
    ask(unit, 6, 0, 65)
    assert there.commands["chiller_1.chilled_water_setpoint"] == pytest.approx(6.5)
    assert ask(unit, 3, 0, 1) == struct.pack(">BBH", 3, 2, 65)


def test_several_registers_and_read_write_and_mask(clock: VirtualClock) -> None:
    unit = ModbusUnit(chiller(world(), clock))
    limit = struct.pack(">f", 87.5)
    assert ask(unit, 16, 2, 2, tail=b"\x04" + limit) == struct.pack(">BHH", 16, 2, 2)
    assert ask(unit, 3, 2, 2)[2:] == limit
    assert ask(unit, 23, 2, 2, 0, 1, tail=b"\x02\x00\x46")[2:] == limit
    assert ask(unit, 3, 0, 1)[2:] == b"\x00\x46"
    assert ask(unit, 22, 0, 0xFF00, 0x0150) == struct.pack(">BHHH", 22, 0, 0xFF00, 0x0150)
    assert ask(unit, 3, 0, 1)[2:] == b"\x00\x50"


def test_command_codes_differ_from_feedback_codes(clock: VirtualClock) -> None:
    unit = ModbusUnit(chiller(world(), clock))
    ask(unit, 6, 1, 2)
    assert ask(unit, 3, 1, 1)[2:] == b"\x00\x00"
    assert ask(unit, 6, 1, 9) == bytes((0x86, 3))


@pytest.mark.parametrize(
    ("request_pdu", "code"),
    [
        ((99, 0, 1), 1),
        ((4, 100, 1), 2),
        ((4, 5, 2), 2),  # touches the refused block
        ((3, 0, 9), 3),  # more than this device takes
        ((3, 0, 0), 3),
        ((6, 2, 1), 2),  # half a float
        ((6, 5, 1), 2),  # a hole
        ((5, 0, 1), 3),
    ],
)
def test_refusals(clock: VirtualClock, request_pdu: tuple[int, ...], code: int) -> None:
    unit = ModbusUnit(chiller(world(), clock))
    assert ask(unit, *request_pdu) == bytes((request_pdu[0] | 0x80, code))


def test_cut_off_requests_are_refused_and_never_crash(clock: VirtualClock) -> None:
    unit = ModbusUnit(chiller(world(), clock))
    for function in range(1, 25):
        for size in range(12):
            reply = answer(
                unit, bytes((function,)) + b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"[:size]
            )
            assert reply[0] & 0x7F == function


def test_holes_read_zero_unless_the_device_is_strict(clock: VirtualClock) -> None:
    assert ask(ModbusUnit(chiller(world(), clock)), 4, 1, 1) == bytes((4, 2, 0, 0))
    strict = ModbusUnit(chiller(world(), clock, quirks={"strict_map": True}))
    assert ask(strict, 4, 1, 1) == bytes((0x84, 2))


async def test_silence_gives_the_machine_back_to_local_control(clock: VirtualClock) -> None:
    there = world()
    device = chiller(there, clock)
    unit = ModbusUnit(device)
    ask(unit, 5, 0, 0)
    await clock.advance(20.0)
    ask(unit, 6, 10, 1)  # heartbeat
    await clock.advance(25.0)
    ask(unit, 6, 10, 1)  # the same value is no heartbeat
    device.watch()
    assert there.commands == {"chiller_1.enable": False}
    await clock.advance(6.0)
    device.watch()
    assert there.commands == {}
    assert ask(unit, 1, 0, 1) == bytes((1, 1, 1))
    ask(unit, 5, 0, 0)
    assert there.commands == {}, "deaf until the heartbeat is back"
    ask(unit, 6, 10, 2)
    assert there.commands == {"chiller_1.enable": False}, "what was written waited in its register"


@pytest.mark.parametrize("order", list(WordOrder))
@pytest.mark.parametrize("kind", [one for one in RawType if one not in (RawType.BIT, RawType.STRING)])
def test_words_come_back_as_they_went(kind: RawType, order: WordOrder) -> None:
    register = Register(table=Table.HOLDING, address=0, type=kind, order=order)
    assert from_words(register, to_words(register, 1234.0)) == pytest.approx(1234.0)


def test_word_orders_on_the_wire() -> None:
    value = struct.unpack(">f", bytes.fromhex("01020304"))[0]
    shown = {order: struct.pack(">2H", *to_words(_float(order), value)).hex() for order in WordOrder}
    assert shown == {
        WordOrder.ABCD: "01020304",
        WordOrder.CDAB: "03040102",
        WordOrder.BADC: "02010403",
        WordOrder.DCBA: "04030201",
    }


def _float(order: WordOrder) -> Register:
    return Register(table=Table.HOLDING, address=0, type=RawType.FLOAT32, order=order)


def test_a_device_saturates_instead_of_rolling_over() -> None:
    register = Register(table=Table.INPUT, address=0, type=RawType.INT16, scale=0.1)
    assert to_words(register, 1e9) == (32767,)
    assert to_words(register, -1e9) == (0x8000,)
