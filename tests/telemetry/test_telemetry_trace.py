"""Samples by their keys, straight from the file: what a report names is what the store has."""

from contextlib import closing
from itertools import pairwise

import pytest

from agent.core.errors import StoreError
from agent.core.reading import Quality, ReadingBlock
from agent.telemetry.database import connect_reader
from agent.telemetry.samples import split_key
from agent.telemetry.trace import Trace

BEGIN = 1_700_000_000.0


def block(number, value, point="em.energy", **more):
    return ReadingBlock("em", ("em.power", point), (1.0, value), BEGIN + 10.0 * number, float(number), **more)


async def filled(open_store, count=400):
    store = await open_store()
    keys = {}
    for number in range(count):
        keys[BEGIN + 10.0 * number] = (store.epoch, store.append(block(number, 100.0 + number)))
        store.append(ReadingBlock("other", ("other.temp",), (20.0,), BEGIN + 10.0 * number, float(number)))
    await store.flush()
    return store, keys


async def test_every_sample_comes_with_the_place_it_was_given(open_store):
    store, keys = await filled(open_store)
    found = Trace(store.settings.path).samples("em.energy", BEGIN + 100.0, BEGIN + 200.0)
    assert [one.value for one in found] == [110.0 + n for n in range(11)]
    assert {one.time: split_key(one.key) for one in found} == {
        time: place for time, place in keys.items() if BEGIN + 100.0 <= time <= BEGIN + 200.0
    }
    assert found[0].place == "/".join(map(str, keys[BEGIN + 100.0]))


async def test_postings_and_the_newest_are_found_alike(open_store):
    store, keys = await filled(open_store)
    await store.close()
    again = await open_store()  # what is in no posting yet is found by its time
    again.append(block(400, 500.0))
    await again.flush()
    found = Trace(again.settings.path).samples("em.energy", BEGIN, BEGIN + 4000.0)
    assert [one.value for one in found] == [100.0 + n for n in range(401)]
    assert found[-1].key > found[0].key
    assert len(keys) == 400


async def test_a_long_past_lies_in_postings_and_comes_with_the_same_keys(open_store):
    store, keys = await filled(open_store, 9000)
    with closing(connect_reader(store.settings.path)) as connection:
        assert connection.execute("SELECT count(*) FROM posting").fetchone()[0] > 50
    found = Trace(store.settings.path).samples("em.energy", BEGIN + 100.0, BEGIN + 2000.0)
    assert len(found) == 191
    assert all(split_key(one.key) == keys[one.time] for one in found)
    thin = Trace(store.settings.path).samples("em.energy", BEGIN, BEGIN + 80_000.0, 600.0)
    assert 60 <= len(thin) <= 8000 / 60 + 1
    assert {later.time - one.time >= 600.0 for one, later in pairwise(thin)} == {True}


async def test_thinned_samples_keep_their_distance(open_store):
    store, _ = await filled(open_store)
    found = Trace(store.settings.path).samples("em.energy", BEGIN, BEGIN + 4000.0, 60.0)
    gaps = {later.time - one.time for one, later in pairwise(found)}
    assert min(gaps) >= 60.0
    assert max(gaps) <= 120.0


async def test_bad_readings_say_so_and_untrusted_times_are_left_out(open_store):
    store = await open_store()
    store.append(block(1, None, qualities=(Quality.GOOD, Quality.BAD), reason="time-out"))
    store.append(block(2, 5.0, time_trusted=False))
    store.append(block(3, 7.0))
    store.append(ReadingBlock("other", ("em.energy_total",), (3.0,), BEGIN, 0.0))
    await store.flush()
    found = Trace(store.settings.path).samples("em.energy", BEGIN, BEGIN + 100.0)
    assert [(one.value, one.quality) for one in found] == [(None, Quality.BAD), (7.0, Quality.GOOD)]


async def test_the_last_writes_of_each_point_in_a_stretch_of_time(open_store):
    store = await open_store()
    for number in range(12):
        event, point = ("authority", "a") if number == 3 else ("write", "ab"[number % 2])
        store.audit({"time": BEGIN + number, "event": event, "point": point, "new": number, "result": "sent"})
    store.audit({"time": BEGIN + 20.0, "event": "write", "point": "c", "new": 1.0, "result": "time-out"})
    await store.flush()
    trace = Trace(store.settings.path)
    found = trace.writes({"a", "b", "c", "d"}, BEGIN + 2.0, BEGIN + 30.0, 3)
    assert {point: [one.value for one in kept] for point, kept in found.items()} == {
        "a": [6, 8, 10],
        "b": [7, 9, 11],
        "c": [1.0],
        "d": [],
    }
    assert [(one.record, one.time, one.result) for one in found["c"]] == [(13, BEGIN + 20.0, "time-out")]
    assert [one.value for one in trace.writes({"b"}, BEGIN, BEGIN + 8.0, 9)["b"]] == [1, 5, 7]


def test_a_file_that_is_none_is_said(tmp_path):
    (tmp_path / "x.db").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(StoreError, match=r"cannot read .*x\.db"):
        Trace(str(tmp_path / "x.db")).samples("a", 0.0, 1.0)
    with pytest.raises(StoreError, match="cannot read"):
        Trace(str(tmp_path / "x.db")).writes({"a"}, 0.0, 1.0, 5)
