"""The poller on virtual time: pace, back-off, writes ahead of reads, line loss and return."""

import asyncio
from collections import Counter

import pytest

from agent.control.poller import Poller
from agent.core.driver import ReadItem
from agent.core.errors import BusError, DeviceError
from agent.core.reading import Quality
from agent.core.tick import WriteOrder
from hil.virtual_time import LoopClock, run_virtual
from tests.control.fake_driver import FakeDriver

ITEMS = (
    ReadItem("a", ("a.temp",), 1.0),
    ReadItem("b", ("b.temp",), 1.0),
    ReadItem("slow", ("slow.energy",), 10.0),
)


class Bench:
    """A poller with its driver, and the blocks it delivered as (time, device, quality)."""

    def __init__(self, may_poll=lambda _device: True, items=ITEMS):
        self.clock = LoopClock(asyncio.get_running_loop())
        self.driver = FakeDriver(self.clock, items)
        self.blocks = []
        self.poller = Poller("line", self.driver, self.clock, self._deliver, may_poll)
        self.task = asyncio.create_task(self.poller.run())

    def _deliver(self, block):
        good = block.qualities is None
        self.blocks.append(
            (round(self.clock.elapsed(), 3), block.device, Quality.GOOD if good else Quality.BAD)
        )

    def delivered(self, device, quality=Quality.GOOD, since=0.0):
        return [at for at, who, how in self.blocks if who == device and how is quality and at >= since]

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def virtual(scenario):
    async def main():
        bench = Bench()
        try:
            return await scenario(bench)
        finally:
            await bench.end()

    return run_virtual(main())


def test_each_item_is_read_at_its_own_pace_and_at_once_at_first():
    async def scenario(bench):
        await asyncio.sleep(20.5)
        assert len(bench.delivered("a")) == 21
        assert len(bench.delivered("slow")) == 3
        assert bench.delivered("a")[0] < 0.01

    virtual(scenario)


def test_a_unit_that_does_not_answer_gets_no_sign_of_life_and_all_other_writes():
    """It may hear us: its own watchdog has to see that nobody is in charge of it."""

    async def scenario(bench):
        told = []
        beat = WriteOrder(point="a.heartbeat", value=1, reason="sign of life", why="heartbeat")
        done = lambda order, error: told.append((order.why, str(error or "")))
        await asyncio.sleep(2.5)
        bench.poller.submit(beat, done)
        await asyncio.sleep(0.5)
        assert told == [("heartbeat", "")]
        bench.driver.dead_devices.add("a")
        await asyncio.sleep(30.0)
        bench.poller.submit(beat, done)
        assert told[-1] == ("heartbeat", "a does not answer: it gets no sign of life")
        bench.poller.submit(WriteOrder(point="a.level", value=100.0, reason="lit to be safe"), done)
        bench.poller.submit(
            WriteOrder(point="b.heartbeat", value=1, reason="sign of life", why="heartbeat"), done
        )
        await asyncio.sleep(5.0)
        assert [one[0] for one in told[2:]] == ["heartbeat", "changed"]
        bench.driver.dead_devices.clear()
        await asyncio.sleep(60.0)
        bench.poller.submit(beat, done)
        await asyncio.sleep(0.5)
        assert told[-1] == ("heartbeat", "")

    virtual(scenario)


def test_a_dead_unit_is_asked_less_and_less_and_its_neighbour_keeps_its_pace():
    async def scenario(bench):
        bench.driver.dead_devices.add("a")
        await asyncio.sleep(120.5)
        asked = Counter(device for kind, device in bench.driver.log if kind == "read")
        assert asked["a"] < 12
        assert len(bench.delivered("b")) == 121
        assert bench.delivered("a") == []
        assert bench.delivered("a", Quality.BAD)

    virtual(scenario)


def test_a_unit_that_answers_again_is_back_at_its_pace():
    async def scenario(bench):
        bench.driver.dead_devices.add("a")
        await asyncio.sleep(20)
        bench.driver.dead_devices.clear()
        await asyncio.sleep(60)
        first = bench.delivered("a")[0]
        await asyncio.sleep(10)
        assert len(bench.delivered("a", since=first)) >= 10
        assert bench.poller.schedule.units["a"].failures == 0

    virtual(scenario)


def test_a_cut_line_marks_every_point_bad_reopens_and_goes_on():
    async def scenario(bench):
        await asyncio.sleep(2.5)
        bench.driver.line_cut = True
        await asyncio.sleep(5)
        assert not bench.poller.line.up
        assert {device for _, device, how in bench.blocks if how is Quality.BAD} == {"a", "b", "slow"}
        bench.driver.line_cut = False
        await asyncio.sleep(40)
        assert bench.poller.line.up
        assert bench.delivered("a")[-1] > 40
        assert bench.driver.opened == 2

    virtual(scenario)


def test_writes_go_ahead_of_reads_and_report_what_became_of_them():
    async def scenario(bench):
        await asyncio.sleep(0.99)
        results = []
        order = WriteOrder(point="b.temp", value=5.0, reason="test")
        bench.poller.submit(order, lambda sent, error: results.append((sent.value, error)))
        await asyncio.sleep(0.1)
        assert results == [(5.0, None)]
        write = bench.driver.log.index(("write", "b.temp"))
        assert bench.driver.log[write + 1 :].count(("read", "a")) == 1

    virtual(scenario)


def test_a_newer_order_replaces_one_that_still_waits():
    async def scenario(bench):
        await asyncio.sleep(0.5)
        for value in (1.0, 2.0, 3.0):
            bench.poller.submit(WriteOrder(point="b.temp", value=value, reason="t"), lambda *_: None)
        await asyncio.sleep(0.1)
        assert bench.driver.log.count(("write", "b.temp")) == 1
        assert bench.driver.values["b.temp"] == 3.0

    virtual(scenario)


def test_nothing_old_is_sent_when_a_line_comes_back():
    async def scenario(bench):
        await asyncio.sleep(0.5)
        bench.driver.line_cut = True
        await asyncio.sleep(2)
        errors = []
        bench.poller.submit(
            WriteOrder(point="a.temp", value=9.0, reason="t"), lambda _, error: errors.append(error)
        )
        assert isinstance(errors[0], BusError)
        bench.driver.line_cut = False
        await asyncio.sleep(40)
        assert ("write", "a.temp") not in bench.driver.log

    virtual(scenario)


def test_a_point_can_be_read_now_and_an_unreadable_one_says_so():
    async def scenario(bench):
        await asyncio.sleep(2.5)
        count = len(bench.delivered("slow"))
        await bench.poller.read_now("slow.energy")
        assert len(bench.delivered("slow")) == count + 1
        with pytest.raises(DeviceError):
            await bench.poller.read_now("slow.nothing")

    virtual(scenario)


def test_polling_of_a_device_stops_while_it_may_not_be_polled():
    async def main():
        allowed = True
        bench = Bench(lambda device: allowed or device != "a")
        await asyncio.sleep(2.5)
        allowed = False
        since = bench.clock.elapsed()
        await asyncio.sleep(10)
        assert bench.delivered("a", since=since) == []
        assert len(bench.delivered("b", since=since)) == 10
        await bench.end()

    run_virtual(main())


def test_a_fault_of_the_driver_itself_is_a_line_fault_and_not_the_end():
    async def scenario(bench):
        await asyncio.sleep(0.5)
        bench.driver.read = None  # type: ignore[method-assign]
        await asyncio.sleep(3)
        assert "driver fault" in bench.poller.line.error
        del bench.driver.read
        await asyncio.sleep(40)
        assert bench.poller.line.up

    virtual(scenario)


def test_a_host_that_connects_and_then_hangs_up_is_not_up_and_is_asked_less_and_less(caplog):
    async def main():
        bench = Bench()
        bench.driver.breakers.update(item.device for item in ITEMS)
        caplog.set_level("INFO", "plantroom.poller")
        await asyncio.sleep(300)
        assert not bench.poller.line.up
        assert bench.driver.opened < 20
        assert bench.poller.line.since < 1
        assert [record.message for record in caplog.records] == ["bus line is down: connection reset"]
        bench.driver.breakers.clear()
        await asyncio.sleep(40)
        assert bench.poller.line.up
        assert [record.message for record in caplog.records][1:] == ["bus line is up"]
        await bench.end()

    run_virtual(main())


def test_a_unit_that_breaks_the_line_each_time_is_asked_less_and_less_and_its_neighbours_are_read():
    async def scenario(bench):
        await asyncio.sleep(0.5)
        bench.driver.breakers.add("a")
        await asyncio.sleep(300)
        assert bench.driver.opened < 25
        assert len(bench.delivered("b")) > 270
        bench.driver.breakers.clear()
        await asyncio.sleep(90)
        assert bench.delivered("a")[-1] > 380

    virtual(scenario)


def test_a_line_with_nothing_to_read_is_up_when_it_is_open():
    async def main():
        bench = Bench(items=())
        await asyncio.sleep(1)
        assert bench.poller.line.up
        await bench.end()

    run_virtual(main())


def test_a_dead_device_does_not_keep_its_neighbours_from_being_written():
    async def scenario(bench):
        bench.driver.dead_devices.add("a")
        await asyncio.sleep(5.0)
        sent = [
            WriteOrder(point=point, value=1.0, reason="", why="release") for point in ("a.x", "a.y", "b.x")
        ]
        for order in sent:
            bench.poller.submit(order, lambda *_: None)
        await asyncio.sleep(1.0)
        return [point for what, point in bench.driver.log if what == "write"]

    assert virtual(scenario) == ["b.x", "a.x", "a.y"]
