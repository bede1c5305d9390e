"""A central plant in the hands of somebody who commands anything at any time: it stays a plant."""

from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import Phase as Stage
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hil.plant.central_design import CentralDesign
from hil.plant.central_plant import CentralPlant
from hil.plant.load import Outdoors
from hil.plant.variables import Variable, commanded, number, switch
from hil.plant.weather import Weather
from tests.hil.plant.central_cases import (
    MCQUAY,
    TRANE,
    YORK,
    design,
    economiser,
    headered,
    outdoors,
    plant,
    storage,
)

ODD = st.sampled_from([None, nan, inf, -inf, -50.0, 0.0, 1e-300, 1e9, True, False])
VALUES = st.one_of(ODD, st.floats(-20.0, 140.0), st.booleans())
STEPS = st.sampled_from([0.1, 1.0, 13.7, 60.0, 900.0])


def shape(name: str) -> CentralDesign:
    three = (YORK, TRANE, MCQUAY)
    plain = design(three, cells=3)
    if name == "plain":
        return design()
    return design(
        three,
        cells=3,
        chilled=headered(plain.chilled),
        storage=storage(charged=0.5),
        economiser=economiser(plain.branch_flow) if name == "whole" else None,
        secondary=headered(plain.chilled) if name == "secondary" else None,
    )


class Abuse(RuleBasedStateMachine):
    """Commands come, stay and go; machines fail and are mended; weather jumps; time passes in any portions."""

    one: CentralPlant
    names: list[str]
    faults: list[str]

    @initialize(name=st.sampled_from(["plain", "whole", "secondary"]), low=st.floats(0.0, 900.0))
    def build(self, name: str, low: float) -> None:
        self.one = plant(shape(name), low=low, high=low + 800.0)
        self.inputs: dict[str, Any] = {}
        self.broken: set[str] = set()
        self.second = 0.0
        self.air = outdoors(0.0).weather
        self.began = self.one.heat_in_water
        self.energy = 0.0
        self.one.step(1.0, {}, Outdoors(1.0, self.air))
        self.names = sorted(self.one.commands())
        self.faults = sorted(self.one.failures())

    @rule(data=st.data(), value=VALUES)
    def command(self, data: st.DataObject, value: Variable | None) -> None:
        """The same to many at once: an odd value among a hundred commands hardly ever meets a machine that listens."""
        for name in data.draw(st.lists(st.sampled_from(self.names), min_size=1, max_size=30)):
            self.inputs[name] = value
        self.pass_by(60.0)

    @rule(data=st.data(), on=st.booleans())
    def switch_many(self, data: st.DataObject, on: bool) -> None:
        for name in data.draw(st.lists(st.sampled_from(self.names), max_size=8)):
            self.inputs[name] = on if name.endswith("enable") else 100.0 * on

    @precondition(lambda self: self.inputs)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        del self.inputs[data.draw(st.sampled_from(sorted(self.inputs)))]

    @rule(data=st.data(), amount=st.floats(0.0, 1.0))
    def fail(self, data: st.DataObject, amount: float) -> None:
        name = data.draw(st.sampled_from(self.faults))
        self.one.fail(name, amount)
        self.broken.add(name)

    @precondition(lambda self: self.broken)
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.broken)))
        self.one.mend(name)
        self.broken.discard(name)

    @rule(dry=st.floats(-30.0, 48.0), below=st.floats(0.0, 20.0))
    def weather_turns(self, dry: float, below: float) -> None:
        wet = dry - below
        self.air = Weather(dry_bulb=dry, dew_point=wet - 1.0, humidity=50.0, irradiance=0.0, wet_bulb=wet)

    @rule(dt=STEPS, times=st.integers(1, 12))
    def time_passes(self, dt: float, times: int) -> None:
        for _ in range(times):
            self.pass_by(dt)

    def pass_by(self, dt: float) -> None:
        self.second += dt
        self.one.step(dt, self.inputs, Outdoors(self.second, self.air))

    @invariant()
    def it_is_a_plant(self) -> None:
        for name, value in self.one.outputs().items():
            assert isfinite(value), name
            if name.endswith((".power", ".energy", ".speed", ".valve", ".starts", ".runtime")):
                assert value >= 0.0, name
            if name.endswith("_temp"):
                assert -40.0 < value < 130.0, name

    @invariant()
    def no_heat_is_lost_and_no_meter_runs_back(self) -> None:
        balance = self.one.balance
        slack = 0.01 + 1e-6 * (abs(balance.coil) + abs(balance.rejected) + balance.machines)
        assert self.one.heat_in_water - self.began == pytest.approx(balance.gained, abs=slack)
        assert balance.electricity >= self.energy
        self.energy = balance.electricity


Abuse.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    phases=(Stage.explicit, Stage.reuse, Stage.generate),  # shrinking would take minutes
    deadline=None,
)
test_abuse = Abuse.TestCase


def test_nan_is_no_command() -> None:
    inputs: dict[str, Any] = {"a": nan, "b": None, "c": True, "d": inf, "e": -inf}
    assert [commanded(inputs, name) for name in "abc"] == [None, None, True]
    assert switch(inputs, "a", local=False) is False
    assert number(inputs, "a", 42.0) == 42.0
    assert (number(inputs, "d", 42.0), number(inputs, "e", 42.0)) == (100.0, 0.0)


def test_a_plant_told_nan_runs_as_if_nobody_commanded() -> None:
    left, right = plant(), plant()
    spoilt = dict.fromkeys(left.commands(), nan)
    for turn in range(60):
        left.step(60.0, {}, outdoors(60.0 * turn))
        right.step(60.0, spoilt, outdoors(60.0 * turn))
    assert left.outputs() == right.outputs()
