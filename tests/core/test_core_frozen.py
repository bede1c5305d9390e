"""The quick constructor: everything else of a frozen dataclass stays as it was."""

import copy
import dataclasses
import pickle
from dataclasses import dataclass, field

import pytest

from agent.core.command import Command
from agent.core.frozen import quick
from agent.core.reading import Quality, Reading


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    """Looks like Slow."""

    first: int
    second: str = "two"
    third: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slow:
    """As dataclasses makes it."""

    first: int
    second: str = "two"
    third: list[int] = field(default_factory=list)


def test_it_is_filled_like_any_other():
    for made in (lambda kind: kind(1), lambda kind: kind(1, "b"), lambda kind: kind(third=[3], first=1)):
        assert dataclasses.asdict(made(Quick)) == dataclasses.asdict(made(Slow))
    assert Quick(1).third is not Quick(1).third
    assert repr(Quick(1)) == "Quick(first=1, second='two', third=[])"


def test_it_is_shut():
    one = Quick(1)
    assert type(one) is Quick
    with pytest.raises(AttributeError, match="immutable"):
        one.first = 2
    with pytest.raises(AttributeError, match="immutable"):
        del one.first
    with pytest.raises(TypeError):
        object.__setattr__(one, "first", 4)


@pytest.mark.parametrize("wrong", [(), (1, "b", [], 4)])
def test_it_asks_for_the_same(wrong):
    with pytest.raises(TypeError):
        Quick(*wrong)
    with pytest.raises(TypeError):
        Quick(1, fourth=4)


def test_it_is_compared_copied_replaced_and_kept_like_any_other():
    one = Reading(1.5, 10.0, 11.0)
    assert one == Reading(1.5, 10.0, 11.0, Quality.GOOD, "")
    assert hash(one) == hash(dataclasses.replace(one, reason=""))
    assert dataclasses.replace(one, value=2.5) == Reading(2.5, 10.0, 11.0)
    assert copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    wish = Command(point="p", priority=15, source="s", reason="r", value=True)
    assert dataclasses.replace(wish, expires=3.0).expires == 3.0
    with pytest.raises(TypeError):
        Command("p", 15, "s", "r")


def test_what_it_cannot_do_it_says():
    with pytest.raises(TypeError, match="needs slots"):
        quick(dataclass(frozen=True)(type("Loose", (), {"__annotations__": {"first": "int"}})))
