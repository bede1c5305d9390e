"""Arithmetic on grids of numbers that all bounds share: envelopes and interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Boolean = npt.NDArray[np.bool_]


def lower_envelope(x: Array, values: Array) -> Array:
    """The lower convex envelope of `values` over their first axis, whose nodes are `x`; all columns at once.

    A march around the hull: from each corner on to the node of least slope.
    """
    count = len(x)
    columns = values.reshape(count, -1)
    result = columns.copy()
    corner = np.zeros(columns.shape[1], dtype=np.intp)
    every = np.arange(columns.shape[1])
    nodes = np.arange(count)[:, None]
    while True:
        busy = every[corner[every] < count - 1]
        if busy.size == 0:
            return result.reshape(values.shape)
        at = corner[busy]
        here = columns[at, busy]
        run = x[:, None] - x[at][None, :]
        ahead = nodes > at[None, :]
        slopes = np.where(ahead, (columns[:, busy] - here) / np.where(ahead, run, 1.0), np.inf)
        target = slopes.argmin(axis=0)
        least = slopes[target, np.arange(busy.size)]
        between = ahead & (nodes <= target[None, :])
        result[:, busy] = np.where(between, here + least * run, result[:, busy])
        corner[busy] = target
        every = busy


def places(axis: Array, at: Array) -> Array:
    """Fractional index of values on a rising axis; its ends are held."""
    return np.interp(at, axis, np.arange(len(axis), dtype=np.float64))


def look_up(table: Array, indices: Sequence[Array]) -> Array:
    """Multilinear interpolation at fractional indices that broadcast against each other."""
    lows, shares = [], []
    for axis, index in enumerate(indices):
        low = np.minimum(index.astype(np.intp), max(table.shape[axis] - 2, 0))
        lows.append(low)
        shares.append(index - low)
    total: Any = 0.0
    for corner in range(2 ** len(lows)):
        weight: Any = 1.0
        place = []
        for axis, (low, share) in enumerate(zip(lows, shares, strict=True)):
            high = (corner >> axis) & 1
            weight = weight * (share if high else 1.0 - share)
            place.append(np.minimum(low + high, table.shape[axis] - 1))
        total = total + weight * table[tuple(place)]
    return np.asarray(total, dtype=np.float64)


def along_first(table: Array, axis: Array, at: Array) -> Array:
    """Interpolates the first axis of `table` at positions `at` of the same shape as one slice, or wider before it."""
    index = places(axis, at)
    low = np.minimum(index.astype(np.intp), len(axis) - 2)
    share = index - low
    rest = np.ix_(*(np.arange(size) for size in table.shape[1:]))
    first = table[(low, *rest)]
    return np.asarray(first + share * (table[(low + 1, *rest)] - first), dtype=np.float64)
