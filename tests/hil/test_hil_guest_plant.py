"""Plants of others by name: what they say and give is looked at, and told with its place."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest

from agent.core.errors import PlantroomError
from hil.clock import VirtualClock
from hil.plant.variables import VariableInfo
from hil.plants import make_plant
from hil.stepper import Stepper, look_at

ROOM = {"room.temp": VariableInfo("degC"), "heater.enable": VariableInfo(input=True)}


class Room:
    """A plant as others write it."""

    def __init__(self, said, given) -> None:
        self.said, self.given = said, given

    def variables(self):
        return self.said

    def step(self, dt, inputs):
        return self.given


@pytest.fixture
def guest(monkeypatch):
    def made(said, given):
        module, room = ModuleType("guest_room"), Room(said, given)
        module.make = lambda: room
        monkeypatch.setitem(sys.modules, "guest_room", module)
        return make_plant("guest_room:make", 0.0)

    return made


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["room.temp"], r"variables\(\) gives \['room.temp'\]; give a dict by name"),
        ({"room.temp": "degC"}, r"variables\(\) gives 'degC' for 'room.temp'; give a VariableInfo"),
    ],
)
def test_variables_that_are_none_are_refused_at_once(guest, said, told):
    with pytest.raises(PlantroomError, match=r"guest_room:make: " + told):
        guest(said, {})
    assert guest(ROOM, {}).variables() == ROOM


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, r"step\(\) gives None; give a dict"),
        ({"room.temp": "21.5"}, r"step\(\) gives '21.5' for 'room.temp'; give a number"),
        ({"room.temp": [21.5] * 40}, r"step\(\) gives \[21.5, .*\.\.\. for 'room.temp'"),
    ],
)
def test_values_that_are_none_are_told_by_their_name(given, told):
    with pytest.raises(PlantroomError, match=told):
        look_at(given)


def test_numbers_of_every_kind_pass():
    look_at({"room.temp": np.float32(21.5), "heater.enable": np.bool_(True), "heater.starts": 3})


async def test_a_plant_that_fails_is_told_with_its_place():
    class Broken(Room):
        def step(self, dt, inputs):
            return {"room.temp": self.given["nothing"]}

    clock = VirtualClock()
    stepper = Stepper(Broken(ROOM, {}), clock)
    await clock.advance(1.0)
    with pytest.raises(
        PlantroomError, match=r"failed in step\(\): KeyError: 'nothing' \(test_hil_guest_plant.py:\d+\)"
    ):
        await stepper.advance({})
