"""Faults by path on all three layers, on a bench whose time is moved by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.core.device_profile import DeviceProfile
from agent.core.point import Access, Point, ValueKind
from agent.core.register import Register, Table
from hil.clock import VirtualClock
from hil.fault_board import FaultBoard
from hil.fault_paths import FaultPlaces
from hil.faults import FaultKind, WireFaults
from hil.plant.variables import Inputs, Outputs, VariableInfo
from hil.servers.device import SimulatedDevice
from hil.world import World
from tests.hil.servers.face_builder import bms, chiller, world


class BreakingPlant:
    """Physics that is not asked; what is broken at present."""

    def __init__(self) -> None:
        self.broken: dict[str, float] = {}

    def variables(self) -> Mapping[str, VariableInfo]:
        return {}

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        return {}

    def failures(self) -> Mapping[str, str]:
        return {
            "chiller_1.trip": "stops and stays off",
            "tower_1.fouling": "loses capacity",
            "power_dip": "all of it",
        }

    def fail(self, name: str, amount: float) -> None:
        self.broken[name] = amount

    def mend(self, name: str) -> None:
        del self.broken[name]


class RecordingFaces:
    """Says what was asked of the faces."""

    def __init__(self) -> None:
        self.disturbed: dict[tuple[str, str], float | None] = {}

    def can(self, bus: str, kind: str) -> bool:
        return bus == "plant" or kind.startswith(("certificate", "network"))

    def disturb(self, bus: str, kind: str, amount: float | None) -> None:
        self.disturbed[bus, kind] = amount

    def calm(self, bus: str, kind: str) -> None:
        del self.disturbed[bus, kind]


class Room:
    """A chiller on the bus `plant`, a building system on the bus `bms`."""

    def __init__(self, *, wired: bool = True) -> None:
        self.clock = VirtualClock()
        self.world = world()
        self.chiller = chiller(self.world, self.clock, heartbeat=None)
        self.bms = bms(self.world, self.clock)
        self.plant = BreakingPlant()
        self.faces = RecordingFaces()
        self.wire = WireFaults()
        devices = {"ch1": self.chiller, "bms": self.bms}
        places = FaultPlaces(devices, {"ch1": "plant", "bms": "office"}, self.faces if wired else None)
        self.board = FaultBoard(places, self.plant, self.clock, wire=self.wire if wired else None)

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.board.watch()


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_wire_fault_of_a_bus_hits_its_devices_and_no_others(room: Room) -> None:
    room.board.throw("bus:plant", "crc", 100.0)
    assert room.wire.take("bms") is None
    hit = room.wire.take("ch1")
    assert hit is not None
    assert hit.kind is FaultKind.CHECKSUM
    assert room.board.mend("bus:plant", "crc")[0].kind == "crc"
    assert room.wire.take("ch1") is None


def test_a_share_is_a_share(room: Room) -> None:
    room.board.throw("bus:*", "loss", 10.0)
    lost = sum(room.wire.take("ch1") is not None for _ in range(5000))
    assert 400 < lost < 600


def test_two_kinds_stand_side_by_side_and_are_mended_one_by_one(room: Room) -> None:
    room.board.throw("device:ch1", "delay", 0.25)
    room.board.throw("bus:plant", "stall")
    first = room.wire.take("ch1")
    assert first is not None
    assert (first.kind, first.seconds) == (FaultKind.DELAY, 0.25)
    room.board.mend("device:ch1")
    second = room.wire.take("ch1")
    assert second is not None
    assert second.kind is FaultKind.STALL
    assert [one.kind for one in room.board.standing()] == ["stall"]


async def test_a_fault_with_a_time_ends_by_itself(room: Room) -> None:
    room.board.throw("point:ch1.temperature", "bias", 2.0, seconds=60.0)
    assert room.chiller.read("temperature") == pytest.approx(8.84)
    await room.pass_time(59.0)
    assert room.chiller.read("temperature") == pytest.approx(8.84)
    await room.pass_time(1.5)
    assert room.chiller.read("temperature") == pytest.approx(6.84)
    assert room.board.standing() == ()


async def test_a_sensor_drifts_sticks_and_goes_away(room: Room) -> None:
    room.board.throw("point:ch1.temperature", "drift", 1.0)
    await room.pass_time(1800.0)
    assert room.chiller.read("temperature") == pytest.approx(7.34)
    assert room.chiller.read("power") == pytest.approx(123.5)
    room.board.throw("point:ch1.power", "stuck")
    room.world.truth["chiller_1.power"] = 90.0
    assert room.chiller.read("power") == pytest.approx(123.5)
    room.board.throw("point:ch1.status", "stuck", 0.0)
    assert room.chiller.read("status") is False
    room.board.throw("device:ch1", "sentinel")
    assert room.chiller.read("temperature") is None
    assert room.chiller.read("energy") is not None  # its register has no word for that, on no bench
    with pytest.raises(ValueError, match="no word"):
        room.board.throw("point:ch1.energy", "sentinel")
    assert len(room.board.mend()) == 4
    assert room.chiller.read("power") == 90.0
    assert room.chiller.read("status") is True


def test_a_hung_device_answers_always_the_same_and_does_nothing(room: Room) -> None:
    room.board.throw("device:ch1", "freeze")
    room.world.truth["chiller_1.power"] = 10.0
    room.chiller.write("enable", False)
    assert room.chiller.read("power") == pytest.approx(123.5)
    assert room.chiller.read("enable") is True
    assert room.world.commands == {}


def test_a_stuck_actuator_shows_what_it_does_not_do(room: Room) -> None:
    room.chiller.write("setpoint", 8.0)
    room.board.throw("point:ch1.setpoint", "stuck_actuator")
    room.chiller.write("setpoint", 9.5)
    assert room.chiller.read("setpoint") == 9.5
    assert room.world.commands["chiller_1.chilled_water_setpoint"] == 8.0
    room.board.mend("point:ch1.setpoint")
    assert room.world.commands["chiller_1.chilled_water_setpoint"] == 9.5


def test_the_key_at_the_panel_hands_the_machine_to_its_own_control(room: Room) -> None:
    room.chiller.write("enable", False)
    room.board.throw("device:ch1", "local_override")
    assert room.world.commands == {}
    room.chiller.write("enable", False)
    assert room.world.commands == {}
    room.board.mend()
    assert room.world.commands == {"chiller_1.enable": False}


def test_a_device_without_power_is_silent_and_comes_back_empty(room: Room) -> None:
    room.chiller.write("enable", False)
    room.board.throw("device:ch1", "off")
    assert room.chiller.deaf
    assert room.world.commands == {}
    room.board.mend()
    assert room.chiller.deaf, "it has to start first"
    assert room.chiller.read("enable") is True


async def test_a_power_dip_restarts_all_devices_of_a_bus(room: Room) -> None:
    room.board.throw("bus:plant", "power_dip", 4.0)
    assert (room.chiller.deaf, room.bms.deaf) == (True, False)
    assert room.board.standing() == (), "over as soon as thrown"
    await room.pass_time(5.0)
    assert not room.chiller.deaf


async def test_a_second_master_writes_until_it_is_mended(room: Room) -> None:
    room.board.throw("point:ch1.setpoint", "second_master", 11.0)
    room.board.watch()
    assert room.world.commands["chiller_1.chilled_water_setpoint"] == 11.0
    room.chiller.write("setpoint", 7.0)
    await room.pass_time(6.0)
    assert room.world.commands["chiller_1.chilled_water_setpoint"] == 11.0
    room.board.mend()
    room.chiller.write("setpoint", 7.0)
    await room.pass_time(60.0)
    assert room.world.commands["chiller_1.chilled_water_setpoint"] == 7.0


@pytest.mark.parametrize(
    ("path", "kind"),
    [("plant:chiller_1.trip", ""), ("plant:chiller_1", "trip"), ("plant:chiller_1.trip", "trip")],
)
def test_machines_break_and_are_mended(room: Room, path: str, kind: str) -> None:
    room.board.throw(path, kind, 0.4)
    assert room.plant.broken == {"chiller_1.trip": 0.4}
    assert room.board.mend(path)
    assert room.plant.broken == {}


def test_what_befalls_the_whole_plant_stands_under_a_star(room: Room) -> None:
    fault = next(one for one in room.board.possible() if one.kind == "power_dip")
    assert fault.path == "plant:*"
    for thrown, mended in (("plant:power_dip", "plant:power_dip"), ("plant:*", "plant:*")):
        room.board.throw(thrown, "power_dip")
        assert room.plant.broken == {"power_dip": 1.0}
        assert [one.path for one in room.board.standing()] == ["plant:*"]
        assert room.board.mend(mended)
        assert room.plant.broken == {}


def test_what_befalls_a_face_is_handed_to_it(room: Room) -> None:
    room.board.throw("device:bms", "certificate_expired")
    room.board.throw("bus:plant", "network_down")
    assert set(room.faces.disturbed) == {("office", "certificate_expired"), ("plant", "network_down")}
    room.board.mend()
    assert room.faces.disturbed == {}


def test_without_wires_a_dead_wire_is_a_silent_device() -> None:
    room = Room(wired=False)
    room.board.throw("bus:plant", "stall")
    assert (room.chiller.deaf, room.bms.deaf) == (True, False)
    room.board.mend()
    assert not room.chiller.deaf
    with pytest.raises(ValueError, match="not possible on this bench"):
        room.board.throw("bus:plant", "crc")


@pytest.mark.parametrize(
    ("path", "kind", "sentence"),
    [
        ("chiller", "trip", "is no path"),
        ("bus:plont", "loss", "did you mean plant"),
        ("device:ch1", "lost", "did you mean loss"),
        ("point:ch1.temprature", "bias", "did you mean ch1.temperature"),
        ("plant:chiller_1", "tripp", "there are chiller_1.trip"),
        ("bus:office", "crc", "not possible"),
        ("bus:plant", "bias", "no fault 'bias' here"),
    ],
)
def test_a_path_or_kind_that_is_not_there_is_explained(
    room: Room, path: str, kind: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        room.board.throw(path, kind)
    assert room.board.standing() == ()


def test_a_share_beyond_all_is_refused_and_nothing_stands(room: Room) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        room.board.throw("bus:plant", "loss", 150.0)
    assert room.board.standing() == ()


@pytest.mark.parametrize("wired", [True, False])
def test_every_possible_fault_can_be_thrown_and_leaves_nothing_behind(wired: bool) -> None:
    room = Room(wired=wired)
    before = {point: room.chiller.read(point) for point in room.chiller.profile.points}
    possible = list(room.board.possible())
    assert len({one.kind for one in possible}) > (25 if wired else 12)
    for one in possible:
        room.board.throw(one.path, one.kind, one.amount)
    room.board.mend()
    assert room.board.standing() == ()
    assert not room.chiller.ailments
    assert room.plant.broken == {}
    assert room.faces.disturbed == {}
    assert room.wire.take("ch1") is None
    assert {point: room.chiller.read(point) for point in room.chiller.profile.points} == before


def test_a_local_contact_shows_that_the_key_is_turned() -> None:
    clock, there = VirtualClock(), World()
    points = {
        "local": Point(id="local", kind=ValueKind.SWITCH, role="local_mode"),
        "enable": Point(id="enable", kind=ValueKind.SWITCH, access=Access.READ_WRITE),
    }
    sources = {
        "local": Register(table=Table.DISCRETE, address=0),
        "enable": Register(table=Table.COIL, address=0),
    }
    from hil.servers.device import Wiring, constant

    profile = DeviceProfile(id="p", points=points, sources=sources)
    device = SimulatedDevice("d", profile, Wiring(looks={"local": constant(False)}), there, clock)
    board = FaultBoard(FaultPlaces({"d": device}, {"d": "b"}), BreakingPlant(), clock)
    board.throw("device:d", "local_override")
    assert device.read("local") is True
