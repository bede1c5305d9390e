"""Nameplate numbers and settings of equipment: every key that is neither a role nor a keyword."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.config.document import Document, Where
from agent.config.quantities import QuantityError, base_unit, quantity

_UNITS_BY_ENDING = {
    "capacity": "kW",
    "power": "kW",
    "flow": "l/s",
    "temp": "degC",
    "head": "kPa",
    "pressure": "kPa",
    "height": "m",
    "area": "m2",
    "volume": "m3",
    "energy": "kWh",
    "illuminance": "lx",
}
_NUMBER = re.compile(r"\s*[+-]?(\d|\.\d)")


def read_nameplate(
    data: Mapping[str, Any], document: Document, where: Where
) -> tuple[dict[str, float], dict[str, str]]:
    """Numbers (in kW, l/s, kPa, degC, s ... by the name's ending, else by the written unit) and texts."""
    numbers: dict[str, float] = {}
    texts: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, bool):
            texts[str(key)] = "true" if value else "false"
        elif isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.match(value)):
            try:
                numbers[str(key)] = quantity(value, _unit(str(key), value))
            except QuantityError as error:
                if isinstance(value, str) and _unit(str(key), value) == "":
                    texts[str(key)] = value  # begins like a number and is none: "3rd floor"
                else:
                    document.add((*where, key), f"{key}: {error}", error.mend)
        elif isinstance(value, str):
            texts[str(key)] = value
        else:
            document.add((*where, key), f"'{str(key)[:60]}' needs a number or a text", "write one value")
    return numbers, texts


def _unit(key: str, value: object) -> str:
    ending = key.rpartition("_")[2]
    if ending in _UNITS_BY_ENDING:
        return _UNITS_BY_ENDING[ending]
    return base_unit(value) if isinstance(value, str) else ""
