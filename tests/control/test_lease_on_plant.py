"""Two boxes on one plant: one acts, the other watches and takes over; whoever loses the plant writes nothing there any more."""

import asyncio

from agent.app.run import hands_of
from agent.app.watch import Watch
from agent.core.equipment import Authority
from agent.core.site import LeaseSettings
from agent.core.tick import WriteOrder
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import SmallPlant, Steady

T = 60.0
POINT = "io.lease"


class TwoBoxes:
    """Their own agents, stores and lines; the same device."""

    def __init__(self, *numbers, stores=(None, None)):
        self.boxes = [
            SmallPlant(
                store=store or FakeStore(),
                policy=Steady(speed=60.0 + 10.0 * place),
                lease=LeaseSettings(point=POINT, box=number, expires=T),
            )
            for place, (number, store) in enumerate(zip(numbers, stores, strict=True))
        ]
        one, other = self.boxes
        other.driver.values = one.driver.values
        self.values = one.driver.values
        self.values[POINT] = 0

    async def __aenter__(self):
        for box in self.boxes:
            await box.__aenter__()
        return self

    async def __aexit__(self, *_):
        for box in self.boxes:
            await box.kill()

    def acting(self):
        return [place for place, box in enumerate(self.boxes) if box.parts.lease.acts()]

    def authority(self, place):
        return self.boxes[place].parts.charge.authority("plant")

    def machine_writes(self, place):
        return [point for point in self.boxes[place].writes() if point != POINT]


def virtual(scenario, *numbers, **options):
    async def main():
        async with TwoBoxes(*numbers, **options) as two:
            await scenario(two)

    run_virtual(main())


def alarms(box):
    return {one.id: one.text for one in box.parts.alarms.all() if one.standing}


def test_one_acts_and_the_other_watches_and_writes_nothing():
    async def scenario(two):
        for _ in range(60):
            await asyncio.sleep(5.0)
            assert len(two.acting()) <= 1
        [first] = two.acting()
        other = 1 - first
        assert two.values["io.speed"] == 60.0 + 10.0 * first
        assert (two.authority(first), two.authority(other)) == (Authority.AGENT, Authority.SHADOW)
        assert two.machine_writes(other) == []
        assert "this one watches" in alarms(two.boxes[other])["lease:other"]
        assert "foreign:io.speed" not in alarms(two.boxes[first])

    virtual(scenario, 1, 2)


def test_the_other_takes_over_a_plant_whose_box_died_and_the_dead_one_gives_nothing_back_when_it_returns():
    stores = (FakeStore(), FakeStore())

    async def scenario(two):
        await asyncio.sleep(2 * T)
        [first] = two.acting()
        other = 1 - first
        await two.boxes[first].kill()
        await asyncio.sleep(2.5 * T)
        assert two.acting() == [other]
        assert two.values["io.speed"] == 60.0 + 10.0 * other
        assert two.values["io.enable"] is True
        assert stores[first].documents("prior")
        back = SmallPlant(
            store=stores[first],
            policy=Steady(speed=99.0),
            lease=LeaseSettings(point=POINT, box=first + 1, expires=T),
        )
        back.driver.values = two.values
        async with back:
            watch = Watch(back.parts, {})
            for _ in range(20):
                await asyncio.sleep(6.0)
                await watch._give_back_the_rest()
            assert [point for point in back.writes() if point != POINT] == []
            assert stores[first].documents("prior") == {}  # theirs now
        assert two.values["io.speed"] == 60.0 + 10.0 * other

    virtual(scenario, 1, 2, stores=stores)


def test_whoever_cannot_renew_gives_back_before_the_other_begins():
    async def scenario(two):
        await asyncio.sleep(2 * T)
        [first] = two.acting()
        box, other = two.boxes[first], 1 - first
        write = box.driver.write

        async def lease_lost(point, value):
            if point != POINT:
                await write(point, value)

        box.driver.write = lease_lost
        given_back = taken = None
        for second in range(150):
            await asyncio.sleep(1.0)
            if given_back is None and two.authority(first) is Authority.SHADOW:
                await asyncio.sleep(5.0)
                given_back = second
                assert two.values["io.enable"] is False  # its own control again
                assert two.acting() == []
            if two.acting() == [other]:
                taken = second
                break
        assert given_back is not None
        assert taken is not None
        assert given_back < taken
        before = len(two.machine_writes(first))
        await asyncio.sleep(T)
        assert len(two.machine_writes(first)) == before

    virtual(scenario, 1, 2)


def test_a_write_that_was_on_its_way_when_the_box_hung_does_not_go_out():
    async def scenario(two):
        await asyncio.sleep(2 * T)
        [first] = two.acting()
        box = two.boxes[first]
        keeper = box.parts.lease
        assert keeper.barred("io.speed") == ""
        keeper._lease = keeper.lease.__class__(box=first + 1, expires=T)  # as after a long sleep
        assert "not held" in keeper.barred("io.speed")
        assert keeper.barred(POINT) == ""
        heard, before = [], len(two.machine_writes(first))
        order = WriteOrder(point="io.speed", value=33.0, reason="decided before")
        box.parts.pollers["line"].submit(order, lambda _, error: heard.append(str(error)))
        await asyncio.sleep(1.0)
        assert heard == ["the lease on the plant is not held"]
        assert len(two.machine_writes(first)) == before

    virtual(scenario, 1, 2)


def test_an_end_in_order_frees_it_at_once():
    async def scenario(two):
        await asyncio.sleep(2 * T)
        [first] = two.acting()
        box = two.boxes[first]
        await box.parts.handover.release(None, at_once=True)
        await box.parts.lease.free(hands_of(box.parts, box.parts.lease))
        box.tasks[-1].cancel()
        await asyncio.sleep(T / 2)
        assert two.acting() == [1 - first]  # no need to wait until it has run out

    virtual(scenario, 1, 2)


def test_a_copied_box_with_the_same_number_is_found_out():
    async def scenario(two):
        await asyncio.sleep(5 * T)
        assert len(two.acting()) <= 1
        two.values[POINT] = 1000 * 3 + 555  # a beat that nobody here has written
        await asyncio.sleep(T / 6)
        assert [box for box in two.boxes if "lease:twin" in alarms(box)]

    virtual(scenario, 3, 3)
