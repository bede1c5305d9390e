"""Keeps the process small: what start has made is not looked through again, and what storms leave empty goes back to the system.

The collector waits with its full round until a quarter of all objects is new. With all that start makes that is so much that
the garbage of lost connections fills 10 MB first; set aside, the rounds come early and cost little.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc

EVERY = 20.0  # real seconds between looks for empty heap


def settle() -> None:
    """Once all parts are built, before anything is controlled: takes a tenth of a second."""
    gc.unfreeze()  # a site that ran before in this process is garbage now
    gc.collect()
    gc.freeze()


async def keep_small() -> None:
    """For ever."""
    while True:
        await asyncio.sleep(EVERY)
        await asyncio.to_thread(trim)


def trim() -> None:
    """Hands empty pages of the heap back; glibc does it by itself only at the heap's end. Elsewhere nothing happens."""
    try:
        hand_back = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return
    hand_back(0)
