"""Answers that may still come: what each unit of a nameless line owes, by the shape of the request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from drivers.modbus.requests import Request, Shape

LASTS = 10.0  # time-outs, and at most seconds, that an unanswered request is remembered
BLOCKS = 3.0  # the same, for keeping a request waiting whose shape cannot be changed


@dataclass(frozen=True, slots=True)
class Debt:
    """An answer that may still come: until when it keeps others waiting, and when it is forgotten (loop time)."""

    blocks_until: float
    until: float

    @classmethod
    def since(cls, now: float, timeout: float) -> Debt:
        patience = min(timeout, 1.0)
        return cls(now + patience * BLOCKS, now + patience * LASTS)


class Debts:
    """What all units of a line owe. Outlives a reconnect: a gateway may still hold an answer for us."""

    def __init__(self) -> None:
        self._by_unit: dict[int, dict[Shape, Debt]] = {}

    def remember(self, request: Request, timeout: float) -> None:
        debt = Debt.since(_now(), timeout)
        self._by_unit.setdefault(request.unit, {})[request.shape] = debt

    def of(self, unit: int) -> dict[Shape, Debt]:
        """What a unit owes now, by shape."""
        owed = self._by_unit.get(unit)
        if not owed:
            return {}
        now = _now()
        self._by_unit[unit] = {shape: debt for shape, debt in owed.items() if now < debt.until}
        return self._by_unit[unit]

    def confuses(self, request: Request) -> bool:
        """Whether an answer under way could be taken for the answer to this request."""
        return request.shape in self.of(request.unit)

    def casts_doubt(self, request: Request) -> bool:
        """Whether an exception could be to an earlier request: it shows its function only."""
        return any(function == request.function for function, _ in self.of(request.unit))

    def blocks(self, request: Request) -> bool:
        """Whether this request has to wait, its shape being what it is."""
        debt = self.of(request.unit).get(request.shape)
        return debt is not None and _now() < debt.blocks_until


def _now() -> float:
    return asyncio.get_running_loop().time()
