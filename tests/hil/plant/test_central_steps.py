"""One story at any step: a day and a drill of a whole plant give the same energies and counts from 0.1 s to 60 s."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest

from hil.plant.central_plant import CentralPlant
from hil.plant.variables import Inputs, Variable
from tests.hil.plant.central_cases import TRANE, YORK, design, headered, outdoors, plant, storage

Story = Callable[[float], Inputs]
"""Commands at a second of the story."""


def staged(second: float) -> Inputs:
    """Machine 2 from 9 to 17 h, warmer water at night, pumps slower in the evening, tank filled before dawn."""
    hour = second / 3600.0
    busy = 9.0 <= hour < 17.0
    commands: dict[str, Variable] = {
        f"{name}_2.enable": busy for name in ("chiller", "chilled_pump", "condenser_pump", "tower")
    }
    commands["chiller_1.chilled_water_setpoint"] = 7.0 if 6.0 <= hour < 20.0 else 9.0
    commands["chilled_pump_1.speed_command"] = 100.0 if hour < 18.0 else 70.0
    commands["tower_1.speed_command"] = 60.0 if hour < 8.0 else 90.0
    commands["tank.charge"] = 2.0 <= hour < 5.0
    commands["tank.discharge"] = 12.0 <= hour < 14.0
    commands["tank.flow_command"] = 50.0
    return commands


def drill(second: float) -> Inputs:
    """Twenty minutes: a machine and its pumps stop and come back, the fans slow down."""
    away = 240.0 <= second < 480.0
    return {
        "chiller_2.enable": not away,
        "chilled_pump_2.enable": not away,
        "condenser_pump_2.enable": not away,
        "tower_1.speed_command": 50.0 if second > 600.0 else 100.0,
        "chiller_1.demand_limit": 60.0 if second > 900.0 else 100.0,
    }


def figures(dt: float, seconds: float, story: Story) -> tuple[dict[str, float], dict[str, float]]:
    """Energies and peaks, then counts."""
    group = design((YORK, TRANE)).chilled
    one: CentralPlant = plant(design((YORK, TRANE), chilled=headered(group), storage=storage(charged=0.5)))
    start = 0.0 if seconds > 7200.0 else 10 * 3600.0
    powers: list[float] = []
    for turn in range(round(seconds / dt)):
        if round(turn * dt, 6) % 900.0 == 0.0:
            powers.append(one.balance.electricity)
        one.step(dt, story(turn * dt), outdoors(start + (turn + 1) * dt))
    powers.append(one.balance.electricity)
    row = one.outputs()
    balance = one.balance
    energies = {
        "delivered": balance.delivered,
        "electricity": balance.electricity,
        "rejected": balance.rejected,
        "peak": max(after - before for before, after in pairwise(powers)),
        "stored": one.stored()["tank"],
        "water": float(row["loop.chilled_water_supply_temp"]),
    }
    counted = ("chiller", "chilled_pump", "condenser_pump", "tower")
    energies |= {f"{name}_{n}": float(row[f"{name}_{n}.energy"]) for name in counted for n in (1, 2)}
    starts = {f"{name}_{n}": float(row[f"{name}_{n}.starts"]) for name in counted for n in (1, 2)}
    return energies, starts


@cache
def finest(seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    return figures(5.0, seconds, staged) if seconds > 7200.0 else figures(0.1, seconds, drill)


@pytest.mark.parametrize("dt", [20.0, 60.0])
def test_a_day_is_the_same_at_any_step(dt: float) -> None:
    fine, counts = finest(86_400.0)
    energies, starts = figures(dt, 86_400.0, staged)
    assert energies == pytest.approx(fine, rel=0.02)
    assert starts == pytest.approx(counts, abs=1.0)
    assert counts["chiller_2"] >= 1.0


@pytest.mark.parametrize("dt", [1.0, 10.0])
def test_a_drill_of_twenty_minutes_is_the_same_at_a_tenth_of_a_second(dt: float) -> None:
    # a step of a minute is a twentieth of this story, and each command is late by as much: the day above is for that
    fine, counts = finest(1200.0)
    energies, starts = figures(dt, 1200.0, drill)
    assert energies == pytest.approx(fine, rel=0.02)
    assert starts == counts
    assert counts["chiller_2"] == 1.0
