"""Student's t distribution without any library: how far a mean of few days may be off."""

from __future__ import annotations

from math import exp, lgamma, log

_ROUNDS, _CLOSE, _TINY = 300, 1e-14, 1e-300


def t_quantile(probability: float, freedom: float) -> float:
    """The t that is not passed with this probability (0.5 to 1). Raises ValueError outside."""
    if not 0.5 <= probability < 1.0 or freedom <= 0.0:
        raise ValueError("a probability from 0.5 to below 1 and positive degrees of freedom are wanted")
    low, high = 0.0, 1.0
    while t_probability(high, freedom) < probability:
        low, high = high, 2.0 * high
        if high > 1e12:
            return high
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if t_probability(middle, freedom) < probability else (low, middle)
    return 0.5 * (low + high)


def t_probability(t: float, freedom: float) -> float:
    """Share of the distribution below `t` >= 0. Abramowitz and Stegun 26.7.1 with 26.5.8."""
    return 1.0 - 0.5 * _beta(freedom / (freedom + t * t), 0.5 * freedom, 0.5)


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (26.5.8), evaluated by Lentz's method."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _beta(1.0 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1.0 - x)) / a
    value, c, d = 1.0, 1.0, 0.0
    for number in range(_ROUNDS):
        step, odd = number // 2, number % 2
        if number == 0:
            part = 1.0
        elif odd:
            part = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        else:
            part = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        d = 1.0 / _away(1.0 + part * d)
        c = _away(1.0 + part / c)
        value *= c * d
        if abs(1.0 - c * d) < _CLOSE:
            break
    return front * (value - 1.0)


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
