"""Moist air for policies and reports: dew point, humidity ratio, wet bulb, enthalpy.

Temperatures in degC, relative humidity in %, pressures in hPa, humidity ratios in kg of water per kg of dry air.
Saturation: Magnus form of WMO No. 8 (2018) annex 4.B; the rest: ASHRAE Handbook Fundamentals (2017) chapter 1.
"""

from __future__ import annotations

from math import exp, log

SEA_LEVEL = 1013.25


def saturation(temperature: float) -> float:
    """Vapour pressure of saturated air over water."""
    return 6.112 * exp(17.62 * temperature / (243.12 + temperature))


def dew_point(dry: float, humidity: float) -> float:
    """Raises ValueError for a humidity that is not positive."""
    if humidity <= 0.0:
        raise ValueError(f"air of {humidity:g} % has no dew point")
    ratio = log(humidity / 100.0) + 17.62 * dry / (243.12 + dry)
    return 243.12 * ratio / (17.62 - ratio)


def humidity_ratio(dry: float, humidity: float, pressure: float = SEA_LEVEL) -> float:
    vapour = saturation(dry) * humidity / 100.0
    return 0.621945 * vapour / (pressure - vapour)


def relative_humidity(dry: float, ratio: float, pressure: float = SEA_LEVEL) -> float:
    """The inverse of `humidity_ratio`; over 100 where there is fog."""
    return 100.0 * pressure * ratio / ((0.621945 + ratio) * saturation(dry))


def enthalpy(dry: float, ratio: float) -> float:
    """KJ per kg of dry air."""
    return 1.006 * dry + ratio * (2501.0 + 1.86 * dry)


def wet_bulb(dry: float, humidity: float, pressure: float = SEA_LEVEL) -> float:
    """Thermodynamic wet bulb (ASHRAE eq. 33), by halving to 0.001 K."""
    wanted = humidity_ratio(dry, humidity, pressure)
    low, high = dry - 60.0, dry
    while high - low > 0.001:
        wet = (low + high) / 2.0
        held = (2501.0 - 2.326 * wet) * humidity_ratio(wet, 100.0, pressure) - 1.006 * (dry - wet)
        if held / (2501.0 + 1.86 * dry - 4.186 * wet) < wanted:
            low = wet
        else:
            high = wet
    return (low + high) / 2.0
