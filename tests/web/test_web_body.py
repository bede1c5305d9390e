from __future__ import annotations

from typing import Any

import pytest

from agent.web.answers import TurnedAwayError
from agent.web.body import Field, _check, check_value, read_query


@pytest.mark.parametrize("value", [0, -1.5, 7, True, False, "night", 1e17])
def test_values_a_point_may_hold_pass_unchanged(value: Any) -> None:
    checked = check_value(value)
    assert checked == value
    assert type(checked) is type(value)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e19, "", "x" * 201, None, [], {}, [1]])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="value must be"):
        check_value(value)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (Field(name="seconds", kind="number", low=1), 0, "seconds must be at least 1"),
        (Field(name="seconds", kind="number", high=60), 61, "seconds must be at most 60"),
        (Field(name="seconds", kind="number"), True, "seconds must be a number"),
        (Field(name="seconds", kind="number"), "60", "seconds must be a number"),
        (Field(name="locked", kind="switch"), 1, "locked must be true or false"),
        (Field(name="reason"), "   ", "reason is missing"),
        (Field(name="reason"), None, "reason is missing"),
        (Field(name="reason", longest=5), "123456", "reason is too long"),
        (Field(name="reason"), "a\nb\x1b[2J", "cannot be shown"),
        (Field(name="reason"), ["a"], "reason must be a text"),
        (Field(name="password", kind="secret", longest=5), "123456", "password must be"),
    ],
)
def test_each_mistake_has_its_sentence(field: Field, value: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        _check(field, value)


def test_reasons_are_trimmed_and_secrets_are_not() -> None:
    assert _check(Field(name="reason"), "  noise complaint ") == "noise complaint"
    assert _check(Field(name="password", kind="secret"), "  spaces count ") == "  spaces count "


def test_a_wrong_choice_names_the_nearest() -> None:
    field = Field(name="authority", choices=("bms", "shadow", "agent"))
    with pytest.raises(TurnedAwayError) as caught:
        _check(field, "shaddow")
    assert caught.value.status == 400
    assert caught.value.nearest == ("shadow",)


def test_queries_take_defaults_and_refuse_what_they_do_not_know() -> None:
    fields = (
        Field(name="limit", kind="number", required=False, default=100, low=1, high=1000),
        Field(name="pattern", required=False, default="*"),
    )
    assert read_query({}, fields) == {"limit": 100, "pattern": "*"}
    assert read_query({"limit": "7"}, fields)["limit"] == 7
    with pytest.raises(ValueError, match="limit must be a number"):
        read_query({"limit": "many"}, fields)
    with pytest.raises(ValueError, match="limit must be a number"):
        read_query({"limit": "nan"}, fields)
    with pytest.raises(TurnedAwayError) as caught:
        read_query({"patern": "*"}, fields)
    assert caught.value.nearest == ("pattern",)
