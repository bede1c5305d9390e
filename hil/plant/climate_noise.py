"""Noise of the weather: repeatable normal numbers by date, and daily clearness with a wanted mean and spread."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, sqrt
from random import Random

_MEMORY = 20  # days; older innovations no longer matter at any persistence below 0.8
_NODES = tuple(-3.0 + 0.25 * place for place in range(25))  # of a normal variable
_WEIGHTS = tuple(exp(-0.5 * node * node) for node in _NODES)
_DARKEST, _BRIGHTEST = 0.06, 0.78  # daily clearness


@lru_cache(maxsize=8192)
def normal(seed: int, kind: str, day: int) -> float:
    """A standard normal number of its own for each day, cut at 2.6."""
    return max(min(Random(f"{seed}/{kind}/{day}").gauss(0.0, 1.0), 2.6), -2.6)


def correlated(seed: int, kind: str, day: int, persistence: float) -> float:
    """A first-order autoregressive standard normal series, rebuilt from its last innovations."""
    spread = sqrt(1.0 - persistence * persistence)
    return spread * sum(persistence**back * normal(seed, kind, day - back) for back in range(_MEMORY))


def clearness_curve(mean: float, deviation: float) -> Callable[[float], float]:
    """From a standard normal number to a day's clearness: a logistic curve with this mean and standard deviation."""
    steepness = 1.0
    middle = 0.0
    for _ in range(60):
        middle += 4.0 * (mean - _moments(middle, steepness)[0])
        found = _moments(middle, steepness)[1]
        steepness *= (deviation / found) ** 0.5
    return lambda number: _logistic(middle + steepness * number)


def _logistic(value: float) -> float:
    return _DARKEST + (_BRIGHTEST - _DARKEST) / (1.0 + exp(-value))


def _moments(middle: float, steepness: float) -> tuple[float, float]:
    values = [_logistic(middle + steepness * node) for node in _NODES]
    total = sum(_WEIGHTS)
    mean = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True)) / total
    square = sum(weight * (value - mean) ** 2 for weight, value in zip(_WEIGHTS, values, strict=True)) / total
    return mean, sqrt(square)
