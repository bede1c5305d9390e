"""From devices to read items: every readable register of a unit in as few exchanges as its limits allow.

On a line whose answers carry no number, blocks of one unit get different lengths where the device allows it (a block
is padded by registers that are read for nothing), so that a repeated or late answer fits no other block. They stay
apart when a block is asked in another length, cut in two, or cannot be padded any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.core.device_profile import BlockLimits, Device, DeviceProfile
from agent.core.driver import ReadItem
from agent.core.errors import DeviceError, RefusedError
from agent.core.point import Access
from agent.core.register import Register, Table
from drivers.modbus.blocks import Span, SpanLimits, Want, halves, plan_spans
from drivers.modbus.cells import BIT_TABLES, cell_of, register_count
from drivers.modbus.registers import BlockCodec, Decoded, compile_block
from drivers.modbus.requests import DoubtfulError, Request, Shape, SilenceError, read_request

UNREADABLE_PERIOD = 3600.0  # site seconds between reminders of what the plan cannot read
MOST_PADS = 6
MOST_LAYOUTS = 1000  # profiles planned at a time; one site has a few dozen
MOST_PAD_FAILURES = 3  # in a row, before a block is no longer padded


@dataclass(frozen=True, slots=True)
class Unit:
    """One device and how it is to be asked."""

    device: Device
    number: int
    timeout: float  # real seconds

    @classmethod
    def of(cls, device: Device, bus_timeout: float | None) -> Unit:
        timeout = device.settings.timeout or bus_timeout or device.profile.pacing.timeout
        return cls(device, device.settings.unit, timeout)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Stands where a block would: these points cannot be read at all."""

    reason: str


@dataclass(eq=False, slots=True)
class Block:
    """One block read: its request, its codec, and what was answered last.

    `request` may be padded, `bare` is not; `asked` is the last one sent, in another shape where the usual one was ambiguous. `parts` replaces a block that the device refused as a whole. `kin` are all
    blocks of the unit, itself too, where answers carry no number: one list that they share.
    """

    unit: Unit
    table: Table
    span: Span
    period: float
    codec: BlockCodec
    bare: Request
    request: Request
    asked: Request | None = None
    pads: bool = True
    pad_failures: int = 0
    last: Decoded | None = None
    refused: str = ""
    parts: tuple[ReadItem, ...] = ()
    kin: list[Block] | None = field(default=None, repr=False)

    def padding_failed(self, error: DeviceError) -> None:
        """Some devices refuse, or ignore, requests for more than there is; other failures prove nothing."""
        if isinstance(error, RefusedError):
            self.pad_failures = MOST_PAD_FAILURES
        elif isinstance(error, DoubtfulError | SilenceError):
            self.pad_failures += 1
        if self.pad_failures >= MOST_PAD_FAILURES:
            self.pads = False
            self.request = self.bare
            _set_apart(self.kin or ())

    def answered(self, request: Request) -> None:
        """A padded request that is answered shows that the device has no objection."""
        if request is not self.bare:
            self.pad_failures = 0

    def cut(self, parts: tuple[ReadItem, ...]) -> None:
        """For good: the parts take its place among its kin."""
        self.parts = parts
        if self.kin is not None:
            self.kin[:] = parts[0].key.kin
            for part in parts:
                part.key.kin = self.kin

    def start_anew(self) -> None:
        """The line was opened again: padding gets another chance."""
        self.pads, self.pad_failures = True, 0


class Ambiguous(Protocol):
    """Who knows which requests could be mixed up."""

    def ambiguous(self, request: Request) -> bool: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """One block of a profile: the same object for all its devices."""

    table: Table
    span: Span
    period: float
    codec: BlockCodec


@dataclass(frozen=True, slots=True)
class ProfileLayout:
    """All blocks of a profile, and what cannot be read with the reason why. Keeps its profile, so its id stays its own."""

    profile: DeviceProfile
    blocks: tuple[Layout, ...]
    unreadable: Mapping[str, str]


_LAYOUTS: dict[tuple[int, Any], ProfileLayout] = {}  # by the profile's id and what differs in its points


def plan_unit(unit: Unit, *, nameless: bool) -> Iterator[ReadItem]:
    """The read items of one device. `nameless` lines get blocks of different shapes."""
    device = unit.device
    layout = _layout_of(device)
    items = [_item(unit, block) for block in layout.blocks]
    if nameless:
        _make_kin([item.key for item in items])
    yield from items
    for name, reason in layout.unreadable.items():
        yield ReadItem(device.id, (device.points[name].id,), UNREADABLE_PERIOD, Obstacle(reason))


def _layout_of(device: Device) -> ProfileLayout:
    """Planned once for all devices of a profile whose points do not differ in what matters here."""
    traits = tuple(
        (name, point.access, point.kind, point.plausible, point.choices)
        for name, point in device.points.items()
    )
    key = (id(device.profile), traits)
    found = _LAYOUTS.get(key)
    if found is None:
        if len(_LAYOUTS) >= MOST_LAYOUTS:
            _LAYOUTS.clear()
        found = _LAYOUTS[key] = _plan_profile(device)
    return found


def _plan_profile(device: Device) -> ProfileLayout:
    profile = device.profile
    groups: defaultdict[tuple[Table, float], list[Want]] = defaultdict(list)
    for name, point in device.points.items():
        source = profile.sources.get(name)
        if isinstance(source, Register) and point.access is not Access.WRITE:
            period = profile.polls.get(name, profile.pacing.poll)
            groups[source.table, period].append(Want(name, source.address, register_count(source)))
    blocks: list[Layout] = []
    unreadable: dict[str, str] = {}
    for (table, period), wants in groups.items():
        spans, obstacles = plan_spans(wants, span_limits(profile.limits, table))
        unreadable |= obstacles
        blocks.extend(_lay_out(device, table, span, period) for span in spans)
    return ProfileLayout(profile, tuple(blocks), unreadable)


def _lay_out(device: Device, table: Table, span: Span, period: float) -> Layout:
    cells = []
    for want in span.wants:
        source = device.profile.sources[want.name]
        if isinstance(source, Register):
            cells.append(cell_of(device.points[want.name], want.name, source, span.address))
    return Layout(table, span, period, compile_block(tuple(cells)))


def span_limits(limits: BlockLimits, table: Table) -> SpanLimits:
    """What one exchange with the table may hold; never more than the protocol allows."""
    bits = table in BIT_TABLES
    longest = min(limits.max_bits, 2000) if bits else min(limits.max_registers, 125)
    return SpanLimits(max(1, longest), limits.max_hole, limits.refused)


def parts_of(item: ReadItem) -> tuple[ReadItem, ...]:
    """A block's halves as items of their own; one item when it cannot be cut."""
    block: Block = item.key
    unit, table, period = block.unit, block.table, block.period
    parts = tuple(_item(unit, _lay_out(unit.device, table, part, period)) for part in halves(block.span))
    if block.kin is not None:
        _make_kin([*_others(block), *(part.key for part in parts)], fixed=len(block.kin) - 1)
    return parts


def reshaped(block: Block, link: Ambiguous) -> Request | None:
    """The same registers in a request of another shape, by reading a few more; None where that is not possible."""
    taken = {one.shape for other in _others(block) for one in (other.request, other.asked or other.request)}
    for request in (block.bare, *(_padded(block) if block.pads else ())):
        if request.shape not in taken and not link.ambiguous(request):
            return request
    return None


def _item(unit: Unit, layout: Layout) -> ReadItem:
    device, span = unit.device, layout.span
    request = read_request(unit.number, layout.table, span.address, span.count)
    block = Block(unit, layout.table, span, layout.period, layout.codec, request, request)
    return ReadItem(
        device.id, tuple([device.points[want.name].id for want in span.wants]), layout.period, block
    )


def _others(block: Block) -> list[Block]:
    return [one for one in block.kin or () if one is not block]


def _make_kin(blocks: list[Block], fixed: int = 0) -> None:
    """The first `fixed` blocks are kin of others and keep their shapes; the rest is set apart from them."""
    taken = {block.request.shape for block in blocks[:fixed]}
    for block in blocks[fixed:]:
        block.kin = blocks
    _set_apart(blocks[fixed:], taken)


def _set_apart(blocks: Sequence[Block], taken: Iterable[Shape] = ()) -> None:
    """No two of one shape, as far as the device allows; those that cannot be padded choose first."""
    taken = set(taken)
    for block in sorted(blocks, key=lambda one: one.pads):
        if block.bare.shape not in taken or not block.pads:
            block.request = block.bare
        else:
            free = (request for request in _padded(block) if request.shape not in taken)
            block.request = next(free, block.bare)
        taken.add(block.request.shape)


def _padded(block: Block) -> Sequence[Request]:
    """The block's request made longer in steps that show in the answer's length, as far as the device allows."""
    limits = span_limits(block.unit.device.profile.limits, block.table)
    step = 8 if block.table in BIT_TABLES else 1
    found = []
    for pad in range(step, (MOST_PADS + 1) * step, step):
        count = block.span.count + pad
        end = block.span.address + count
        if count > limits.longest or not limits.allows(block.span.end, end):
            break
        found.append(read_request(block.unit.number, block.table, block.span.address, count))
    return found
