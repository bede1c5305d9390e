"""Modbus requests answered (Modbus Application Protocol V1.1b3, section 6): functions 1-6, 15, 16, 22 and 23."""

from __future__ import annotations

import struct
from collections.abc import Callable

from agent.core.register import Table
from hil.servers.modbus_unit import DEVICE_FAILURE, ILLEGAL_FUNCTION, ILLEGAL_VALUE, ModbusUnit, Refusal

_BIT_TABLES = {1: Table.COIL, 2: Table.DISCRETE}
_WORD_TABLES = {3: Table.HOLDING, 4: Table.INPUT}


def answer(unit: ModbusUnit, request: bytes) -> bytes:
    """The reply PDU to a request PDU; every refusal is an exception reply."""
    function = request[0]
    serve = _SERVICES.get(function)
    known = unit.quirks.functions
    if serve is None or (known and function not in known):
        return exception(function, ILLEGAL_FUNCTION)
    try:
        return bytes((function,)) + serve(unit, function, request[1:])
    except Refusal as refusal:
        return exception(function, refusal.code)
    except struct.error:
        return exception(function, ILLEGAL_VALUE)
    except (TypeError, ValueError, OverflowError):  # a plant value that does not fit its register
        return exception(function, DEVICE_FAILURE)


def exception(function: int, code: int) -> bytes:
    return bytes((function | 0x80, code))


def _read_bits(unit: ModbusUnit, function: int, body: bytes) -> bytes:
    address, count = struct.unpack(">HH", body)
    bits = unit.read_bits(_BIT_TABLES[function], address, count)
    packed = sum(1 << place for place, bit in enumerate(bits) if bit)
    size = (count + 7) // 8
    return bytes((size,)) + packed.to_bytes(size, "little")


def _read_registers(unit: ModbusUnit, function: int, body: bytes) -> bytes:
    address, count = struct.unpack(">HH", body)
    words = unit.read_registers(_WORD_TABLES[function], address, count)
    return struct.pack(f">B{count}H", count * 2, *words)


def _write_coil(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    address, value = struct.unpack(">HH", body)
    if value not in (0x0000, 0xFF00):
        raise Refusal(ILLEGAL_VALUE)
    unit.write_bits(address, [value == 0xFF00])
    return body


def _write_register(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    address, value = struct.unpack(">HH", body)
    unit.write_registers(address, [value])
    return body


def _write_coils(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    address, count, size = struct.unpack(">HHB", body[:5])
    if not 1 <= count <= 1968 or size != (count + 7) // 8 or len(body) != 5 + size:
        raise Refusal(ILLEGAL_VALUE)
    packed = int.from_bytes(body[5:], "little")
    unit.write_bits(address, [bool(packed >> place & 1) for place in range(count)])
    return body[:4]


def _write_registers(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    address, count, size = struct.unpack(">HHB", body[:5])
    if not 1 <= count <= 123 or size != count * 2 or len(body) != 5 + size:
        raise Refusal(ILLEGAL_VALUE)
    unit.write_registers(address, list(struct.unpack(f">{count}H", body[5:])))
    return body[:4]


def _mask_write(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    address, and_mask, or_mask = struct.unpack(">HHH", body)
    (now,) = unit.read_registers(Table.HOLDING, address, 1)
    unit.write_registers(address, [now & and_mask | or_mask & ~and_mask & 0xFFFF])
    return body


def _read_write(unit: ModbusUnit, _: int, body: bytes) -> bytes:
    read_address, read_count, address, count, size = struct.unpack(">HHHHB", body[:9])
    if not 1 <= count <= 121 or size != count * 2 or len(body) != 9 + size:
        raise Refusal(ILLEGAL_VALUE)
    unit.write_registers(address, list(struct.unpack(f">{count}H", body[9:])))
    return _read_registers(unit, 3, struct.pack(">HH", read_address, read_count))


_SERVICES: dict[int, Callable[[ModbusUnit, int, bytes], bytes]] = {
    1: _read_bits,
    2: _read_bits,
    3: _read_registers,
    4: _read_registers,
    5: _write_coil,
    6: _write_register,
    15: _write_coils,
    16: _write_registers,
    22: _mask_write,
    23: _read_write,
}
