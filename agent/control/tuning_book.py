"""The book of the layers that stand: pure changes, what it looks like on the disk, and which alarm ends a try."""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.alarms.states import Alarm
from agent.core.serial import from_plain
from agent.core.tuning import AS_FILED, Layer, Mode, Tuning, pruned

log = logging.getLogger("plantroom.tuning")

BOOK = "book"  # key of the document
MOST = 60  # layers; older neighbours are made one
OLD_STYLE = "/"  # in the key of a document: one parameter, kept before there were layers


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningBook:
    """Frozen: every change gives a new one. `made` counts for ever, so that an id is never used twice."""

    layers: tuple[Tuning, ...] = ()
    made: int = 0

    def mode(self, area: str) -> Tuning | None:
        return next((one for one in self.layers if one.layer is Layer.MODE and one.area == area), None)

    def find(self, tuning: str) -> Tuning:
        """Raises KeyError."""
        for layer in self.layers:
            if layer.id == tuning:
                return layer
        raise KeyError(tuning)

    def with_mode(self, layer: Tuning) -> TuningBook:
        """In the place of the area's mode, and newer than all that was tuned before."""
        others = [one for one in self.layers if one.layer is not Layer.MODE or one.area != layer.area]
        return replace(self, layers=(*others, layer), made=max(self.made, _number(layer)))

    def with_layer(self, layer: Tuning) -> TuningBook:
        layers = pruned((*self.layers, layer), MOST)
        return replace(self, layers=layers, made=max(self.made, _number(layer)))

    def replaced(self, layer: Tuning) -> TuningBook:
        return replace(self, layers=tuple(layer if one.id == layer.id else one for one in self.layers))

    def without(self, tuning: str) -> TuningBook:
        return replace(self, layers=tuple(one for one in self.layers if one.id != tuning))


def kept_book(documents: Mapping[str, Any], area_of: Callable[[str], str | None]) -> TuningBook:
    """What the last run left; a damaged book is left aside and said so, and the site file holds."""
    if BOOK in documents:
        try:
            return from_plain(TuningBook, documents[BOOK])
        except (TypeError, ValueError) as error:
            log.error("what was tuned cannot be read (%s): the site file holds", error)
    old: dict[str, dict[str, Any]] = {}
    for key, value in documents.items():
        policy, found, parameter = key.partition(OLD_STYLE)
        if found:
            old.setdefault(policy, {})[parameter] = value
    layers = tuple(
        Tuning(id=f"old-{policy}", layer=Layer.TUNED, area=area_of(policy) or "", values={policy: values})
        for policy, values in old.items()
    )
    return TuningBook(layers=layers)


def as_now(book: TuningBook, modes: Mapping[str, Mapping[str, Mode]], owner_of_hours: str) -> TuningBook:
    """Modes as the site file has them today. One that it has no more ends; so does the calendar's, which chooses again."""
    layers: list[Tuning] = []
    for layer in book.layers:
        mode = modes.get(layer.area, {}).get(layer.name)
        if layer.layer is Layer.TUNED or layer.name == AS_FILED:
            layers.append(layer)
        elif mode is not None and (layer.owner != owner_of_hours or mode.when):
            layers.append(replace(layer, values=mode.policies))
        else:
            log.warning("the site file has no mode %s of area %s any more: it ends", layer.name, layer.area)
    return replace(book, layers=tuple(layers))


def _number(layer: Tuning) -> int:
    digits = layer.id[1:]
    return int(digits) if digits.isdecimal() else 0


def summoned(layer: Tuning, alarms: Iterable[Alarm]) -> Alarm | None:
    """The alarm that ends this layer: raised after it was made, of a severity, id or source that it names."""
    for alarm in alarms:
        if alarm.standing and alarm.raised > layer.made:
            names = (alarm.severity.value, alarm.id, alarm.source)
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in layer.ends_on for name in names):
                return alarm
    return None
