"""What a lux sensor adds to the sun: lamps on under a storm cloud at noon, and whether the sensor may be believed.

A sensor that is silent, stuck, reads nothing by day or reads day at night is not believed, and then the sun alone decides.
Lamps that shine on the sensor would put themselves out and on again: each return of the dark soon after doubles the
time that brightness must last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.core.reading import Reading

MAX_AGE = 600.0  # s
BY_DAY = 10.0  # degrees of the sun: under the darkest cloud more than NOTHING is left
AT_NIGHT = -8.0
NOTHING = 1.0  # lx
STUCK = 3600.0  # s of the very same value under a sun that moves
SOON = 1800.0  # s
LONGEST = 7200.0  # s brightness must last at most


@dataclass(frozen=True, slots=True)
class SkyState:
    """Timers in elapsed site seconds; None: not running."""

    dark: bool = False  # lamps are wanted by the sensor
    against: float | None = None  # since when the readings say the opposite
    ended: float | None = None  # when the last darkness ended
    repeats: int = 0
    value: float | None = None
    since: float = 0.0  # the value has been the same
    bright: float | None = None  # since when it has been bright without a break


@dataclass(frozen=True, slots=True)
class Limits:
    """lx and s."""

    dark: float
    bright: float
    dark_hold: float
    bright_hold: float


@dataclass(frozen=True, slots=True)
class Sky:
    """What the sensor says of the sky. `note`: why it is not believed, for the end of a reason."""

    dark: bool = False
    bright: bool = False
    lux: float = 0.0
    note: str = ""


NO_SENSOR = Sky()


def watch(
    state: SkyState, reading: Reading, altitude: float, elapsed: float, limits: Limits
) -> tuple[SkyState, Sky]:
    """The next state and what may be believed. `altitude`: of the sun, degrees; `elapsed`: site seconds."""
    value = _number(reading, elapsed)
    doubt = "the lux sensor is silent"
    if value is not None:
        if value != state.value:
            state = replace(state, value=value, since=elapsed)
        doubt = _doubt(value, elapsed - state.since, altitude)
    if value is None or doubt:
        return replace(state, dark=False, against=None, bright=None), Sky(note=f"; {doubt}: as the sun says")
    state = _followed(state, value, elapsed, limits)
    bright = state.bright is not None and elapsed - state.bright >= limits.bright_hold
    return state, Sky(state.dark, bright and not state.dark, value)


def _followed(state: SkyState, value: float, elapsed: float, limits: Limits) -> SkyState:
    if value <= limits.bright:
        state = replace(state, bright=None)
    elif state.bright is None:
        state = replace(state, bright=elapsed)
    opposite = value > limits.bright if state.dark else value < limits.dark
    if not opposite:
        return replace(state, against=None)
    if state.against is None:
        state = replace(state, against=elapsed)
    if elapsed - (state.against or 0.0) < _hold(state, limits):
        return state
    return _turned(state, elapsed)


def _turned(state: SkyState, elapsed: float) -> SkyState:
    if state.dark:
        return replace(state, dark=False, against=None, ended=elapsed)
    again = state.ended is not None and elapsed - state.ended < SOON
    return replace(state, dark=True, against=None, repeats=state.repeats + 1 if again else 0)


def _hold(state: SkyState, limits: Limits) -> float:
    if not state.dark:
        return limits.dark_hold
    return min(limits.bright_hold * 2.0 ** min(state.repeats, 10), max(LONGEST, limits.bright_hold))


def _number(reading: Reading, elapsed: float) -> float | None:
    if not reading.usable or elapsed - reading.elapsed > MAX_AGE:
        return None
    value = reading.value
    return None if value is None or isinstance(value, str) else float(value)


def _doubt(value: float, same: float, altitude: float) -> str:
    if altitude > BY_DAY and value < NOTHING:
        return f"the lux sensor reads {value:g} lx with the sun {altitude:.0f} degrees high"
    if altitude > BY_DAY and same >= STUCK:
        return f"the lux sensor has read the same {value:g} lx for {same / 3600.0:.0f} h"
    if altitude < AT_NIGHT and value > 1000.0:
        return f"the lux sensor reads {value:.0f} lx at night"
    return ""
