from __future__ import annotations

import math
from enum import IntEnum

from hypothesis import given
from hypothesis import strategies as st

from agent.core.reading import Quality, ReadingBlock
from agent.telemetry.samples import SHORT_WAYS, Packer, make_key, split_key

VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-300, 300),
    st.floats(allow_nan=False),
    st.floats(width=32, allow_nan=False),
    st.text(max_size=8),
)
NUMBER = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False))


def block_of(values: tuple[object, ...], **changes: object) -> ReadingBlock:
    points = tuple(f"d.p{number}" for number in range(len(values)))
    return ReadingBlock(
        **{"device": "d", "points": points, "values": values, "time": 5.5, "elapsed": 1.0, **changes}
    )  # type: ignore[arg-type]


def exactly(values: tuple[object, ...]) -> list[tuple[type, object]]:
    return [(type(value), value) for value in values]


@given(st.lists(VALUE, max_size=30))
def test_every_value_comes_back_with_its_type(values: list[object]) -> None:
    packer = Packer()
    block = block_of(tuple(values))
    back = packer.unpack(packer.pack(7, block))
    assert exactly(back.values) == exactly(block.values)
    assert (back.device, back.points, back.time) == (block.device, block.points, block.time)


@given(st.lists(st.lists(NUMBER, min_size=3, max_size=3), min_size=1, max_size=200))
def test_changing_types_of_one_plan_come_back_and_layouts_stay_few(blocks: list[list[object]]) -> None:
    packer = Packer()
    rows = [packer.pack(at, block_of(tuple(values))) for at, values in enumerate(blocks)]
    for row, values in zip(rows, blocks, strict=True):
        assert exactly(packer.unpack(row).values) == exactly(tuple(values))
    assert len(packer.layouts) <= 65


@given(st.lists(st.sampled_from(Quality), min_size=1, max_size=20), st.booleans(), st.text(max_size=9))
def test_quality_trust_and_reason_come_back(qualities: list[Quality], trusted: bool, reason: str) -> None:
    packer = Packer()
    values = (1.5,) * len(qualities)
    block = block_of(values, qualities=tuple(qualities), time_trusted=trusted, reason=reason)
    back = packer.unpack(packer.pack(7, block))
    assert back.time_trusted is trusted
    assert back.reason == reason
    assert (back.qualities or (Quality.GOOD,) * len(values)) == tuple(qualities)


def test_not_a_number_comes_back() -> None:
    packer = Packer()
    for values in ((math.nan, 1.5), (math.nan, 2**60 + 1), (math.nan, "text"), (math.inf, 0.1)):
        back = packer.unpack(packer.pack(1, block_of(values))).values
        assert str(back) == str(values)


def test_a_value_of_a_foreign_type_becomes_one_of_ours() -> None:
    class Mode(IntEnum):
        AUTO = 3

    packer = Packer()
    assert packer.unpack(packer.pack(1, block_of((Mode.AUTO, object)))).values[0] == 3


def test_a_bad_value_is_kept_with_its_quality() -> None:
    packer = Packer()
    back = packer.unpack(packer.pack(1, block_of((6.9,), qualities=(Quality.BAD,), reason="time-out")))
    assert (back.values, back.qualities, back.reason) == ((6.9,), (Quality.BAD,), "time-out")


def test_sizes() -> None:
    packer = Packer()

    def size(*values: object) -> int:
        return len(packer.pack(1, block_of(values)).data)

    assert size(*[0.1] * 100) == 800
    assert size(*[0.5] * 100) == 400  # exact in 32 bits
    assert size(*[30_000] * 100) == 200
    assert size(*[True] * 100) == 100
    assert size(*[None] * 100) == 100


def test_layouts_from_the_file_are_used_again() -> None:
    packer = Packer()
    first = packer.pack(1, block_of((1.0, "on")))
    again = Packer(packer.layouts.values())
    assert again.pack(2, block_of((2.0, "off"))).layout == first.layout
    assert not again.fresh


def test_two_devices_may_share_one_tuple_of_points() -> None:
    packer = Packer()
    points = ("a.x",)
    one = packer.pack(1, ReadingBlock("a", points, (1.0,), 0.0, 0.0))
    two = packer.pack(2, ReadingBlock("b", points, (1.0,), 0.0, 0.0))
    assert packer.unpack(one).device == "a"
    assert packer.unpack(two).device == "b"


@given(st.integers(0, 2**25 - 1), st.integers(0, 2**38 - 1))
def test_key_holds_both_numbers_in_63_bits(epoch: int, sequence: int) -> None:
    key = make_key(epoch, sequence)
    assert split_key(key) == (epoch, sequence)
    assert key < 2**63


def test_names_put_together_for_one_block_are_not_remembered_for_good() -> None:
    """A day of samples of which each names its points anew: 65,536 short ways once took 6 MB."""
    packer = Packer()
    before = [block_of((1.0,), points=(f"d.p{n % 7}",)) for n in range(5_000)]  # all alive: no id comes twice
    for at, block in enumerate(before):
        packer.pack(at, block)
    assert len(packer._near) <= SHORT_WAYS + 2 * 7 + 1
    row = packer.pack(5_000, before[0])
    assert packer.unpack(row).points == before[0].points
