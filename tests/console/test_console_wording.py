"""What `why` says of a lamp: the mode it obeys and who speaks there."""

import pytest

from agent.console.wording import why_sentence
from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Authority
from agent.core.point import Access, Point


def said(priority, source, role="lamp_level"):
    point = Point(id="gw.level_1", unit="%", access=Access.READ_WRITE, role=role, label="Group 1")
    winner = (
        None
        if priority is None
        else Command(point=point.id, priority=priority, source=source, reason="", value=30.0)
    )
    decision = Decision(point=point.id, value=30.0, winner=winner, reason="set to 30 % because")
    return why_sentence(point, decision, Authority.AGENT, "")


@pytest.mark.parametrize(
    ("priority", "source", "words"),
    [
        (8, "operator:li", "Mode: remote, by operator:li."),
        (12, "cloud", "Mode: remote, by cloud."),
        (15, "lights", "Mode: sensor, by lights."),
        (16, "sun", "Mode: schedule, by sun."),
        (5, "escape", "Mode: safety, by escape."),
        (10, "peak", "Mode: limit, by peak."),
        (None, "", "Mode: none"),
    ],
)
def test_a_lamp_says_whom_it_obeys(priority, source, words):
    assert words in said(priority, source)


def test_other_points_have_no_such_modes():
    assert "Mode" not in said(15, "sequence", role="speed_command")
