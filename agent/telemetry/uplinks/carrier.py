"""What carries messages: a connection to one endpoint, and the two ways it can say no."""

from __future__ import annotations

import asyncio
import random
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.core.errors import PlantroomError
from agent.telemetry.uplinks.message import Envelope


class LinkError(PlantroomError):
    """The endpoint cannot be reached, is busy or does not let us in: try again later."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds the endpoint asks for


class RejectedError(PlantroomError):
    """The endpoint took the message and refuses its content: trying again changes nothing."""


class Carrier(Protocol):
    """One connection. All raise LinkError; every wait has an end."""

    async def open(self) -> None: ...

    async def send(self, envelope: Envelope) -> None:
        """Returns when the endpoint has acknowledged. Raises RejectedError when it refuses the content."""
        ...

    async def lost(self) -> None:
        """Never returns while the connection stands; raises LinkError when it is gone."""
        ...

    async def close(self) -> None:
        """Says good-bye where it can; never raises."""
        ...


class Backoff:
    """Exponential with full jitter, in seconds: a thousand boxes must not come back in step."""

    def __init__(self, cap: float, base: float = 1.0) -> None:
        self._cap = cap
        self._base = base
        self._tries = 0

    def reset(self) -> None:
        self._tries = 0

    def next(self) -> float:
        ceiling = min(self._cap, self._base * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return random.uniform(0.0, ceiling)


@dataclass(slots=True)
class TlsPapers:
    """The TLS context of one endpoint: made once, and anew when a file behind it has changed.

    One with all authorities holds most of a megabyte, and a bad line asks for it every few seconds.
    """

    ca: str  # empty: the system's own
    certificate: str
    key: str
    _made: ssl.SSLContext | None = None
    _of: tuple[tuple[int, int], ...] = ()

    async def context(self) -> ssl.SSLContext:
        """Checks the endpoint's certificate and name; shows ours where there is one. Raises LinkError."""
        try:
            return await asyncio.to_thread(self._context)
        except (OSError, ssl.SSLError) as error:
            raise LinkError(f"certificate files: {error}") from error

    def _context(self) -> ssl.SSLContext:
        paths = ssl.get_default_verify_paths()
        files = (self.ca or paths.cafile or paths.openssl_cafile, self.certificate, self.key)
        now = tuple(_state(file) for file in files)
        if self._made is None or now != self._of:
            context = ssl.create_default_context(cafile=self.ca or None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key or None)
            self._made, self._of = context, now
        return self._made


def _state(file: str) -> tuple[int, int]:
    """Changes when the file is written or replaced; the same for one that is not there."""
    try:
        found = Path(file).stat() if file else None
    except FileNotFoundError:
        found = None
    return (found.st_mtime_ns, found.st_ino) if found else (0, 0)
