"""`plantroom hil compare`: arms of a ready site side by side over the same days, weather, load and seed."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.core.errors import ConfigurationError

if TYPE_CHECKING:
    from hil.compare.arm import ArmRun
    from hil.compare.comparison import Comparison
    from hil.compare.running import Request

UNFAIR, BAD_FILE = 1, 2


def compare(
    site: Annotated[str, typer.Argument(help="a ready site, or a folder with site.yaml and plant.yaml")],
    days: Annotated[int, typer.Option(min=1, max=365, help="days spread evenly over the year")] = 12,
    seed: Annotated[int, typer.Option(help="of weather, load and sensors")] = 1,
    arms: Annotated[
        str,
        typer.Option(
            help="some of weak,competent,reported,policy,oracle (all without it), or of the site's own"
        ),
    ] = "",
    variant: Annotated[str, typer.Option(help="a variant that the plant file names")] = "",
    hold_out: Annotated[
        bool, typer.Option("--hold-out", help="machines nobody tuned anything on, of the same capacities")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="arms run at the same time")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Compare the site's policies with what was before, what a competent plant would do, and what is possible.

    Ends with 0, with 1 when the comparison is not a fair one (failed ticks, unmet comfort), with 2 for a bad file.
    """
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    from hil.compare.running import Request
    from hil.compare.table import print_comparison

    chosen = tuple(filter(None, (one.strip() for one in arms.split(","))))
    request = Request(
        site=site, days=days, seed=seed, arms=chosen, variant=variant, hold_out=hold_out, jobs=jobs
    )
    result = _compared(request)
    if as_json:
        typer.echo(json.dumps(result.plain(), ensure_ascii=False))
    else:
        print_comparison(result)
    if result.problems:
        raise typer.Exit(UNFAIR)


def _compared(request: Request) -> Comparison:
    """The comparison, each arm told of when it is done; ends the command where a file or an arm is wrong."""
    from agent.cli.progress import progress_bar
    from hil.compare.comparison import compare as run
    from hil.compare.comparison import length

    def tell(name: str, done: ArmRun) -> None:
        typer.echo(f"{name}: {done.simulated:.0f} days in {done.wall:.0f} s", err=True)

    try:
        _check_arms(request)
        with progress_bar(f"{request.site}, days", length(request), quiet=not sys.stderr.isatty()) as far:
            return run(request, tell, far)
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(BAD_FILE) from None


def _check_arms(request: Request) -> None:
    """Arms the site has. Raises BadParameter and ConfigurationError."""
    from agent.config.names import nearest
    from hil.ready_site.ready_site import ORACLE, POLICY

    there = (*request.ready().arms, POLICY, ORACLE)
    for one in request.arms:
        if one not in there:
            mend = nearest(one, there)
            raise typer.BadParameter(f"{one!r} is no arm of {request.site}: {mend}", param_hint="--arms")
    if request.arms == (ORACLE,):
        raise typer.BadParameter(
            "an oracle serves what another arm served: name one more, such as policy,oracle",
            param_hint="--arms",
        )
