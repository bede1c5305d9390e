"""The alarm book: raised, seen, gone, in every order, and over a restart."""

import json

import pytest

from agent.alarms.states import AlarmBook, AlarmState, Condition, Severity
from agent.core.serial import from_plain, to_plain

DOWN = Condition("bus.plant", "poller", Severity.WARNING, "bus plant is down")


def book_after(*steps):
    """`raise`, `clear` or `ack` at 1, 2, 3 ... seconds."""
    book = AlarmBook()
    for now, step in enumerate(steps, start=1):
        if step == "raise":
            book = book.raised(DOWN, float(now))
        elif step == "clear":
            book = book.cleared(DOWN.id, float(now))
        else:
            book = book.acknowledge(DOWN.id, "anna", float(now))[0]
    return book


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["raise"], AlarmState.UNACKNOWLEDGED),
        (["raise", "ack"], AlarmState.ACKNOWLEDGED),
        (["raise", "ack", "ack"], AlarmState.ACKNOWLEDGED),
        (["raise", "ack", "clear"], None),
        (["raise", "clear"], AlarmState.RETURNED),
        (["raise", "clear", "clear"], AlarmState.RETURNED),
        (["raise", "clear", "ack"], None),
        (["raise", "clear", "raise"], AlarmState.UNACKNOWLEDGED),
        (["raise", "ack", "raise"], AlarmState.ACKNOWLEDGED),
        (["clear"], None),
    ],
)
def test_the_states(steps, state):
    alarm = book_after(*steps).alarms.get(DOWN.id)
    assert (None if alarm is None else alarm.state) == state


def test_times_and_names_are_kept():
    alarm = book_after("raise", "ack", "ack").alarms[DOWN.id]
    assert (alarm.raised, alarm.acknowledged, alarm.acknowledged_by) == (1.0, 2.0, "anna")
    assert book_after("raise", "clear").alarms[DOWN.id].cleared == 2.0
    again = book_after("raise", "clear", "raise").alarms[DOWN.id]
    assert (again.raised, again.cleared, again.times) == (3.0, None, 2)


def test_raising_what_stands_changes_its_words_only():
    book = book_after("raise")
    assert book.raised(DOWN, 9.0) is book
    worded = book.raised(Condition(DOWN.id, "poller", Severity.INFO, "still down"), 9.0).alarms[DOWN.id]
    assert (worded.text, worded.severity, worded.raised) == ("still down", Severity.INFO, 1.0)


def test_one_that_grows_more_severe_has_to_be_seen_again():
    worse = Condition(DOWN.id, "poller", Severity.CRITICAL, "all is down")
    alarm = book_after("raise", "ack").raised(worse, 9.0).alarms[DOWN.id]
    assert (alarm.state, alarm.acknowledged_by, alarm.raised) == (AlarmState.UNACKNOWLEDGED, None, 9.0)


def test_the_answer_to_an_acknowledgement_names_who_saw_it_even_when_it_is_gone_by_then():
    book, alarm = book_after("raise", "clear").acknowledge(DOWN.id, "ben", 9.0)
    assert book.alarms == {}
    assert (alarm.acknowledged_by, alarm.acknowledged) == ("ben", 9.0)


def test_there_is_nothing_to_acknowledge():
    with pytest.raises(KeyError):
        AlarmBook().acknowledge("bus.plant", "anna", 1.0)


def test_a_source_settles_its_own_alarms_and_no_others():
    other = Condition("store.full", "store", Severity.CRITICAL, "disk is full")
    second = Condition("bus.meters", "poller", Severity.WARNING, "bus meters is down")
    book = AlarmBook().raised(other, 1.0).settled("poller", {DOWN.id: DOWN}, 2.0)
    book = book.settled("poller", {second.id: second}, 3.0)
    states = {one.id: one.state.value for one in book.sorted()}
    assert states == {
        "store.full": "unacknowledged",
        "bus.meters": "unacknowledged",
        "bus.plant": "returned_unacknowledged",
    }
    assert [one.id for one in book.sorted()] == ["store.full", "bus.meters", "bus.plant"]


def test_it_survives_a_restart():
    book = book_after("raise", "clear", "raise", "ack")
    assert from_plain(AlarmBook, json.loads(json.dumps(to_plain(book)))) == book
