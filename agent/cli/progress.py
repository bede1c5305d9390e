"""A progress bar on the terminal, for commands that take a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 0.1  # real seconds between renewals, however often it is told


@contextmanager
def progress_bar(title: str, total: float, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Yields what has to be told how far it is, in the unit of `total`. Quiet: shows nothing."""
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total)
        last = 0.0

        def told(done: float) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= EVERY or done >= total:
                last = now
                shown.update(task, completed=done)

        yield told
