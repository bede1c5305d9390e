"""`plantroom hil serve`: faces of a site file in front of any plant. `plantroom simulate` is its shortest form."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from agent.config.quantities import QuantityError, quantity
from hil.cli.running import run_or_explain

DEFAULT_FOLDER = Path("plantroom-hil")
SiteFile = Annotated[Path, typer.Argument(help="the site file", metavar="SITE.YAML")]


def serve(
    site: SiteFile,
    plant: Annotated[
        str, typer.Option(help="what makes the plant, package.module:function; without it stand-ins")
    ] = "",
    fmu: Annotated[Path | None, typer.Option(help="a co-simulation unit (FMI 2 or 3) as the plant")] = None,
    variables: Annotated[
        Path | None, typer.Option("--map", help="which variable of the unit is which of ours (YAML)")
    ] = None,
    recording: Annotated[Path | None, typer.Option(help="a CSV file as a plant that only plays back")] = None,
    faces: Annotated[Path | None, typer.Option(help="wiring, watchdogs, quirks and sensors (YAML)")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=600.0, help="how many times as fast as life")] = 1.0,
    step: Annotated[str, typer.Option(help="step the plant by exactly so much, e.g. 1 s")] = "",
    sensors: Annotated[
        bool, typer.Option("--sensors", help="devices show measurements, not the truth")
    ] = False,
    port: Annotated[
        list[str] | None,
        typer.Option(help="put a bus elsewhere: bus=/dev/ttyUSB0, bus=15020 or bus=127.0.0.1:15020"),
    ] = None,
    data: Annotated[Path, typer.Option(help="working folder: keys, socket of `hil fault`")] = DEFAULT_FOLDER,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="show the log and all unbound points")
    ] = False,
) -> None:
    """Put the devices of a site file in front of a plant.

    Every device answers at the address its bus has in the site file, as its profile says. The plant is a stand-in, any
    Python object with `step` and `variables`, a co-simulation unit, or a recording. Ctrl-C ends it.
    """
    from hil.serve import ServeOptions
    from hil.serve import serve as run

    if sum(map(bool, (plant, fmu, recording))) > 1:
        raise typer.BadParameter("give one of --plant, --fmu and --recording")
    if (fmu is None) != (variables is None):
        raise typer.BadParameter("--fmu and --map belong together")
    _log_to_terminal(verbose=verbose)
    options = ServeOptions(
        site=site, plant=plant, fmu=fmu, variables=variables, recording=recording, faces=faces, speed=speed,
        step=_seconds(step), sensors=sensors, places=_places(port or []), data=data, verbose=verbose,
    )  # fmt: skip
    run_or_explain(run(options))


def simulate(config: SiteFile) -> None:
    """Stand in for the devices of a site file.

    Every device answers on the address its bus has in the site file, as its profile says, with plausible values. For
    trying a site before its devices are there. `plantroom hil serve` can do more.
    """
    from hil.serve import ServeOptions
    from hil.serve import serve as run

    _log_to_terminal(verbose=False)
    run_or_explain(run(ServeOptions(site=config)))


def _log_to_terminal(*, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("asyncua", "pymodbus"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def _places(given: list[str]) -> dict[str, str]:
    places = {}
    for text in given:
        bus, equals, place = text.partition("=")
        if not (bus and equals and place):
            raise typer.BadParameter(f"{text!r}: write bus=place", param_hint="--port")
        places[bus] = place
    return places


def _seconds(text: str) -> float | None:
    if not text:
        return None
    try:
        found = quantity(text, "s")
    except QuantityError as error:
        raise typer.BadParameter(f"{error}; {error.mend}", param_hint="--step") from error
    if not found > 0.0:
        raise typer.BadParameter("a step must be longer than 0 s", param_hint="--step")
    return found
