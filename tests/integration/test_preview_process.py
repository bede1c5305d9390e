"""The preview process itself: an answer over its pipes, a fault as a sentence, and an end when nobody waits any more."""

import asyncio
from dataclasses import replace

import pytest

from agent.control import preview_process
from agent.control.preview_job import PreviewError, Replay, Shadow
from agent.control.preview_process import run_preview
from tests.integration.learning_past import keep
from tests.preview.past_of_a_pump import MONDAY, decided, job, readings

pytestmark = pytest.mark.integration


@pytest.fixture
async def store(tmp_path):
    path = tmp_path / "p.db"
    blocks = [
        *readings(1.0, enable=lambda _: True, speed=lambda _: 100.0, every=300.0),
        *decided([(MONDAY, "io.speed", 60.0), (MONDAY, "io.enable", True)]),
    ]
    await keep(path, sorted(blocks, key=lambda one: one.time))
    return str(path)


async def test_a_comparison_comes_back_from_the_process(store):
    found = await run_preview(job("shadow", store, 1.0, step=300.0), Shadow)
    assert found.hours == pytest.approx(24.0, abs=0.1)
    assert [one.point for one in found.points] == ["io.enable", "io.speed"]
    assert "not enough data" in found.note


async def test_a_job_that_cannot_be_done_is_a_sentence(store):
    broken = job("replay", store, 1.0)
    stranger = replace(broken, policies=(replace(broken.policies[0], address="agent.nowhere:Policy"),))
    with pytest.raises(PreviewError, match=r"agent\.nowhere"):
        await run_preview(stranger, Replay)


async def test_a_process_that_takes_too_long_is_ended(store, monkeypatch):
    monkeypatch.setattr(preview_process, "DEADLINE", 0.05)
    with pytest.raises(PreviewError, match="ask for fewer days"):
        await run_preview(job("shadow", store, 1.0, step=300.0), Shadow)


async def test_whoever_stops_waiting_ends_the_process(store):
    task = asyncio.create_task(run_preview(job("shadow", store, 1.0, step=300.0), Shadow))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
