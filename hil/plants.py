"""Plants of others by name: `package.module:function` makes anything with `step(dt, inputs)` and `variables()`."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import cast

from agent.core.errors import PlantroomError
from hil.plant.variables import Plant


def make_plant(name: str, start: float) -> Plant:
    """Calls the function, with `start` (UTC seconds) where it takes that. Raises PlantroomError."""
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        raise PlantroomError(f"{name!r}: write package.module:function")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # a plant under work lies in the present folder
    try:
        factory = getattr(importlib.import_module(module), function)
        takes_start = "start" in inspect.signature(factory).parameters
        plant = factory(start=start) if takes_start else factory()
    except Exception as error:
        raise PlantroomError(f"{name} gives no plant: {type(error).__name__}: {error}") from error
    for part in ("step", "variables"):
        if not callable(getattr(plant, part, None)):
            raise PlantroomError(f"{name} gives {type(plant).__name__}, which has no {part}()")
    return cast("Plant", plant)
