from __future__ import annotations

from collections.abc import Awaitable, Callable

from hypothesis import given
from hypothesis import strategies as st

from agent.core.reading import ReadingBlock
from agent.telemetry.history import KeyIndex, offsets_of
from agent.telemetry.samples import make_key
from agent.telemetry.store import Store

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1e5), st.integers(1, 3)), min_size=1, max_size=60))
def test_postings_hold_every_key_once_and_span_little_time(rows: list[tuple[int, float, int]]) -> None:
    index, keys = KeyIndex(), {}
    for at, (layout, time, epoch) in enumerate(sorted(rows, key=lambda row: row[2])):
        key = make_key(epoch, at)
        keys[key] = (layout, time)
        index.add(key, layout, time)
    assert index.cut(0.0) is None
    cut = index.cut(61.0)
    assert cut is not None
    found = {}
    for posting in cut[0]:
        assert posting.high - posting.low <= 900.0
        for offset in offsets_of(posting.offsets):
            key = posting.first + offset
            assert key <= posting.last
            assert posting.low <= keys[key][1] <= posting.high
            assert key not in found
            found[key] = (posting.layout, keys[key][1])
    assert found == keys
    assert cut[1] == max(keys)


async def test_history_from_postings_memory_and_both(open_store: OpenStore, make_block: MakeBlock) -> None:
    store = await open_store()
    for number in range(9000):  # more than one slice
        store.append(make_block(number, time=1_700_000_000.0 + number))
        if number == 8500:
            await store.flush()
    await store.flush()
    assert [value for _, value, _ in await store.history("ch1.p1", 0, 2e9, 10_000)] == list(range(9000))
    window = await store.history("ch1.p1", 1_700_008_400.0, 1_700_008_600.0, 1000)
    assert [value for _, value, _ in window] == list(range(8400, 8601))
    await store.close()
    store = await open_store()
    window = await store.history("ch1.p1", 1_700_008_400.0, 1_700_008_600.0, 1000)
    assert [value for _, value, _ in window] == list(range(8400, 8601))


async def test_times_out_of_order_come_sorted(open_store: OpenStore, make_block: MakeBlock) -> None:
    store = await open_store()
    for time in (5000.0, 1.0, 900_000.0, 30.0):
        store.append(make_block(time=time))
    await store.flush()
    assert [time for time, _, _ in await store.history("ch1.p0", 0, 1e6, 10)] == [
        1.0,
        30.0,
        5000.0,
        900_000.0,
    ]
    assert [time for time, _, _ in await store.history("ch1.p0", 2, 6000, 10)] == [30.0, 5000.0]
    assert len(await store.history("ch1.p0", 0, 1e6, 1)) == 1
    assert await store.history("ch1.p0", 0, 1e6, 0) == []
