"""Packing single values into blocks, and the read plan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.core.device_profile import Device, DeviceProfile, Pacing
from agent.core.point import Access, Point
from agent.core.reading import Quality
from agent.core.register import Node, Slot
from drivers.opcua.bindings import PULSE, bind, read_plan
from drivers.opcua.blocks import GRAIN, pack
from drivers.opcua.settings import OpcUaDevice

GOOD, BAD = Quality.GOOD, Quality.BAD


def sample(point, value, time=100.0, quality=GOOD, reason=""):
    return (point, value, quality, reason, time)


def test_one_moment_is_one_block():
    shared = ("d.a", "d.b")
    (block,) = pack("d", [sample("d.a", 1.0), sample("d.b", 2.0, 100.0 + GRAIN / 2)], 5.0, shared=shared)
    assert block.points is shared
    assert (block.values, block.time, block.elapsed, block.qualities) == ((1.0, 2.0), 100.0, 5.0, None)


def test_other_times_and_reasons_are_other_blocks():
    blocks = pack(
        "d",
        [
            sample("d.a", 1.0),
            sample("d.b", None, quality=BAD, reason="broken"),
            sample("d.c", 3.0, 101.0),
            sample("d.e", None, quality=BAD, reason="broken"),
        ],
        5.0,
        trusted=False,
    )
    assert {(block.points, block.time, block.reason) for block in blocks} == {
        (("d.a",), 100.0, ""),
        (("d.c",), 101.0, ""),
        (("d.b", "d.e"), 100.0, "broken"),
    }
    assert [block.qualities for block in blocks if block.reason] == [(BAD, BAD)]
    assert not any(block.time_trusted for block in blocks)


_SAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["d.a", "d.b", "d.c"]),
        st.integers(),
        st.sampled_from([(GOOD, ""), (BAD, "x"), (BAD, "y"), (Quality.UNCERTAIN, "z")]),
        st.floats(0, 1),
    )
)


@given(_SAMPLES)
def test_no_value_is_lost_moved_or_overtaken(drawn):
    samples = [(point, value, quality, reason, time) for point, value, (quality, reason), time in drawn]
    found = [
        (point, reading) for block in pack("d", samples, 5.0) for point, reading in block.readings().items()
    ]
    for name in ("d.a", "d.b", "d.c"):
        came = [(one.value, one.quality, one.reason) for point, one in found if point == name]
        assert came == [
            (value, quality, reason) for point, value, quality, reason, _ in samples if point == name
        ]
    assert len(found) == len(samples)
    times = {(point, value): time for point, value, _, _, time in samples}
    if len(times) == len(samples):
        assert all(abs(one.time - times[point, one.value]) <= GRAIN + 1e-9 for point, one in found)


def device(id_="d", count=5, **settings):
    points = {f"p{number}": Point(id=f"{id_}.p{number}") for number in range(count)}
    points["order"] = Point(id=f"{id_}.order", access=Access.WRITE)
    points["odd"] = Point(id=f"{id_}.odd")
    sources = {name: Node(node=f"ns=2;s={name}") for name in points if name != "odd"} | {"odd": Slot()}
    profile = DeviceProfile(
        id="p", points=points, sources=sources, pacing=Pacing(poll=2.0), polls={"p4": 30.0}
    )
    return Device(id=id_, bus="b", profile=profile, settings=OpcUaDevice(**settings), points=points)


def test_the_plan_polls_at_each_points_pace_and_slows_down_where_watched():
    bindings = bind([device()])
    assert [binding.point.id for binding in bindings][-1] == "d.order"
    polled = read_plan(bindings, set(), 10.0, 500)
    assert {(item.points, item.period) for item in polled} == {
        (("d.p0", "d.p1", "d.p2", "d.p3"), 2.0),
        (("d.p4",), 30.0),
    }
    watched = read_plan(bindings, {0, 1, 4}, 10.0, 500)
    assert {(item.points, item.period) for item in watched} == {
        ((), PULSE),
        (("d.p0", "d.p1"), 10.0),
        (("d.p2", "d.p3"), 2.0),
        (("d.p4",), 30.0),
    }


def test_items_stay_within_a_device_and_what_the_server_takes():
    items = read_plan(bind([device("d"), device("e")]), set(), 10.0, 3)
    assert [len(item.points) for item in items] == [3, 1, 1, 3, 1, 1]
    assert all(point.startswith(f"{item.device}.") for item in items for point in item.points)
    assert len({point for item in items for point in item.points}) == 10


def test_a_device_may_name_a_folder():
    assert {binding.prefix for binding in bind([device(path="Plant/Chiller")])} == {"Plant/Chiller"}
