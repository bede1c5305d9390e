"""Reads the sizes of a plant file: every number through its unit, every mistake said with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from agent.config.names import nearest
from agent.config.quantities import QuantityError, quantity
from agent.core.errors import ConfigurationError, Problem


class Sizes:
    """One section of a plant file. `where` is its dotted path, for people."""

    def __init__(self, data: Any, where: str = "") -> None:
        if not isinstance(data, Mapping):
            raise wrong(where, "a section of names is wanted here", "write {name: value, ...}")
        self.data: Mapping[str, Any] = data
        self.where = where

    def allow(self, keys: Collection[str]) -> None:
        """Raises for every key that would be overlooked; `why` may stand anywhere."""
        for key in self.data:
            if key not in keys and key != "why":
                raise wrong(self._path(key), "is not a size known here", nearest(key, keys))

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def number(self, key: str, unit: str = "", default: float | None = None) -> float:
        value = self.data.get(key, default)
        if value is None:
            raise wrong(self._path(key), "is missing")
        try:
            return quantity(value, unit)
        except QuantityError as error:
            raise wrong(self._path(key), str(error), error.mend) from None

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise wrong(self._path(key), f"{value!r} is neither true nor false")
        return value

    def text(self, key: str, default: str = "") -> str:
        return str(self.data.get(key, default))

    def part(self, key: str) -> Sizes:
        """A section inside; an empty one where there is none."""
        return Sizes(self.data.get(key, {}), self._path(key))

    def parts(self, key: str) -> Iterator[tuple[str, Sizes]]:
        """Named sections inside, or numbered ones of a list."""
        inside = self.data.get(key, {})
        if not isinstance(inside, Mapping | list):
            raise wrong(self._path(key), "is a list, or a section of names", "write one entry for each")
        named = (
            inside.items() if isinstance(inside, Mapping) else ((str(n), one) for n, one in enumerate(inside))
        )
        for name, one in named:
            yield str(name), Sizes(one, f"{self._path(key)}.{name}")

    def numbers(self, key: str, default: Collection[float]) -> tuple[float, ...]:
        value = self.data.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(one, int | float) for one in value):
            raise wrong(self._path(key), "is a list of numbers")
        return tuple(float(one) for one in value)

    def _path(self, key: object) -> str:
        return f"{self.where}.{key}" if self.where else str(key)


def wrong(where: str, message: str, mend: str = "") -> ConfigurationError:
    return ConfigurationError((Problem("plant.yaml", 1, 1, f"{where}: {message}", mend),))
