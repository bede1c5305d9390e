"""Summer time both ways, and two weeks back, through the running agent: its lamps by the sun and its calendar, on virtual time."""

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from agent.control.jobs import CalendarJobs
from agent.core.equipment import Equipment, Place
from hil.virtual_time import run_virtual
from policies.lighting.astronomical import Astronomical
from tests.control.small_plant import SmallPlant

BERLIN = Place(name="Berlin", latitude=52.52, longitude=13.4, timezone="Europe/Berlin")
ZONE = ZoneInfo(BERLIN.timezone)
LAMPS = Equipment(id="pump", kind="lamp_group", area="plant", roles={"lamp_switch": "io.enable"})
POLICY = Astronomical(name="streets", curfew_from="02:30", curfew_to="04:00")
PACE = 30.0


def local(*when):
    return dt.datetime(*when, tzinfo=ZONE).timestamp()


class Story:
    """The agent from `start` on; what its lamps and its calendar did, by local time."""

    def __init__(self, start):
        self.start, self.lamps, self.ran = start, [], {"daily": [], "hourly": [], "gap": []}

    def tell(self, scenario):
        async def main():
            async with SmallPlant(policy=POLICY, pump=LAMPS, place=BERLIN, pace=PACE) as plant:
                self.plant = plant
                plant.clock.start_utc = self.start
                jobs = CalendarJobs(plant.clock, BERLIN.timezone)
                jobs.daily("daily", dt.time(0, 5), self._job("daily"))
                jobs.daily("gap", dt.time(2, 30), self._job("gap"))
                jobs.hourly("hourly", 10, self._job("hourly"))
                jobs.start()
                watching = asyncio.create_task(self._watch())
                await scenario(plant)
                watching.cancel()
                jobs.stop()
                assert not [one for one in plant.parts.alarms.all() if one.id.startswith("tick")]

        run_virtual(main())
        return self

    def _job(self, name):
        async def job():
            self.ran[name].append(self._now())

        return job

    async def _watch(self):
        shown = None
        while True:
            now = self.plant.driver.values["io.enable"]
            if now is not shown:
                self.lamps.append((self._now()[:-1], "on" if now else "off"))  # to ten minutes
                shown = now
            await asyncio.sleep(10.0)

    def _now(self):
        return dt.datetime.fromtimestamp(self.plant.clock.utc(), ZONE).strftime("%d %H:%M")


def day_and_a_half(_plant):
    return asyncio.sleep(36 * 3600.0)


def test_the_night_in_which_an_hour_comes_twice():
    told = Story(local(2026, 10, 24, 12)).tell(day_and_a_half)
    assert told.lamps[1:] == [
        ("24 17:5", "on"),
        ("25 02:3", "off"),  # the first of the two half past two, and not once more at the second
        ("25 04:0", "on"),
        ("25 06:5", "off"),
        ("25 16:5", "on"),
    ]
    assert told.ran["daily"] == ["25 00:05"]
    assert len(told.ran["hourly"]) == 36
    assert len(told.ran["gap"]) == 1


def test_the_night_in_which_an_hour_is_missing():
    told = Story(local(2027, 3, 27, 12)).tell(day_and_a_half)
    assert told.lamps[1:] == [
        ("27 18:3", "on"),
        # there is no half past two: an hour later by the wall, as long after midnight as ever
        ("28 03:3", "off"),
        ("28 04:0", "on"),
        ("28 06:5", "off"),
        ("28 19:3", "on"),
    ]
    assert told.ran["daily"] == ["28 00:05", "29 00:05"]
    assert len(told.ran["hourly"]) == 36
    assert len(told.ran["gap"]) == 1


@pytest.mark.parametrize("days", [14, -14])
def test_a_clock_that_is_set_by_two_weeks(days):
    """Not trusted for a while, as agent.control.clock has it: lit by day. Then its new time holds, and nothing is made up for."""

    async def scenario(plant):
        await asyncio.sleep(3600.0)
        plant.clock.start_utc += days * 86_400.0
        plant.clock.is_trusted = False
        await asyncio.sleep(900.0)
        assert plant.driver.values["io.enable"] is True
        before = sum(map(len, told.ran.values()))
        assert before <= 2 + len(told.ran)
        plant.clock.is_trusted = True
        await asyncio.sleep(120.0)
        assert plant.driver.values["io.enable"] is False
        await asyncio.sleep(24 * 3600.0)

    told = Story(local(2026, 6, 20, 12))
    told.tell(scenario)
    hourly = told.ran["hourly"]
    assert 25 <= len(hourly) <= 27  # an hour, a quarter, a day: it neither stops nor runs in a burst
    assert len(told.ran["daily"]) in ((1, 2) if days > 0 else (1,))
    assert len(told.lamps) <= 8
