"""agent.advisory.sender on virtual time: nothing is lost, limits are kept, one bad channel or name stops no other."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from agent.advisory.carriers import Part
from agent.advisory.desk import Desk
from agent.advisory.links import Links
from agent.advisory.message import Composer
from agent.advisory.model import BusyError, ContentError
from agent.advisory.sender import Sender
from agent.advisory.settings import DingtalkSettings, Language, WecomSettings
from agent.advisory.store import AdvisoryStore
from hil.virtual_time import LoopClock, run_virtual
from tests.advisory.small_advisory import advisory, at, site

START = at("2026-11-22 10:00:30")
KEYED = "https://qyapi.example/send?key=TOPSECRET"


async def inline(work, *given, **named):
    return work(*given, **named)


class Robot:
    """Stands for all channels; answers as it is told, and remembers what it took and when."""

    def __init__(self, clock, *, refuse=(), until=0.0, dead=None):
        self.clock, self.refuse, self.until, self.dead = clock, refuse, until, dead
        self.taken: list[tuple[str, str, float]] = []  # channel's address, site, time
        self.messages: list[float] = []
        self.calls = 0

    def parts(self, settings, message, utc):
        yield Part(lambda: self._take(settings, message))
        if isinstance(settings, WecomSettings) and message.picture:
            yield Part(self._picture, picture=True)

    async def _take(self, settings, message):
        self.calls += 1
        await asyncio.sleep(0.2)
        if self.dead is not None and isinstance(settings, self.dead):
            raise BusyError("oapi.example: ClientConnectorError")
        if self.clock.utc() < self.until:
            raise BusyError("error 45009", 60.0)
        if any(line.site in self.refuse for line in message.lines):
            raise ContentError("error 40058")
        self.messages.append(self.clock.utc())
        self.taken += [(settings.url, line.site, self.clock.utc()) for line in message.lines]

    async def _picture(self):
        self.messages.append(self.clock.utc())


def office(count=1, channels=None, of=lambda number: "group", store=None):
    sites = [site(f"s{number}", channel=of(number), people=()) for number in range(count)]
    channels = channels or {"group": WecomSettings(url=KEYED), "duty": WecomSettings(url=KEYED)}
    plan = advisory(*sites, channels=channels)
    store = store or AdvisoryStore(":memory:")
    desk = Desk(plan, store, START)
    while desk.work(START):
        pass
    return plan, store


def run(plan, store, seconds, **robot):
    async def main():
        clock = LoopClock(asyncio.get_running_loop(), START)
        carrier = Robot(clock, **robot)
        composer = Composer(plan.sites, Links("http://x", b"k", store.epoch), Language.CHINESE)
        sender = Sender(plan.channels, store, inline, composer, carrier, clock)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await sender.run()
        return carrier, sender

    return run_virtual(main())


def test_many_sites_share_messages_and_each_is_told_once():
    plan, store = office(200)
    robot, sender = run(plan, store, 300)
    assert sorted(one for _, one, _ in robot.taken) == sorted(plan.sites)
    assert store.counts()["notes"] == {"sent": 200}
    assert sender.tally.messages == len({time for _, _, time in robot.taken}) < 12
    assert len(robot.messages) == 2 * sender.tally.messages  # each with its picture
    again, _ = run(plan, store, 300)
    assert again.taken == []


def test_the_minute_is_kept_over_a_restart():
    channels = {f"c{number}": WecomSettings(url=KEYED) for number in range(1)}
    plan, store = office(900, channels={**channels, "duty": WecomSettings(url=KEYED)}, of=lambda _: "c0")
    first, _ = run(plan, store, 20)
    second, _ = run(plan, store, 600)  # the clock starts anew where the first began
    assert len(first.messages) <= 20
    late = [time for time in second.messages if time < START + 60.0]
    assert len(late) == 0 or len(first.messages) + len(late) <= 20
    for start in second.messages:
        assert sum(1 for one in second.messages if start <= one < start + 60.0) <= 20
    sites = [one for _, one, _ in (*first.taken, *second.taken)]
    assert set(sites) == set(plan.sites)
    assert len(sites) - len(set(sites)) <= 40  # at most the one that was under way comes twice


def test_a_robot_that_says_too_many_is_left_alone_and_gets_everything_later():
    plan, store = office(5)
    robot, sender = run(plan, store, 1800, until=START + 600.0)
    assert {one for _, one, _ in robot.taken} == set(plan.sites)
    assert robot.calls <= 13  # a try a minute, and no storm
    assert sender.tally.failures == robot.calls - 1


def test_one_odd_name_silences_no_other_and_is_put_aside(caplog):
    plan, store = office(30)
    with caplog.at_level(logging.INFO):
        robot, sender = run(plan, store, 3600, refuse=("s7",))
    assert {one for _, one, _ in robot.taken} == set(plan.sites) - {"s7"}
    assert store.counts()["notes"] == {"sent": 29, "refused": 1}
    assert sender.tally.refused == 1
    assert "s7" in caplog.text
    assert "TOPSECRET" not in caplog.text


def test_a_dead_channel_stops_no_other_and_is_said_once(caplog):
    channels = {
        "dead": DingtalkSettings(url=KEYED),
        "well": WecomSettings(url=KEYED),
        "duty": WecomSettings(url=KEYED),
    }
    plan, store = office(10, channels=channels, of=lambda number: ("dead", "well")[number % 2])
    with caplog.at_level(logging.INFO):
        robot, _ = run(plan, store, 7200, dead=DingtalkSettings)
    assert len(robot.taken) == 5
    assert caplog.text.count("is down") == 1
    assert robot.calls < 40
    assert store.counts()["notes"] == {"sent": 5, "waiting": 5}


def test_what_nobody_needs_any_more_is_not_said_late():
    plan, store = office(3)
    night_over = at("2026-11-23 08:00")
    with store.together():
        assert store.notes.expire(night_over) == 3
    robot, _ = run(plan, store, 60)
    assert robot.taken == []
