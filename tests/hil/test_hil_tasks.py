"""Ending a task: waits for it, tells what it failed with, and lets a cancellation of the caller through."""

import asyncio

import pytest

from hil.tasks import end


async def stubborn(done: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        done.append("tidied")


async def failing() -> None:
    raise OSError("broken")


async def test_it_has_tidied_up_when_it_is_over() -> None:
    done: list[str] = []
    task = asyncio.create_task(stubborn(done))
    await asyncio.sleep(0)
    await end(task)
    assert done == ["tidied"]
    await end(task)
    await end(None)


async def test_what_it_failed_with_is_told() -> None:
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="broken"):
        await end(task)


async def test_a_cancellation_of_the_caller_is_not_swallowed() -> None:
    task = asyncio.create_task(stubborn([]))
    await asyncio.sleep(0)
    ending = asyncio.create_task(end(task))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    await asyncio.wait([task])
