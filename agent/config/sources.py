"""From a point's line to the place a driver finds it: a register, a node or a slot."""

from __future__ import annotations

from agent.config.point_line import SMALLEST_SCALE, PointLine, Report
from agent.core.register import Node, RawType, Register, Slot, Source, Table

_WIDTHS = {
    RawType.INT32: 2,
    RawType.UINT32: 2,
    RawType.FLOAT32: 2,
    RawType.BCD32: 2,
    RawType.INT64: 4,
    RawType.UINT64: 4,
    RawType.FLOAT64: 4,
}


def build_source(line: PointLine, report: Report) -> Source:
    """Where the driver finds it."""
    if abs(line.scale) < SMALLEST_SCALE:
        message = f"a scale of {line.scale:g} makes every value the same"
        report(("scale",), message, "leave it out or give the factor")
    if line.node is not None:
        if line.address is not None:
            report(("address",), "a point has a node or an address, not both", "remove one of them")
        return Node(
            node=line.node,
            type=line.type,
            scale=line.scale,
            offset=line.offset,
            deadband=line.deadband,
            sentinels=line.sentinels,
            codes=line.codes,
        )
    if line.address is None:
        if line.table is not None:
            report(("table",), "a register needs its address", "add address: <zero-based wire address>")
        return Slot(initial=line.initial)
    return _register(line, report)


def _register(line: PointLine, report: Report) -> Register:
    table = line.table
    if table is None:
        report((), "a register needs its table", "add table: holding, input, coil or discrete")
        table = Table.HOLDING
    raw = _raw_type(line, table, report)
    width = line.length if raw is RawType.STRING else _WIDTHS.get(raw, 1)
    if (line.address or 0) + width > 65536:
        report(("address",), "ends beyond the last register", "addresses are zero-based wire addresses")
    if line.bit is not None and line.bit + line.bits > 16:
        report(("bit",), "the bit field leaves its register", "bit is the lowest bit, bits their number")
    return Register(
        table=table,
        address=line.address or 0,
        type=raw,
        order=line.order,
        scale=line.scale,
        offset=line.offset,
        bit=line.bit,
        bits=line.bits,
        length=line.length,
        sentinels=line.sentinels,
        codes=line.codes,
        write_codes=line.write_codes,
        write_with=line.write_with,
    )


def _raw_type(line: PointLine, table: Table, report: Report) -> RawType:
    bit_table = table in (Table.COIL, Table.DISCRETE)
    if line.type is None:
        return RawType.BIT if bit_table else RawType.UINT16
    if line.type not in RawType.__members__.values():
        known = ", ".join(RawType)
        report(("type",), f"'{line.type[:40]}' is not a raw type", f"known: {known}")
        return RawType.UINT16
    raw = RawType(line.type)
    if bit_table and raw is not RawType.BIT:
        report(("type",), f"a {table.value} holds bits only", "leave type out")
    return raw
