"""How hard, and with which numbers: set from outside by `make torture SEED=... SCALE=...`."""

from __future__ import annotations

import os

SEED = int(os.environ.get("PLANTROOM_TORTURE_SEED", "1"))
SCALE = float(os.environ.get("PLANTROOM_TORTURE_SCALE", "1"))

CUTS = 2_000
KILLS = 15_000


def scaled(full: int) -> int:
    return max(1, round(full * SCALE))
