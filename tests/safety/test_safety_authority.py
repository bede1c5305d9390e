"""Who is in charge of an area, and what crashes do to it."""

import json

import pytest

from agent.core.equipment import Area, Authority
from agent.core.serial import from_plain, to_plain
from agent.safety.authority import AreaAuthority, advanced, assigned, crashed, initial
from agent.safety.moment import Moment

BMS, SHADOW, AGENT = Authority.BMS, Authority.SHADOW, Authority.AGENT


def at(elapsed):
    return Moment(elapsed, 1_700_000_000.0 + elapsed)


def in_hand(authority=AGENT):
    return assigned(initial(Area(id="plant"), at(0.0)), authority, "anna", "hand-over", at(0.0))


def test_an_area_starts_with_what_the_configuration_says():
    state = initial(Area(id="plant", authority=BMS), at(5.0))
    assert (state.authority, state.by, state.since) == (BMS, "configuration", at(5.0).utc)


def test_a_person_changes_it_and_is_remembered():
    state = assigned(in_hand(SHADOW), AGENT, "ben", "proved", at(9.0))
    assert (state.authority, state.by, state.reason, state.since) == (AGENT, "ben", "proved", at(9.0).utc)


def test_after_a_crash_the_area_stays_released_for_a_dwell_and_comes_back():
    state = crashed(in_hand(), at(100.0), dwell=300.0)
    assert (state.authority, state.by) == (BMS, "plantroom")
    assert state.reason == "released after a crash, the agent returns in 5 min"
    assert advanced(state, at(399.0)).authority is BMS
    back = advanced(state, at(400.0))
    assert (back.authority, back.returns, back.crashes) == (AGENT, None, (100.0,))
    assert advanced(back, at(500.0)) is back


def test_three_crashes_within_an_hour_latch_bms_until_a_person_says_otherwise():
    state = in_hand()
    for moment in (0.0, 1000.0, 2000.0):
        state = crashed(advanced(state, at(moment)), at(moment))
    assert (state.authority, state.latched) == (BMS, True)
    assert state.reason == "3 crashes within 1 h: released until a person gives it back"
    assert advanced(state, at(1e9)).authority is BMS
    later = crashed(state, at(1e6))
    assert later.latched
    assert advanced(later, at(1e9)).authority is BMS
    again = assigned(state, AGENT, "anna", "mended", at(3000.0))
    assert (again.authority, again.latched, again.crashes) == (AGENT, False, ())
    assert not crashed(again, at(3001.0)).latched


def test_crashes_further_apart_than_an_hour_do_not_add_up():
    state = in_hand()
    for moment in (0.0, 1800.0, 3600.0, 5400.0, 7200.0):
        state = crashed(advanced(state, at(moment)), at(moment))
        assert not state.latched


@pytest.mark.parametrize("authority", [BMS, SHADOW])
def test_a_crash_leaves_alone_what_was_not_in_our_hands(authority):
    state = crashed(in_hand(authority), at(10.0))
    assert (state.authority, state.crashes) == (authority, (10.0,))


def test_a_crash_during_the_dwell_starts_it_anew():
    state = crashed(crashed(in_hand(), at(0.0)), at(200.0))
    assert advanced(state, at(300.0)).authority is BMS
    assert advanced(state, at(500.0)).authority is AGENT


def test_it_survives_a_restart():
    state = crashed(in_hand(), at(100.0))
    assert from_plain(AreaAuthority, json.loads(json.dumps(to_plain(state)))) == state
