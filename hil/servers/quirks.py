"""A device's own quirks: what it refuses, how slowly it answers, what wears out. Read from `quirks:` of a profile or bench.

Each one was met in a manual; the agent is told none of them here and has to get along by what the profile says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from agent.config.quantities import quantity


class Life(StrEnum):
    """What a device takes as a sign that its master lives."""

    FRAME = "frame"  # any valid request
    WRITE = "write"  # any write
    HEARTBEAT = "heartbeat"  # a new value in the heartbeat point


class WriteOnly(StrEnum):
    """What reading a write-only register gives."""

    ZERO = "zero"
    SHOWN = "shown"  # the value last written
    REFUSED = "refused"  # exception 2


class Worn(StrEnum):
    """What a write to a worn-out EEPROM cell gives."""

    REFUSED = "refused"
    LOST = "lost"  # accepted, and the old value stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Times are real seconds on the wire (`reply_*`) and site seconds elsewhere."""

    max_registers: int | None = (
        None  # most registers of one read (ATV212: 1, ATV312: 29); None: the profile's
    )
    max_write_registers: int = 123
    functions: tuple[int, ...] = ()  # function codes it knows; none: all
    refused: tuple[int, ...] = ()  # first, last, first, last ...: blocks answered with exception 2
    strict_map: bool = False  # addresses without a point are refused inside the map too, else they read 0
    whole_values: bool = False  # half of a 32-bit value is refused
    write_only: WriteOnly = WriteOnly.ZERO  # Sunfar E500: the RAM alias cannot be read
    missing_code: int | None = (
        None  # exception for a value that is not there (Trane PIC: 4), else its sentinel
    )
    reply_delay: float = 0.0
    reply_jitter: float = 0.0  # up to this much longer, at random
    watchdog: float | None = None  # silence until it is back in local control; None: never
    life: Life | None = None  # None: the heartbeat where the profile has one, else any frame
    eeprom_endurance: int | None = None  # writes one cell lives (Toshiba G3: 10,000); None: for ever
    eeprom_worn: Worn = Worn.REFUSED
    read_back_lag: float = 0.0  # a written register shows its old value for so long
    needs: str | None = None  # a point that must be on before any other may be written (remote bit)
    hand_back: tuple[float, ...] = ()  # written values that mean "local control" (York YLAA: 37.2, 99)
    boot_time: float = 10.0  # silence after power on

    @property
    def refused_blocks(self) -> tuple[tuple[int, int], ...]:
        return tuple(zip(self.refused[::2], self.refused[1::2], strict=True))


_FIELDS = {one.name: one for one in dataclasses.fields(Quirks)}
_WORDS = {"write_only": WriteOnly, "life": Life, "eeprom_worn": Worn}
_LISTS = ("functions", "refused", "hand_back")
_COUNTS = ("max_registers", "max_write_registers", "missing_code", "eeprom_endurance")
_TIMES = ("reply_delay", "reply_jitter", "watchdog", "read_back_lag", "boot_time")


def read_quirks(*layers: Mapping[str, Any]) -> Quirks:
    """The later mapping wins. Raises ValueError for a quirk or value that is not known."""
    given: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            if name not in _FIELDS:
                near = get_close_matches(name, _FIELDS, 1)
                hint = f"; did you mean {near[0]}" if near else f"; there are {', '.join(_FIELDS)}"
                raise ValueError(f"there is no quirk {name!r}{hint}")
            given[name] = _read(name, value)
    if len(given.get("refused", ())) % 2:
        raise ValueError("quirk refused: write pairs of first and last address")
    return Quirks(**given)


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    try:
        if name in _WORDS:
            return _WORDS[name](value)
        if name in _LISTS:
            return tuple(_numbers(value))
        if name in _COUNTS:
            return _at_least_zero(int(value))
        if name in _TIMES:
            return _at_least_zero(quantity(value, "s"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"quirk {name}: {error}") from error
    return value if name == "needs" else bool(value)


def _numbers(value: Any) -> list[Any]:
    """Flat or nested lists of numbers, as one list."""
    if isinstance(value, list | tuple):
        return [number for part in value for number in _numbers(part)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [value]
    raise TypeError(f"{value!r} is not a number")


def _at_least_zero(value: Any) -> Any:
    if value < 0:
        raise ValueError(f"{value!r} is below zero")
    return value
