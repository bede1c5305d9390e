"""Keeps the process small: what start has made is not looked through again, and what storms leave empty goes back to the system.

The collector waits with its full round until a quarter of all objects is new. With all that start makes that is so much that
the garbage of lost connections fills 10 MB first; set aside, the rounds come early and cost little.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Callable

ROUNDS = (700, 5, 3)  # of the collector: the full one comes after ten thousand new objects, not after seventy
_USUAL = gc.get_threshold()
EVERY = 5.0  # real seconds between looks for empty heap
LARGE = 128 * 1024  # bytes
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h of glibc


def tame() -> None:
    """At the start of the process: what is large comes from pages of its own, and goes back with them.

    Left alone, glibc takes larger and larger pieces from the heap once it has seen one freed, and the heap stays full of holes.
    """
    set_option = _of_libc("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, LARGE)
        set_option(_TRIM_THRESHOLD, LARGE)
        set_option(_ARENA_MAX, 1)  # one heap for all threads: there is little between them to wait for


def settle() -> None:
    """Once all parts are built, before anything is controlled. A site that ran before in this process is looked for, and goes."""
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    gc.set_threshold(*ROUNDS)


def unsettle() -> None:
    """When the site has ended: the process may go on with something else."""
    gc.unfreeze()
    gc.set_threshold(*_USUAL)


async def keep_small() -> None:
    """For ever."""
    while True:
        await asyncio.sleep(EVERY)
        await asyncio.to_thread(trim)


def trim() -> None:
    """Hands empty pages of the heap back; glibc does it by itself only at the heap's end."""
    hand_back = _of_libc("malloc_trim")
    if hand_back is not None:
        hand_back(0)


def _of_libc(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where another library is used."""
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None
    return found
