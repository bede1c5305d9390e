"""A tick of a large area costs about a millisecond at most: 50 commanded points, 20 machines, all their guards."""

import sys
import time

from agent.core.point import Limits
from tests.safety.rig import Rig, ask, machine, number


def large_area():
    machines = [
        machine(f"ch{i}", minimum_on=300, minimum_off=300, starts_per_hour=4, proof_of_flow="io.flow")
        for i in range(10)
    ]
    machines += [
        machine(f"pump{i}", kind="pump", minimum_on=60, run_on=120, serves=(f"ch{i}",)) for i in range(10)
    ]
    ramped = Limits(low=0, high=100, raise_rate=1.0, lower_rate=1.0)
    points = [number(f"io.out{i}", limits=ramped) for i in range(30)]
    return Rig(machines, points, minimum_running={"chiller": 1})


# 0.7 ms on two cores of a small box; twice a millisecond leaves room for a busy or traced one
ALLOWED = 0.002 if sys.gettrace() is None else 0.02


def test_fifty_points_and_twenty_machines_are_decided_in_about_a_millisecond():
    rig = large_area()
    rig.see("io.flow", True)
    for one in rig.model.equipment:
        rig.see(f"{one}.status", True)
    commands = [ask(f"{one}.enable", True) for one in rig.model.equipment]
    commands += [ask(f"io.out{i}", 50.0) for i in range(30)]
    commands += [ask(f"io.out{i}", priority=9, source="comfort", low=20, high=80) for i in range(30)]
    heard = frozenset({"sequence", "comfort"})
    best = float("inf")
    for _ in range(100):
        rig.now += 1.0
        snapshot = rig.snapshot()
        began = time.perf_counter()
        rig.decisions, rig.state = rig.arbiter.decide(snapshot, commands, heard, rig.state)
        best = min(best, time.perf_counter() - began)
    assert len(rig.decisions) == 50
    assert best < ALLOWED, f"{best * 1e6:.0f} us"
