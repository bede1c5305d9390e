"""`plantroom hil oracle`: the best ways to run a site's plant, over load and wet bulb."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from agent.core.errors import ConfigurationError

if TYPE_CHECKING:
    from hil.oracle.preview_site import Preview

NOTHING, BAD_FILE = 1, 2


def oracle(
    site: Annotated[str, typer.Argument(help="a ready site, or a folder with site.yaml and plant.yaml")],
    variant: Annotated[str, typer.Option(help="a variant that the plant file names")] = "",
    hold_out: Annotated[
        bool, typer.Option("--hold-out", help="the machines nobody tuned anything on")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Show which machines, temperatures and speeds would be best, and what each freedom to decide brings.

    It looks at the true plant, so it is nothing a policy may see. Ends with 1 for a site without a central plant.
    """
    from hil.oracle.preview_site import preview_of
    from hil.ready_site.ready_site import load_ready_site

    try:
        preview = preview_of(load_ready_site(site, variant=variant, hold_out=hold_out))
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(BAD_FILE) from None
    if preview is None:
        typer.echo(f"error: {site} has no central plant", err=True)
        raise typer.Exit(NOTHING)
    if as_json:
        typer.echo(json.dumps(preview.plain(), ensure_ascii=False))
    else:
        _show(preview)


def _show(preview: Preview) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{preview.site}: the best way, {preview.capacity:.0f} kW installed")
    columns = ("wet bulb", "load", "on", "supply", "l/s", "basin", "flow %", "cells", "fan %", "kW", "EER")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for way in preview.ways:
        table.add_row(
            f"{way.wet_bulb:.0f}", f"{way.load:.0f}", way.machines, f"{way.supply:.1f}", f"{way.flow:.0f}",
            f"{way.condenser_entering:.1f}", f"{100.0 * way.condenser_ratio:.0f}", f"{way.cells}",
            f"{100.0 * way.fan:.0f}", f"{way.power:.0f}", f"{way.eer_sys:.2f}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    before = None
    for name, kwh in preview.ablation.items():
        saved = "" if before is None else f", {100.0 * (1.0 - kwh / before):.1f} % less"
        console.print(f"best {name}: {kwh:.0f} kWh for an hour at each point{saved}")
        before = kwh
