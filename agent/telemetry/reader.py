"""Reading from the store beside the writer: history, backfill, audit. A thread and a connection of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.telemetry import history
from agent.telemetry.database import connect_reader, is_corrupt
from agent.telemetry.ranges import Range
from agent.telemetry.samples import Packer, Row

T = TypeVar("T")
log = logging.getLogger("plantroom.telemetry")
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Found:
    """Stored blocks, encoded (None: nothing to send), and the key from which to go on."""

    items: list[tuple[int, bytes | None]]
    next_key: int


class Reader:
    """Answers questions to the file. All raise StoreError; `damaged` is called when a page turns out bad."""

    def __init__(self, path: str, packer: Packer, damaged: Callable[[str], None]) -> None:
        self._path = path
        self._packer = packer
        self._damaged = damaged
        self._connection: sqlite3.Connection | None = None
        self._stale = False
        self._executor = ThreadPoolExecutor(1, "store-reader")

    async def history(self, question: history.Question) -> list[history.Sample]:
        return await self.ask(lambda connection: history.answer(connection, question))

    async def blocks(
        self, first: int, last: int, max_bytes: int, encode: Callable[[ReadingBlock, int], bytes | None]
    ) -> Found:
        """Stored blocks first..last in order, as many as fit in `max_bytes` packed (one at least).

        `encode` runs in the reader's thread, so that catching up costs the loop nothing.
        """
        return await self.ask(lambda connection: self._blocks(connection, (first, last), max_bytes, encode))

    async def audit_tail(self, limit: int) -> list[dict[str, Any]]:
        """Newest first; each record with its `id` and `hash`."""
        rows = await self.ask(
            lambda connection: connection.execute(
                "SELECT id, record, hash FROM audit ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        )
        return [{**json.loads(record), "id": number, "hash": digest.hex()} for number, record, digest in rows]

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the question in the reader's thread."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await loop.run_in_executor(self._executor, self._run, question)
        except TimeoutError as error:
            raise StoreError("the disk does not answer") from error
        except (sqlite3.Error, OSError, ValueError) as error:
            if is_corrupt(error):
                self._damaged(str(error))
            raise StoreError(f"cannot read the store: {error}") from error

    async def close(self) -> None:
        """Lets go of the file; the next question opens it again."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await loop.run_in_executor(self._executor, self._close)

    def reopen(self) -> None:
        """The file was replaced: the next question goes to the new one."""
        self._stale = True

    def stop(self) -> None:
        self._executor.shutdown(wait=False)

    def _run(self, question: Callable[[sqlite3.Connection], T]) -> T:
        if self._stale:
            self._stale = False
            self._close()
        if self._connection is None:
            self._connection = connect_reader(self._path)
        return question(self._connection)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _blocks(
        self,
        connection: sqlite3.Connection,
        keys: Range,
        max_bytes: int,
        encode: Callable[[ReadingBlock, int], bytes | None],
    ) -> Found:
        found: list[tuple[int, bytes | None]] = []
        size = 0
        with closing(
            connection.execute("SELECT * FROM sample WHERE key BETWEEN ? AND ? ORDER BY key", keys)
        ) as rows:
            for values in rows:
                row = Row(*values)
                size += len(row.data)
                if found and size > max_bytes:
                    return Found(found, row.key)
                try:
                    found.append((row.key, encode(self._packer.unpack(row), row.key)))
                except (ValueError, LookupError) as error:  # one spoilt row must not stop the rest
                    log.warning("stored block %d cannot be read: %s", row.key, error)
        return Found(found, keys[1] + 1)
