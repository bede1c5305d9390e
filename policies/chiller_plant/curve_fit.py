"""Fits a chiller's curve to its past: robust, and held to what is usual where the past is silent.

Part load and temperatures are fitted in turn, each linear in its coefficients. Errors count relative to the power, big ones less and
less (Huber). The usual curve counts as a measurement of its own, with the spread among machines as its uncertainty, so that a
coefficient the readings say nothing about stays where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any

from agent.calc.cooling import WATER
from policies.chiller_plant.machine_curve import (
    ENTERING,
    HEAT_SPREAD,
    HEATS,
    LEAST,
    PART_SPREAD,
    PARTS,
    REJECTED,
    RISE,
    SUPPLY,
    MachineCurve,
    Quadratic,
    Range,
    through,
)

ENOUGH = 72  # five-minute means: six hours of running
NOISE = 0.10  # of power: one reading's own error, and that its neighbours say the same
HUBER = 1.5
ROUNDS = 6
ALIKE = 10.0  # neighbouring readings that say the same: so many count as one
EVIDENCE = 4.0  # twice the log-likelihood by which the entering water must tell more than the leaving water
TAILS = (1.0, 99.0)  # per cent: the range of the readings without its odd ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One steady five minutes: kW, degC, degC, l/s, kW."""

    load: float
    supply: float
    entering: float
    flow: float
    power: float


def fit_machine(samples: Sequence[Sample], start: MachineCurve) -> MachineCurve:
    """`start` is the usual curve of this machine; it comes back as it was while there are too few samples."""
    import numpy as np

    rows = np.array(
        [(one.load, one.supply, one.entering, one.flow, one.power) for one in samples], dtype=float
    )
    if len(rows):
        load, power = rows[:, 0], rows[:, 4]
        sound = np.isfinite(rows).all(axis=1) & (load > 0.08 * start.capacity) & (power > 0.03 * start.power)
        sound &= (load < 1.4 * start.capacity) & (load / np.maximum(power, 1e-6) < 15.0) & (rows[:, 3] > 0.0)
        rows = rows[sound]
    if len(rows) < ENOUGH:
        return start
    leaving, entering = _fit(rows, replace(start, mix=1.0)), _fit(rows, replace(start, mix=0.0))
    gained = (
        len(rows) / ALIKE * 2.0 * log(max(leaving.error or 1e-6, 1e-6) / max(entering.error or 1e-6, 1e-6))
    )
    return entering if gained > EVIDENCE else leaving


def _fit(rows: Any, start: MachineCurve) -> MachineCurve:
    """One of the two forms."""
    import numpy as np

    load, supply, entering, flow, power = rows.T
    x = supply - SUPPLY
    y = entering - ENTERING + start.mix * (REJECTED * load / (WATER * flow) - RISE)
    share = _share(x, y)
    q = np.maximum(load / (start.capacity * share), LEAST)
    parts = _lagrange(q)
    heats = np.column_stack([np.ones_like(x), x, x * x, y, y * y, x * y])
    usual_part, usual_heat = np.array(PARTS[start.compressor]), np.array(HEATS[start.compressor])
    part, heat = usual_part, usual_heat
    full = start.power * share
    weights = np.ones_like(power)
    for _ in range(ROUNDS):
        part = _solve(
            parts * (full * (heats @ heat) / power)[:, None], weights, usual_part, np.array(PART_SPREAD)
        )
        heat = _solve(
            heats * (full * (parts @ part) / power)[:, None], weights, usual_heat, np.array(HEAT_SPREAD)
        )
        miss = full * (heats @ heat) * (parts @ part) / power - 1.0
        scale = max(1.4826 * float(np.median(np.abs(miss))), 0.002)
        weights = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(miss), 1e-9))
    kept = weights > 0.2
    rmse = float(np.sqrt(np.mean((miss[kept] * power[kept]) ** 2))) if kept.any() else float("inf")
    values: Quadratic = (float(part[0]), float(part[1]), float(part[2]))
    h = [float(one) for one in heat]
    return replace(
        start,
        part=through(values),
        heat=(h[0], h[1], h[2], h[3], h[4], h[5]),
        samples=len(rows),
        error=rmse / float(np.mean(power[kept])) if kept.any() else None,
        loads=_range(q),
        supplies=_range(x),
        condensers=_range(y),
    )


def _solve(design: Any, weights: Any, usual: Any, spread: Any) -> Any:
    """Least squares of `design @ c` against 1, with the usual coefficients as measurements of the given spread."""
    import numpy as np

    root = np.sqrt(weights) / NOISE
    rows = np.vstack([design * root[:, None], np.diag(1.0 / spread)])
    right = np.concatenate([root, usual / spread])
    return np.linalg.lstsq(rows, right, rcond=None)[0]


def _lagrange(q: Any) -> Any:
    """Part load as a sum over its values at 0.25, 0.6 and 1."""
    import numpy as np

    low = (q - 0.6) * (q - 1.0) / (0.35 * 0.75)
    middle = (q - 0.25) * (q - 1.0) / (0.35 * -0.4)
    full = (q - 0.25) * (q - 0.6) / (0.75 * 0.4)
    return np.column_stack([low, middle, full])


def _share(x: Any, y: Any) -> Any:
    """`machine_curve.capacity_share` for columns."""
    import numpy as np

    x, y = np.clip(x, -3.0, 4.0), np.clip(y, -12.0, 8.0)
    return 1.0 + x * (0.042 - 0.005 * x) - y * (0.030 + 0.0012 * y)


def _range(values: Any) -> Range:
    import numpy as np

    low, high = np.percentile(values, TAILS)
    return float(low), float(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A machine's meter against its curve, followed in the tick: fouling, a drifting sensor, another refrigerant charge.

    `ratio` is recursive least squares for one factor, forgetting old readings; `weight` (s) is how much it has seen.
    """

    ratio: float = 1.0
    weight: float = 600.0

    def after(
        self, power: float, expected: float, seconds: float, *, memory: float, most: float
    ) -> Correction:
        """Follows over `memory` seconds and never leaves 1 by more than `most`."""
        if not (power > 0.0 and expected > 0.0):
            return self
        kept = self.weight * max(1.0 - seconds / memory, 0.0)
        weight = kept + seconds
        ratio = (kept * self.ratio + seconds * power / expected) / weight if weight > 0.0 else 1.0
        return Correction(ratio=min(max(ratio, 1.0 - most), 1.0 + most), weight=weight)
