"""A recording as a plant that only plays back: CSV with a time column, one column a variable.

Numbers between two rows are interpolated, switches and text-like steps hold; what is commanded is heard and ignored.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from agent.core.errors import PlantroomError
from hil.plant.variables import UNITS, Inputs, Outputs, Variable, VariableInfo

TIME_COLUMNS = ("time", "timestamp", "utc", "elapsed")
_SWITCHES = {"true": True, "false": False, "on": True, "off": False}


class End(StrEnum):
    """What happens after the last row."""

    HOLD = "hold"  # the last values stay
    REPEAT = "repeat"  # from the first row again
    NOTHING = "nothing"  # no variable is there any more: the devices show "not available"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One variable: its values at the times of the recording; None where the row is empty."""

    values: Sequence[Variable | None]
    switch: bool = False
    unit: str = ""


class Recording:
    """Fulfils `hil.plant.variables.Plant`. `times` are seconds from the first row, rising."""

    def __init__(
        self,
        times: Sequence[float],
        columns: Mapping[str, Column],
        *,
        end: End = End.HOLD,
        hold: bool = False,
    ) -> None:
        if not times or any(later <= sooner for sooner, later in pairwise(times)):
            raise ValueError("a recording needs rows whose times rise")
        self._times = times
        self._columns = columns
        self._end = end
        self._hold = hold
        self._elapsed = 0.0

    def variables(self) -> Mapping[str, VariableInfo]:
        return {name: VariableInfo(column.unit) for name, column in self._columns.items()}

    def step(self, dt: float, _inputs: Inputs) -> Outputs:
        self._elapsed += dt
        return self.at(self._elapsed)

    def at(self, elapsed: float) -> Outputs:
        """All variables so many seconds after the first row."""
        last = self._times[-1]
        if elapsed > last:
            if self._end is End.NOTHING:
                return {}
            elapsed = elapsed % last if self._end is End.REPEAT and last > 0.0 else last
        place = bisect_right(self._times, elapsed) - 1
        found = {name: self._value(column, place, elapsed) for name, column in self._columns.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, column: Column, place: int, elapsed: float) -> Variable | None:
        before = column.values[place]
        if before is None or column.switch or self._hold or place + 1 >= len(self._times):
            return before
        after = column.values[place + 1]
        if after is None:
            return before
        since, until = self._times[place], self._times[place + 1]
        return float(before) + (float(after) - float(before)) * (elapsed - since) / (until - since)


def read_recording(path: Path, *, end: End = End.HOLD, hold: bool = False) -> Recording:
    """A CSV file whose first column (or one named time) is seconds or an ISO time. Raises PlantroomError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlantroomError(f"{path}: {error}") from error
    if len(rows) < 2:
        raise PlantroomError(f"{path}: a head and at least one row are needed")
    head = [name.strip() for name in rows[0]]
    place = next((n for n, name in enumerate(head) if name.lower() in TIME_COLUMNS), 0)
    try:
        stamps = [_time(row[place]) for row in rows[1:]]
        columns = {
            name: _column(name, [row[n].strip() if n < len(row) else "" for row in rows[1:]])
            for n, name in enumerate(head)
            if n != place and name
        }
        return Recording([one - stamps[0] for one in stamps], columns, end=end, hold=hold)
    except (ValueError, IndexError) as error:
        raise PlantroomError(f"{path}: {error}") from error


def _time(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _column(name: str, texts: Sequence[str]) -> Column:
    switch = all(text.lower() in _SWITCHES for text in texts if text) and any(texts)
    values: list[Variable | None] = []
    for text in texts:
        if not text:
            values.append(values[-1] if switch and values else None)
        else:
            values.append(_SWITCHES[text.lower()] if switch else float(text))
    return Column(values=values, switch=switch, unit=UNITS.get(name.rpartition(".")[2], ""))
