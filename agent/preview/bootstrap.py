"""An estimate with its uncertainty: the mean over days, and how far it would have been off with other days (Efron 1979)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from agent.control.preview_job import Interval

DRAWS = 2000
OUTER = 0.05  # of the draws beyond each end: a 90 % interval


def over_days(
    values: Sequence[float], errors: Sequence[float] = (), exposed: Sequence[float] = ()
) -> Interval:
    """`errors`: what the method itself was off by on each day; each drawn day has one of them, as far as it is `exposed` (0 to 1)."""
    chance = random.Random(1)  # the same days give the same interval
    count = len(values)
    mean = sum(values) / count
    means: list[float] = []
    for _ in range(DRAWS):
        total = 0.0
        for _ in range(count):
            day = chance.randrange(count)
            total += values[day]
            if errors:
                total += errors[chance.randrange(count)] * exposed[day]
        means.append(total / count)
    means.sort()
    low, high = means[int(OUTER * DRAWS)], means[int((1.0 - OUTER) * DRAWS) - 1]
    return Interval(mean=mean, low=min(low, mean), high=max(high, mean), days=count)
