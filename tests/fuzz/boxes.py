"""How long each fuzzer may go on: a number of examples, set from outside for the full form (`make torture`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = float(os.environ.get("PLANTROOM_FUZZ_FACTOR", "1"))


def box(examples: int) -> settings:
    """`examples` in a run of the tests, times the factor when asked for more; never the same twice then."""
    return settings(
        max_examples=max(1, round(examples * FACTOR)),
        derandomize=FACTOR == 1.0,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
