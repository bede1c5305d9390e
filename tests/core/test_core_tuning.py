"""Layers of parameters: the newest that fits decides, one that ends uncovers what lay under it, timers start afresh by name."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar

import pytest

from agent.core.parameter import parameter
from agent.core.tuning import Layer, Tuning, UnfitError, carried, effective, fit, pruned, tunable


class Season(StrEnum):
    SUMMER = "summer"
    WINTER = "winter"


@dataclass(frozen=True)
class Timers:
    below: float = 0.0
    above: float = 0.0


@dataclass(frozen=True)
class State:
    held: float = 0.0
    timers: Timers = field(default_factory=Timers)


@dataclass(frozen=True, kw_only=True)
class Fan:
    kind: ClassVar[str] = "test.fan"
    name: str = parameter("fan", help="of the policy")
    low: float = parameter(20.0, unit="%", low=0.0, high=100.0, help="slowest", restarts=("timers.below",))
    high: float = parameter(80.0, unit="%", low=0.0, high=100.0, help="fastest", restarts=("held",))
    number: int = parameter(1, low=1, high=4, help="of fans")
    quiet: bool = parameter(False, help="at night")
    note: str = parameter("", help="for people")
    season: Season = parameter(Season.SUMMER, help="of the year")
    limit: float | None = parameter(None, unit="kW", low=0.0, help="of power")
    months: tuple[int, ...] = parameter((), help="in which it runs")

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError("low must lie below high")

    def initial_state(self) -> State:
        return State()


SPECS = {spec.name: spec for spec in tunable(Fan)}


def layer(number, until=None, kind=Layer.TUNED, policy="fan", **values):
    return Tuning(id=f"t{number}", layer=kind, area="hall", values={policy: values}, until=until)


def test_only_numbers_switches_texts_and_choices_may_change():
    assert set(SPECS) == {"low", "high", "number", "quiet", "note", "season", "limit"}


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("low", 30, 30.0),
        ("number", 2.0, 2),
        ("quiet", True, True),
        ("note", "x", "x"),
        ("season", "winter", Season.WINTER),
        ("limit", 5, 5.0),
    ],
)
def test_a_value_comes_in_the_parameters_type(name, value, becomes):
    found = fit(SPECS, name, value)
    assert found == becomes
    assert type(found) is type(becomes)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("months", (1,), "cannot be changed while"),
        ("low", True, "cannot be set to True"),
        ("number", 1.5, "cannot be set to 1.5"),
        ("season", "spring", "must be one of summer, winter"),
        ("low", -1.0, "must lie between 0.0 and 100.0 %"),
        ("low", 101.0, "must lie between 0.0 and 100.0 %"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(name, value, says):
    with pytest.raises(UnfitError, match=says):
        fit(SPECS, name, value)


def test_the_newest_layer_decides_and_one_that_does_not_go_with_the_rest_is_left_aside():
    fan = Fan()
    seen = effective(
        fan, [layer(1, low=30.0), layer(2, low=90.0), layer(3, policy="other", low=1.0), layer(4, low=40.0)]
    )
    assert seen.policy == replace(fan, low=40.0)
    assert seen.aside == {"t2": "low must lie below high"}
    assert (seen.sources["low"].value, seen.sources["low"].filed) == (40.0, 20.0)
    assert seen.sources["low"].tuning.id == "t4"
    uncovered = effective(fan, [layer(1, low=30.0)])
    assert uncovered.policy.low == 30.0


def test_a_try_is_on_probation_and_a_mode_with_an_end_is_not():
    assert layer(1, until=60.0).on_probation
    assert not layer(1).on_probation
    assert not layer(1, until=60.0, kind=Layer.MODE).on_probation


def test_timers_of_a_changed_parameter_start_afresh_and_all_else_is_kept():
    state = State(held=7.0, timers=Timers(below=8.0, above=9.0))
    assert carried(Fan(), Fan(), state) is state
    assert carried(Fan(), Fan(low=30.0), state) == State(held=7.0, timers=Timers(below=0.0, above=9.0))
    assert carried(Fan(), Fan(high=90.0), state) == State(held=0.0, timers=state.timers)


def test_neighbours_that_were_tuned_for_good_become_one_and_nobody_else_does():
    layers = (layer(1, low=30.0), layer(2, high=90.0), layer(3, until=60.0, low=31.0), layer(4, low=32.0))
    kept = pruned(layers, 3)
    assert [one.id for one in kept] == ["t2", "t3", "t4"]
    assert kept[0].values == {"fan": {"low": 30.0, "high": 90.0}}
    assert pruned(layers, 9) == layers
    assert len(pruned(layers, 1)) == 3  # a try stays apart, whatever the number
