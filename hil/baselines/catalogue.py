"""Finds the baselines: every policy in a module of this package, by its kind."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import hil.baselines


@cache
def baseline_policies() -> Mapping[str, type]:
    """Kind -> dataclass."""
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(hil.baselines.__path__):
        loaded = importlib.import_module(f"hil.baselines.{module.name}")
        for one in vars(loaded).values():
            if isinstance(one, type) and one.__module__ == loaded.__name__ and hasattr(one, "decide"):
                found[str(getattr(one, "kind", ""))] = one
    return found
