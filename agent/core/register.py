"""Where and how a raw value lies in a device: a Modbus register or an OPC UA node. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.core.point import Value


class Table(StrEnum):
    """The four Modbus tables."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"


class RawType(StrEnum):
    """How the raw bits of a value are to be read."""

    BIT = "bit"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BCD16 = "bcd16"
    BCD32 = "bcd32"
    STRING = "string"


class WordOrder(StrEnum):
    """Order of the bytes A(most significant) .. D of a 32-bit value on the wire."""

    ABCD = "abcd"  # big-endian words, big-endian bytes: the Modbus default
    CDAB = "cdab"  # words swapped
    BADC = "badc"  # bytes swapped inside each word
    DCBA = "dcba"  # both swapped


class WriteFunction(StrEnum):
    """Which function code a device wants for a write; AUTO = 5/6 for one, 15/16 for several."""

    AUTO = "auto"
    SINGLE = "single"
    MULTIPLE = "multiple"
    MASK = "mask"  # FC 22, for bits inside a register
    READ_WRITE = "read_write"  # FC 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One value in a Modbus table. `address` is the zero-based wire address.

    engineering value = raw * scale + offset. `bit`/`bits` select a field of a register
    (lowest bit number first). `sentinels` are raw values that mean "not available".
    `codes` maps raw codes to names; `write_codes` where commands use other codes than feedback.
    """

    table: Table
    address: int
    type: RawType = RawType.UINT16
    order: WordOrder = WordOrder.ABCD
    scale: float = 1.0
    offset: float = 0.0
    bit: int | None = None
    bits: int = 1
    length: int = 1  # registers of a string
    sentinels: tuple[float, ...] = ()
    codes: Mapping[int, str] | None = None
    write_codes: Mapping[int, str] | None = None
    write_with: WriteFunction = WriteFunction.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One OPC UA variable. `node` is its NodeId text (`ns=2;s=Weather.OAT`) or a browse path from Objects."""

    node: str
    type: str | None = None  # OPC UA built-in type for writes when the server does not tell
    scale: float = 1.0
    offset: float = 0.0
    deadband: float = 0.0  # absolute, in raw units
    sentinels: tuple[float, ...] = ()
    codes: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in the memory of a simulated device (in-memory driver)."""

    initial: Value | None = None


Source = Register | Node | Slot
"""Where a driver finds a point."""
