"""The planner beside a running agent: history on the disk, a process, the artefact in the snapshot, and `why` shows it."""

import asyncio
import os
import signal

import pytest

from agent.core.point import ValueKind
from agent.core.reading import ReadingBlock
from tests.integration.learning_past import children, keep
from tests.integration.plant_room import EVENING, PlantRoom
from tests.waiting import until

pytestmark = pytest.mark.integration


def office_weeks(room: PlantRoom):
    """Three weeks of the loop's sensors: 300 kW, and 900 kW from 08:00 to 18:00 (UTC+8)."""
    roles = room.site.areas["plant"].equipment["loop"].roles
    points = tuple(roles[f"chilled_water_{what}"] for what in ("flow", "supply_temp", "return_temp"))
    assert all(room.site.points[point].kind is ValueKind.NUMBER for point in points)
    for number in range(21 * 288):
        time = EVENING - (number + 1) * 300.0
        kw = 900.0 if 8 <= (time / 3600.0 + 8.0) % 24 < 18 else 300.0
        yield ReadingBlock("io", points, (kw / 4.19 / 5.0, 7.0, 12.0), time, 0.0)


async def test_a_running_agent_learns_goes_on_when_the_planner_dies_and_recovers(tmp_path):
    async with PlantRoom(tmp_path / "site") as room:
        await keep(room.folder.site.parent / "data/plantroom.db", office_weeks(room))
        await room.run_agent_inside()
        [seen] = await room.plantroom("plan", "shed")
        assert (seen["policy"], seen["state"], seen["kind"]) == ("shed", "waiting", "load_profile")

        await room.plantroom("plan", "shed", "--now")
        await until(children)
        os.kill(children()[0], signal.SIGKILL)
        await wait_for(room, lambda seen: seen["failures"] == 1)
        [seen] = await room.plantroom("plan", "shed")
        assert (seen["error"], seen["digest"]) == ("the planner was killed by signal 9", None)
        assert not [one for one in await room.plantroom("alarms") if "learn" in one["text"]]

        await room.plantroom("plan", "shed", "--now")
        await wait_for(room, lambda seen: seen["state"] == "learned")
        [seen] = await room.plantroom("plan", "shed")
        assert seen["content"]["days"] == {"rest_day": 6, "workday": 15}
        assert seen["content"]["kw"]["workday"][48] == pytest.approx(900.0, abs=1.0)
        assert seen["rss_mb"] < 160.0
        await until_async(lambda: known_by_why(room, seen["digest"]))
        areas = await room.plantroom("authority")
        assert all(not area["faults"] for area in areas)
        assert all(area["last_tick_age"] <= 2 * area["tick"] for area in areas)


async def wait_for(room: PlantRoom, condition) -> None:
    async def seen() -> bool:
        return condition((await room.plantroom("plan", "shed"))[0])

    await until_async(seen)


async def until_async(condition, seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.1)


async def known_by_why(room: PlantRoom, digest: str) -> bool:
    why = await room.plantroom("why", "ch1.enable")
    return [one["digest"] for one in why["learned"]] == [digest]
