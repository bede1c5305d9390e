"""The calendar on site time, the sign of life of devices, and the watchdog that is fed only on proof."""

import asyncio
import datetime as dt
import logging
import time

from agent.control.heartbeat import Heartbeats
from agent.control.jobs import CalendarJobs
from agent.control.watchdog import StallDetector, Watchdog
from agent.core.device_profile import Device, DeviceProfile, Heartbeat
from hil.clock import ScaledClock


async def test_a_daily_job_runs_on_the_days_of_the_site_and_a_failing_one_comes_again():
    midnight = dt.datetime(2026, 7, 1, 15, 59, tzinfo=dt.UTC).timestamp()  # 23:59 in Shanghai
    clock = ScaledClock(86_400.0, midnight)  # a day in a second
    jobs = CalendarJobs(clock, "Asia/Shanghai")
    runs: list[str] = []

    async def job():
        runs.append(dt.datetime.fromtimestamp(clock.utc(), dt.UTC).strftime("%d %H"))
        raise RuntimeError("once too often")

    logging.getLogger("plantroom.jobs").disabled = True
    jobs.daily("table", dt.time(0, 5), job)
    jobs.start()
    async with asyncio.timeout(15):
        while len(runs) < 2:  # noqa: ASYNC110 - the scheduler has no event
            await asyncio.sleep(0.05)
    jobs.stop()
    logging.getLogger("plantroom.jobs").disabled = False


def heartbeats(clock):
    beat = Heartbeat(point="heartbeat", period=10.0)
    devices = [Device(id="lamps", bus="line", profile=DeviceProfile(id="gateway", heartbeat=beat))]
    return Heartbeats(devices, lambda _device: frozenset({"garage", "street"}), clock)


def test_a_device_gets_its_sign_of_life_only_while_all_areas_that_command_it_are_well():
    class Clock:
        now = 0.0

        def elapsed(self):
            return self.now

    clock, sent = Clock(), []
    beats = heartbeats(clock)
    both = frozenset({"garage", "street"})
    for second in range(30):
        clock.now = float(second)
        beats.beat("garage", both, sent.append)
    assert [order.value for order in sent] == [1, 0, 1, 0, 1, 0]  # every half period, with a new value
    assert {order.point for order in sent} == {"lamps.heartbeat"}
    sent.clear()
    for second in range(30, 60):
        clock.now = float(second)
        beats.beat("garage", frozenset({"garage"}), sent.append)
        beats.beat("plant", both, sent.append)
    assert sent == []


def test_the_watchdog_is_not_fed_while_one_part_is_late():
    parts = {"area plant": 0.2, "area garage": 0.0}
    watchdog = Watchdog(lambda: parts)
    assert watchdog.feed()
    parts["area garage"] = 1.5
    assert not watchdog.feed()
    parts["area garage"] = 0.9
    assert watchdog.feed()


async def test_a_stalled_loop_is_seen_and_its_place_written_down(caplog):
    detector = StallDetector(limit=0.2)
    detector.start()
    await asyncio.sleep(0)
    stall_here()
    async with asyncio.timeout(5):
        while not detector.stalls:  # noqa: ASYNC110 - a thread of its own
            await asyncio.sleep(0.02)
    detector.stop()
    assert "stall_here" in caplog.text


def stall_here():
    time.sleep(0.8)
