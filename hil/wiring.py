"""Wiring by name: equipment of the site file is the plant's object of the same id, a role its quantity of that name.

What an explicit wiring says comes first; what nothing is behind shows plausible values, and is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.config.quantities import convertible, quantity
from agent.core.device_profile import Device
from agent.core.site import Site
from hil.plant.variables import VariableInfo
from hil.servers.device import Look, VariableLook, Wiring, constant
from hil.typical import derived, typical

DEFAULT_SILENCE = 60.0  # s until a device that reverts by itself does so, where nothing says when
_EXPRESSION = re.compile(r"\s*([A-Za-z_][\w./-]*)\s*(?:\*\s*(-?[\d.]+(?:[eE]-?\d+)?))?\s*")

Expression = str | float | bool
"""`chilled_pump_1.speed * 0.5`, `chiller_1.power`, or a constant."""
Variables = Mapping[str, VariableInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWiring:
    """How every device of a site is wired, and what is bound to nothing (ids of points)."""

    devices: Mapping[str, Wiring]
    bound: tuple[str, ...]
    unbound: tuple[str, ...]  # they show something plausible that never moves
    missing: tuple[str, ...]  # of these, the ones that play a role for an object of the plant


@dataclass(slots=True)
class _Draft:
    looks: dict[str, Look] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    known: dict[str, VariableLook] = field(default_factory=dict)  # by role


def automatic_wiring(
    site: Site,
    variables: Variables,
    explicit: Mapping[str, Expression] | None = None,
    given: Mapping[str, Wiring] | None = None,
) -> SiteWiring:
    """`variables` are the plant's. `explicit`: point id -> expression; `given`: whole devices, wired by hand.

    Raises ValueError for an expression that names what is not there.
    """
    drafts = {device: _Draft() for device in site.devices}
    for point_id, text in (explicit or {}).items():
        _bind_explicit(site, drafts, point_id, text, variables)
    missing = _bind_equipment(site, drafts, variables)
    wiring: dict[str, Wiring] = {}
    bound: list[str] = []
    unbound: list[str] = []
    for device in site.devices.values():
        draft = drafts[device.id]
        own = (given or {}).get(device.id, Wiring())
        wiring[device.id] = _finished(device, draft, own)
        for name in device.profile.points:
            look = wiring[device.id].look(device.profile, name)
            (bound if isinstance(look, VariableLook) else unbound).append(f"{device.id}.{name}")
    return SiteWiring(
        devices=wiring,
        bound=tuple(bound),
        unbound=tuple(unbound),
        missing=tuple(one for one in missing if one in set(unbound)),
    )


def read_expression(text: Expression) -> Look:
    """Raises ValueError."""
    if isinstance(text, bool | int | float):
        return constant(text)
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: write a variable, a variable * factor, or a number")
    return VariableLook(match[1], float(match[2] or 1.0))


def _bind_explicit(
    site: Site, drafts: Mapping[str, _Draft], point_id: str, text: Expression, variables: Variables
) -> None:
    device, _, name = point_id.partition(".")
    if device not in drafts or name not in site.devices[device].profile.points:
        raise ValueError(f"wiring: the site has no point {point_id}")
    look = read_expression(text)
    if isinstance(look, VariableLook):
        if look.name not in variables:
            raise ValueError(f"wiring: {point_id}: the plant has no variable {look.name}")
        if "*" not in str(text):
            look = _in_unit(look, variables[look.name].unit, site.devices[device].profile.points[name].unit)
        _bind(site.devices[device], drafts[device], name, look, variables)
    else:
        drafts[device].looks[name] = look


def _bind_equipment(site: Site, drafts: Mapping[str, _Draft], variables: Variables) -> list[str]:
    objects = {name.rpartition(".")[0] for name in variables}
    missing = []
    for machine in site.equipment.values():
        if machine.id not in objects:
            continue
        for role, point_id in machine.roles.items():
            device, _, name = point_id.partition(".")
            if device not in drafts or name in drafts[device].looks:  # virtual, or bound already
                continue
            variable = f"{machine.id}.{role}"
            if variable not in variables:
                missing.append(point_id)
                continue
            look = VariableLook(variable)
            drafts[device].known.setdefault(role, look)
            _bind(site.devices[device], drafts[device], name, look, variables)
    return missing


def _bind(device: Device, draft: _Draft, name: str, look: VariableLook, variables: Variables) -> None:
    """A point, what may be commanded through it, and the point that shows what became of it."""
    point = device.profile.points[name]
    draft.looks[name] = look
    if point.role and look.factor == 1.0:
        draft.known.setdefault(point.role, look)
    if point.commandable and variables[look.name].input:
        draft.commands[name] = look.name
    feedback = (point.writing.feedback or "").rpartition(".")[2]
    if feedback in device.profile.points:
        draft.looks.setdefault(feedback, look)


def _finished(device: Device, draft: _Draft, own: Wiring) -> Wiring:
    """What is wired by hand first, then what was bound, then what can be derived, then what is plausible."""
    profile = device.profile
    looks: dict[str, Look] = {}
    for name, point in profile.points.items():
        if name in own.looks or own.commands.get(name) or own.by_role(profile, name):
            continue
        looks[name] = draft.looks.get(name) or derived(profile, name, draft.known) or constant(typical(point))
    silence = own.watchdog
    if silence is None and (profile.timeout_reverts or profile.heartbeat is not None):
        silence = DEFAULT_SILENCE
    return replace(
        own, looks={**looks, **own.looks}, commands={**draft.commands, **own.commands}, watchdog=silence
    )


def _in_unit(look: VariableLook, given: str, wanted: str) -> VariableLook:
    if given == wanted or not convertible(given, wanted) or "deg" in given:
        return look
    return VariableLook(look.name, look.factor * quantity(f"1 {given}", wanted))
