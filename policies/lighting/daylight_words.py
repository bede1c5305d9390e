"""Why a row of office lamps burns as it does, in sentences for the people under it. Figures are rounded, so that a sentence stands."""

from __future__ import annotations

from policies.lighting.daylight_light import NEAR, BandRules
from policies.lighting.daylight_state import RowWatch


def lux(value: float) -> str:
    return f"{10.0 * round(value / 10.0):,.0f} lx"


def holding(rules: BandRules, watch: RowWatch, level: float, need: float) -> str:
    have = lux(watch.lux or 0.0)
    if level <= NEAR and need <= NEAR:
        return f"{have} from the sun alone; out by daylight"
    if level <= rules.minimum + NEAR and need <= rules.minimum + NEAR:
        return f"{have}, the sun is enough; at the minimum of {rules.minimum:g} %"
    if need >= 100.0 - NEAR and level >= 100.0 - NEAR:
        return f"{have}, {rules.target:.0f} lx wanted; all that the lamps give"
    if need > level + NEAR:
        return f"{have}, {rules.target:.0f} lx wanted; coming up"
    if need < level - NEAR:
        return f"{have}, {rules.target:.0f} lx wanted; coming down"
    return f"{have}, {rules.target:.0f} lx wanted; held"


def faulty(why: str, level: float) -> str:
    return f"the light sensor is no help ({why}); {level:g} % to be safe"


def led(leader: str) -> str:
    return f"no light sensor of its own; as the next row: {leader}"


def away(seconds: float, level: float) -> str:
    return f"nobody here for {seconds / 60.0:.0f} min; at {level:g} %"
