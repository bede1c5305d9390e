"""`plantroom drill`: cut one thing at a time, with a person watching, and see whether what was promised happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.exits import Exit, leave
from agent.cli.options import Config, Json, Socket
from agent.cli.output import print_json, print_table
from agent.core.errors import ConfigurationError, StoreError


def drill(
    config: Config,
    things: Annotated[
        list[str] | None,
        typer.Argument(
            help="cloud, bus:ID, sensor:POINT, agent; none: cloud, every bus, agent", show_default=False
        ),
    ] = None,
    watching: Annotated[str, typer.Option("--watching", "-w", help="name of the person who watches")] = "",
    show: Annotated[bool, typer.Option("--show", help="only show the drills on record")] = False,
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Cut agent, buses, cloud and sensors one at a time and check that the equipment does what was promised.

    Says what to cut and what to put back, and waits for you each time. What it saw is kept in the commissioning record.
    Exit code 1 when a promise was not kept, or not seen to be kept.
    """
    from agent.cli.drill_record import keep, kept
    from agent.config.trial import present_site
    from agent.plugins import find_catalogue

    catalogue = find_catalogue()
    try:
        site = present_site(config, catalogue).site
        if show:
            _print(kept(site.store.path), json)
            return
        if not watching.strip():
            leave(
                Exit.BAD_INPUT, "nobody drills alone with a machine: name who watches it with --watching NAME"
            )
        scene = _scene(config, site, catalogue, socket)
        cuts = _cut_all(scene, things or ["cloud", *(f"bus:{one}" for one in site.buses), "agent"])
        record = keep(site.store.path, site.place.name, watching.strip(), cuts)
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    except StoreError as error:
        leave(Exit.FAILED, f"the record cannot be kept: {error}")
    _end(record, json)


def _end(record: dict[str, Any], json: bool) -> None:
    _print({"": record}, json, one=True)
    if not record["passed"]:
        leave(Exit.FAILED, "not everything that was promised was seen to happen")


def _scene(config: Path, site: Any, catalogue: Any, socket: Path | None) -> Any:
    from agent.cli.drill_cuts import Scene
    from agent.cli.drill_eyes import Eyes, Person

    eyes = Eyes(socket)
    eyes.areas()  # ends here when no agent answers
    return Scene(config, site, catalogue, eyes, Person())


def _cut_all(scene: Any, things: list[str]) -> list[Any]:
    """In the order asked for. Nothing is cut while one of the names is unknown."""
    from agent.cli.drill_cuts import cut_agent, cut_bus, cut_cloud, cut_sensor

    cuts: list[Callable[[], Any]] = []
    for thing in things:
        kind, _, name = thing.partition(":")
        if thing == "cloud":
            cuts.append(partial(cut_cloud, scene))
        elif thing == "agent":
            cuts.append(partial(cut_agent, scene))
        elif kind == "bus" and name in scene.site.buses:
            cuts.append(partial(cut_bus, scene, name))
        elif kind == "sensor" and name in scene.site.points:
            cuts.append(partial(cut_sensor, scene, name))
        else:
            leave(Exit.BAD_INPUT, f"{thing!r} cannot be cut; write cloud, bus:ID, sensor:POINT or agent")
    return [one() for one in cuts]


def _print(records: dict[str, Any], as_json: bool, *, one: bool = False) -> None:
    if as_json:
        print_json(records[""] if one else records)
        return
    rows: list[Any] = []
    for when, record in records.items():
        rows.append(
            f"{when} {record['site']}: {'passed' if record['passed'] else 'NOT PASSED'}, {record['watching']} watching"
        )
        for cut in record["cuts"]:
            if cut["skipped"]:
                rows.append((cut["what"], "skipped", ""))
            rows.extend(
                (cut["what"], _word(check["ok"]), f"{check['promise']}: {check['seen']}")
                for check in cut["checks"]
            )
    print_table(("cut", "kept", "promise"), rows)


def _word(ok: bool | None) -> str:
    return "not seen" if ok is None else "yes" if ok else "NO"
