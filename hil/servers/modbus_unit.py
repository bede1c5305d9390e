"""One Modbus unit: a simulated device's points laid out in the four tables, with the device's own refusals."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from agent.core.point import Access, Value
from agent.core.register import RawType, Register, Table
from hil.servers.device import SimulatedDevice
from hil.servers.quirks import WriteOnly
from hil.servers.words import from_words, to_raw, to_words, truth_of, width

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE = 1, 2, 3, 4


class Refusal(Exception):  # noqa: N818 - a Modbus exception reply, not an error of ours
    """The unit answers with this exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Cell:
    """A point at its place in a table."""

    address: int
    width: int
    point: str
    register: Register

    def overlaps(self, first: int, last: int) -> bool:
        return self.address <= last and self.address + self.width - 1 >= first

    def inside(self, first: int, last: int) -> bool:
        return self.address >= first and self.address + self.width - 1 <= last


class ModbusUnit:
    """The tables of one device. Encodes when asked, so what is read is true at that instant."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.quirks = device.quirks
        limits = device.profile.limits
        self._most = dict.fromkeys(Table, limits.max_bits)
        self._most |= dict.fromkeys(
            (Table.INPUT, Table.HOLDING), self.quirks.max_registers or limits.max_registers
        )
        self._refused = (*limits.refused, *self.quirks.refused_blocks)
        self._cells: dict[Table, list[Cell]] = {table: [] for table in Table}
        for point, source in device.profile.sources.items():
            if isinstance(source, Register):
                self._cells[source.table].append(Cell(source.address, width(source), point, source))
        for cells in self._cells.values():
            cells.sort(key=lambda cell: (cell.address, cell.point))
        self._starts = {table: [cell.address for cell in cells] for table, cells in self._cells.items()}
        self._ends = {
            table: max((cell.address + cell.width - 1 for cell in cells), default=-1)
            for table, cells in self._cells.items()
        }
        self._longest = {
            table: max((cell.width for cell in cells), default=1) for table, cells in self._cells.items()
        }

    def read_bits(self, table: Table, address: int, count: int) -> list[bool]:
        self._admit(table, address, count, self._most[table])
        bits = [False] * count
        for cell in self._within(table, address, count):
            value = None if self._hidden(cell) else self._value(cell)
            bits[cell.address - address] = False if value is None else bool(to_raw(cell.register, value))
        return bits

    def read_registers(self, table: Table, address: int, count: int) -> list[int]:
        self._admit(table, address, count, self._most[table])
        words = [0] * count
        for cell in self._within(table, address, count):
            if self.quirks.whole_values and not cell.inside(address, address + count - 1):
                raise Refusal(ILLEGAL_ADDRESS)
            for place, word in enumerate(self._shown(cell), start=cell.address - address):
                if 0 <= place < count:
                    words[place] |= word
        return words

    def write_bits(self, address: int, bits: list[bool]) -> None:
        self._admit(Table.COIL, address, len(bits), 1968)
        for cell in self._within(Table.COIL, address, len(bits)):
            self._write(cell, truth_of(bits[cell.address - address]))

    def write_registers(self, address: int, words: list[int]) -> None:
        """Raises Refusal for a register that cannot be written or a value that means nothing."""
        self._admit(Table.HOLDING, address, len(words), self.quirks.max_write_registers)
        cells = self._within(Table.HOLDING, address, len(words))
        if not cells:
            raise Refusal(ILLEGAL_ADDRESS)
        for cell in cells:
            start = cell.address - address
            if start < 0 or start + cell.width > len(words):
                raise Refusal(ILLEGAL_ADDRESS)  # half a value
            try:
                value = from_words(cell.register, tuple(words[start : start + cell.width]))
            except ValueError as error:
                raise Refusal(ILLEGAL_VALUE) from error
            self._write(cell, value)

    def _write(self, cell: Cell, value: Value) -> None:
        if not self.device.profile.points[cell.point].commandable:
            if cell.register.bit is None:
                raise Refusal(ILLEGAL_ADDRESS)
            return  # another field of a register that is written whole
        try:
            self.device.write(cell.point, value)
        except ValueError as error:
            raise Refusal(ILLEGAL_VALUE) from error

    def _hidden(self, cell: Cell) -> bool:
        """Whether the register can only be written. Raises Refusal where reading it is refused."""
        if self.device.profile.points[cell.point].access is not Access.WRITE:
            return False
        if self.quirks.write_only is WriteOnly.REFUSED:
            raise Refusal(ILLEGAL_ADDRESS)
        return self.quirks.write_only is WriteOnly.ZERO

    def _value(self, cell: Cell) -> Value | None:
        """Raises Refusal where the device has no value and says so with an exception."""
        value = self.device.read(cell.point)
        if value is None and self.quirks.missing_code is not None:
            raise Refusal(self.quirks.missing_code)
        return value

    def _shown(self, cell: Cell) -> tuple[int, ...]:
        if self._hidden(cell):
            return (0,) * cell.width
        register, value = cell.register, self._value(cell)
        if register.bit is None:
            return to_words(register, value)
        raw = 0 if value is None else round(to_raw(register, value))
        mask = (1 << register.bits) - 1
        return to_words(
            Register(table=register.table, address=register.address, type=RawType.UINT16),
            (raw & mask) << register.bit,
        )

    def _within(self, table: Table, address: int, count: int) -> list[Cell]:
        last = address + count - 1
        starts = self._starts[table]
        first = bisect_left(starts, address - self._longest[table] + 1)
        cells = []
        for cell in self._cells[table][first:]:
            if cell.address > last:
                break
            if cell.overlaps(address, last):
                cells.append(cell)
        return cells

    def _admit(self, table: Table, address: int, count: int, most: int) -> None:
        if not 1 <= count <= most:
            raise Refusal(ILLEGAL_VALUE)
        cells, last = self._cells[table], address + count - 1
        if not cells or address < cells[0].address:
            raise Refusal(ILLEGAL_ADDRESS)
        if last > self._ends[table]:
            raise Refusal(ILLEGAL_ADDRESS)
        if any(address <= until and last >= since for since, until in self._refused):
            raise Refusal(ILLEGAL_ADDRESS)
        if self.quirks.strict_map and self._has_hole(table, address, last):
            raise Refusal(ILLEGAL_ADDRESS)

    def _has_hole(self, table: Table, address: int, last: int) -> bool:
        covered: set[int] = set()
        for cell in self._within(table, address, last - address + 1):
            covered.update(range(cell.address, cell.address + cell.width))
        return any(one not in covered for one in range(address, last + 1))
