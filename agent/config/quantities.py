"""Quantities as people write them ("5 min", "60 %", "18 m3/h") turned into the unit a value is kept in.

One small table. A plain number means the wanted unit already; another dimension is an error that names the right one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# dimension -> unit -> how many of the dimension's first unit one of it is
_TABLE: Mapping[str, Mapping[str, float]] = {
    "time": {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "share": {"%": 1.0, "ppm": 1e-4, "ppb": 1e-7},
    "temperature difference": {"K": 1.0},
    "power": {"kW": 1.0, "W": 0.001, "MW": 1000.0, "RT": 3.51685},
    "energy": {"kWh": 1.0, "Wh": 0.001, "MWh": 1000.0, "MJ": 1 / 3.6, "GJ": 1000 / 3.6},
    "apparent power": {"kVA": 1.0, "VA": 0.001},
    "reactive power": {"kvar": 1.0, "var": 0.001},
    "reactive energy": {"kvarh": 1.0, "varh": 0.001},
    "apparent energy": {"kVAh": 1.0, "VAh": 0.001},
    "flow": {"l/s": 1.0, "m3/h": 1 / 3.6, "l/min": 1 / 60, "l/h": 1 / 3600, "m3/s": 1000.0},
    "pressure": {"kPa": 1.0, "Pa": 0.001, "bar": 100.0, "mbar": 0.1, "MPa": 1000.0, "psi": 6.894757},
    "voltage": {"V": 1.0, "mV": 0.001, "kV": 1000.0},
    "current": {"A": 1.0, "mA": 0.001},
    "frequency": {"Hz": 1.0, "kHz": 1000.0},
    "speed of rotation": {"rpm": 1.0},
    "illuminance": {"lx": 1.0},
    "length": {"m": 1.0, "mm": 0.001, "cm": 0.01, "km": 1000.0},
    "area": {"m2": 1.0},
    "volume": {"m3": 1.0, "l": 0.001},
    "mass": {"kg": 1.0, "g": 0.001, "t": 1000.0},
    "angle": {"deg": 1.0},
    "bytes": {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9},
    "speed": {"m/s": 1.0, "km/h": 1 / 3.6},
    "torque": {"Nm": 1.0},
    "sound level": {"dB": 1.0},
    "radiation": {"W/m2": 1.0},
    "humidity ratio": {"g/kg": 1.0},
    "concentration": {"g/m3": 1.0, "mg/m3": 0.001},
}
# unit -> (factor, offset) to degC
_TEMPERATURE = {"degC": (1.0, 0.0), "degF": (5 / 9, -160 / 9)}

_SPELLINGS = {
    "°C": "degC", "℃": "degC", "C": "degC", "deg C": "degC", "°F": "degF", "F": "degF", "sec": "s", "minutes": "min", "minute": "min",
    "seconds": "s", "second": "s", "hours": "h", "hour": "h", "hr": "h", "days": "d", "day": "d", "percent": "%",
    "m³/h": "m3/h", "m³/s": "m3/s", "m³": "m3", "m²": "m2", "L/s": "l/s", "L/min": "l/min", "L": "l", "lux": "lx",
    "W/m²": "W/m2", "kw": "kW", "KW": "kW", "kwh": "kWh", "KWh": "kWh", "°": "deg", "r/min": "rpm",
}  # fmt: skip

_DIMENSION = {unit: dimension for dimension, units in _TABLE.items() for unit in units}
_DIMENSION |= dict.fromkeys(_TEMPERATURE, "temperature")

UNITS = frozenset(_DIMENSION) | {""}
"""Every unit a point may carry."""

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S.{0,20}?)?\s*")


class QuantityError(ValueError):
    """Not a quantity of the wanted dimension. `mend` says how to write one."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


def quantity(value: object, unit: str) -> float:
    """The number in `unit`. Raises QuantityError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(float(value))
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    wanted = f"a number in {unit}" if unit else "a plain number"
    if match is None:
        raise QuantityError(f"{_shown(value)} is not {wanted}", f"write {_example(unit)}")
    number, written = _finite(float(match[1])), match[2]
    if written is None:
        return number
    written = _SPELLINGS.get(written, written)
    if written == unit:
        return number
    return _convert(number, written, unit)


def convertible(given: str, wanted: str) -> bool:
    """Whether one unit can be turned into the other."""
    return given in _DIMENSION and _DIMENSION[given] == _DIMENSION.get(wanted)


def factor(given: str, wanted: str) -> float:
    """How many `wanted` one `given` is (temperature: the size of the degree)."""
    if given in _TEMPERATURE:
        return _TEMPERATURE[given][0] / _TEMPERATURE[wanted][0]
    units = _TABLE[_DIMENSION[given]]
    return units[given] / units[wanted]


def _convert(number: float, given: str, wanted: str) -> float:
    if not convertible(given, wanted):
        what = f"a quantity in {wanted}" if wanted else "a plain number"
        if given not in _DIMENSION:
            message = f"'{given}' is not a unit known here; {what} is wanted"
        else:
            message = f"'{given}' measures {_DIMENSION[given]}; {what} is wanted"
        raise QuantityError(message, f"write {_example(wanted)}")
    if given in _TEMPERATURE:
        scale, offset = _TEMPERATURE[given]
        wanted_scale, wanted_offset = _TEMPERATURE[wanted]
        return (number * scale + offset - wanted_offset) / wanted_scale
    return number * factor(given, wanted)


def _finite(number: float) -> float:
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        raise QuantityError("not a finite number", "write a number")
    return number


def _example(unit: str) -> str:
    dimension = _DIMENSION.get(unit)
    others = [other for other in _TABLE.get(dimension or "", ()) if other != unit]
    text = f'"10 {unit}"' if unit else "10"
    return f'{text} or "10 {others[0]}"' if others else text


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"'{value[:40]}'"
    return {dict: "a section", list: "a list", type(None): "nothing", bool: "a switch (true/false)"}.get(
        type(value), repr(value)[:40]
    )


def base_unit(value: str) -> str:
    """The unit this quantity's dimension is kept in when nothing else says one: "18 m3/h" -> "l/s"."""
    match = _QUANTITY.fullmatch(value)
    written = _SPELLINGS.get(match[2], match[2]) if match and match[2] else ""
    dimension = _DIMENSION.get(written)
    if dimension is None:
        return ""
    return "degC" if dimension == "temperature" else next(iter(_TABLE[dimension]))
