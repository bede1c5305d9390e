"""The words in which values and times are told."""

import pytest

from agent.safety.wording import lasting, said


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "degC", "released"),
        (True, "", "on"),
        (False, "", "off"),
        ("auto", "", "auto"),
        (26.0, "degC", "26 degC"),
        (7.25, "", "7.25"),
        (0, "%", "0 %"),
    ],
)
def test_values(value, unit, words):
    assert said(value, unit) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (200.0, "3 min 20 s"),
        (3900.0, "1 h 5 min"),
        (0.2, "1 s"),
        (60.0, "1 min"),
        (0.0, "0 s"),
        (-5.0, "0 s"),
        (7200.0000000001, "2 h"),
    ],
)
def test_times(seconds, words):
    assert lasting(seconds) == words
