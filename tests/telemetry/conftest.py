from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry.store import Store

OpenStore = Callable[..., Awaitable[Store]]


@pytest.fixture
def make_block() -> Callable[..., ReadingBlock]:
    points = tuple(f"ch1.p{number}" for number in range(4))

    def make(number: int = 0, **changes: object) -> ReadingBlock:
        fields: dict[str, object] = {
            "device": "ch1",
            "points": points,
            "values": (number + 0.1, number, bool(number % 2), None),
            "time": 1_700_000_000.0 + number,
            "elapsed": float(number),
        }
        return ReadingBlock(**{**fields, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
async def open_store(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens a store under the test's folder; all that are still open are closed at the end."""
    opened: list[Store] = []

    async def open_(**changes: object) -> Store:
        settings: dict[str, object] = {"path": str(tmp_path / "p.db"), "commit_interval": 30.0}
        store = await Store.open(
            StoreSettings(**{**settings, **changes}),  # type: ignore[arg-type]
            site="here",
            now=lambda: 1_700_000_500.0,
        )
        opened.append(store)
        return store

    yield open_
    for store in opened:
        await store.close()
