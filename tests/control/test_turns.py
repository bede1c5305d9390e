"""Turns on a line: one at a time, and who is silent comes last."""

import asyncio

import pytest

from agent.control.turns import Turns
from hil.virtual_time import run_virtual


class Line:
    """Writes down who had it; `dead` ones take a second to say nothing."""

    def __init__(self, dead=()):
        self.turns, self.dead, self.served, self.at_once = Turns(), set(dead), [], 0

    async def use(self, device):
        async with self.turns.take(device):
            self.at_once += 1
            assert self.at_once == 1
            self.served.append(device)
            await asyncio.sleep(1.0 if device in self.dead else 0.01)
            self.at_once -= 1
            if device in self.dead:
                raise TimeoutError

    def run(self, *devices, after=None):
        async def main():
            tasks = [asyncio.create_task(self.use(one)) for one in devices]
            if after:
                await after(tasks)
            return await asyncio.gather(*tasks, return_exceptions=True)

        return run_virtual(main())


def test_first_come_first_served():
    line = Line()
    line.run("a", "b", "a", "c")
    assert line.served == ["a", "b", "a", "c"]


def test_who_was_silent_once_lets_the_others_go_first():
    line = Line(dead=["a", "b"])
    line.run("a", "a", "a", "b", "b", "c", "c")
    assert line.served == ["a", "b", "c", "c", "a", "b", "a"]


@pytest.mark.parametrize("moment", [0.0, 0.005], ids=["while it waits", "just as it is its turn"])
def test_who_gives_up_holds_nobody_up(moment):
    async def cancelled(tasks):
        await asyncio.sleep(moment)
        tasks[1].cancel()

    line = Line()
    line.run("a", "b", "c", after=cancelled)
    assert line.served == ["a", "c"]


def test_who_is_cancelled_in_the_moment_of_its_turn_passes_it_on():
    async def main():
        turns, served = Turns(), []

        async def use(device):
            async with turns.take(device):
                served.append(device)
                await asyncio.sleep(0)
            if device == "a":  # the next one has been given the line, but does not know it yet
                second.cancel()

        first = asyncio.create_task(use("a"))
        second = asyncio.create_task(use("b"))
        third = asyncio.create_task(use("c"))
        await asyncio.gather(first, second, third, return_exceptions=True)
        return served

    assert run_virtual(main()) == ["a", "c"]
