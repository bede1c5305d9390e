"""The door to the faults of a running bench: a UNIX socket in its data folder, for its owner alone (file mode 0600).

One line of JSON in, one line out: {"do": "list" | "possible" | "throw" | "mend", ...}.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from agent.core.serial import to_plain
from hil.fault_board import FaultBoard

_log = logging.getLogger("plantroom.hil")

SOCKET = "hil.sock"
LONGEST = 10_000  # bytes of a request
PATIENCE = 10.0  # real seconds a client may take


class FaultDoor:
    """Used around a running bench."""

    def __init__(self, board: FaultBoard, folder: Path) -> None:
        self._board = board
        self.path = folder / SOCKET
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Raises OSError where the socket cannot be made."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.unlink(missing_ok=True)  # left over from a run that was killed
        before = os.umask(0o177)  # no instant in which others could connect
        try:
            self._server = await asyncio.start_unix_server(self._serve, self.path, limit=LONGEST)
        finally:
            os.umask(before)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
                writer.write(json.dumps(self.answer(line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:
            _log.info("a request for a fault broke off: %s", error)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def answer(self, line: bytes) -> Mapping[str, Any]:
        """`ok` with what was asked for, or `error` with a sentence."""
        try:
            request = json.loads(line)
            return {"ok": self._do(dict(request))}
        except (TypeError, ValueError, KeyError) as error:
            return {"error": str(error)}

    def _do(self, request: Mapping[str, Any]) -> Any:
        match request.get("do"):
            case "list":
                return to_plain(self._board.standing())
            case "possible":
                return to_plain(tuple(self._board.possible()))
            case "throw":
                fault = self._board.throw(
                    str(request["path"]),
                    str(request.get("kind") or ""),
                    _number(request.get("amount")),
                    _number(request.get("seconds")),
                )
                return to_plain(fault)
            case "mend":
                return to_plain(
                    self._board.mend(str(request.get("path") or "*"), str(request.get("kind") or ""))
                )
        raise ValueError("do what? list, possible, throw or mend")


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)
