"""Clocks that stretch time or stand still."""

import asyncio

import pytest

from hil.clock import ScaledClock, VirtualClock


async def test_scaled_time_runs_faster_and_sleeps_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("hil.clock.time.monotonic", lambda: now)
    monkeypatch.setattr("hil.clock.asyncio.sleep", sleep)
    clock = ScaledClock(60.0, 1_000_000.0)
    now = 102.0
    assert clock.elapsed() == pytest.approx(120.0)
    assert clock.utc() == pytest.approx(1_000_120.0)
    assert clock.trusted()
    await clock.sleep(30.0)
    await clock.sleep(-1.0)
    assert slept == [0.5, 0.0]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_clock_that_does_not_run_is_no_clock(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        ScaledClock(speed)


async def test_sleepers_wake_in_order_and_at_their_own_time() -> None:
    clock, woken = VirtualClock(500.0), []

    async def sleeper(name: str, every: float) -> None:
        while True:
            await clock.sleep(every)
            woken.append((name, clock.elapsed(), clock.utc()))

    tasks = [asyncio.create_task(sleeper("slow", 5.0)), asyncio.create_task(sleeper("fast", 2.0))]
    await clock.advance(6.0)
    assert woken == [
        ("fast", 2.0, 502.0),
        ("fast", 4.0, 504.0),
        ("slow", 5.0, 505.0),
        ("fast", 6.0, 506.0),
    ]
    for task in tasks:
        task.cancel()
    await clock.advance(100.0)
    assert len(woken) == 4
    assert clock.elapsed() == 106.0


async def test_no_time_passes_by_itself() -> None:
    clock = VirtualClock(trusted=False)
    await clock.sleep(0.0)
    assert (clock.elapsed(), clock.utc(), clock.trusted()) == (0.0, 0.0, False)
