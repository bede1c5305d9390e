"""All points of a device at once: the same values as one by one, whatever happens to the device."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.device_profile import DeviceProfile
from agent.core.point import Access, Point
from hil.clock import VirtualClock
from hil.sensors import SensorBank, SensorKinds
from hil.servers.ailments import Ailment
from hil.servers.device import SimulatedDevice, Wiring, constant, variable
from hil.world import World

POINTS = ("temp", "flow", "runs", "count", "phase", "rated", "missing", "limit", "enable")
DEEDS = ("write", "step", "freeze", "recover", "reboot", "lose", "find", "odd", "measure")


def room():
    there = World()
    commandable = {"limit": "o.limit", "enable": "o.enable"}
    points = {
        name: Point(
            id=name,
            unit={"temp": "degC", "flow": "l/s"}.get(name, ""),
            access=Access.READ_WRITE if name in commandable else Access.READ,
        )
        for name in POINTS
    }
    looks = {name: variable(f"o.{name}") for name in POINTS if name not in ("phase", "rated", "missing")}
    looks |= {"phase": variable("o.flow", 1 / 3), "rated": constant(400.0), "missing": variable("o.nowhere")}
    wiring = Wiring(looks=looks, commands=commandable, watchdog=100.0)
    clock = VirtualClock()
    device = SimulatedDevice("d", DeviceProfile(id="p", points=points), wiring, there, clock)
    there.truth = {
        "o.temp": 7.0,
        "o.flow": 30.0,
        "o.runs": True,
        "o.count": 3,
        "o.limit": 90.0,
        "o.enable": 1.0,
    }
    return device, there, SensorBank([device], SensorKinds())


def one_by_one(device):
    return [device.read(name) for name in POINTS]


def to_device(device, deed, point, number):
    if deed == "write" and point in device.commands:
        device.write(point, float(number))
    elif deed == "freeze":
        device.fall_ill(Ailment.FREEZE, point)
    elif deed == "recover":
        device.recover(Ailment.FREEZE, point)
    elif deed == "reboot":
        device.reboot()


def to_plant(there, deed, point, number):
    if deed == "step":
        there.truth = {**there.truth, "o.temp": float(number), "o.runs": number > 50}
    elif deed == "lose":
        there.truth = {name: value for name, value in there.truth.items() if name != f"o.{point}"}
    elif deed == "find":
        there.truth = {**there.truth, f"o.{point}": float(number)}
    elif deed == "odd":
        there.truth = {**there.truth, f"o.{point}": number}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(POINTS), st.integers(0, 100)), max_size=12))
def test_all_at_once_is_what_it_is_one_by_one(deeds):
    device, there, bank = room()
    elapsed = 0.0
    for deed, point, number in deeds:
        to_device(device, deed, point, number)
        to_plant(there, deed, point, number)
        if deed == "measure":
            elapsed += 60.0
            bank.refresh(there.truth, elapsed)
        found = list(device.read_all(POINTS))
        assert [(type(value), value) for value in found] == [(type(v), v) for v in one_by_one(device)]


def test_a_point_that_is_made_to_show_something_else_does_so_at_once():
    device, _, _ = room()
    assert device.read_all(POINTS)[5] == 400.0
    device.show("rated", constant(230.0))
    assert device.read_all(POINTS)[5] == 230.0


@pytest.mark.parametrize("names", [("temp",), ("limit", "temp"), ()])
def test_few_points_are_as_good_as_many(names):
    device, _, _ = room()
    device.write("limit", 40.0)
    assert list(device.read_all(names)) == [device.read(name) for name in names]
