"""Commands of the simulator, registered with `plantroom` through the entry point group `plantroom.commands`.

One command a file; what a command needs beyond its options is imported when it runs.
"""

from __future__ import annotations

import typer

from hil.cli.compare import compare
from hil.cli.demo import demo
from hil.cli.fault import fault
from hil.cli.oracle import oracle
from hil.cli.run import abort, run
from hil.cli.serve import serve, simulate


def register(root: typer.Typer) -> None:
    """Adds our commands to the program's own."""
    root.command("demo")(demo)
    root.command("simulate")(simulate)
    root.add_typer(bench(), name="hil")


def bench() -> typer.Typer:
    """`plantroom hil ...`."""
    app = typer.Typer(
        help="The test bench: simulated devices, plants of others, faults, scenarios.", no_args_is_help=True
    )
    app.command("serve")(serve)
    app.add_typer(fault, name="fault")
    app.command("run")(run)
    app.command("compare")(compare)
    app.command("oracle")(oracle)
    app.command("abort")(abort)
    return app
