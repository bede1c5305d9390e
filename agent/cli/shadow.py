"""`plantroom shadow`: where each point was and where the agent would have set it, and what that would have saved."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli.client import ask_long, part
from agent.cli.options import Json, Socket
from agent.cli.output import clock_time, mean_shown, print_json, print_table, shown


def shadow(
    area: Annotated[str, typer.Argument(help="the area")],
    *,
    days: Annotated[float, typer.Option(min=0.04, max=92, help="of the recorded past")] = 14.0,
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Compare what was with what the agent would have done, for the time in which it did not write."""
    found = ask_long(socket, f"/api/areas/{part(area)}/shadow", {"days": days})
    if json:
        print_json(found)
        return
    span = f"{clock_time(found['since'])} to {clock_time(found['until'])}"
    print(f"{span}: {found['hours']:.1f} h in which the agent did not write\n")
    rows = [
        (
            one["point"],
            shown(one["is_now"], one["unit"]),
            shown(one["would_now"], one["unit"]),
            mean_shown(one, "mean_is"),
            mean_shown(one, "mean_would"),
            f"{one['hours_differing']:.1f} of {one['hours']:.1f} h",
            one["label"],
        )
        for one in found["points"]
    ]
    if found["hours"]:
        print_table(("point", "is", "would", "mean is", "mean would", "differs", "name"), rows)
    print()
    _print_saving(found)


def _print_saving(found: dict[str, Any]) -> None:
    saving = found["saving"]
    for one in found["machines"]:
        if one["kwh_day"] is None:
            print(f"{one['equipment']}: no estimate, {one['note']}")
        else:
            error = "" if one["fit_error"] is None else f", curve within {100.0 * one['fit_error']:.0f} %"
            print(f"{one['equipment']}: {one['kwh_day']:+.1f} kWh a day ({one['method']}{error})")
    if saving is not None:
        share = (
            "" if found["share"] is None else f", {100.0 * found['share']:.1f} % of what these machines drew"
        )
        print(
            f"estimated saving: {saving['mean']:.1f} kWh a day ({saving['low']:.1f} to {saving['high']:.1f}{share}), "
            f"over {saving['days']} whole days"
        )
        print(f"method: {found['method']}")
    if found["note"]:
        print(found["note"])
