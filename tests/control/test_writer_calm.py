"""A point at rest is passed over by the writer; orders, memory and reports are those of one that looks at every point."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from agent.control.calm import OwedPoints
from agent.control.writer import Writer
from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Area, AreaModel, Authority, Place
from agent.core.errors import BusError, RefusedError
from agent.core.point import Access, Persistence, Point, ValueKind, WriteRules
from agent.core.reading import Quality, Reading
from agent.core.snapshot import Snapshot

RAM = WriteRules(settle=5.0, tolerance=0.5, persistence=Persistence.RAM)
POINTS = {
    one.id: one
    for one in (
        Point(id="a.speed", access=Access.READ_WRITE, writing=RAM),
        Point(id="a.run", kind=ValueKind.SWITCH, access=Access.READ_WRITE),
        Point(id="b.echoed", access=Access.WRITE, writing=WriteRules(feedback="b.shown")),
        Point(id="b.shown"),
        Point(id="b.blind", access=Access.WRITE),
        Point(id="b.refreshed", access=Access.READ_WRITE, writing=WriteRules(refresh=30.0)),
    )
}
AREA = AreaModel(
    area=Area(id="plant"),
    place=Place(name="here", latitude=0.0, longitude=0.0, timezone="UTC"),
    equipment={},
    points=POINTS,
)


class Book:
    """The priors of a site whose disk never fails."""

    def __init__(self):
        self.found, self.ours, self.back = {}, set(), set()

    def taken(self, point):
        return point in self.found

    def take(self, point, value):
        self.found[point] = value

    def prior(self, point):
        return self.found.get(point)

    def wrote(self, point):
        self.ours.add(point)

    def owed(self, point):
        return point in self.found and point in self.ours

    def let_go(self, point):
        self.found.pop(point, None)
        self.ours.discard(point)

    def returning(self, point):
        return point in self.back

    def left_at(self, _point):
        return float("-inf")


class Plant:
    """One writer with devices that do what they are told, unless the story says otherwise."""

    def __init__(self, thinks_always):
        self.book, self.told, self.shown, self.failed = Book(), [], {}, {}
        self.writer = Writer(
            POINTS, self._submit, self.book, self, {}, lambda device: self.failed.get(device, float("-inf"))
        )
        self.passed = 0
        rests = self.writer._rests_as_it_is

        def counted(*given):
            rest = not thinks_always and rests(*given)
            self.passed += rest
            return rest

        self.writer._rests_as_it_is = counted

    def _submit(self, order, done):
        self.told.append((order.point, order.value, order.why))
        if order.value == 70.0:
            done(order, RefusedError("too fast"))
        elif order.value == 60.0:
            done(order, BusError("gone"))
        else:
            self.shown["b.shown" if order.point == "b.echoed" else order.point] = order.value
            done(order, None)

    def written(self, order, old, decision, error):
        self.told.append(("written", order.point, old, decision.reason, error))

    def noticed(self, what, point, wanted, found, note):
        self.told.append((what, point.id, wanted, found, note))

    def tick(self, now, wanted, lost, authority):
        readings = {
            id_: Reading(self.shown.get(id_, 0.0), now, now, Quality.BAD if id_[0] in lost else Quality.GOOD)
            for id_, point in POINTS.items()
            if point.access is not Access.WRITE
        }
        wish = {
            id_: Command(point=id_, priority=15, source="s", reason="r", value=value)
            for id_, value in wanted.items()
        }
        decisions = {
            id_: Decision(point=id_, value=one.value, winner=None if one.value is None else one, reason="r")
            for id_, one in wish.items()
        }
        snapshot = Snapshot(
            model=AREA, readings=readings, utc=now, utc_trusted=True, elapsed=now, authority=authority
        )
        return self.writer.apply(snapshot, decisions)


NUMBERS = st.sampled_from([40.0, 40.0, 40.0, 40.3, 50.0, 60.0, 70.0, None])
TICKS = st.tuples(
    st.fixed_dictionaries(
        dict.fromkeys(("a.speed", "b.echoed", "b.blind", "b.refreshed"), NUMBERS)
        | {"a.run": st.sampled_from([True, True, True, False, None])}
    ),
    st.integers(1, 6),  # how often
    st.sampled_from(["", "", "", "", "a", "b", "panel", "failed", "shadow", "returning", "back", "clear"]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(TICKS, min_size=1, max_size=8))
def test_passing_over_what_rests_changes_nothing(story):
    quick, slow = Plant(thinks_always=False), Plant(thinks_always=True)
    now = 1000.0
    for wanted, times, what in story:
        for turn in range(times):
            now += 4.0
            for plant in (quick, slow):
                _happen(plant, what if turn == 0 else "", now)
            lost = what if what in ("a", "b") else ""
            authority = Authority.SHADOW if what == "shadow" else Authority.AGENT
            orders = [plant.tick(now, wanted, lost, authority) for plant in (quick, slow)]
            assert orders[0] == orders[1]
            assert quick.told == slow.told
            assert quick.writer.states == slow.writer.states
            assert quick.book.__dict__ == slow.book.__dict__
    event(f"passed over: {'often' if quick.passed > 10 else 'now and then' if quick.passed else 'never'}")


def _happen(plant, what, now):
    if what == "panel":
        plant.shown["a.speed"] = 44.0
    elif what == "failed":
        plant.failed["a"] = now - 1.0
    elif what == "returning":
        plant.book.back = {"a.speed"}
    elif what == "back":
        for point in list(plant.book.found):
            plant.book.let_go(point)
    elif what == "clear":
        plant.writer.clear("a.speed")
    else:
        plant.book.back = set()


def test_a_settled_point_is_passed_over_until_something_moves():
    plant = Plant(thinks_always=False)
    for now in range(10, 60, 10):
        plant.tick(float(now), {"a.speed": 40.0}, "", Authority.AGENT)
    passed = plant.passed
    assert passed >= 1
    plant.failed["a"] = 55.0
    plant.tick(60.0, {"a.speed": 40.0}, "", Authority.AGENT)
    assert plant.passed == passed


def test_owed_points_are_looked_up_when_asked_for():
    ours = {"a.run"}
    owed = OwedPoints(POINTS, ours.__contains__)
    assert "a.run" in owed
    assert "a.speed" not in owed
    assert 3 not in owed
    ours.add("a.speed")
    assert list(owed) == ["a.speed", "a.run"]
    assert len(owed) == 2


@pytest.mark.parametrize("point", ["b.blind", "b.refreshed"])
def test_what_cannot_be_read_back_or_wants_a_refresh_is_always_thought_of(point):
    plant = Plant(thinks_always=False)
    for now in range(10, 200, 10):
        plant.tick(float(now), {point: 40.0}, "", Authority.AGENT)
    assert plant.passed == 0
