"""A storage plan made by the planner process: within its memory, its time, and with an answer that is a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.control.learning_job import MEMORY, Job, policy_address
from agent.control.planner_process import run_planner
from agent.core.equipment import Area, AreaModel, Equipment, Place
from agent.core.learning import DAY
from agent.core.point import Access, Point
from agent.core.reading import Reading, ReadingBlock
from agent.core.serial import from_plain, to_plain
from policies.chiller_plant.storage import Storage
from policies.chiller_plant.storage_plan import StoragePlan
from tests.integration.learning_past import keep

pytestmark = pytest.mark.integration

NOW = 1_784_649_600.0  # midnight in Shanghai
TARIFF = ("0:00-8:00 0.33", "10:00-12:00 14:00-19:00 1.08", "otherwise 0.65")


def machine(id_: str, kind: str, *roles: str, **nameplate: float) -> Equipment:
    return Equipment(
        id=id_, kind=kind, area="a", roles={role: f"{id_}.{role}" for role in roles}, nameplate=nameplate
    )


EQUIPMENT = (
    *(machine(f"c{n}", "chiller", "enable", "status", "power", capacity=2000.0) for n in (1, 2)),
    machine("loop", "loop", "chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp"),
    machine("tank", "tank", "charge", "discharge", "state_of_charge", "tank_flow", holds=16_000.0),
)
MODEL = AreaModel(
    area=Area(id="a"),
    place=Place(name="", latitude=22.5, longitude=114.0, timezone="Asia/Shanghai"),
    equipment={one.id: one for one in EQUIPMENT},
    points={
        point: Point(id=point, access=Access.READ_WRITE) for one in EQUIPMENT for point in one.roles.values()
    },
)


def blocks() -> list[ReadingBlock]:
    """Two days in quarters of an hour: an office by day."""
    found = []
    for number in range(192):
        utc = NOW - 2.0 * DAY + 900.0 * (number + 0.5)
        load = 2800.0 if 8.0 <= (utc + 8 * 3600.0) % DAY / 3600.0 < 20.0 else 400.0
        values = {
            "loop.chilled_water_flow": load / 4.19 / 6.0,
            "loop.chilled_water_supply_temp": 7.0,
            "loop.chilled_water_return_temp": 13.0,
            "c1.power": load / 5.0,
        }
        found.append(ReadingBlock("plant", tuple(values), tuple(values.values()), utc, 0.0))
    return found


async def test_a_plan_comes_out_of_the_process(tmp_path: Path) -> None:
    store = tmp_path / "samples.sqlite"
    await keep(store, blocks())
    rule = Storage(name="tank", tariff=TARIFF, demand_price=39.0)
    job = Job(
        policy=policy_address(rule),
        parameters=to_plain(rule),
        model=MODEL,
        readings={"tank.state_of_charge": Reading(20.0, NOW, 0.0)},
        artefacts={},
        store=str(store),
        elapsed=1000.0,
        until=NOW,
        window=rule.learning.window,
        deadline=rule.learning.deadline,
    )
    learned = await run_planner(job, replace(rule.learning, deadline=60.0))
    plan = from_plain(StoragePlan, learned.artefact.content)
    assert min(one.tank for one in plan.slots[:16]) < -1000.0
    assert max(one.tank for one in plan.slots[20:38]) > 1000.0
    assert learned.rss_mb < MEMORY / 2**20
    assert learned.seconds < 30.0
