"""`plantroom version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

from agent.cli.options import Json
from agent.cli.output import print_json


def version(json: Json = False) -> None:
    """Print the versions of Plantroom and Python."""
    found = {"plantroom": installed("plantroom"), "python": platform.python_version()}
    if json:
        print_json(found)
    else:
        print(f"plantroom {found['plantroom']} (Python {found['python']})")
