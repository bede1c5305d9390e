"""What is shown of a point's past is what is shown of it now: its feedback, or what was decided where nothing can be read."""

import asyncio

import pytest

from agent.console.agent_console import ConsoleRecords
from agent.core.point import Access, Point, WriteRules

POINTS = {
    one.id: one
    for one in (
        Point(id="ch1.supply"),
        Point(id="ch1.setpoint", access=Access.WRITE, writing=WriteRules(feedback="ch1.setpoint_active")),
        Point(id="ch1.enable", access=Access.WRITE),
        Point(id="fan.speed", access=Access.READ_WRITE, writing=WriteRules(feedback="fan.speed_active")),
        Point(id="fan.start", access=Access.READ_WRITE),
    )
}


class Kept:
    """A store that says what it is asked for."""

    async def history(self, point, since, until, limit):
        return [(since, point, "good")]


@pytest.mark.parametrize(
    ("point", "asked"),
    [
        ("ch1.supply", "ch1.supply"),
        ("ch1.setpoint", "ch1.setpoint_active"),
        ("ch1.enable", "ch1.enable@decided"),
        ("fan.speed", "fan.speed_active"),
        ("fan.start", "fan.start"),
        ("ch1.supply@decided", "ch1.supply@decided"),
        ("gone.point", "gone.point"),
    ],
)
def test_the_past_of_a_point_is_that_of_what_is_shown(point, asked):
    records = ConsoleRecords(Kept(), POINTS, None, None, None)
    assert asyncio.run(records.history(point, 1.0, 2.0)) == [(1.0, asked, "good")]
