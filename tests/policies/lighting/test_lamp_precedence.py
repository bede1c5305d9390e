"""Remote, sensor and schedule under the one priority array: who wins on a panel, what the others wished, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.core.command import Command, Priority
from agent.core.point import Access, Limits, Point
from agent.core.snapshot import Snapshot
from agent.safety.arbiter import Arbiter
from policies.lighting.astronomical import Astronomical
from policies.lighting.radar import Radar
from policies.lighting.tidal import Tidal
from tests.policies.snapshots import machine, model, snapshot

PANEL = "panel.lamp_level"
NIGHT = 1.8e9  # 16:00 in Shenzhen on a Friday: busy hours of the tide
REMOTE = {
    "person": Command(
        point=PANEL, priority=Priority.OPERATOR, source="operator:li", value=30.0, reason="film evening"
    ),
    "cloud": Command(
        point=PANEL, priority=Priority.CLOUD, source="cloud", value=70.0, reason="event in the hall"
    ),
    "safety": Command(
        point=PANEL, priority=Priority.CRITICAL_SERVICE, source="escape", low=20.0, reason="escape route"
    ),
}


def panel():
    group = machine("panel", "lamp_group", ("presence", "lamp_level"))
    area = model(group, tick=100.0)
    level = Point(
        id=PANEL, unit="%", access=Access.READ_WRITE, limits=Limits(0.0, 100.0), relinquish_default=100.0
    )
    return replace(area, points={**area.points, PANEL: level})


def decided(seen, *remote, policies=None):
    """After the radar's start is over."""
    area = panel()
    policies = policies or (Radar(name="radar", yields=True, dim_level=10.0), Tidal(name="tide"))
    states = {one.name: one.initial_state() for one in policies}
    arbiter = Arbiter(area, ())
    safety, decision = arbiter.initial_state(0.0), None
    for elapsed in (0.0, 70.0, 140.0, 141.0):
        picture: Snapshot = snapshot(
            area, {"panel.presence": seen if elapsed > 140.0 else False}, elapsed, utc=NIGHT
        )
        commands = [replace(REMOTE[one], expires=elapsed + 9.0) for one in remote]
        for policy in policies:
            wished, states[policy.name] = policy.decide(picture, states[policy.name])
            commands += [replace(one, expires=elapsed + 9.0) for one in wished]
        heard = frozenset(states)
        decisions, safety = arbiter.decide(picture, tuple(commands), heard, safety, {})
        decision = decisions[PANEL]
    return decision


@pytest.mark.parametrize(
    ("seen", "remote", "value", "winner", "words"),
    [
        (False, (), 50.0, "tide", "busy hours of a working day"),
        (True, (), 100.0, "radar", "somebody is here"),
        (False, ("cloud",), 70.0, "cloud", "event in the hall"),
        (True, ("cloud",), 70.0, "cloud", "event in the hall"),
        (True, ("person",), 30.0, "operator:li", "film evening"),
        (True, ("person", "cloud"), 30.0, "operator:li", "film evening"),
    ],
)
def test_who_wins_and_why(seen, remote, value, winner, words):
    decision = decided(seen, *remote)
    assert (decision.value, decision.winner.source) == (value, winner)
    assert words in decision.winner.reason
    others = {one.source for one in decision.losers}
    assert others | {winner} >= set(remote and ("tide",)) | {"tide"}, "what the others wished is kept"


def test_nobody_goes_below_what_a_service_needs():
    low = replace(REMOTE["person"], value=5.0)
    REMOTE["low"] = low
    try:
        assert decided(False, "low", "safety").value == 20.0
    finally:
        del REMOTE["low"]


def test_the_sensor_bounds_the_schedule_where_nobody_is():
    """A tide that is set too low stays above the radar's minimum level."""
    policies = (
        Radar(name="radar", yields=True, dim_level=10.0),
        Tidal(name="tide", busy_level=5.0, quiet_level=5.0),
    )
    decision = decided(False, policies=policies)
    assert decision.value == 10.0
    assert decision.limited_by[0].by == "radar"


def test_without_a_sensor_the_schedule_of_the_sun_decides():
    decision = decided(False, policies=(Astronomical(name="sun"),))
    assert (decision.value, decision.winner.source) == (0.0, "sun")
    assert "day: on at" in decision.winner.reason
