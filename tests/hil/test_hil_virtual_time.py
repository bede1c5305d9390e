"""Virtual time goes on, however late it is: a timer that is due is due, also where seconds have few digits left."""

import asyncio

import pytest

from hil.virtual_time import _JumpingSelector, run_virtual

MOST_TURNS = 2000


@pytest.fixture(autouse=True)
def no_standstill(monkeypatch):
    """A loop that turns without end ends the test."""
    turns = []
    select = _JumpingSelector.select

    def counted(self, timeout=None):
        turns.append(timeout)
        if len(turns) > MOST_TURNS:
            raise AssertionError("virtual time stands still")
        return select(self, timeout)

    monkeypatch.setattr(_JumpingSelector, "select", counted)


@pytest.mark.parametrize("start", [0.0, 1.6e7, 1.7e7, 3.2e7, 1e9])
def test_time_goes_on_at_any_time_of_a_year(start):
    async def story():
        loop = asyncio.get_running_loop()
        loop._jumping.now = start  # nobody waits a year for a test
        called = []
        loop.call_later(0.0, called.append, "at once")
        for number in range(50):
            begun = loop.time()
            await asyncio.sleep(60.0)
            assert loop.time() - begun == pytest.approx(60.0, abs=1e-6), number
        due = (loop.time() // 60.0 + 1.0) * 60.0
        while loop.time() < due:  # noqa: ASYNC110 - as a poller waits for its next slot
            await asyncio.sleep(due - loop.time())
        assert loop.time() == pytest.approx(due, abs=1e-6)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1e-12):
                await asyncio.Event().wait()
        return called

    assert run_virtual(story()) == ["at once"]


def test_early_on_not_a_digit_is_added():
    async def story():
        await asyncio.sleep(60.0)
        await asyncio.sleep(0.5)
        return asyncio.get_running_loop().time()

    assert run_virtual(story()) == 60.5
