"""Plants of others by name: `package.module:function` makes anything with `step(dt, inputs)` and `variables()`."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agent.core.errors import PlantroomError
from hil.plant.variables import Plant, VariableInfo

SHOWN = 60  # characters of a wrong value


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
    _look_at(name, plant.variables())
    return cast("Plant", plant)


def _look_at(name: str, said: Any) -> None:
    wanted = "VariableInfo of hil.plant.variables, with its unit and whether it is an input"
    if not isinstance(said, Mapping):
        raise PlantroomError(f"{name}: variables() gives {shown(said)}; give a dict by name, each a {wanted}")
    for variable, info in said.items():
        if not isinstance(info, VariableInfo):
            raise PlantroomError(f"{name}: variables() gives {shown(info)} for {variable!r}; give a {wanted}")


def shown(value: object) -> str:
    """For a message."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
