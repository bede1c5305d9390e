"""What watchers are told of points whose value another point shows."""

from __future__ import annotations

import asyncio

from agent.control import live as live_module
from agent.control.live import Live
from agent.core.reading import ReadingBlock


async def test_a_command_is_shown_by_the_point_that_proves_it(monkeypatch) -> None:
    monkeypatch.setattr(live_module, "GATHER", 0.0)
    live = Live({"ch1.setpoint": "ch1.setpoint_active"})
    events = live.changes()
    asked = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    names = ("ch1.setpoint", "ch1.setpoint_active", "ch1.load")
    live.block(ReadingBlock(device="ch1", points=names, values=(7.0, 8.5, 60.0), time=100.0, elapsed=1.0))
    event = await asked
    assert event["points"]["ch1.setpoint"] == [8.5, "good", 100.0]
    assert event["points"]["ch1.setpoint_active"] == [8.5, "good", 100.0]
    assert event["points"]["ch1.load"] == [60.0, "good", 100.0]
    await events.aclose()
