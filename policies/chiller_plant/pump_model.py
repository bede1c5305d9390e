"""What pumps draw and move: condenser pumps by their speed, chilled-water pumps by the flow that the coils take.

Condenser pumps lift water to the towers, so flow begins only at some speed and power falls less than with its cube. Chilled-water pumps
hold a pressure across the coils: power is flow times (that pressure + losses that grow with the square of the flow). All linear in the
coefficients; each starts from the nameplate or from usual figures and is fitted by `learn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, log, sqrt

ENOUGH = 36  # five-minute means
NOISE = 0.10  # relative, as in curve_fit
SELDOM, FLOOR_ENOUGH = 5.0, 18  # per cent of the time below a floor; five-minute means that make one


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedPumps:
    """Equal pumps at one speed s (0..1). `count` is all of them; `power` kW and `flow` l/s of one at full speed, all running.

    The head a speed gives is used up by the lift, the machine and the common pipes: s2 = lift + own f2 + pipes (n/count)2 f2, with f the
    flow of one as a share of `flow`. Power: power * s^exponent * (n/count)^others.
    """

    count: int
    power: float
    flow: float
    lift: float = 0.2
    own: float = 0.45
    pipes: float = 0.35
    exponent: float = 2.6
    others: float = 0.1
    variable: bool = True
    samples: int = 0
    error: float | None = None  # CV-RMSE of the power

    def each(self, speed: float, running: int) -> float:
        """Flow of one, l/s."""
        share = running / self.count
        left = max(speed * speed - self.lift, 0.001)
        return self.flow * sqrt(left / (self.own + self.pipes * share * share))

    def draws(self, speed: float, running: int) -> float:
        """All running ones, kW."""
        return running * self.power * float(speed**self.exponent * (running / self.count) ** self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressurePumps:
    """Pumps that hold a pressure. u: flow of one, v: flow of all, as shares of design; `power` kW of one at design.

    Power of one: power * u * (pressure + mains v2 + own u2). `floors`: kW below which so many pumps were hardly ever seen, because
    somebody holds them at a speed for the sake of the machines' minimum flow.
    """

    count: int
    power: float
    flow: float  # l/s of one at design
    pressure: float = 0.35
    mains: float = 0.35
    own: float = 0.30
    samples: int = 0
    error: float | None = None
    floors: tuple[float, ...] = ()  # of one pump, two pumps ...

    def draws(self, flow: float, running: int) -> float:
        """All of them together, kW, moving `flow` l/s."""
        if running < 1 or flow <= 0.0:
            return 0.0
        u, v = flow / (running * self.flow), flow / (self.count * self.flow)
        power = running * self.power * u * (self.pressure + self.mains * v * v + self.own * u * u)
        return max(power, self.floors[running - 1]) if running <= len(self.floors) else power

    def needed(self, flow: float) -> int:
        """Pumps on a header for this flow (5.20.6.5: the next one at n/N - 0.03)."""
        running = 1
        while running < self.count and flow / (self.count * self.flow) > running / self.count - 0.03:
            running += 1
        return running


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpSample:
    """Five steady minutes of a group: speed 0..1, how many run, l/s and kW of all (None: not measured)."""

    speed: float
    running: int
    flow: float | None
    power: float | None


def fit_speed_pumps(samples: Sequence[PumpSample], start: SpeedPumps) -> SpeedPumps:
    """Flow and power each as far as they are measured."""
    import numpy as np

    found = start
    moved = [one for one in samples if one.flow is not None and one.flow > 0.0 and one.running > 0]
    if len(moved) >= ENOUGH:
        squares = [((one.flow or 0.0) / one.running / start.flow) ** 2 for one in moved]
        rows = np.array(
            [(1.0, f, f * (one.running / start.count) ** 2) for f, one in zip(squares, moved, strict=True)]
        )
        seen = np.array([one.speed**2 for one in moved])
        usual, spread = np.array([start.lift, start.own, start.pipes]), np.array([0.15, 0.3, 0.3])
        lift, own, pipes = ridge(rows, seen, usual, spread)
        found = replace(found, lift=min(max(lift, 0.0), 0.6), own=max(own, 0.05), pipes=max(pipes, 0.0))
    drew = [one for one in samples if one.power is not None and one.power > 0.0 and one.speed > 0.1]
    if len(drew) >= ENOUGH:
        rows = np.array([(1.0, log(one.speed), log(one.running / start.count)) for one in drew])
        seen = np.log([(one.power or 1.0) / one.running / start.power for one in drew])
        usual, spread = np.array([0.0, start.exponent, start.others]), np.array([0.5, 0.4, 0.2])
        first, exponent, others = ridge(rows, seen, usual, spread)
        miss = np.exp(rows @ np.array([first, exponent, others]) - seen) - 1.0
        found = replace(
            found,
            power=start.power * float(np.exp(first)),
            exponent=min(max(exponent, 1.0), 3.5),
            others=others,
            samples=len(drew),
            error=float(np.sqrt(np.mean(miss**2))),
        )
    return found


def fit_pressure_pumps(samples: Sequence[PumpSample], start: PressurePumps) -> PressurePumps:
    """From flow and power."""
    import numpy as np

    sound = [one for one in samples if one.flow and one.power and one.running > 0]
    if len(sound) < ENOUGH:
        return start
    flow = np.array([one.flow for one in sound], dtype=float)
    number = np.array([one.running for one in sound], dtype=float)
    power = np.array([one.power for one in sound], dtype=float)
    u, v = flow / (number * start.flow), flow / (start.count * start.flow)
    rows = np.column_stack([np.ones_like(u), v * v, u * u]) * (number * start.power * u / power)[:, None]
    usual = np.array([start.pressure, start.mains, start.own])
    fitted = ridge(rows, np.ones_like(u), usual, np.array([0.3, 0.3, 0.3]))
    pressure, mains, own = (max(one, 0.0) for one in fitted)
    miss = rows @ np.array([pressure, mains, own]) - 1.0
    error = float(np.sqrt(np.mean((miss * power) ** 2)) / np.mean(power))
    return replace(
        start,
        pressure=pressure,
        mains=mains,
        own=own,
        samples=len(sound),
        error=error,
        floors=_floors(sound, start.count),
    )


def _floors(samples: Sequence[PumpSample], count: int) -> tuple[float, ...]:
    """By number of pumps; none where too little was seen."""
    import numpy as np

    every = [[one.power or 0.0 for one in samples if one.running == number] for number in range(1, count + 1)]
    return tuple(
        float(np.percentile(powers, SELDOM)) if len(powers) >= FLOOR_ENOUGH else 0.0 for powers in every
    )


def ridge(rows: object, seen: object, usual: object, spread: object, noise: float = NOISE) -> list[float]:
    """Robust least squares with `usual` as measurements of their own, each uncertain by `spread`."""
    import numpy as np

    design, right = np.asarray(rows, dtype=float), np.asarray(seen, dtype=float)
    centre, width = np.asarray(usual, dtype=float), np.asarray(spread, dtype=float)
    sound = np.isfinite(design).all(axis=1) & np.isfinite(right)
    design, right = design[sound], right[sound]
    weights = np.ones_like(right)
    found = centre
    for _ in range(5):
        root = np.sqrt(weights) / noise
        stacked = np.vstack([design * root[:, None], np.diag(1.0 / width)])
        found = np.linalg.lstsq(stacked, np.concatenate([right * root, centre / width]), rcond=None)[0]
        miss = np.abs(design @ found - right)
        scale = max(1.4826 * float(np.median(miss)) if len(miss) else 0.0, 1e-3)
        weights = np.minimum(1.0, 1.5 * scale / np.maximum(miss, 1e-9))
    return [float(one) for one in found if isfinite(float(one))]
