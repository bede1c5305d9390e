"""`plantroom profiles`: the device library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.exits import Exit, leave
from agent.cli.options import Json
from agent.cli.output import print_json, print_table
from agent.core.device_profile import DeviceProfile
from agent.core.errors import ConfigurationError
from agent.core.serial import to_plain


def profiles(
    profile: Annotated[
        str | None, typer.Argument(help="one profile, with its points; none lists all")
    ] = None,
    json: Json = False,
) -> None:
    """List the device library, or show one profile with its points."""
    from agent.config.profiles import find_profiles, load_profile
    from agent.plugins import find_catalogue

    paths = find_profiles([Path(folder) for folder in find_catalogue().profile_folders])
    if profile is not None and profile not in paths:
        leave(Exit.BAD_INPUT, f"there is no profile {profile!r}; `plantroom profiles` lists them")
    try:
        wanted = [load_profile(path) for id_, path in sorted(paths.items()) if profile in (None, id_)]
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    if json:
        print_json([_summary(one) for one in wanted] if profile is None else to_plain(wanted[0]))
    elif profile is None:
        rows = [
            (one.id, one.vendor, one.model, one.kind, str(len(one.points)), one.confidence) for one in wanted
        ]
        print_table(("profile", "vendor", "model", "kind", "points", "evidence"), rows)
    else:
        _show(wanted[0])


def _summary(one: DeviceProfile) -> dict[str, object]:
    return {
        "id": one.id,
        "vendor": one.vendor,
        "model": one.model,
        "kind": one.kind,
        "points": len(one.points),
        "confidence": one.confidence,
        "document": one.document,
    }


def _show(one: DeviceProfile) -> None:
    print(f"{one.vendor} {one.model} ({one.kind})\n{one.document}")
    rows = [
        (id_, point.unit, point.access.value, point.role or "", point.label)
        for id_, point in one.points.items()
    ]
    print_table(("point", "unit", "access", "role", "label"), rows)
