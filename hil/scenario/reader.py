"""Reads sections of a scenario: each value checked as it is taken, every mistake noted with its line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from agent.config.document import Document, Where
from agent.config.names import nearest
from agent.config.quantities import QuantityError, quantity
from hil.scenario.story import Instant

_AFTER = re.compile(r"(?:(.+?)\s+after\s+)?([A-Za-z_][\w -]*)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
DAY = 86_400.0


class Section:
    """One mapping of the document."""

    def __init__(self, document: Document, where: Where, data: Any) -> None:
        self.document = document
        self.where = where
        self.data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        if data is not None and not isinstance(data, dict):
            document.add(where, "a section of names is wanted here", "write {name: value, ...}")

    @property
    def line(self) -> int:
        return self.document.mark(self.where).line

    def allow(self, keys: Collection[str]) -> None:
        """Complain about every other key."""
        for key in self.data:
            if key not in keys:
                self.document.add(
                    (*self.where, key),
                    f"'{str(key)[:60]}' is not a key known here",
                    nearest(key, keys),
                    key=True,
                )

    def allow_with(
        self, word: str, own: Collection[str], common: Collection[str], elsewhere: Collection[str]
    ) -> None:
        """Only what goes with `word`; a key that belongs to another word is not passed over as if it were heard."""
        allowed = (word, *common, *own)
        for key in self.data:
            if key in elsewhere and key not in allowed:
                goes = f"beside {word} go {', '.join((*own, *common))}"
                self.document.add(
                    (*self.where, key), f"'{key}' means nothing beside '{word}'", goes, key=True
                )
        self.allow((*allowed, *elsewhere))

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        self.wrong(key, f"'{str(value)[:40]}' is not a text", "write it in words")
        return default

    def number(self, key: str, unit: str, default: float) -> float:
        """A quantity in `unit`."""
        if not self.has(key):
            return default
        try:
            return quantity(self.data[key], unit)
        except QuantityError as error:
            self.wrong(key, str(error), error.mend)
            return default

    def time(self, key: str, default: float, start_of_day: float = 0.0) -> float:
        """Seconds after the start; a clock time (14:30) is the first one after it."""
        value = self.data.get(key)
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return self.number(key, "s", default)
        wanted = int(match[1]) * 3600.0 + int(match[2]) * 60.0
        return (wanted - start_of_day) % DAY

    def instant(self, key: str, steps: Collection[str], start_of_day: float) -> Instant | None:
        """`2 h`, `14:30`, `trip`, or `10 min after trip`."""
        value = self.data.get(key)
        if value is None:
            return None
        match = _AFTER.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return Instant(self.time(key, 0.0, start_of_day))
        return self._after(key, match, steps)

    def wrong(self, key: str, message: str, mend: str = "") -> None:
        self.document.add((*self.where, key), message, mend)

    def missing(self, key: str) -> None:
        self.document.add(self.where, f"'{key}' is missing", f"add {key}: ...")

    def _after(self, key: str, match: re.Match[str], steps: Collection[str]) -> Instant:
        name = match[2].strip()
        if name != "start" and name not in steps:
            self.wrong(key, f"there is no step named '{name}'", nearest(name, [*steps, "start"]))
        try:
            seconds = 0.0 if match[1] is None else quantity(match[1], "s")
        except QuantityError as error:
            self.wrong(key, str(error), error.mend)
            seconds = 0.0
        return Instant(seconds, None if name == "start" else name)


def listed(document: Document, key: str) -> list[Any]:
    """The list under this key of the document's root; something else is a problem and counts as empty."""
    data = document.data.get(key)
    if data is None:
        return []
    if isinstance(data, list):
        return data
    document.add((key,), f"'{key}' is a list", f"write {key}: and below it lines that begin with -")
    return []
