"""Light and communication of groups, and the one word that needs all of them."""

import pytest

from agent.ledger.acceptance import Acceptance, AcceptanceLimits
from agent.ledger.group_light import HandMeasurement, Source, group_light
from agent.ledger.group_talk import GroupTalk, Order, answered
from agent.ledger.register import StoredSample
from agent.ledger.saving import MeteredDay, compare_periods


def samples(point, pairs):
    return [StoredSample(point, time, float(value), f"1/{n}") for n, (time, value) in enumerate(pairs)]


def seen(*spans, until=200):
    """Presence every second."""
    return samples("p", [(t, any(begin <= t <= end for begin, end in spans)) for t in range(until)])


def lux(value, until=200):
    return samples("lx", [(t + 0.5, value(t)) for t in range(until)])


def test_light_counts_where_somebody_is_and_lamps_have_come_up():
    light = lux(lambda t: 80.0 if 52 <= t <= 100 else 5.0)
    found = group_light("a", "Aisle", (), light, seen((50, 100)))
    assert found.source is Source.SENSOR
    assert found.lowest == 80.0
    assert found.count == 47
    assert (found.samples[0].time, found.samples[-1].time) == (53.5, 99.5)


def test_a_lamp_that_stays_dark_under_people_is_found():
    light = lux(lambda t: 80.0 if t < 120 else 20.0)
    found = group_light("a", "Aisle", (), light, seen((50, 70), (130, 160)))
    assert found.lowest == 20.0
    assert not found.enough(65.0)


def test_one_hiss_of_the_sensor_does_not_fail_a_group():
    light = lux(lambda t: 40.0 if t == 80 else 70.0)
    assert group_light("a", "Aisle", (), light, seen((50, 100))).lowest == 70.0


def test_nobody_seen_is_nothing_measured():
    found = group_light("a", "Aisle", (), lux(lambda _: 80.0), seen())
    assert found.lowest is None
    assert found.source is Source.NONE
    assert not found.enough(0.0)


def test_the_luxmeter_goes_before_the_sensor():
    hand = [
        HandMeasurement("a", 71.0, "2026-05-30", "Li"),
        HandMeasurement("a", 66.5, "2026-05-30", "Li", place="bay 3"),
    ]
    found = group_light(
        "a", "Aisle", [*hand, HandMeasurement("b", 1.0, "", "")], lux(lambda _: 50.0), seen((0, 200))
    )
    assert (found.source, found.lowest, found.count, found.sensor) == (Source.HAND, 66.5, 2, 50.0)
    assert "bay 3" in found.note


def answers(*pairs):
    return tuple(
        answered(Order(n, float(n), level), [] if shown is None else [(shown, "1/1")], 0.5)
        for n, (level, shown) in enumerate(pairs)
    )


@pytest.mark.parametrize(
    ("pairs", "passed", "words"),
    [
        (((5.0, 5.0), (86.0, 86.0)), True, "2 of 2 commands seen to arrive, 5 to 86 %"),
        (((5.0, 5.0), (86.0, 5.0)), False, "1 of 2"),
        (((86.0, 86.0), (86.0, 86.2)), False, "2 of 2"),  # one level proves nothing
        (((5.0, None), (86.0, None)), False, "none of 0"),
        ((), False, "no command"),
    ],
)
def test_a_group_has_to_follow_and_to_more_than_one_level(pairs, passed, words):
    talk = GroupTalk("a", "Aisle", answers(*pairs))
    assert talk.passed is passed
    assert words in talk.words


def test_an_order_that_failed_counts_against_the_group():
    failed = answered(Order(1, 1.0, 86.0, "time-out"), [(86.0, "1/1")], 0.5)
    assert not failed.arrived
    assert not GroupTalk("a", "Aisle", (*answers((5.0, 5.0), (50.0, 50.0)), failed)).passed


def acceptance(after=40.0, spread=0.0, low=70.0, talks=((5.0, 5.0), (86.0, 86.0)), **limits):
    def days(mean):
        return [MeteredDay(None, "w", mean + spread * sign) for sign in (-1.0, 0.0, 1.0)]

    hand = [HandMeasurement("a", low, "", "")] if low is not None else []
    return Acceptance(
        limits=AcceptanceLimits(**limits),
        saving=compare_periods(days(276.0), days(after)),
        why="",
        split=None,
        lights=[group_light("a", "Aisle", hand, [], [])],
        talks=[GroupTalk("a", "Aisle", answers(*talks))],
    )


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({}, set()),
        ({"after": 60.0}, {"saving"}),
        ({"after": 55.2}, {"saving"}),  # exactly 80 % is not more than 80 %
        ({"after": 50.0, "spread": 8.0}, {"saving"}),  # 81.9 %, but not surely
        ({"after": 50.0, "spread": 8.0, "judged_by": "estimate"}, set()),
        ({"low": 64.9}, {"light"}),
        ({"low": None}, {"light"}),
        ({"low": 65.0}, set()),
        ({"low": 30.0, "illuminance": 30.0}, set()),
        ({"talks": ()}, {"communication"}),
        ({"talks": (), "communication": False}, set()),
        ({"after": 60.0, "low": 10.0, "talks": ()}, {"saving", "light", "communication"}),
    ],
)
def test_pass_needs_all_of_it(changes, missed):
    found = acceptance(**changes)
    assert {one.what for one in found.findings if not one.ok} == missed
    assert found.passed is not missed if not missed else not found.passed


def test_no_groups_and_no_saving_is_no_pass():
    found = Acceptance(limits=AcceptanceLimits(), saving=None, why="no days", split=None, lights=[], talks=[])
    assert [one.ok for one in found.findings] == [False, False, False]


def test_a_wrong_word_for_what_is_judged_is_refused():
    with pytest.raises(ValueError, match="lower, estimate"):
        AcceptanceLimits(judged_by="best")
