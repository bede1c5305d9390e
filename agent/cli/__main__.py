"""The root of the command line. Commands of other rooms (demo, hil) register themselves through an entry point."""

from __future__ import annotations

import re
import sys
from importlib.metadata import entry_points

import typer

from agent.cli.advise import advise
from agent.cli.alarms import alarms
from agent.cli.apply import apply
from agent.cli.authority import authority
from agent.cli.check import check
from agent.cli.drill import drill
from agent.cli.group_test import group_test
from agent.cli.lock_out import lock_out
from agent.cli.mode import mode
from agent.cli.options import MINUS
from agent.cli.override import override
from agent.cli.plan import plan
from agent.cli.points import points
from agent.cli.preview import preview
from agent.cli.profiles import profiles
from agent.cli.read import read
from agent.cli.release import release
from agent.cli.report import app as report
from agent.cli.run import run
from agent.cli.shadow import shadow
from agent.cli.sun import sun
from agent.cli.tune import tune
from agent.cli.version import version
from agent.cli.watch import watch
from agent.cli.well import well
from agent.cli.why import why
from agent.cli.write import write

COMMANDS = (
    *(run, check, points, read, write, watch, why, override, authority, release, lock_out, alarms, plan),
    *(apply, mode, preview, tune, shadow, sun, advise, profiles, drill, group_test, well, version),
)
GROUP = "plantroom.commands"


def root() -> typer.Typer:
    """All commands of this installation."""
    app = typer.Typer(
        name="plantroom",
        help="Edge controller agent for building retrofits.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in COMMANDS:
        app.command(command.__name__.replace("_", "-"))(command)
    app.add_typer(report, name="report")
    for entry in entry_points(group=GROUP):
        try:
            entry.load()(app)
        except Exception as error:  # noqa: BLE001 - a broken extension must not take `plantroom release` away
            print(f"plantroom: the commands of {entry.value} cannot be loaded: {error}", file=sys.stderr)
    return app


def main() -> None:
    sys.argv[1:] = arguments(sys.argv[1:])
    root()()


def arguments(written: list[str]) -> list[str]:
    """What people type and mean: `--version`, and `override oat -5`, whose minus is hidden until the value is read."""
    if written[:1] == ["--version"]:
        return ["version", *written[1:]]
    if written[:1] not in (["override"], ["write"]):
        return written
    return [re.sub(r"^-(?=\d|\.\d)", MINUS, one) for one in written]


if __name__ == "__main__":
    main()
