"""Frozen dataclasses to JSON and back, as they were."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.command import Command
from agent.core.decision import Decision, Limitation, Stage
from agent.core.equipment import Area, AreaModel, Authority, Equipment, Place
from agent.core.point import Limits, Point, Value
from agent.core.reading import Quality, Reading
from agent.core.register import Node, Register, Slot, Source, Table
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import NEVER_READ, Snapshot
from agent.core.tick import PolicyFault, Tick, WriteOrder


class Colour(Enum):
    RED = 1
    BLUE = 2


class Mode(StrEnum):
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Inner:
    number: float
    flag: bool = False


NOWHERE = Slot()


@dataclass(frozen=True, slots=True)
class Everything:
    real: float = 0.0
    whole: int = 0
    text: str = ""
    maybe: float | None = None
    value: Value = 0.0
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    pair: tuple[str, float] = ("", 0.0)
    names: frozenset[str] = frozenset()
    listed: list[int] = field(default_factory=list)
    row: Sequence[int] = ()
    by_name: Mapping[str, Inner] = field(default_factory=dict)
    by_number: Mapping[int, str] = field(default_factory=dict)
    by_time: Mapping[float, str] = field(default_factory=dict)
    by_colour: Mapping[Colour, int] = field(default_factory=dict)
    by_quality: Mapping[Quality, int] = field(default_factory=dict)
    by_mode: dict[Mode, int] = field(default_factory=dict)
    colour: Colour = Colour.RED
    source: Source = NOWHERE
    anything: Any = None


FULL = Everything(
    real=math.inf,
    whole=-3,
    text="格",
    maybe=1.5,
    value=True,
    inner=Inner(2.0, flag=True),
    many=(Inner(1.0), Inner(-math.inf)),
    pair=("a", 2.0),
    names=frozenset({"b", "a"}),
    listed=[3, 1],
    row=(1, 2),
    by_name={"x": Inner(0.5)},
    by_number={7: "seven"},
    by_time={0.5: "half"},
    by_colour={Colour.BLUE: 1},
    by_quality={Quality.BAD: 1, Quality.GOOD: 2},
    by_mode={Mode.DAY: 3},
    colour=Colour.BLUE,
    source=Register(table=Table.HOLDING, address=4, codes={1: "on"}),
    anything={"k": [1, None]},
)


def there_and_back(kind, value):
    return from_plain(kind, json.loads(json.dumps(to_plain(value), allow_nan=False)))


@pytest.mark.parametrize("value", [FULL, Everything(), Everything(source=Node(node="ns=2;s=x"))])
def test_what_goes_out_comes_back(value):
    assert there_and_back(Everything, value) == value


def test_sets_are_written_in_order_and_not_a_number_as_text():
    assert to_plain(frozenset({"b", "a"})) == ["a", "b"]
    assert to_plain(math.nan) == "nan"
    assert math.isnan(from_plain(Inner, {"number": "nan"}).number)
    assert to_plain(Inner) is Inner  # a class is no value


@given(st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text())
def test_a_value_keeps_its_kind(value):
    back = there_and_back(Everything, Everything(value=value)).value
    assert back == value
    assert type(back) is type(value)


def test_unknown_keys_are_dropped_and_missing_ones_take_their_default():
    assert from_plain(Inner, {"number": 1, "colour": "red"}) == Inner(1.0)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Inner, {"flag": True}),  # a required one is missing
        (Inner, [1.0]),
        (Inner, {"number": True}),
        (Inner, {"number": "warm"}),
        (Everything, {"whole": True}),
        (Everything, {"whole": "3"}),
        (Everything, {"text": 3}),
        (Everything, {"many": {"number": 1}}),
        (Everything, {"pair": ["a"]}),
        (Everything, {"by_name": [1]}),
        (Everything, {"by_number": {"seven": "x"}}),
        (Everything, {"by_colour": {"green": 1}}),
        (Everything, {"colour": 9}),
        (Everything, {"value": [1]}),
        (Everything, {"inner": "x"}),
    ],
)
def test_data_of_another_shape_is_an_error_the_caller_can_catch(kind, data):
    with pytest.raises((TypeError, ValueError)):
        from_plain(kind, data)


def test_a_whole_tick_can_be_recorded():
    point = Point(id="d.x", limits=Limits(low=0), plausible=(0.0, 50.0))
    model = AreaModel(
        area=Area(id="plant", wake_on=frozenset({"presence"}), minimum_running={"chiller": 1}),
        place=Place(name="here", latitude=1.0, longitude=2.0, timezone="UTC"),
        equipment={"ch1": Equipment(id="ch1", kind="chiller", area="plant", roles={"enable": "d.x"})},
        points={"d.x": point},
    )
    command = Command(point="d.x", priority=8, source="s", reason="r", value=1.0)
    decision = Decision(
        point="d.x",
        value=2.0,
        winner=command,
        losers=(command,),
        limited_by=(Limitation(Stage.LIMIT, "low limit", 1.0, 2.0, "r"),),
    )
    snapshot = Snapshot(
        model=model,
        readings={"d.x": Reading(1.0, 2.0, 3.0, Quality.UNCERTAIN, "why"), "d.y": NEVER_READ},
        utc=1.0,
        utc_trusted=True,
        elapsed=2.0,
        authority=Authority.AGENT,
        decisions={"d.x": decision},
        locked_out=frozenset({"ch1"}),
    )
    tick = Tick(
        area="plant",
        number=1,
        snapshot=snapshot,
        states_before={},
        states={"p": [1]},
        commands=(command,),
        decisions={"d.x": decision},
        writes=(WriteOrder(point="d.x", value=2.0, reason="r"),),
        faults=(PolicyFault(policy="p", error="e"),),
    )
    assert there_and_back(Tick, tick) == tick
    assert not tick.good
