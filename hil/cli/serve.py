"""`plantroom hil serve`: faces of a site file in front of any plant. `plantroom simulate` is its shortest form."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from agent.config.quantities import QuantityError, quantity
from hil.cli.running import run_or_explain
from hil.playback import End

DEFAULT_FOLDER = Path("plantroom-hil")
SiteFile = Annotated[Path, typer.Argument(help="the site file", metavar="SITE.YAML")]
MaybeSite = Annotated[Path | None, typer.Argument(help="the site file", metavar="SITE.YAML")]
NamedSite = Annotated[
    Path | None, typer.Option("--site", help="the site file, where it is not given in front")
]
PlantName = Annotated[
    str, typer.Option("--plant", help="what makes the plant, package.module:function; without it stand-ins")
]
Unit = Annotated[Path | None, typer.Option("--fmu", help="a co-simulation unit (FMI 2 or 3) as the plant")]
Map = Annotated[Path | None, typer.Option("--map", help="which variable of the unit is which of ours (YAML)")]
Record = Annotated[
    Path | None, typer.Option("--recording", help="a CSV file as a plant that only plays back")
]
After = Annotated[
    End, typer.Option("--at-end", help="after the last row of the recording: stay, start again, or nothing")
]
Faces = Annotated[Path | None, typer.Option("--faces", help="wiring, watchdogs, quirks and sensors (YAML)")]
Speed = Annotated[float, typer.Option(min=0.1, max=600.0, help="how many times as fast as life")]
Step = Annotated[str, typer.Option("--step", help="step the plant by exactly so much, e.g. 1 s")]
Sensors = Annotated[bool, typer.Option("--sensors", help="devices show measurements, not the truth")]
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", help="put a bus elsewhere: bus=/dev/ttyUSB0, bus=15020 or bus=127.0.0.1:15020"),
]
Data = Annotated[Path, typer.Option(help="working folder: keys, socket of `hil fault`")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="show the log and all unbound points")]


def serve(
    site: MaybeSite = None,
    named: NamedSite = None,
    plant: PlantName = "",
    fmu: Unit = None,
    variables: Map = None,
    recording: Record = None,
    at_end: After = End.HOLD,
    faces: Faces = None,
    speed: Speed = 1.0,
    step: Step = "",
    sensors: Sensors = False,
    port: Ports = None,
    data: Data = DEFAULT_FOLDER,
    verbose: Verbose = False,
) -> None:
    """Put the devices of a site file in front of a plant.

    Every device answers at the address its bus has in the site file, as its profile says. The plant is a stand-in, any
    Python object with `step` and `variables`, a co-simulation unit, or a recording. Ctrl-C ends it.
    """
    from hil.serve import ServeOptions
    from hil.serve import serve as run

    if (site is None) == (named is None):
        raise typer.BadParameter("give one site file: SITE.YAML, or --site SITE.YAML")
    if sum(map(bool, (plant, fmu, recording))) > 1:
        raise typer.BadParameter("give one of --plant, --fmu and --recording")
    if (fmu is None) != (variables is None):
        raise typer.BadParameter("--fmu and --map belong together")
    _log_to_terminal(verbose=verbose)
    options = ServeOptions(
        site=site or named or Path(), plant=plant, fmu=fmu, variables=variables, recording=recording, at_end=at_end, faces=faces,
        speed=speed, step=_seconds(step), sensors=sensors, places=_places(port or []), data=data, verbose=verbose,
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
