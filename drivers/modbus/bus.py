"""A link: one line or socket with the rules that make its exchanges safe. TCP and RTU keep different rules.

`tcp` trusts the transaction number; `rtu` has none and keeps quiet after an error instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from drivers.modbus.lines import Line, Receiver
from drivers.modbus.requests import Request, SilenceError

Connect = Callable[[Receiver], Awaitable[Line]]
"""Opens the line. Raises BusError."""

FEWEST_SILENCES = 3  # unanswered requests before a line on which nobody answers counts as dead


class Link(Protocol):
    """Carries requests to units and their answers back, one at a time."""

    async def open(self) -> None:
        """A clean start, whatever was before. Raises BusError."""
        ...

    async def close(self) -> None: ...

    async def exchange(self, request: Request, timeout: float) -> bytes:  # noqa: ASYNC109 - each device has its own
        """The payload of the answer; `timeout` in real seconds.

        Raises BusError (the line failed; it is closed), SilenceError, NonsenseError, RefusedError, DeviceError.
        """
        ...

    def ambiguous(self, request: Request) -> bool:
        """Whether an answer that may still be under way could be taken for the answer to this request."""
        ...

    @property
    def nameless(self) -> bool:
        """Whether answers carry no transaction number."""
        ...


class Silences:
    """Counts requests that nobody answered, to tell a dead unit from a dead line."""

    __slots__ = ("_count", "_mute", "_units")

    def __init__(self, units: int) -> None:
        self._units = units
        self._mute: set[int] = set()
        self._count = 0

    def heard(self) -> None:
        if self._count:
            self._count = 0
            self._mute.clear()

    def missed(self, unit: int) -> bool:
        """One more; True when all units have been silent and the line is to be opened anew."""
        self._count += 1
        self._mute.add(unit)
        return self._count >= FEWEST_SILENCES and len(self._mute) >= self._units


def expire(waiter: asyncio.Future[bytes], request: Request, timeout: float) -> None:
    """Tells whoever waits that the time for an answer is over."""
    if not waiter.done():
        waiter.set_exception(SilenceError(f"unit {request.unit}: no answer within {timeout:g} s"))
