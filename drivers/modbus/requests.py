"""Single exchanges: the request as pymodbus encodes it, and what a right answer to it must look like. Pure.

An answer is checked in every field before anything of it is used: function, byte count, length, and for writes the
whole echo. What does not fit is an error, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pymodbus.pdu import ModbusPDU, ReadCoilsRequest, ReadHoldingRegistersRequest
from pymodbus.pdu.bit_message import (
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    MaskWriteRegisterRequest,
    ReadInputRegistersRequest,
    ReadWriteMultipleRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from agent.core.errors import DeviceError, RefusedError
from agent.core.register import Table

EXCEPTION_BIT = 0x80
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, not done yet",
    6: "device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway: the device does not answer",
}
READS: Mapping[Table, type[ModbusPDU]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}

Shape = tuple[int, int]
"""Function and payload size: all that an RTU answer shows of its request."""


class UnknownFunctionError(RefusedError):
    """The device does not know this function code at all (exception 1)."""


class NonsenseError(DeviceError):
    """The answer does not fit the request. `broken` when even its length is wrong, so that a stream may be off step."""

    def __init__(self, message: str, *, broken: bool = False) -> None:
        super().__init__(message)
        self.broken = broken


class DoubtfulError(DeviceError):
    """A refusal that may have been meant for an earlier request: no ground to give a register up."""


class SilenceError(DeviceError):
    """No whole answer came in time."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to one unit. `size` is the payload of a right answer in bytes, `echo` the whole of it for a write."""

    unit: int
    pdu: bytes
    size: int
    echo: bytes | None = None

    @property
    def function(self) -> int:
        return self.pdu[0]

    @property
    def shape(self) -> Shape:
        """Any RTU answer of this shape could be the answer to this request."""
        return (self.pdu[0], self.size)

    @property
    def answer_length(self) -> int:
        """Bytes of a right answer: function code, byte count and payload, or the echo."""
        return self.size + 2 if self.echo is None else len(self.echo)

    def payload(self, answer: bytes) -> bytes:
        """What the answer carries. Raises RefusedError, DeviceError, NonsenseError."""
        function = self.pdu[0]
        if answer[0] != function:
            if answer[0] != function | EXCEPTION_BIT:
                raise NonsenseError(f"unit {self.unit} answered function {answer[0]}, asked was {function}")
            if len(answer) != 2:
                raise NonsenseError(f"unit {self.unit}: exception of {len(answer)} bytes", broken=True)
            raise _refusal(self, answer[1])
        if self.echo is not None:
            if answer != self.echo:
                raise NonsenseError(
                    f"unit {self.unit} confirmed another write", broken=len(answer) != len(self.echo)
                )
            return b""
        if len(answer) != self.size + 2 or answer[1] != self.size:
            raise NonsenseError(f"unit {self.unit}: answer of a wrong length", broken=True)
        return answer[2:]


def read_request(unit: int, table: Table, address: int, count: int) -> Request:
    """Function codes 1, 2, 3, 4."""
    bits = table in (Table.COIL, Table.DISCRETE)
    message = READS[table](dev_id=unit, address=address, count=count)
    return Request(unit, _pdu(message), (count + 7) // 8 if bits else count * 2)


def write_coils(unit: int, address: int, bits: Sequence[bool], *, single: bool) -> Request:
    """Function code 5 or 15."""
    if single:
        pdu = _pdu(WriteSingleCoilRequest(dev_id=unit, address=address, bits=list(bits)))
        return Request(unit, pdu, 0, pdu)
    pdu = _pdu(WriteMultipleCoilsRequest(dev_id=unit, address=address, bits=list(bits)))
    return Request(unit, pdu, 0, pdu[:5])


def write_registers(unit: int, address: int, words: Sequence[int], *, single: bool) -> Request:
    """Function code 6 (one word) or 16."""
    if single:
        pdu = _pdu(WriteSingleRegisterRequest(dev_id=unit, address=address, registers=list(words)))
        return Request(unit, pdu, 0, pdu)
    pdu = _pdu(WriteMultipleRegistersRequest(dev_id=unit, address=address, registers=list(words)))
    return Request(unit, pdu, 0, pdu[:5])


def mask_register(unit: int, address: int, mask: int, bits: int) -> Request:
    """Function code 22: only the bits in `mask` change."""
    message = MaskWriteRegisterRequest(
        dev_id=unit, address=address, and_mask=0xFFFF & ~mask, or_mask=bits & mask
    )
    pdu = _pdu(message)
    return Request(unit, pdu, 0, pdu)


def write_and_read(unit: int, address: int, words: Sequence[int]) -> Request:
    """Function code 23: writes the words and reads the same registers back."""
    message = ReadWriteMultipleRegistersRequest(
        dev_id=unit,
        read_address=address,
        read_count=len(words),
        write_address=address,
        write_registers=list(words),
    )
    return Request(unit, _pdu(message), len(words) * 2)


def _pdu(message: ModbusPDU) -> bytes:
    return bytes((message.function_code,)) + message.encode()


def _refusal(request: Request, code: int) -> DeviceError:
    text = f"unit {request.unit}: exception {code}, {EXCEPTIONS.get(code, 'unknown')}"
    if code == 1:
        return UnknownFunctionError(text)
    return RefusedError(text) if code in (2, 3) else DeviceError(text)
