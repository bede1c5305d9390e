"""The steps of a scenario read from its file: what happens, when, to whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.config.document import Document
from agent.config.names import nearest
from agent.config.quantities import QuantityError, quantity
from agent.core.equipment import Authority
from agent.core.point import Point, ValueKind
from agent.core.site import Site
from hil.fault_paths import meant
from hil.plant.variables import VariableInfo
from hil.scenario.reader import Section
from hil.scenario.story import Assign, Deed, Force, LockOut, Mend, Overriding, Step, Throw
from hil.scenario.words import STEP, VERBS

COMMON = ("at", "name")


@dataclass(frozen=True, slots=True)
class Names:
    """What a scenario may speak of: the site's things, the plant's variables, the plant's own faults."""

    site: Site
    variables: Mapping[str, VariableInfo]
    failures: Mapping[str, str]
    start_of_day: float  # seconds since local midnight at the start


def read_step(document: Document, index: int, data: object, names: Names) -> Step | None:
    """One step; None with its problems noted."""
    section = Section(document, ("steps", index), data)
    at = section.time("at", 0.0, names.start_of_day)
    verbs = [verb for verb in _VERBS if verb in section.data]
    if "at" not in section.data:
        section.missing("at")
    if len(verbs) != 1:
        section.allow((*_VERBS, *STEP))
        document.add(section.where, "a step is one deed", f"give one of {', '.join(_VERBS)}")
        return None
    section.allow_with(verbs[0], VERBS[verbs[0]][1], COMMON, STEP)
    deed = _VERBS[verbs[0]](section, names)
    if deed is None:
        return None
    return Step(at=at, deed=deed, name=section.text("name") or f"step {index + 1}", line=section.line)


def _throw(section: Section, names: Names) -> Deed | None:
    words = section.text("throw").split()
    if not words or ":" not in words[0]:
        section.wrong(
            "throw", f"'{section.text('throw')}' is no place of a fault", "write throw: device:ch1 freeze"
        )
        return None
    path = words[0]
    kind = words[1] if len(words) > 1 else ""
    devices = names.site.devices.values()
    profiles, buses = {one.id: one.profile for one in devices}, {one.id: one.bus for one in devices}
    try:
        meant(path, kind, profiles, buses, names.failures)
    except ValueError as error:
        what, _, mend = str(error).partition("; ")
        section.wrong("throw", what, mend)
        return None
    amount = section.data.get("amount", words[2] if len(words) > 2 else None)
    seconds = section.number("for", "s", 0.0) or None
    return Throw(path=path, kind=kind, amount=_amount(section, amount), seconds=seconds)


def _amount(section: Section, written: object) -> float | None:
    """`10 %`, `2 K`, `3`: the number, in the unit it stands in; what it means is the fault's affair."""
    if written is None:
        return None
    match = re.match(r"\s*([+-]?\d+(?:\.\d+)?)", str(written))
    if match is None:
        section.wrong("amount", f"'{written}' is not an amount", "write a number")
        return None
    return float(match[1])


def _mend(section: Section, _names: Names) -> Deed | None:
    return Mend(path=section.text("mend"))


def _override(section: Section, names: Names) -> Deed | None:
    point = names.site.points.get(section.text("override"))
    if point is None:
        section.wrong("override", f"there is no point '{section.text('override')}'",
                      nearest(section.text("override"), names.site.points))  # fmt: skip
        return None
    seconds = section.number("for", "s", 3600.0)
    reason = section.text("reason", "scenario")
    return Overriding(point=point.id, value=_typed(section, point), seconds=seconds, reason=reason)


def _typed(section: Section, point: Point) -> float | bool | str | None:
    value = section.data.get("value")
    if value is None or isinstance(value, bool):
        return value
    if point.kind is ValueKind.NUMBER:
        return section.number("value", point.unit, 0.0)
    if point.kind is ValueKind.SWITCH and value in ("on", "off"):
        return bool(value == "on")
    return str(value)


def _authority(section: Section, names: Names) -> Deed | None:
    words = section.text("authority").split()
    if len(words) != 2 or words[0] not in names.site.areas or words[1] not in set(Authority):
        areas, modes = ", ".join(names.site.areas), ", ".join(Authority)
        section.wrong("authority", f"'{section.text('authority')}' is no area and authority",
                      f"write authority: <area> <mode> (areas: {areas}; modes: {modes})")  # fmt: skip
        return None
    return Assign(area=words[0], authority=Authority(words[1]))


def _force(section: Section, names: Names) -> Deed | None:
    name = section.text("force")
    info = names.variables.get(name)
    if info is None or not info.input:
        inputs = [one for one, about in names.variables.items() if about.input]
        section.wrong("force", f"the plant has no input '{name}'", nearest(name, inputs))
        return None
    value = section.data.get("value")
    if value is None or isinstance(value, bool):
        return Force(variable=name, value=value)
    try:
        return Force(variable=name, value=quantity(value, info.unit))
    except QuantityError as error:
        section.wrong("value", str(error), error.mend)
        return None


def _lock(locked: bool) -> Callable[[Section, Names], Deed | None]:
    def read(section: Section, names: Names) -> Deed | None:
        verb = "lock_out" if locked else "unlock"
        name = section.text(verb)
        if name not in names.site.equipment:
            section.wrong(verb, f"there is no equipment '{name}'", nearest(name, names.site.equipment))
            return None
        return LockOut(equipment=name, locked=locked)

    return read


_VERBS: Mapping[str, Callable[[Section, Names], Deed | None]] = {
    "throw": _throw,
    "mend": _mend,
    "override": _override,
    "authority": _authority,
    "force": _force,
    "lock_out": _lock(locked=True),
    "unlock": _lock(locked=False),
}
