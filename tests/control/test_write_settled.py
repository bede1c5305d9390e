"""The short way of a point that is settled is the long one: nothing changes, nothing is sent, nobody is told."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from agent.control.write_state import Haste, Machine, Phase, PointWrite, Step, advance, settled
from agent.core.point import Access, Point, ValueKind, WriteRules
from agent.core.reading import Quality, Reading

NOW = 1000.0
TIMES = st.sampled_from([float("-inf"), 0.0, 900.0, 995.0, 999.5, NOW])
VALUES = st.sampled_from([True, False, 0, 1, 7.0, 7.2, "auto", "off"])
MOSTLY_FALSE = st.sampled_from([False, False, False, True])


@st.composite
def cases(draw):
    """State, point, wanted, found: mostly as it is while nothing happens."""
    value = draw(VALUES)
    same = st.just(value)
    alike = same | same | same | VALUES
    state = PointWrite(
        phase=draw(st.just(Phase.CONFIRMED) | st.sampled_from(Phase)),
        sent=draw(alike),
        sent_at=draw(TIMES),
        was_away=draw(MOSTLY_FALSE),
        away_at=draw(TIMES),
        asked_at=draw(TIMES),
        unseen=draw(MOSTLY_FALSE),
        seen_at=draw(TIMES),
        lost=draw(MOSTLY_FALSE),
    )
    writing = WriteRules(
        tolerance=draw(st.sampled_from([0.0, 0.5])),
        refresh=draw(st.sampled_from([None, None, 60.0])),
        feedback=draw(st.sampled_from([None, "d.shown"])),
    )
    access = draw(st.sampled_from([Access.WRITE, Access.READ_WRITE]))
    point = Point(id="d.p", kind=draw(st.sampled_from(ValueKind)), access=access, writing=writing)
    quality = draw(st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD]))
    return state, point, draw(alike), Reading(draw(alike | st.none()), 0.0, draw(TIMES), quality)


@settings(max_examples=1000)
@given(cases(), st.sampled_from(Haste), st.booleans(), st.booleans())
def test_settled_is_what_advance_would_leave_alone(case, haste, echo, answers):
    state, point, wanted, found = case
    short = settled(state, point, wanted, found, NOW)
    event(f"settled: {short}")
    if short:
        machine = Machine(echo=echo, rest=600.0, answers=answers)
        assert advance(state, point, wanted, found, NOW, haste, machine) == Step(state)


def test_what_was_confirmed_and_still_stands_is_settled():
    state = PointWrite(phase=Phase.CONFIRMED, sent=7.0, sent_at=0.0, asked_at=0.0)
    point = Point(id="d.p", access=Access.READ_WRITE)
    assert settled(state, point, 7.0, Reading(7.0, 0.0, 999.0), NOW)
    assert not settled(state, point, 7.5, Reading(7.0, 0.0, 999.0), NOW)
    assert not settled(state, point, 7.0, Reading(7.5, 0.0, 999.0), NOW)
