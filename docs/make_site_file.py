#!/usr/bin/env python3
"""Makes docs/site-file.md from the declarations the agent itself checks a site file with. A test keeps the two the same."""

from __future__ import annotations

import enum
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from site_file_words import ABOUT, INTRODUCTION, MEANING, UNIT

from agent.config import schema
from agent.core.parameter import ParameterSpec, parameters
from agent.core.role import ROLES
from agent.core.site import LeaseSettings, StoreSettings, WebSettings
from agent.plugins import find_catalogue

PAGE = Path(__file__).with_name("site-file.md")
SHAPES = {
    "site": schema.SiteShape,
    "devices": schema.DeviceShape,
    "areas": schema.AreaShape,
    "modes": schema.ModeShape,
    "spans": schema.SpanShape,
    "equipment": schema.EquipmentShape,
    "guards": schema.GuardsShape,
    "interlocks": schema.InterlockShape,
    "virtual": schema.VirtualShape,
}
INSIDE = {
    "guards": "### guards of a machine",
    "modes": "### modes of an area",
    "spans": "#### when: hours of a mode",
}
NOT_WRITTEN = ("name",)  # the policy's name is its key


def page() -> str:
    """The whole reference."""
    catalogue = find_catalogue()
    parts = [INTRODUCTION, *_section("site"), "## buses", "", ABOUT["buses"], ""]
    for kind, driver in catalogue.drivers.items():
        parts += [f"### kind: {kind}", "", f"{driver.help[:1].upper()}{driver.help[1:]}.", ""]
        parts += [*_settings("bus", driver.bus_settings), ""]
    parts += _section("devices")
    for kind, driver in catalogue.drivers.items():
        parts += [
            f"Beside these, on a bus of kind `{kind}`:",
            "",
            *_settings("device", driver.device_settings),
            "",
        ]
    parts += [*_section("areas"), *_section("modes"), *_section("spans")]
    parts += [*_section("equipment"), *_section("guards"), *_roles()]
    parts += ["## policies", "", ABOUT["policies"], ""]
    for kind, policy in catalogue.policies.items():
        first = (policy.__doc__ or "").strip().splitlines()[0]
        parts += [f"### kind: {kind}", "", first, "", *_settings("policy", policy), ""]
    parts += [*_section("interlocks"), *_section("virtual"), "## uplinks", "", ABOUT["uplinks"], ""]
    for kind, uplink in catalogue.uplinks.items():
        parts += [f"### kind: {kind}", "", f"{uplink.help}.", "", *_settings("uplink", uplink.settings), ""]
    for name, settings in (("store", StoreSettings), ("web", WebSettings), ("lease", LeaseSettings)):
        parts += [f"## {name}", "", ABOUT[name], "", *_settings(name, settings), ""]
    parts += ["## twin", "", ABOUT["twin"]]
    return "\n".join(parts).rstrip() + "\n"


def _section(name: str) -> list[str]:
    title = INSIDE.get(name, f"## {name}")
    return [title, "", ABOUT[name], "", *_table(_shape_rows(name, SHAPES[name])), ""]


def _shape_rows(section: str, shape: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for name, field in shape.model_fields.items():
        default = (
            "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
        )
        choices = _choices(field.annotation)
        yield f"`{name}`", default, MEANING[section, name] + (f": {choices}" if choices else "")


def _settings(section: str, owner: type) -> list[str]:
    rows = [_parameter_row(section, one) for one in parameters(owner) if one.name not in NOT_WRITTEN]
    return list(_table(rows)) if rows else ["Nothing more."]


def _parameter_row(section: str, spec: ParameterSpec) -> tuple[str, str, str]:
    text = spec.help or MEANING[section, spec.name]
    unit = spec.unit or UNIT.get((section, spec.name), "")
    default = "required" if spec.required else _default(spec.default)
    if unit and default not in ("required", "-"):
        default += f" {unit}"
    bounds = f"{spec.low:g} to {spec.high:g} {unit}".strip() if None not in (spec.low, spec.high) else ""
    extra = "; ".join(part for part in (_choices(spec.type), bounds) if part)
    return f"`{spec.name}`", default, f"{text} ({extra})" if extra else text


def _choices(annotation: Any) -> str:
    """The words of an enumeration, where the key takes one."""
    if typing.get_origin(annotation) is typing.Literal:
        return ", ".join(f"`{one}`" for one in typing.get_args(annotation))
    members = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    for one in members:
        if isinstance(one, type) and issubclass(one, enum.StrEnum):
            return ", ".join(f"`{member.value}`" for member in one)
    return ""


def _default(value: Any) -> str:
    if value is None or value == "" or (isinstance(value, tuple | dict | frozenset) and not value):
        return "-"
    if isinstance(value, BaseModel):
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"`{value}`" if isinstance(value, str) else str(value)


def _roles() -> list[str]:
    rows = [(f"`{name}`", role.unit or role.kind.value, role.meaning) for name, role in ROLES.items()]
    return ["### Roles", "", ABOUT["roles"], "", *_table(rows, ("role", "unit", "meaning")), ""]


def _table(rows: Any, head: tuple[str, str, str] = ("key", "default", "meaning")) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
