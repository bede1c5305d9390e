"""What is wrong with a simulated device or one of its points at present, and what it shows instead of the truth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.core.point import Value

WHOLE = ""  # the place of what befalls the whole device


class Ailment(StrEnum):
    """The device layer of the bench's faults."""

    OFF = "off"  # no power: silent, its machine left to local control
    SILENT = "silent"  # nothing of it arrives, whatever the reason
    FREEZE = "freeze"  # its processor hangs: answers, always the same, and acts on nothing
    SENTINEL = "sentinel"  # values "not available"
    STUCK = "stuck"  # a measurement or contact that stays where it was, or at a given value
    BIAS = "bias"
    DRIFT = "drift"  # units an hour
    NOISE = "noise"  # standard deviation
    STUCK_ACTUATOR = "stuck_actuator"  # takes commands, shows them, and does not move
    LOCAL_OVERRIDE = "local_override"  # somebody turned the key at its panel
    WRITES_REFUSED = "writes_refused"
    CLOCK_WRONG = "clock_wrong"  # seconds its time stamps are off


@dataclass(frozen=True, slots=True)
class Upset:
    """One ailment: how much, since when (elapsed site seconds), and what was shown at that moment."""

    kind: Ailment
    amount: float | None
    since: float
    held: Mapping[str, Value | None] = field(default_factory=dict)


class Ailments:
    """All of one device, by point; what befalls the device stands under `WHOLE`."""

    def __init__(self) -> None:
        self._standing: dict[str, dict[Ailment, Upset]] = {}

    def __bool__(self) -> bool:
        return bool(self._standing)

    def add(self, point: str, upset: Upset) -> None:
        self._standing.setdefault(point, {})[upset.kind] = upset

    def remove(self, point: str, kind: Ailment) -> None:
        here = self._standing.get(point, {})
        here.pop(kind, None)
        if not here:
            self._standing.pop(point, None)

    def on(self, kind: Ailment, point: str = WHOLE) -> Upset | None:
        """Whether this befalls the point or the whole device."""
        for place in (point, WHOLE):
            if (upset := self._standing.get(place, {}).get(kind)) is not None:
                return upset
        return None

    @property
    def clock_error(self) -> float:
        """Seconds the device's own clock is off."""
        wrong = self.on(Ailment.CLOCK_WRONG)
        return 0.0 if wrong is None else wrong.amount or 0.0

    def shown(
        self, point: str, value: Value | None, now: float, *, measured: bool, speechless: bool = False
    ) -> Value | None:
        """What a master sees in place of `value`. Only a measured number is biased, drifts and is noisy.

        `speechless`: nothing on the wire means "not available"; the point goes on as if nothing were.
        """
        if (frozen := self.on(Ailment.FREEZE, point)) is not None:
            return frozen.held.get(point)
        if not speechless and self.on(Ailment.SENTINEL, point) is not None:
            return None
        if (stuck := self.on(Ailment.STUCK, point)) is not None and (measured or point in self._standing):
            return _at(stuck.amount, value) if stuck.amount is not None else stuck.held.get(point)
        if not measured or isinstance(value, bool | str) or value is None:
            return value
        return float(value) + self._error(point, now)

    def _error(self, point: str, now: float) -> float:
        error = 0.0
        if (bias := self.on(Ailment.BIAS, point)) is not None:
            error += bias.amount or 0.0
        if (drift := self.on(Ailment.DRIFT, point)) is not None:
            error += (drift.amount or 0.0) * (now - drift.since) / 3600.0
        if (noise := self.on(Ailment.NOISE, point)) is not None:
            error += (noise.amount or 0.0) * _bell(f"{point}@{now:.3f}")
        return error


def _at(amount: float, like: Value | None) -> Value:
    """A stuck contact is on or off, not 1.0."""
    return bool(amount) if isinstance(like, bool) else amount


def _bell(seed: str) -> float:
    """About normal with deviation 1, always the same for the same text (Irwin-Hall of four)."""
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    total = sum(int.from_bytes(digest[place : place + 2], "big") for place in (0, 2, 4, 6)) / 65_535.0
    return float((total - 2.0) * 3.0**0.5)
