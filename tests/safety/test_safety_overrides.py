"""Overrides: an owner, a reason and always an end; back after a restart with the time they had left."""

import json
import math

import pytest

from agent.core.point import Limits
from agent.core.serial import from_plain, to_plain
from agent.safety.moment import Moment
from agent.safety.overrides import (
    Overrides,
    Wanted,
    comfort_warning,
    number_of,
    restored,
    seconds_left,
)
from tests.safety.rig import ask, number, sensor, switch

POINT = number("z1.setpoint", unit="degC", limits=Limits(low=10, high=35))
LAMP = switch("l.on")
NOON = Moment(1000.0, 1_700_000_000.0)


def later(seconds, trusted=True):
    return Moment(NOON.elapsed + seconds, NOON.utc + seconds, trusted)


def wanted(value=22.0, owner="anna", **more):
    return Wanted(value=value, owner=owner, reason=more.pop("reason", "too warm"), **more)


def test_an_override_is_an_operators_command_with_an_end():
    book, one = Overrides().add(POINT, wanted(), NOON)
    assert (one.command.priority, one.command.source, one.command.reason) == (8, "operator:anna", "too warm")
    assert seconds_left(one, NOON.elapsed) == 7200.0  # two hours unless said otherwise
    assert one.until == NOON.utc + 7200.0
    assert book.commands() == (one.command,)
    assert book.on(POINT.id) is one
    assert book.on("other") is None


def test_the_latest_on_a_point_replaces_the_one_before_and_ids_are_never_used_twice():
    book, first = Overrides().add(POINT, wanted(), NOON)
    book, second = book.add(POINT, wanted(24.0, "ben", learned=True), NOON)
    assert book.standing == (second,)
    assert second.learned
    book, third = book.cancel(second.id).add(LAMP, wanted(True), NOON)
    assert [number_of(one) for one in (first, second, third)] == [1, 2, 3]
    assert book.without(first.id) == book  # it does not stand any more


def test_it_ends_when_its_time_is_up():
    book, one = Overrides().add(POINT, wanted(seconds=60.0), NOON)
    assert book.expire(NOON.elapsed + 59.9) == (book, ())
    empty, ended = book.expire(NOON.elapsed + 60.0)
    assert (empty.standing, ended) == ((), (one,))


def test_cancelling_one_leaves_the_others():
    book, first = Overrides().add(POINT, wanted(), NOON)
    book, second = book.add(LAMP, wanted(True), NOON)
    assert book.cancel(second.id).standing == (first,)


def test_cancelling_what_does_not_stand_says_so():
    with pytest.raises(ValueError, match="no override override-9 stands"):
        Overrides().cancel("override-9")


@pytest.mark.parametrize(
    ("point", "wish", "words"),
    [
        (sensor("s.temp"), wanted(), "s.temp cannot be written"),
        (POINT, wanted("warm"), "'warm' is not a number"),
        (POINT, wanted(math.nan), "not a number"),
        (POINT, wanted(9.0), "9 degC is outside its limits 10 to 35"),
        (POINT, wanted(36.0), "36 degC is outside its limits"),
        (POINT, wanted(seconds=0.0), "needs an end"),
        (POINT, wanted(seconds=math.inf), "needs an end"),
        (POINT, wanted(seconds=math.nan), "needs an end"),
        (POINT, wanted(seconds=86_401.0), "may last 24 h at most"),
        (POINT, wanted(owner=""), "needs an owner"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_with_a_sentence(point, wish, words):
    with pytest.raises(ValueError, match=words):
        Overrides().add(point, wish, NOON)


def test_the_longest_is_configurable():
    with pytest.raises(ValueError, match="8 h at most"):
        Overrides(longest=8 * 3600.0).add(POINT, wanted(seconds=9 * 3600.0), NOON)


def saved_and_read(book):
    return from_plain(Overrides, json.loads(json.dumps(to_plain(book))))


@pytest.mark.parametrize(
    ("why", "now", "left"),
    [
        ("a new elapsed clock, wall clock trusted: the outage counts", Moment(5.0, NOON.utc + 700.0), 2900.0),
        ("a wall clock that is not trusted: the time left stands", Moment(5.0, 0.0, trusted=False), 3000.0),
        ("a wall clock set back never lengthens it", Moment(5.0, NOON.utc - 9e6), 3000.0),
    ],
)
def test_after_a_restart_it_is_back_with_the_time_left(why, now, left):
    book, _ = Overrides().add(POINT, wanted(seconds=3600.0), NOON)
    back, ended = restored(saved_and_read(book), NOON.elapsed + 600.0, now)
    assert ended == ()
    assert seconds_left(back.standing[0], now.elapsed) == pytest.approx(left), why
    assert back.made == book.made


def test_one_that_ended_while_we_were_away_is_not_back():
    book, one = Overrides().add(POINT, wanted(seconds=3600.0), NOON)
    back, ended = restored(saved_and_read(book), NOON.elapsed, later(3601.0))
    assert back.standing == ()
    assert [gone.id for gone in ended] == [one.id]


def test_an_override_without_an_end_cannot_survive():
    book, _ = Overrides().add(POINT, wanted(), NOON)
    endless = to_plain(book)
    endless["standing"][0]["command"]["expires"] = None
    back = from_plain(Overrides, endless)
    assert seconds_left(back.standing[0], NOON.elapsed) == 0.0
    assert back.expire(NOON.elapsed)[0].standing == ()


COMFORT = ask(POINT.id, None, 9, "comfort", low=20, high=26, reason="office hours")


@pytest.mark.parametrize(
    ("value", "claims", "words"),
    [
        (28.0, [COMFORT], "28 degC crosses the comfort limit 26 degC of comfort (office hours)"),
        (18.0, [COMFORT], "18 degC crosses the comfort limit 20 degC of comfort (office hours)"),
        (18.0, [ask(POINT.id, None, 9, "c", low=20)], "18 degC crosses the comfort limit 20 degC of c"),
        (22.0, [COMFORT], ""),
        (28.0, [ask(POINT.id, None, 10, "demand", high=26)], ""),
        (28.0, [], ""),
    ],
)
def test_crossing_comfort_is_allowed_but_warned(value, claims, words):
    assert comfort_warning(POINT, value, claims) == words
