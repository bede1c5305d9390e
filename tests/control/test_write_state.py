"""One row a tick: what the writer does about a point, given what was decided and what the device shows."""

from dataclasses import replace

import pytest

from agent.control.write_state import (
    EEPROM_DAILY_WRITES,
    FOREIGN_COUNT,
    GIVE_UP_FOR,
    TRIES,
    Event,
    Haste,
    Machine,
    Phase,
    PointWrite,
    advance,
    failed,
    same_value,
    unbudgeted,
)
from agent.core.point import Access, Persistence, Point, SafeEnd, ValueKind, WriteRules
from agent.core.reading import Quality, Reading

RAM = WriteRules(settle=5.0, persistence=Persistence.RAM)
SETPOINT = Point(id="ch1.setpoint", access=Access.READ_WRITE, writing=RAM)


def read(value, at, quality=Quality.GOOD):
    return Reading(value, at, at, quality)


def run(rows, point=SETPOINT, state=None):
    """rows: (elapsed, wanted, found value or None for "no answer") -> the sends and events, and the last state."""
    state = state or PointWrite()
    seen = []
    for elapsed, wanted, found in rows:
        quality = Quality.BAD if found is None else Quality.GOOD
        step = advance(state, point, wanted, read(found, elapsed, quality), elapsed, haste=Haste.NONE)
        state = step.state
        seen.append(step.send or (step.event and str(step.event)) or "")
    return seen, state


def test_a_value_already_there_is_adopted_and_not_written():
    seen, state = run([(0, 7.0, 7.0), (10, 7.0, 7.0)])
    assert seen == ["", ""]
    assert state.phase is Phase.CONFIRMED
    assert state.sent_today == 0


def test_a_changed_value_is_sent_once_and_confirmed_by_reading_it_back():
    seen, state = run([(0, 7.0, 12.0), (1, 7.0, 12.0), (4, 7.0, 7.0), (100, 7.0, 7.0)])
    assert seen == ["changed", "", "", ""]
    assert state.phase is Phase.CONFIRMED


def test_a_value_never_accepted_is_retried_given_up_and_tried_again_later():
    rows = [(t, 7.0, 12.0) for t in (0, 6, 12, 18, 24, 30, 18 + GIVE_UP_FOR - 1, 18 + GIVE_UP_FOR + 1)]
    seen, state = run(rows)
    assert seen == ["changed", "retry", "retry", "gave_up", "", "", "", "retry"]
    assert state.phase is Phase.PENDING


def test_giving_up_ends_when_something_else_is_wanted():
    seen, _ = run([(t, 7.0, 12.0) for t in (0, 6, 12, 18)] + [(24, 8.0, 12.0)])
    assert seen[-1] == "changed"


def test_a_device_that_was_away_and_forgot_gets_its_value_once_more():
    seen, state = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 7.0, None), (20, 7.0, 12.0), (23, 7.0, 7.0)])
    assert seen == ["changed", "", "", "reasserted", ""]
    assert state.phase is Phase.CONFIRMED


def test_a_device_that_was_away_and_remembered_is_left_alone():
    seen, _ = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 7.0, None), (20, 7.0, 7.0)])
    assert seen == ["changed", "", "", ""]


def test_what_is_said_of_a_device_that_was_away_ends_when_it_is_back():
    _, state = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 7.0, None)])
    assert state.note == "device does not answer"
    _, state = run([(20, 7.0, 7.0), (30, 7.0, 7.0)], state=state)
    assert (state.note, state.was_away) == ("", False)


@pytest.mark.parametrize(
    ("end", "sent", "wanted", "told"),
    [
        (SafeEnd.HIGH, 10.0, 100.0, ["changed", "", ""]),  # light: once, and not again while nothing is heard
        (SafeEnd.HIGH, 100.0, 10.0, ["", "", ""]),
        (SafeEnd.LOW, 10.0, 100.0, ["", "", ""]),
        (SafeEnd.LOW, 100.0, 10.0, ["", "", ""]),  # what must stop has a watchdog of its own
        (None, 10.0, 100.0, ["", "", ""]),
    ],
)
def test_more_of_what_must_not_lack_is_said_once_to_a_device_that_cannot_be_read(end, sent, wanted, told):
    lamp = replace(SETPOINT, safe_end=end)
    _, state = run([(0, sent, 1.0), (3, sent, sent)], lamp)
    seen, state = run([(10, wanted, None), (80, wanted, None), (900, wanted, None)], lamp, state)
    assert seen == told
    if told[0]:
        seen, state = run([(1000, wanted, wanted), (1010, wanted, wanted)], lamp, state)
        assert (seen, state.phase) == (["", ""], Phase.CONFIRMED)


def test_a_change_at_the_panel_is_reported_and_not_fought():
    seen, state = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 7.0, 9.0), (20, 9.0, 9.0)])
    assert seen == ["changed", "", "panel", ""]
    assert state.sent == 9.0


def test_a_foreign_writer_is_yielded_to_and_never_ping_ponged():
    seen, state = run([(0, 7.0, 7.0), *((10 * n, 7.0, 9.0 if n % 2 else 7.0) for n in range(1, 12))])
    assert seen.count("panel") == FOREIGN_COUNT - 1
    assert "foreign" in seen
    after = seen[seen.index("foreign") + 1 :]
    assert set(after) == {""}
    assert state.phase is Phase.FOREIGN


def test_nothing_is_sent_to_a_device_that_does_not_answer():
    seen, _ = run([(0, 7.0, None), (10, 7.0, None), (20, 7.0, 12.0)])
    assert seen == ["", "", "changed"]


def test_a_reading_from_before_the_write_proves_nothing():
    state = advance(PointWrite(), SETPOINT, 7.0, read(12.0, 0), 0.0, haste=Haste.NONE).state
    step = advance(state, SETPOINT, 7.0, read(12.0, -1), 30.0, haste=Haste.NONE)
    assert step.send is None
    assert step.state.phase is Phase.PENDING


def test_refresh_repeats_an_accepted_value_at_its_pace():
    point = replace(SETPOINT, writing=replace(RAM, refresh=60.0))
    seen, state = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (50, 7.0, 7.0), (61, 7.0, 7.0), (62, 7.0, 7.0)], point)
    assert seen == ["changed", "", "", "refresh", ""]
    assert state.phase is Phase.CONFIRMED


@pytest.mark.parametrize("persistence", [Persistence.EEPROM, Persistence.UNKNOWN])
def test_eeprom_has_a_daily_write_budget_that_life_safety_passes(persistence):
    point = replace(SETPOINT, writing=WriteRules(settle=1.0, persistence=persistence))
    state, sent, events = PointWrite(), 0, []
    for number in range(200):
        now = 10.0 * number
        shown = state.sent if state.sent is not None else 0.0
        step = advance(state, point, float(number % 2 + 1), read(shown, now), now, haste=Haste.NONE)
        state, sent = step.state, sent + (step.send is not None)
        events.append(step.event)
    assert sent == EEPROM_DAILY_WRITES
    assert events.count(Event.BUDGET) == 1
    other = 3.0
    assert advance(state, point, other, read(state.sent, 3000), 3000.0, haste=Haste.URGENT).send == "changed"
    assert (
        advance(state, point, other, read(state.sent, 90_000), 90_000.0, haste=Haste.NONE).send == "changed"
    )


def test_the_shortest_interval_between_writes_is_kept():
    point = replace(SETPOINT, writing=replace(RAM, minimum_interval=60.0))
    seen, _ = run([(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 8.0, 7.0), (30, 8.0, 7.0), (61, 8.0, 7.0)], point)
    assert seen == ["changed", "", "", "", "changed"]


def test_a_refusal_is_final_until_the_give_up_time_is_over():
    state = advance(PointWrite(), SETPOINT, 7.0, read(12.0, 0), 0.0, haste=Haste.NONE).state
    state = failed(state, refused=True, error="illegal data address")
    assert state.tries == TRIES
    step = advance(state, SETPOINT, 7.0, read(12.0, 10), 10.0, haste=Haste.NONE)
    assert step.event is Event.GAVE_UP


def test_a_write_only_point_counts_as_done_when_the_device_took_it():
    point = Point(id="io.relay", access=Access.WRITE, kind=ValueKind.SWITCH, writing=RAM)
    seen, state = run([(0, True, None), (1, True, None), (2, True, None)], point)
    assert seen == ["changed", "", ""]
    assert state.phase is Phase.CONFIRMED


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "same"),
    [
        (7.0, 7.04, 0.05, True),
        (7.0, 7.1, 0.05, False),
        (True, 1, 0.0, True),
        ("auto", "off", 0, False),
        (None, 0, 0, False),
    ],
)
def test_values_are_compared_in_the_points_own_tolerance(one, other, tolerance, same):
    point = replace(SETPOINT, writing=replace(RAM, tolerance=tolerance))
    assert same_value(one, other, point) is same


def test_a_write_only_point_whose_send_failed_is_sent_again_and_given_up_at_last():
    point = Point(id="io.relay", access=Access.WRITE, kind=ValueKind.SWITCH, writing=RAM)
    state, seen = PointWrite(), []
    for elapsed in range(0, 30, 3):
        step = advance(state, point, True, read(None, 0, Quality.BAD), float(elapsed), haste=Haste.NONE)
        state = step.state if step.send is None else failed(step.state, refused=False, error="no answer")
        seen.append(step.send or step.event)
    assert [one for one in seen if one] == ["changed", "retry", "retry", Event.GAVE_UP]
    assert "no answer" in state.note


def test_an_earlier_write_of_ours_that_arrives_late_is_not_taken_for_a_person_at_the_panel():
    early = [(0, 80.0, 50.0), (2, 80.0, 80.0), (10, 60.0, 80.0), (11, 80.0, 80.0), (12, 80.0, 80.0)]
    seen, state = run([*early, (13, 80.0, 60.0), (14, 80.0, 80.0), (30, 80.0, 80.0)])
    assert seen == ["changed", "", "changed", "changed", "", "", "", ""]
    assert state.taken_over == ()


def test_a_change_at_the_panel_is_seen_between_refreshes_that_come_faster_than_the_settle_time():
    point = replace(SETPOINT, writing=replace(RAM, refresh=2.0))
    seen, _ = run([(0, 7.0, 12.0), (1, 7.0, 7.0), (3, 7.0, 7.0), (5, 7.0, 7.0), (6, 7.0, 9.0)], point)
    assert seen[-1] == "panel"


@pytest.mark.parametrize("writing", [replace(RAM, minimum_interval=60.0), replace(RAM, daily_budget=1)])
def test_what_a_rebooted_device_came_back_with_is_no_override_while_the_reassertion_has_to_wait(writing):
    point = replace(SETPOINT, writing=writing)
    seen, _ = run(
        [(0, 7.0, 12.0), (3, 7.0, 7.0), (10, 7.0, None), *((t, 7.0, 12.0) for t in range(20, 70, 5))], point
    )
    assert "panel" not in seen
    assert ("reasserted" in seen) == (writing.daily_budget is None)


def test_what_is_urgent_is_sent_though_nothing_can_be_read_back_and_repeated_gently():
    state, sent = PointWrite(), []
    for elapsed in range(150):
        step = advance(state, SETPOINT, 7.0, read(None, 0, Quality.BAD), float(elapsed), haste=Haste.BLIND)
        state = step.state
        sent += [elapsed] if step.send else []
    assert sent == [0, 60, 120]


ENABLE = Point(id="ch1.enable", kind=ValueKind.SWITCH, access=Access.READ_WRITE, writing=RAM)


def test_what_a_guard_decides_blind_is_not_the_first_word_when_the_device_is_back():
    state, sent = PointWrite(), []
    for elapsed in range(60):
        away = 10 <= elapsed < 30  # the flow is not seen either: the guard says off, until it is seen again
        wanted = not 20 <= elapsed < 33
        found = read(None, elapsed, Quality.BAD) if away else read(True, elapsed)
        haste = Haste.NONE if wanted else Haste.URGENT
        step = advance(state, ENABLE, wanted, found, float(elapsed), haste=haste)
        state = step.state
        sent += [(elapsed, wanted)] if step.send else []
    assert sent == []
    assert state.phase is Phase.CONFIRMED


def test_a_guard_that_still_says_so_is_heard_soon_after():
    state, sent = PointWrite(), []
    for elapsed in range(60):
        away = 10 <= elapsed < 30
        found = read(None, elapsed, Quality.BAD) if away else read(True, elapsed)
        haste = Haste.NONE if elapsed < 20 else Haste.URGENT
        step = advance(state, ENABLE, elapsed < 20, found, float(elapsed), haste=haste)
        state = step.state
        sent += [elapsed] if step.send else []
    assert sent[0] == 35


def test_a_point_that_cannot_be_read_waits_while_its_device_is_silent():
    point = Point(id="ch1.enable", kind=ValueKind.SWITCH, access=Access.WRITE, writing=RAM)
    state, sent = PointWrite(), []
    for elapsed in range(60):
        away = 10 <= elapsed < 30
        wanted = elapsed < 20
        machine = Machine(answers=not away)
        step = advance(state, point, wanted, read(None, elapsed), float(elapsed), Haste.URGENT, machine)
        state = step.state
        sent += [(elapsed, wanted)] if step.send else []
    assert sent == [(0, True), (35, False)]


def test_a_machine_that_trips_is_no_person_at_the_panel():
    point = Point(
        id="p1.enable",
        kind=ValueKind.SWITCH,
        access=Access.WRITE,
        writing=replace(RAM, feedback="p1.running"),
    )
    state = PointWrite()
    seen = []
    for elapsed, running in ((0, False), (3, True), (10, False), (20, False), (30, True)):
        step = advance(
            state,
            point,
            True,
            read(running, elapsed),
            float(elapsed),
            haste=Haste.NONE,
            machine=Machine(echo=False),
        )
        state = step.state
        seen.append(step.send or (step.event and str(step.event)) or "")
    assert seen == ["changed", "", "", "", ""]
    assert state.phase is Phase.CONFIRMED


def test_life_safety_does_not_yield_to_a_foreign_writer_but_does_not_race_it():
    state = PointWrite(phase=Phase.FOREIGN, sent=7.0, sent_at=0.0, note="another master")
    sends = 0
    for second in range(0, 300, 5):
        step = advance(state, SETPOINT, 3.0, read(9.0, second), float(second), haste=Haste.URGENT)
        state, sends = step.state, sends + (step.send is not None)
    assert state.phase is Phase.FOREIGN
    assert 3 <= sends <= 6
    assert advance(state, SETPOINT, 3.0, read(9.0, 999), 999.0, haste=Haste.NONE).send is None


def test_a_machine_whose_controller_restarted_is_started_again_only_after_its_minimum_off():
    point = Point(id="ch1.enable", kind=ValueKind.SWITCH, access=Access.READ_WRITE, writing=RAM)
    machine, state, sends = Machine(rest=300.0), PointWrite(), []
    rows = [
        (0, False),
        (3, True),
        (10, None),
        (20, None),
        *((second, False) for second in range(30, 400, 10)),
    ]
    for elapsed, shown in rows:
        quality = Quality.BAD if shown is None else Quality.GOOD
        step = advance(state, point, True, read(shown, elapsed, quality), float(elapsed), Haste.NONE, machine)
        state = step.state
        if step.send:
            sends.append((elapsed, step.send))
    assert sends[:2] == [(0, "changed"), (320, "reasserted")]


def test_what_a_person_writes_passes_the_spent_budget_and_is_counted():
    point = replace(SETPOINT, writing=WriteRules(settle=1.0, daily_budget=2))
    state = PointWrite()
    for second, wanted in ((0, 1.0), (10, 2.0), (20, 3.0)):
        step = advance(state, point, wanted, read(state.sent or 0.0, second), float(second), haste=Haste.NONE)
        state = step.state
    assert (step.event, state.unsent, state.sent_today) == (Event.BUDGET, True, 3)
    person = advance(state, unbudgeted(point), 4.0, read(2.0, 30), 30.0, haste=Haste.NONE)
    assert (person.send, person.state.sent_today) == ("changed", 4)
    after = advance(person.state, point, 5.0, read(4.0, 40), 40.0, haste=Haste.NONE)
    assert (after.send, after.event, after.state.sent_today) == (None, None, 4)  # has been said
    tomorrow = advance(after.state, point, 5.0, read(4.0, 90_000), 90_000.0, haste=Haste.NONE)
    assert (tomorrow.send, tomorrow.state.sent_today) == ("changed", 1)
