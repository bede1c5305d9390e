"""What carries messages: a connection to one endpoint, and the two ways it can say no."""

from __future__ import annotations

import random
import ssl
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


def tls_context(ca: str, certificate: str, key: str) -> ssl.SSLContext:
    """Checks the endpoint's certificate and name; shows ours where there is one. Reads files: call in a thread."""
    context = ssl.create_default_context(cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context
