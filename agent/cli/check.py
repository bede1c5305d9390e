"""`plantroom check`: every error of a site file at once, and what would stand alone if the box died."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.exits import Exit
from agent.cli.options import Json
from agent.cli.output import print_json
from agent.core.serial import to_plain

if TYPE_CHECKING:
    from agent.config.check import CheckReport


def check(
    site: Annotated[Path | None, typer.Argument(help="the site file", metavar="SITE.YAML")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="the same, named as other commands name it")
    ] = None,
    json: Json = False,
) -> None:
    """Check a site file; nothing is started.

    Prints every error with file, line, column, what is wrong and the mend, what would keep its last value if the
    box died, and what policies do without.
    """
    from agent.cli.check_tuned import sentence, tuned_rows
    from agent.config.check import check_site
    from agent.plugins import find_catalogue

    path = site or config
    if path is None:
        raise typer.BadParameter("write plantroom check site.yaml", param_hint="SITE.YAML")
    catalogue = find_catalogue()
    report = check_site(path, catalogue)
    tuned = tuned_rows(path, catalogue) if report.good else []
    if json:
        print_json({**to_plain(report), "tuned": tuned})
    else:
        _print(path, report, [sentence(row) for row in tuned])
    if report.problems:
        raise SystemExit(int(Exit.BAD_INPUT))


def _print(config: Path, report: CheckReport, tuned: list[str]) -> None:
    for problem in report.problems:
        print(f"error: {problem}", file=sys.stderr)
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if report.unguarded:
        print("If the box died, these would keep the last value we wrote:")
        for one in report.unguarded:
            print(f"  {one}")
    if report.lacking:
        print("Policies do without these; bind them where the plant has them:")
        for lack in report.lacking:
            print(f"  {lack}")
    if tuned:
        print("The agent goes by other parameters than this file (`plantroom tune`, `plantroom mode`):")
        for row in tuned:
            print(f"  {row}")
    if not report.problems:
        print(f"{config}: no errors")
