"""What must hold for any claims whatever: hypothesis looks for a counter-example."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.command import Command
from agent.core.decision import Stage
from agent.core.point import Limits, OnLoss, SafeEnd
from agent.core.serial import from_plain, to_plain
from agent.safety.arbiter import SafetyState
from tests.safety.rig import Rig, ask, machine, number, sensor, switch, trip

P = "p.x"


def fast_rig(*machines, **more):
    """Without the way through JSON at every tick."""
    rig = Rig(*machines, **more)
    rig.through_json = False
    return rig


PRIORITIES = st.sampled_from([1, 2, 3, 5, 8, 9, 10, 13, 14, 15, 16])
LEVELS = st.integers(-5, 5)
SAFE_ENDS = st.sampled_from([SafeEnd.LOW, SafeEnd.HIGH, None])
SOURCES = st.sampled_from(["a", "b", "c", "operator:anna"])
CLAIMS = st.lists(
    st.builds(
        Command,
        point=st.just(P),
        priority=PRIORITIES,
        source=SOURCES,
        reason=st.just(""),
        value=st.none() | LEVELS,
        low=st.none() | LEVELS,
        high=st.none() | LEVELS,
        expires=st.none() | st.integers(0, 20),
    ),
    max_size=6,
)
GRID = range(-20, 21)


def left_open(claims, weakest, safe_end):
    """The values that the bounds leave, found by trying every one: a rule told another way than the code's."""
    allowed = set(GRID)
    for level in sorted({one.priority for one in claims if one.priority <= weakest}):
        bounds = [one for one in claims if one.priority == level]
        wanted = {
            x
            for x in GRID
            if all((b.low is None or x >= b.low) and (b.high is None or x <= b.high) for b in bounds)
        }
        if not wanted:
            lows, highs = (
                [b.low for b in bounds if b.low is not None],
                [b.high for b in bounds if b.high is not None],
            )
            wanted = {max(lows)} if safe_end is SafeEnd.HIGH else {min(highs)}
        if allowed & wanted:
            allowed &= wanted
        else:
            near = min(abs(x - y) for x in allowed for y in wanted)
            allowed = {x for x in allowed if any(abs(x - y) == near for y in wanted)}
    return allowed


def lively(claims):
    return [replace(one, expires=None) for one in claims]


@given(CLAIMS, SAFE_ENDS, st.none() | LEVELS)
def test_the_lowest_number_wins_and_its_value_goes_as_far_as_the_bounds_allow(claims, safe_end, default):
    claims = lively(claims)
    rig = fast_rig(points=[number(P, safe_end=safe_end, relinquish_default=default)])
    decision = rig.tick(*claims)[P]
    values = [one for one in claims if one.value is not None]
    if not values and default is None:
        assert decision.value is None
        return
    strongest = min((one.priority for one in values), default=17)
    asked = {one.value for one in values if one.priority == strongest} or {default}
    wish = max(asked) if safe_end is SafeEnd.HIGH else min(asked)
    allowed = left_open(claims, strongest, safe_end)
    assert decision.value in allowed
    assert abs(decision.value - wish) == min(abs(x - wish) for x in allowed)
    assert (decision.winner.priority if decision.winner else 17) == strongest


@given(CLAIMS, SAFE_ENDS, st.randoms(use_true_random=False))
def test_the_order_of_commands_is_irrelevant(claims, safe_end, chance):
    points = [number(P, safe_end=safe_end, relinquish_default=0.0)]
    first, second = fast_rig(points=points), fast_rig(points=points)
    shuffled = list(claims)
    chance.shuffle(shuffled)
    assert first.tick(*claims) == second.tick(*shuffled)
    assert first.state == second.state


@given(CLAIMS, SAFE_ENDS, st.lists(st.floats(0, 30), max_size=4), st.sampled_from(OnLoss))
def test_expiry_never_relaxes_a_limit(claims, safe_end, waits, on_loss):
    """Whoever falls silent, whatever then applies: no value lies outside the bounds that were ever said."""
    claims = [one for one in claims if not one.source.startswith("operator")]
    rig = fast_rig(points=[number(P, safe_end=safe_end, relinquish_default=3, on_loss=on_loss)])
    rig.tick(*claims, after=0.0)
    for wait in waits:
        decision = rig.tick(after=wait, heard=[])[P]
        if decision.value is not None:
            strongest = 17 if decision.winner is None else decision.winner.priority
            allowed = left_open(claims, strongest, safe_end)
            assert min(allowed) <= decision.value <= max(allowed)


@given(CLAIMS, st.booleans())
def test_a_tripped_interlock_is_final_but_for_life_safety(claims, beats):
    claims = lively(claims)
    rig = fast_rig(points=[number(P)], interlocks=[trip(point=P, value=4.0, beats_life_safety=beats)])
    rig.see("io.alarm", True)
    decision = rig.tick(*claims)[P]
    if beats or all(one.priority > 2 for one in claims):
        assert decision.value == 4.0
    elif decision.winner is not None and decision.winner.priority <= 2:
        assert all(one.stage is not Stage.INTERLOCK for one in decision.limited_by)


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
NONSENSE = st.builds(
    Command,
    point=st.sampled_from([P, "p.lamp", "p.read", "nowhere", ""]),
    priority=st.integers(-2, 20),
    source=st.text(max_size=3),
    reason=st.text(max_size=3),
    value=ANYTHING,
    low=ANYTHING,
    high=ANYTHING,
    expires=st.none() | st.floats(),
)


@given(st.lists(st.lists(NONSENSE, max_size=4), max_size=4), ANYTHING)
def test_nonsense_is_refused_never_raised_and_never_decided(ticks, reading):
    points = [number(P, limits=Limits(low=-10, high=10, raise_rate=1)), switch("p.lamp"), sensor("p.read")]
    rig = fast_rig(points=points, interlocks=[trip(point="p.lamp", watch="p.read", threshold=3)])
    rig.see("p.read", reading)
    rig.see(P, reading)
    for commands in ticks:
        decisions = rig.tick(*commands)
        assert set(decisions) == {P, "p.lamp"}
        value = decisions[P].value
        assert value is None or (not isinstance(value, bool | str) and -10 <= value <= 10)
        assert decisions["p.lamp"].value in (True, False, None)


TICKS = st.lists(
    st.tuples(
        st.sampled_from([1.0, 7.0, 60.0, 130.0]),
        st.sampled_from([True, False, None]),  # wanted; None: relinquished
        st.sampled_from(["does", "does", "does", "runs", "stands", "lost"]),
        st.sampled_from([15, 15, 15, 8, 13]),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(TICKS, st.sampled_from([0, 30, 200]), st.sampled_from([0, 30, 200]), st.sampled_from([0, 300]))
def test_minimum_on_and_off_are_never_broken(ticks, minimum_on, minimum_off, between):
    en = "ch1.enable"
    rig = fast_rig([machine("ch1", minimum_on=minimum_on, minimum_off=minimum_off, start_to_start=between)])
    starts, stops, was, ran = [0.0], [0.0], None, None
    for seconds, wanted, behaviour, priority in ticks:
        status = {"does": was is True, "runs": True, "stands": False, "lost": None}[behaviour]
        rig.see("ch1.status", status) if status is not None else rig.lose("ch1.status")
        value = rig.value(en, ask(en, wanted, priority), heard=["sequence"], after=seconds)
        now = rig.now
        if status is not None and ran is not None and status is not ran:
            (starts if status else stops).append(now)
        ran = status if status is not None else ran
        adopted = was is None and status is True
        if value is True and was is not True and not adopted:
            assert status is not None or not (minimum_off or between)
            assert now - stops[-1] >= minimum_off
            assert now - starts[-1] >= between
        if value is False and (was is True or (was is None and status is not False)):
            stood = status is False and stops[-1] >= starts[-1]
            assert stood or now - starts[-1] >= minimum_on
            stops.append(now)
        if value is True and was is not True and not adopted:
            starts.append(now)
        was = value


@settings(max_examples=30)
@given(CLAIMS, TICKS)
def test_the_state_is_the_same_after_a_way_through_json(claims, ticks):
    rig = fast_rig([machine("ch1", minimum_on=30, starts_per_hour=3)], [number(P)], [trip(hold=50.0)])
    rig.see("io.alarm", True)
    for seconds, wanted, _, priority in ticks:
        rig.tick(*claims, ask("ch1.enable", wanted, priority), after=seconds, heard=["sequence"])
        assert from_plain(SafetyState, json.loads(json.dumps(to_plain(rig.state)))) == rig.state
