"""What a run leaves behind for plots and tables: variables of the truth in equal steps, and what happened when."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hil.bench.watched import Moment

MOST_ROWS = 20_000  # a run is thinned to this many rows


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth a line in the report. `kind`: step, fault, alarm, alarm over, broken, refused, abort.

    `subject`: the place of a fault or the id of an alarm; `until`: when a fault ends by itself.
    """

    elapsed: float
    kind: str
    text: str
    subject: str = ""
    until: float | None = None


class Recording:
    """Watches a plant; keeps one row every `every` site seconds."""

    def __init__(self, names: Sequence[str], every: float, length: float) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.every = max(every, length / MOST_ROWS)
        self.elapsed = array("d")
        self.utc = array("d")
        self.columns: Mapping[str, array[float]] = {name: array("d") for name in self.names}
        self.happenings: list[Happening] = []
        self._next = 0.0

    def stepped(self, moment: Moment) -> None:
        if moment.elapsed < self._next - 1e-6:
            return
        self._next = (math.floor(moment.elapsed / self.every + 1e-6) + 1.0) * self.every
        self.elapsed.append(moment.elapsed)
        self.utc.append(moment.utc)
        for name, column in self.columns.items():
            value = moment.truth.get(name)
            column.append(math.nan if value is None else float(value))

    def note(
        self, elapsed: float, kind: str, text: str, subject: str = "", until: float | None = None
    ) -> None:
        self.happenings.append(Happening(elapsed, kind, text, subject, until))

    def write_csv(self, path: Path) -> None:
        """One row a step; times as site seconds and UTC seconds."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("elapsed_s", "utc_s", *self.names))
            for row in zip(self.elapsed, self.utc, *self.columns.values(), strict=True):
                writer.writerow(["" if value != value else f"{value:.10g}" for value in row])  # noqa: PLR0124 - NaN
