"""Values that exist only inside the agent: as fresh as the slowest area that decides them, and nothing to wait for."""

import asyncio

from agent.control.point_table import PointTable
from hil.virtual_time import LoopClock, run_virtual


def test_a_virtual_value_of_a_slow_area_is_not_stale_between_its_ticks_and_ends_when_the_area_is_silent():
    async def main():
        table = PointTable(LoopClock(asyncio.get_running_loop()))
        table.expect(("virtual.budget",), 300.0)
        assert table.knows(("virtual.budget",))  # nobody waits for what only a tick can make
        table.put_virtual({"virtual.budget": 80.0})
        await asyncio.sleep(299)
        assert table.reading("virtual.budget").good
        await asyncio.sleep(1300)
        assert not table.reading("virtual.budget").usable

    run_virtual(main())
