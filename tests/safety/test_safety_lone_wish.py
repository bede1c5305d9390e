"""A wish that nobody else has a say on goes a short way; every decision and the state are those of the long way."""

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agent.core.equipment import Authority
from agent.core.point import Access, Limits, OnLoss, Point, ValueKind
from agent.safety.lone_wish import LoneWishes
from tests.safety.rig import Rig, ask, machine, number, switch, trip

POINTS = ("io.plain", "io.ramped", "io.switch", "io.mode", "ch1.enable", "io.tripped")
PRIORITIES = st.sampled_from([15, 15, 15, 15, 14, 2, 6])
SOURCES = st.sampled_from(["sequence", "sequence", "sequence", "sequence", "shed", "operator:anna"])
NUMBERS = st.sampled_from([40.0, 40.0, 41.0, 120.0, -5, True, float("nan"), "wide", None])
VALUES = {
    "io.plain": NUMBERS,
    "io.ramped": NUMBERS,
    "io.tripped": NUMBERS,
    "io.switch": st.sampled_from([True, True, False, 1.0, None]),
    "io.mode": st.sampled_from(["eco", "eco", "day", "night", None]),
    "ch1.enable": st.sampled_from([True, True, False]),
}


def two_rigs():
    """The same plant twice: the second one never finds the short way."""
    rigs = []
    for _ in range(2):
        one = Rig(
            [machine("ch1", minimum_on=30, minimum_off=20, proof_of_flow="io.flow")],
            [
                number("io.plain", limits=Limits(low=0, high=100), unit="%"),
                number("io.ramped", limits=Limits(low=0, high=100, raise_rate=2.0, lower_rate=2.0)),
                number("io.tripped", on_loss=OnLoss.HOLD),
                switch("io.switch", relinquish_default=False),
                Point(id="io.mode", kind=ValueKind.ENUM, access=Access.READ_WRITE, choices=("eco", "day")),
            ],
            [trip(point="io.tripped", value=10.0)],
        )
        one.through_json = False
        for seen in ("io.flow", "io.alarm", "ch1.status"):
            one.see(seen, False)
        rigs.append(one)
    long = rigs[1].arbiter
    long._lone.among = lambda *_: {}
    return rigs


@st.composite
def wishes(draw):
    """Mostly each point once, by the same source, with the same value as before."""
    commands = []
    for point in POINTS:
        for _ in range(draw(st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2]))):
            bounds = draw(st.sampled_from([{}, {}, {}, {}, {"low": 20.0}, {"high": 30.0}]))
            more = {"reason": draw(st.sampled_from(["as ever", "as ever", "anew"])), **bounds}
            expires = draw(st.sampled_from([None, "soon", "soon", "soon", "now", "never"]))
            commands.append((point, draw(VALUES[point]), draw(PRIORITIES), draw(SOURCES), more, expires))
    return commands


ROUNDS = st.tuples(
    wishes(),
    st.integers(0, 2),  # how often it is said again
    st.sampled_from(["", "", "", "alarm", "lock", "bms", "unheard", "flow"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROUNDS, min_size=1, max_size=6))
def test_the_short_way_ends_where_the_long_one_does(rounds):
    short, long = two_rigs()
    found = 0
    for said, again, what in rounds:
        for _ in range(1 + again):
            for rig in (short, long):
                rig.see("io.alarm", what == "alarm")
                rig.see("io.flow", what == "flow")
                rig.locked_out = frozenset({"ch1"} if what == "lock" else ())
                rig.authority = Authority.BMS if what == "bms" else Authority.AGENT
                ends = {None: None, "soon": rig.now + 30.0, "now": rig.now + 1.0, "never": float("inf")}
                commands = [
                    ask(point, value, priority, source, expires=ends[end], **more)
                    for point, value, priority, source, more, end in said
                ]
                heard = ["sequence"] if what == "unheard" else None
                rig.tick(*commands, heard=heard)
            assert short.decisions == long.decisions
            assert list(short.decisions) == list(long.decisions)
            assert short.state == long.state
            before = short.arbiter._lone._last.values()
            found += sum(one.elapsed == short.now for one in before)
    event(f"short ways: {'many' if found > 20 else 'some' if found else 'none'}")


@pytest.mark.parametrize(
    ("point", "first", "then", "short"),
    [
        ("io.plain", {"value": 40.0}, {"value": 41.0, "reason": "warmer"}, True),
        ("io.plain", {"value": 40.0}, {"value": 120.0}, False),  # limited
        ("io.plain", {"value": 40.0}, {"value": True}, False),  # refused
        ("io.plain", {"value": 40.0}, {"value": 41.0, "low": 50.0}, False),
        ("io.plain", {"value": 40.0}, {"value": 41.0, "source": "shed"}, False),
        ("io.plain", {"value": 40.0}, {"value": 41.0, "expires": 2.0}, False),  # over
        ("io.ramped", {"value": 40.0}, {"value": 40.0}, True),
        ("io.ramped", {"value": 40.0}, {"value": 90.0}, False),
        ("io.tripped", {"value": 40.0}, {"value": 40.0}, False),
        ("ch1.enable", {"value": False}, {"value": False}, False),  # guards have a say
    ],
)
def test_what_is_plain_enough(point, first, then, short):
    rig, _ = two_rigs()
    rig.see("io.alarm", True)
    rig.tick(ask(point, **({"expires": 100.0} | first)))
    rig.tick(ask(point, **({"expires": 100.0} | then)))
    assert (point in rig.arbiter._lone._last) is short


def test_two_wishes_for_one_point_are_not_alone():
    ways = LoneWishes({"io.plain": number("io.plain")}, ())
    rig, _ = two_rigs()
    rig.tick(ask("io.plain", 40.0, expires=100.0))
    twice = [ask("io.plain", 40.0, expires=100.0), ask("io.plain", 50.0, 8, "operator:anna", expires=100.0)]
    assert ways.among(twice[:1], (), rig.state, 2.0) == {"io.plain": twice[0]}
    assert ways.among(twice, (), rig.state, 2.0) == {}
    assert ways.among(twice[:1], {"io.plain"}, rig.state, 2.0) == {}
