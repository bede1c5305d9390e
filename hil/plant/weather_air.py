"""Moist air: saturation, humidity, wet bulb, enthalpy. Temperatures in degC, vapour pressures and pressures in hPa.

Sources: saturation over water by the Magnus form of WMO No. 8 (2018) annex 4.B, within 0.3 % of the tables from
0 to 50 degC; everything else from ASHRAE Handbook Fundamentals (2017) chapter 1.
"""

from __future__ import annotations

from math import atan, exp, log, sqrt

SEA_LEVEL = 1013.25  # hPa
AIR_CP = 1.006  # kJ/(kg K), dry air
VAPOUR_CP = 1.86
LATENT = 2501.0  # kJ/kg at 0 degC
AIR_DENSITY = 1.2  # kg of dry air per m3, standard air


def vapour_pressure(temperature: float) -> float:
    """Saturation vapour pressure over water."""
    return 6.112 * exp(17.62 * temperature / (243.12 + temperature))


def dew_point_of(pressure: float) -> float:
    """The temperature at which this vapour pressure saturates."""
    ratio = log(max(pressure, 1e-6) / 6.112)
    return 243.12 * ratio / (17.62 - ratio)


def humidity_ratio(vapour: float, pressure: float = SEA_LEVEL) -> float:
    """Kg of water per kg of dry air (ASHRAE eq. 20)."""
    return 0.621945 * vapour / (pressure - vapour)


def vapour_of(ratio: float, pressure: float = SEA_LEVEL) -> float:
    """Vapour pressure of a humidity ratio."""
    return pressure * ratio / (0.621945 + ratio)


def enthalpy(temperature: float, ratio: float) -> float:
    """KJ per kg of dry air (ASHRAE eq. 30)."""
    return AIR_CP * temperature + ratio * (LATENT + VAPOUR_CP * temperature)


def station_pressure(altitude: float) -> float:
    """Standard atmosphere at `altitude` m (ASHRAE eq. 3)."""
    return float(SEA_LEVEL * (1.0 - 2.25577e-5 * altitude) ** 5.2559)


def wet_bulb(dry: float, humidity: float, pressure: float = SEA_LEVEL) -> float:
    """Thermodynamic wet bulb from dry bulb and relative humidity in % (ASHRAE eq. 33; below 0 degC over water).

    Stull's fit (2011, J. Appl. Meteor. 50, eq. 1) starts two secant steps; the rest is below 0.01 K.
    """
    ratio = humidity_ratio(vapour_pressure(dry) * max(humidity, 0.5) / 100.0, pressure)
    rh = min(max(humidity, 5.0), 99.9)
    low = (
        dry * atan(0.151977 * sqrt(rh + 8.313659))
        + atan(dry + rh)
        - atan(rh - 1.676331)
        + 0.00391838 * rh * sqrt(rh) * atan(0.023101 * rh)
        - 4.686035
    )
    low = min(low, dry)
    high, miss = low - 0.3, _excess(low, dry, ratio, pressure)
    for _ in range(2):
        other = _excess(high, dry, ratio, pressure)
        if abs(other - miss) < 1e-12:
            break
        low, high, miss = high, high - other * (high - low) / (other - miss), other
    return min(high, dry)


def _excess(wet: float, dry: float, ratio: float, pressure: float) -> float:
    """How much more humidity air of this wet bulb would hold than it does."""
    saturated = humidity_ratio(vapour_pressure(wet), pressure)
    held = (LATENT - 2.326 * wet) * saturated - AIR_CP * (dry - wet)
    return held / (LATENT + VAPOUR_CP * dry - 4.186 * wet) - ratio
