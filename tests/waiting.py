"""Waiting for a condition of the outside world, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Raises TimeoutError when the condition does not come to hold."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for is in another process or in the code under test
            await asyncio.sleep(0.005)
