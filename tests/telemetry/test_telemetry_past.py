"""The past from the file beside a writing agent: the same columns as from memory, with few rows read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import isnan

import pytest

from agent.calc.columns import MemoryHistory
from agent.core.equipment import Area, AreaModel, Place
from agent.core.errors import StoreError
from agent.core.reading import Quality, ReadingBlock
from agent.telemetry import past
from agent.telemetry.past import StoredHistory
from agent.telemetry.store import Store

OpenStore = Callable[..., Awaitable[Store]]
START = 1_700_000_100.0
POINTS = ("ch1.load", "ch1.on", "ch1.note")
MODEL = AreaModel(
    area=Area(id="a"), place=Place(name="", latitude=0, longitude=0, timezone="UTC"), equipment={}, points={}
)


def block(number: int, load: float | None, *, time: float | None = None, **changes: object) -> ReadingBlock:
    fields: dict[str, object] = {
        "device": "ch1",
        "points": POINTS,
        "values": (load, bool(number % 2), "text"),
        "time": START + number * 10.0 if time is None else time,
        "elapsed": 0.0,
    }
    return ReadingBlock(**{**fields, **changes})  # type: ignore[arg-type]


def stored(store: Store, since: float, until: float) -> StoredHistory:
    return StoredHistory(
        path=store.settings.path, model=MODEL, since=since, until=until, readings={}, artefacts={}
    )


def plain(history: StoredHistory | MemoryHistory, step: float) -> dict[str, list[float | None]]:
    found = history.columns([*POINTS, "nobody.knows"], step)
    return {
        point: [None if isnan(value) else round(value, 9) for value in one.values]
        for point, one in found.items()
    }


async def test_the_file_gives_what_memory_gives(open_store: OpenStore) -> None:
    store = await open_store()
    samples: list[tuple[float, float | None]] = []
    for number in range(9000):  # more than one posting; the newest lie in none
        load = None if 4000 <= number < 4300 else float(number % 700)
        store.append(block(number, load))
        samples.append((START + number * 10.0, load))
        if number == 8500:
            await store.flush()
    await store.flush()
    since, until = START + 10_000.0, START + 89_500.0
    memory = MemoryHistory(model=MODEL, since=since, until=until, samples={"ch1.load": samples})
    found = plain(stored(store, since, until), 60.0)
    assert found["ch1.load"] == plain(memory, 60.0)["ch1.load"]
    assert set(found["ch1.on"][1:-1]) == {0.5}
    assert set(found["ch1.note"]) == {None}
    assert set(found["nobody.knows"]) == {None}


async def test_many_samples_in_a_step_are_thinned_evenly(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    for number in range(9000):
        store.append(block(number, 5.0 if number % 2 else 7.0, time=START + number))
    await store.flush()
    fetched: list[int] = []
    gather = StoredHistory._gather
    monkeypatch.setattr(
        StoredHistory, "_gather", lambda *given: (fetched.append(len(given[3])), gather(*given))[1]
    )
    [column] = stored(store, START, START + 8000.0).columns(["ch1.load"], 900.0).values()
    assert sum(fetched) < 1500  # of 8000
    assert all(abs(value - 6.0) <= 1.0 for value in column.values)
    assert sum(fetched) >= past._ENOUGH * 9


async def test_bad_values_and_times_not_to_be_believed_say_nothing(open_store: OpenStore) -> None:
    store = await open_store()
    bad = (Quality.BAD, Quality.GOOD, Quality.GOOD)
    store.append(block(0, 1.0))
    store.append(block(1, 100.0, qualities=bad, reason="x"))
    store.append(block(2, 500.0, time_trusted=False))
    store.append(block(3, 3.0, qualities=(Quality.UNCERTAIN,) * 3))
    await store.flush()
    [column] = stored(store, START, START + 50.0).columns(["ch1.load"], 10.0).values()
    assert [value for value in column.values if not isnan(value)] == [1.0, 3.0, 3.0]


def test_no_file_is_an_error_with_its_name() -> None:
    nowhere = StoredHistory(
        path="/nowhere/p.db", model=MODEL, since=0.0, until=1.0, readings={}, artefacts={}
    )
    with pytest.raises(StoreError, match="nowhere"):
        nowhere.columns(["a.b"], 10.0)
