"""A small garage for tests of radar lighting: lanes in a row, a row of bays in the middle, stairs at the end."""

from __future__ import annotations

from typing import Any

from agent.core.equipment import AreaModel
from policies.lighting.radar import Radar
from tests.policies.snapshots import Bench, machine, model

LENGTH = 16.0  # m of each lane
NEIGHBOURS = {
    "ramp": ("lane_1",),
    "lane_1": ("lane_2",),
    "lane_2": ("lane_3",),
    "lane_3": ("lane_4", "bays"),
    "lane_4": ("lane_5",),
    "lane_5": ("stairs",),
    "bays": (),
    "stairs": ("nowhere",),
}
GROUPS = tuple(NEIGHBOURS)
STARTED = 700.0  # s after which nothing of the start is left


def garage_model(*more: Any, tick: float = 1.0) -> AreaModel:
    """Only one side names its neighbour, as installers do."""
    groups = [
        machine(name, "lamp_group", ("presence", "lamp_level"), next_to=beside, length=LENGTH)
        for name, beside in NEIGHBOURS.items()
    ]
    return model(*groups, *more, tick=tick)


def garage(*more: Any, tick: float = 1.0, started: bool = True, **parameters: Any) -> Bench:
    """Empty, and past its start unless said otherwise."""
    bench = Bench(Radar(name="lights", **parameters), garage_model(*more, tick=STARTED), {})
    seen(bench)
    if started:
        bench.run(2 * STARTED)
        assert set(lit(bench)) == set()
    bench.area = garage_model(*more, tick=tick)
    return bench


def seen(bench: Bench, *groups: str, **others: Any) -> None:
    """Somebody in the groups that are named, nobody in the others."""
    bench.values = {f"{group}.presence": group in groups for group in GROUPS}
    bench.values |= {f"{group}.presence": value for group, value in others.items()}


def lit(bench: Bench) -> dict[str, float]:
    """Groups above the dim level after the last tick, with their levels."""
    dim = bench.policy.dim_level
    return {
        point.partition(".")[0]: command.value
        for point, command in bench.wishes.items()
        if point.endswith("lamp_level") and command.value is not None and command.value > dim
    }


def after(bench: Bench, seconds: float, *groups: str, **others: Any) -> set[str]:
    """Let it be seen for so long; who is lit then."""
    seen(bench, *groups, **others)
    bench.run(seconds)
    return set(lit(bench))
