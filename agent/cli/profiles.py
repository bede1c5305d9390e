"""`plantroom profiles`: the device library."""

from __future__ import annotations

import difflib
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
        str | None, typer.Argument(help="one profile, with its points, or any part of a name; none lists all")
    ] = None,
    json: Json = False,
) -> None:
    """List the device library, or show one profile."""
    from agent.config.profiles import find_profiles, load_profile
    from agent.plugins import find_catalogue

    paths = find_profiles([Path(folder) for folder in find_catalogue().profile_folders])
    names = _named(profile, sorted(paths))
    try:
        wanted = [load_profile(paths[name]) for name in names]
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    alone = names == [profile]
    if json:
        print_json(to_plain(wanted[0]) if alone else [_summary(one) for one in wanted])
    elif not alone:
        rows = [
            (one.id, one.kind, str(len(one.points)), one.confidence, f"{one.vendor} {one.model}")
            for one in wanted
        ]
        print_table(("profile", "kind", "points", "evidence", "make and model"), rows)
    else:
        _show(wanted[0])


def _named(profile: str | None, known: list[str]) -> list[str]:
    """The profile of this name, or all with that word in their names; ends the command when there is none."""
    if profile is None or profile in known:
        return known if profile is None else [profile]
    found = [name for name in known if profile in name]
    if not found:
        near = difflib.get_close_matches(profile, known, 3, 0.5)
        mend = f"did you mean {', '.join(near)}?" if near else "`plantroom profiles` lists them"
        leave(Exit.BAD_INPUT, f"there is no profile {profile!r}; {mend}")
    return found


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
        (id_, point.unit, point.access.value.replace("_", "/"), point.role or "", point.label)
        for id_, point in one.points.items()
    ]
    print_table(("point", "unit", "access", "role", "label"), rows)
