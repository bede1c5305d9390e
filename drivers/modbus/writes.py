"""Writes: which function codes carry a value to its register."""

from __future__ import annotations

from collections.abc import Sequence

from agent.core.errors import RefusedError
from agent.core.point import Point, Value
from agent.core.register import Register, Table, WriteFunction
from drivers.modbus.bus import Link
from drivers.modbus.encoding import encode_field, encode_number, encode_words, is_field
from drivers.modbus.plan import Unit
from drivers.modbus.requests import (
    Request,
    mask_register,
    read_request,
    write_and_read,
    write_coils,
    write_registers,
)


async def write_point(link: Link, unit: Unit, point: Point, register: Register, value: Value) -> None:
    """Sets one point. Raises BusError, DeviceError, RefusedError, ValueError (before anything is sent)."""
    if not point.commandable or register.table in (Table.INPUT, Table.DISCRETE):
        raise RefusedError(f"{point.id} can only be read")
    if is_field(register):
        request = await _field_request(link, unit, point, register, value)
        await link.exchange(request, unit.timeout)
        return
    for request in write_requests(unit.number, point, register, value):
        await link.exchange(request, unit.timeout)


def write_requests(unit: int, point: Point, register: Register, value: Value) -> Sequence[Request]:
    """The exchanges that set a value which fills whole registers or a coil; more than one only with SINGLE."""
    wish, address = register.write_with, register.address
    if register.table is Table.COIL:
        on = bool(encode_number(point, register, value))
        return (write_coils(unit, address, [on], single=wish is not WriteFunction.MULTIPLE),)
    words = encode_words(point, register, value)
    if wish is WriteFunction.READ_WRITE:
        return (write_and_read(unit, address, words),)
    if wish is WriteFunction.MASK:
        return tuple(mask_register(unit, address + at, 0xFFFF, word) for at, word in enumerate(words))
    if wish is WriteFunction.SINGLE or (wish is WriteFunction.AUTO and len(words) == 1):
        return tuple(
            write_registers(unit, address + at, [word], single=True) for at, word in enumerate(words)
        )
    return (write_registers(unit, address, words, single=False),)


async def _field_request(link: Link, unit: Unit, point: Point, register: Register, value: Value) -> Request:
    """Sets some bits and leaves the others: by the device itself (FC 22), else by reading the register first."""
    mask, bits = encode_field(point, register, value)
    if register.write_with is WriteFunction.MASK:
        return mask_register(unit.number, register.address, mask, bits)
    read = read_request(unit.number, register.table, register.address, 1)
    present = int.from_bytes(await link.exchange(read, unit.timeout), "big")
    word = present & ~mask | bits
    if register.write_with is WriteFunction.READ_WRITE:
        return write_and_read(unit.number, register.address, [word])
    single = register.write_with is not WriteFunction.MULTIPLE
    return write_registers(unit.number, register.address, [word], single=single)
