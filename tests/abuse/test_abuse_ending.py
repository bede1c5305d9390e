"""Told to stop, once or impatiently: everything is given back, and the next start does not take it for a crash."""

import asyncio
import signal

import pytest

from tests.integration.plant_room import until

pytestmark = pytest.mark.integration


async def test_told_to_stop_it_gives_back_and_is_in_charge_again_after_the_next_start(abused):
    await abused.agent.start()
    await abused.hold(40)
    await until(lambda: abused.room.commands.get("aisle_b.lamp_level") == 40.0)
    for _ in range(4):  # somebody who presses Ctrl-C again and again
        abused.agent.process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.005)
    assert await abused.agent.end(signal.SIGINT) == 0
    assert abused.room.commands["aisle_b.lamp_level"] == 100.0
    rows = await abused.agent.ask("release", "--config", str(abused.agent.site), "--if-crashed")
    assert rows == []
    await abused.agent.start()
    areas = await abused.agent.ask("authority")
    assert {one["authority"] for one in areas} == {"agent"}
    await until(lambda: abused.room.commands["aisle_b.lamp_level"] == 40.0)  # the override still stands
    assert "did not end by itself" not in abused.agent.log.read_text()


async def test_what_could_not_be_given_back_on_the_way_out_is_tried_again_by_the_release_program(abused):
    await abused.agent.start()
    await abused.hold(40)
    await until(lambda: abused.room.commands.get("aisle_b.lamp_level") == 40.0)
    line = abused.room.simulated.faces["meters"]
    line.stop()
    assert await abused.agent.end() == 0
    assert "NOT RELEASED: lamps.level_3" in abused.agent.log.read_text()
    assert abused.room.commands["aisle_b.lamp_level"] == 40.0
    line.start(abused.room.folder.site.parent / "line-meters")
    rows = await abused.agent.ask("release", "--config", str(abused.agent.site), "--if-crashed")
    assert {row["point"]: row["ok"] for row in rows}["lamps.level_3"]
    assert abused.room.commands["aisle_b.lamp_level"] == 100.0
    assert await abused.agent.ask("release", "--config", str(abused.agent.site), "--if-crashed") == []
