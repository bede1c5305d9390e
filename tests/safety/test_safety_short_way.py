"""A lone wish that takes the place of its source's last one goes a short way; it ends where the long one ends."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from agent.core.command import Command
from agent.core.point import Access, Point
from agent.safety import claims
from agent.safety.safety_state import Final, Loss, SafetyState

NOW = 1000.0
POINTS = {name: Point(id=name, access=Access.READ_WRITE) for name in ("a", "b")}
SOURCES = st.sampled_from(["sequence", "shed", "operator:anna"])
ENDS = st.sampled_from([None, None, 900.0, 1030.0])
COMMANDS = st.builds(
    Command,
    point=st.sampled_from(["a", "b"]),
    priority=st.sampled_from([8, 14, 15]),
    source=SOURCES,
    reason=st.just("because"),
    value=st.sampled_from([None, 1.0, 2.0, float("nan")]),
    low=st.none() | st.just(0.5),
    expires=st.sampled_from([None, 900.0, 1000.0, 1030.0]),
)


@st.composite
def ticks(draw):
    """Fresh commands, who was heard, and the state before: mostly one claim a point, and said again."""
    before, fresh = {}, []
    for point in POINTS:
        last = draw(COMMANDS.filter(lambda one: one.value == one.value))
        last = Command(**{**_fields(last), "point": point, "expires": last.expires or 1010.0})
        before[point] = (last, *draw(st.sampled_from([(), (), (last,)])))
        changes = {"value": draw(st.sampled_from([None, 1.0, 3.0])), "expires": draw(ENDS)}
        changes["priority"] = draw(st.sampled_from([last.priority, last.priority, 14]))
        again = Command(**{**_fields(last), **changes})
        fresh += draw(st.sampled_from([[again], [again], [again], []]))
    fresh += draw(st.sampled_from([[], []]) | st.lists(COMMANDS, max_size=1))
    lost = {"a": Loss(("sequence",), 1.0)} if draw(st.booleans()) else {}
    state = SafetyState(claims=before, lost=lost, finals={"a": Final(1.0, 990.0)})
    return fresh, draw(st.frozensets(SOURCES)), state


def _fields(command):
    return {name: getattr(command, name) for name in Command.__slots__}


@settings(max_examples=800)
@given(ticks())
def test_both_ways_end_alike(tick):
    fresh, heard, state = tick
    short = claims.collect(POINTS, fresh, heard, state, NOW, 30.0)
    taken = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "_alone", lambda *given: taken.append(_alone(*given)))
        long = claims.collect(POINTS, fresh, heard, state, NOW, 30.0)
    event(f"short ways: {sum(one is not None for one in taken)}")
    assert short == long


_alone = claims._alone
