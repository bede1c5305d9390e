"""Conditions and the windows they are judged in, as tables."""

import pytest

from hil.scenario.condition import ConditionError, parse_condition
from hil.scenario.judge import Judge
from hil.scenario.story import Expectation, Instant, Kind

UNITS = {"temp": "degC", "run": "", "mode": None, "flow": "l/s"}


def condition(text, tolerance=None):
    return parse_condition(text, UNITS.__getitem__, tolerance)


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("temp <= 9 degC", {"temp": 9.0}, True),
        ("temp <= 9 degC", {"temp": 9.01}, False),
        ("temp <= 48.2 degF", {"temp": 8.99}, True),
        ("flow >= 36 m3/h", {"flow": 10.0}, True),
        ("flow >= 36 m3/h", {"flow": 9.9}, False),
        ("run is true", {"run": True}, True),
        ("run is off", {"run": False}, True),
        ("run is not true", {"run": True}, False),
        ("mode is agent", {"mode": "agent"}, True),
        ("mode is not agent", {"mode": "bms"}, True),
        ("temp < 9 and run is true", {"temp": 8.0, "run": False}, False),
        ("temp < 9 and run is true or mode is bms", {"temp": 10.0, "run": True, "mode": "bms"}, True),
        ("temp < 9", {"temp": None}, False),
        ("temp >= 9", {"temp": None}, False),
        ("temp != 9", {"temp": 9.0}, False),
    ],
)
def test_a_condition_holds_or_not(text, values, holds):
    assert condition(text).holds(values.get) is holds


@pytest.mark.parametrize(
    ("text", "value", "holds"), [("temp <= 9", 9.4, True), ("temp <= 9", 9.6, False), ("temp is 9", 9.4, True),
                                 ("temp > 9", 8.6, True), ("temp > 9", 8.4, False)]
)  # fmt: skip
def test_a_tolerance_widens_on_the_side_that_forgives(text, value, holds):
    assert condition(text, "0.5 K").holds({"temp": value}.get) is holds


@pytest.mark.parametrize(
    "text", ["temp", "temp <= ", "temp <= 9 kW", "temp ~ 9", "mode < 3", "temp <= 9 and"]
)
def test_what_is_no_condition_is_refused_with_a_mend(text):
    with pytest.raises(ConditionError) as caught:
        condition(text)
    assert caught.value.mend


def judged(expectation, values, *, steps=None, step=10.0):
    """The verdict after the condition's signal had these values, one a step."""
    judge, steps = Judge(expectation), steps or {}
    now = 0.0
    for value in values:
        now += step
        known = {name: at for name, at in steps.items() if at <= now}
        judge.look(now, known, {"run": bool(value)}.get)
    return judge.verdict(now, steps)


def expect(kind, **changes):
    return Expectation(name="x", kind=kind, condition=condition("run is true"), **changes)


TRIP = Instant(0.0, "trip")


@pytest.mark.parametrize(
    ("expectation", "values", "met", "at"),
    [
        (expect(Kind.ALWAYS), "1111", True, None),
        (expect(Kind.ALWAYS), "1101", False, 30.0),
        (expect(Kind.ALWAYS, tolerated=20.0), "10011", True, None),
        (expect(Kind.ALWAYS, tolerated=20.0), "1000", False, 20.0),
        (expect(Kind.NEVER), "0010", False, 30.0),
        (expect(Kind.NEVER), "0000", True, None),
        (expect(Kind.ALWAYS, begin=Instant(30.0)), "0011", True, None),
        (expect(Kind.ALWAYS, end=Instant(20.0)), "1100", True, None),
        (expect(Kind.ALWAYS, begin=TRIP), "0011", True, None),
        (expect(Kind.ALWAYS, spared=((TRIP, 10.0),)), "1100", True, None),
        (expect(Kind.ALWAYS, spared=((TRIP, 10.0),)), "11001", True, None),
        (expect(Kind.ALWAYS, spared=((TRIP, 10.0),)), "11000", False, 50.0),
        (expect(Kind.WITHIN, begin=TRIP, within=20.0), "00001", True, 50.0),
        (expect(Kind.WITHIN, begin=TRIP, within=20.0), "000001", False, 60.0),
        (expect(Kind.WITHIN, begin=TRIP, within=20.0, holds=20.0), "0010111", True, 50.0),
        (expect(Kind.WITHIN, begin=TRIP, within=20.0, holds=20.0), "00101011", False, 60.0),
        (expect(Kind.FINALLY), "0001", True, 40.0),
        (expect(Kind.FINALLY), "1110", False, 40.0),
        (expect(Kind.ALWAYS, begin=Instant(900.0)), "1111", False, None),
    ],
)
def test_windows(expectation, values, met, at):
    verdict = judged(expectation, [one == "1" for one in values], steps={"trip": 30.0})
    assert (verdict.met, verdict.at) == (met, at)


def test_a_step_that_never_came_is_no_proof():
    verdict = judged(expect(Kind.ALWAYS, begin=TRIP), [True, True])
    assert not verdict.met
    assert "never reached" in verdict.text
