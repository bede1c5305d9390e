"""`plantroom hil run`: a scenario file on one of the three benches, with its reports and its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agent.core.errors import ConfigurationError, PlantroomError

if TYPE_CHECKING:
    from hil.scenario.ending import Ending
    from hil.scenario.load import Loaded
    from hil.scenario.telling import Outcome

FAILED, BAD_FILE, ABORTED = 1, 2, 3
DEFAULT_FOLDER = Path("plantroom-run")
PID = "run.pid"
Result = TypeVar("Result")


class BenchKind(StrEnum):
    """Where the story is told."""

    SIM = "sim"
    LIVE = "live"
    RIG = "rig"


def run(
    scenario: Annotated[Path, typer.Argument(help="The scenario file.", metavar="SCENARIO.YAML")],
    bench: Annotated[
        BenchKind, typer.Option(help="sim: virtual time; live: real sockets; rig: with hardware.")
    ] = BenchKind.SIM,
    speed: Annotated[
        float | None, typer.Option(min=0.1, max=600.0, help="Of the live bench; else as the file says.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for report.html, junit.xml, outcome.json and recording.csv.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The outcome as one JSON object.")] = False,
    names: Annotated[bool, typer.Option("--names", help="List what the file may speak of, and end.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log.")] = False,
) -> None:
    """Run a scenario. Ends with 0 when all expectations were met, 1 when not, 2 for a bad file, 3 when aborted."""
    _log_to_stderr(verbose=verbose)
    from hil.scenario.load import load_scenario

    try:
        loaded = load_scenario(scenario)
        if names:
            _list_names(loaded)
            return
        quiet = as_json or not sys.stderr.isatty()
        outcome = _told(loaded, bench, _How(speed, report or DEFAULT_FOLDER, quiet))
        if report is not None:
            write_report(outcome, report, bench.value, loaded)
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(BAD_FILE) from None
    except (PlantroomError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        if report is not None:
            _write_error(report, scenario, bench.value, str(error))
        raise typer.Exit(ABORTED) from None
    _say(outcome, report, as_json)
    raise typer.Exit(ABORTED if outcome.aborted else FAILED if not outcome.passed else 0)


def _log_to_stderr(*, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s"
    )


def _list_names(loaded: Loaded) -> None:
    """Everything a story of this site can name, a line each."""
    from hil.scenario.names import names_of

    for title, lines in names_of(loaded.staging).items():
        typer.echo(f"{title}:")
        for line in lines:
            typer.echo(f"  {line}")


def write_report(outcome: Outcome, folder: Path, bench: str, loaded: Loaded) -> None:
    """All four files into the folder, which is made."""
    from hil.report import write_json, write_junit
    from hil.report_html import write_html

    folder.mkdir(parents=True, exist_ok=True)
    write_html(outcome, folder / "report.html", bench, loaded.staging.variables)
    write_junit(outcome, folder / "junit.xml", bench)
    write_json(outcome, folder / "outcome.json")
    outcome.recording.write_csv(folder / "recording.csv")


def _write_error(folder: Path, scenario: Path, bench: str, error: str) -> None:
    """A CI server that finds no result at all takes the run for one that never was."""
    from hil.report import write_junit_error

    folder.mkdir(parents=True, exist_ok=True)
    write_junit_error(folder / "junit.xml", scenario, bench, error)


def abort(
    folder: Annotated[Path, typer.Argument(help="The report folder of the run.")] = DEFAULT_FOLDER,
) -> None:
    """Stop a run on the rig or live bench: nothing new is written, everything is given back, the lines are cut."""
    try:
        pid = int((folder / PID).read_text(encoding="ascii"))
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError) as error:
        typer.echo(f"error: no run is found in {folder}: {error}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"told process {pid} to give everything back and end")


@dataclass(frozen=True, slots=True)
class _How:
    speed: float | None
    folder: Path
    quiet: bool


def _told(loaded: Loaded, bench: BenchKind, how: _How) -> Outcome:
    from agent.cli.progress import progress_bar
    from hil.scenario.hurry import too_fast
    from hil.scenario.run import run_live, run_on_rig, run_on_sim

    with progress_bar(loaded.scenario.name, loaded.scenario.length, quiet=how.quiet) as progress:
        if bench is BenchKind.SIM:
            return run_on_sim(loaded, progress)
        with _findable(how.folder):
            if bench is BenchKind.LIVE and (
                said := too_fast(loaded.scenario, how.speed or loaded.scenario.speed)
            ):
                typer.echo(f"warning: {said}", err=True)
            if bench is BenchKind.RIG:
                return _until_ended(lambda ending: run_on_rig(loaded, how.folder, progress, ending))
            return _until_ended(lambda ending: run_live(loaded, progress, how.speed, ending))


@contextlib.contextmanager
def _findable(folder: Path) -> Iterator[None]:
    """Leaves a note of our process, for `plantroom hil abort`."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / PID
    note.write_text(str(os.getpid()), encoding="ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _until_ended(work: Callable[[Ending], Coroutine[Any, Any, Result]]) -> Result:
    """Ctrl-C ends the story in order, with all that is known by then; before it has begun, or a second time, it cancels."""
    from hil.scenario.ending import Ending

    async def guarded() -> Result:
        ending = Ending()
        task = asyncio.ensure_future(work(ending))

        def end() -> None:
            if not ending.now("ended by a person"):
                task.cancel()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        try:
            return await task
        except asyncio.CancelledError:
            raise PlantroomError("aborted: everything was given back") from None

    return asyncio.run(guarded())


def _say(outcome: Outcome, report: Path | None, as_json: bool) -> None:
    from hil.report import as_plain, clock_of, figure_text

    if as_json:
        typer.echo(json.dumps(as_plain(outcome), ensure_ascii=False))
        return
    for text in outcome.warnings:
        typer.echo(f"warning: {text}")
    if outcome.aborted:
        typer.echo(f"ABORTED: {outcome.aborted}")
    for one in outcome.verdicts:
        where = f" (line {one.line})" if one.line and not one.met else ""
        typer.echo(f"{'ok  ' if one.met else 'FAIL'} {one.name}: {one.text}{where}")
    shown = ("kwh", "cooling_kwh_th", "eer_sys", "peak_kw", "cost", "degree_hours", "starts", "dark_arrivals")
    figures = [
        f"{name} {figure_text(value)}" for name in shown if (value := outcome.figures.get(name)) is not None
    ]
    typer.echo("; ".join(figures))
    typer.echo(
        f"{clock_of(outcome.told)} of site time in {outcome.wall:.1f} s, "
        f"{outcome.days_per_second:.3g} days a second" + (f"; report in {report}" if report else "")
    )
    if outcome.per_tick is not None:
        parts = ", ".join(f"{name} {cost:.0f}" for name, cost in outcome.per_tick.items())
        typer.echo(f"microseconds a tick: {parts}")
