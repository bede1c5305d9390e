"""The fault storm: every kind of fault the bench knows, one after the other in random order, each somewhere else."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hil.fault_board import FaultBoard, StandingFault
from hil.scenario.story import Storm


@dataclass(frozen=True, slots=True)
class Gust:
    """One fault of the storm."""

    at: float
    fault: StandingFault
    seconds: float


def gusts(storm: Storm, board: FaultBoard, seed: int) -> tuple[Gust, ...]:
    """The faults of a storm: all kinds once before any comes again; the same seed gives the same storm."""
    chance = random.Random(seed)
    by_kind: dict[str, list[StandingFault]] = {}
    for fault in board.possible():
        by_kind.setdefault(fault.kind, []).append(fault)
    kinds: list[str] = []
    found = []
    at = storm.begin
    while at < storm.end - 1e-6 and by_kind:
        if not kinds:
            kinds = sorted(by_kind)
            chance.shuffle(kinds)
        fault = chance.choice(by_kind[kinds.pop()])
        found.append(Gust(at, fault, storm.lasting))
        at += storm.every
    return tuple(found)
