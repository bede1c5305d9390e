"""The small judgements that the words of the house make themselves."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from agent.core import clock, policy, role, site
from agent.core.command import Command, Priority
from agent.core.decision import Decision
from agent.core.device_profile import Device, DeviceProfile
from agent.core.driver import ReadItem
from agent.core.equipment import Area, AreaModel, Authority, Equipment, Place
from agent.core.errors import BusError, ConfigurationError, DeviceError, PlantroomError, Problem, RefusedError
from agent.core.parameter import parameter, parameters
from agent.core.point import Access, Point
from agent.core.reading import Quality, Reading, ReadingBlock, failed_block
from agent.core.snapshot import NEVER_READ, Snapshot
from agent.core.tick import Tick


@pytest.mark.parametrize(
    ("value", "quality", "good", "usable"),
    [
        (1.0, Quality.GOOD, True, True),
        (1.0, Quality.UNCERTAIN, False, True),
        (1.0, Quality.BAD, False, False),
        (None, Quality.GOOD, True, False),
    ],
)
def test_how_far_a_reading_can_be_trusted(value, quality, good, usable):
    reading = Reading(value, 100.0, 10.0, quality)
    assert (reading.good, reading.usable, reading.age(12.5)) == (good, usable, 2.5)


def test_a_block_gives_each_point_its_reading():
    block = ReadingBlock("d", ("d.a", "d.b"), (1, 2), 5.0, 6.0)
    assert block.readings()["d.b"] == Reading(2, 5.0, 6.0)
    mixed = ReadingBlock("d", ("d.a", "d.b"), (1, None), 5.0, 6.0, (Quality.GOOD, Quality.BAD), "no answer")
    assert mixed.readings()["d.a"].reason == ""
    assert mixed.readings()["d.b"] == Reading(None, 5.0, 6.0, Quality.BAD, "no answer")


def test_a_failed_block_is_bad_throughout_and_has_no_value():
    readings = failed_block("d", ("d.a", "d.b"), 5.0, 6.0, "time-out").readings()
    assert {one.quality for one in readings.values()} == {Quality.BAD}
    assert {(one.value, one.reason) for one in readings.values()} == {(None, "time-out")}


@pytest.mark.parametrize(
    ("access", "commandable"), [(Access.READ, False), (Access.WRITE, True), (Access.READ_WRITE, True)]
)
def test_a_point_knows_its_device_and_whether_it_can_be_written(access, commandable):
    point = Point(id="ch1.chws.temp", access=access)
    assert (point.device, point.name, point.commandable) == ("ch1", "chws.temp", commandable)
    device = Device(id="ch1", bus="b", profile=DeviceProfile(id="p"), points={"chws.temp": point})
    assert device.commandable is commandable


@pytest.mark.parametrize(
    ("ends", "bounds_only"),
    [({}, False), ({"low": 1.0}, True), ({"high": 1.0}, True), ({"low": 1.0, "value": 2.0}, False)],
)
def test_a_command_without_a_value_is_bounds_or_nothing(ends, bounds_only):
    command = Command(point="p", priority=Priority.SCHEDULE, source="s", reason="r", **ends)
    assert command.bounds_only is bounds_only


def test_what_was_wanted_before_anything_limited_it():
    command = Command(point="p", priority=15, source="s", reason="r", value=80.0)
    assert Decision(point="p", value=50.0, winner=command).wanted == 80.0
    assert Decision(point="p", value=50.0, winner=None).wanted is None


def test_problems_say_where_what_and_the_mend():
    where = Problem("site.yaml", 3, 7, "no such bus: plnt")
    assert str(where) == "site.yaml:3:7: no such bus: plnt"
    mend = Problem("site.yaml", 3, 7, "no such bus: plnt", "did you mean plant?")
    assert str(mend).endswith("plnt (did you mean plant?)")
    error = ConfigurationError((where, mend))
    assert error.problems == (where, mend)
    assert str(error).count("\n") == 1


def test_a_refusal_is_a_device_error_and_a_bus_error_is_not():
    assert issubclass(RefusedError, DeviceError)
    assert not issubclass(BusError, DeviceError)
    assert issubclass(BusError, PlantroomError)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Declared once, read by everybody."""

    counted: ClassVar[int] = 0
    host: str = parameter(help="where")
    hold: float = parameter(30.0, unit="s", low=0, high=600, help="how long")


def test_parameters_carry_unit_bounds_and_help():
    host, hold = parameters(Settings)
    assert (host.name, host.type, host.required, host.default, host.unit) == ("host", str, True, None, "")
    assert (hold.required, hold.default, hold.unit, hold.low, hold.high) == (False, 30.0, "s", 0, 600)
    assert hold.help == "how long"
    assert Settings(host="x").hold == 30.0


CHILLER = Equipment(
    id="ch1", kind="chiller", area="a", roles={"load": "d.load", "state": "d.state", "enable": "d.on"}
)
PUMP = Equipment(id="p1", kind="pump", area="a")


def picture(**readings):
    model = AreaModel(
        area=Area(id="a"),
        place=Place(name="here", latitude=0.0, longitude=0.0, timezone="UTC"),
        equipment={"ch1": CHILLER, "p1": PUMP},
        points={},
    )
    return Snapshot(
        model=model,
        readings={f"d.{name}": one for name, one in readings.items()},
        utc=0.0,
        utc_trusted=True,
        elapsed=100.0,
        authority=Authority.AGENT,
        decisions={"d.on": Decision(point="d.on", value=True, winner=None)},
    )


def test_a_snapshot_answers_by_role():
    snapshot = picture(load=Reading(40, 0.0, 90.0), state=Reading("run", 0.0, 90.0))
    assert list(snapshot.equipment("chiller")) == [CHILLER]
    assert snapshot.value(CHILLER, "load") == 40
    assert snapshot.number_of(CHILLER, "load") == 40.0
    assert snapshot.number_of(CHILLER, "state") is None
    assert snapshot.reading(CHILLER, "speed") is NEVER_READ
    assert snapshot.reading(CHILLER, "enable") is NEVER_READ
    assert snapshot.value(PUMP, "load") is None
    assert snapshot.number_of(PUMP, "load") is None


@pytest.mark.parametrize(("max_age", "value"), [(None, 40), (10.0, 40), (9.9, None)])
def test_a_value_for_control_is_not_older_than_asked(max_age, value):
    assert picture(load=Reading(40, 0.0, 90.0)).value(CHILLER, "load", max_age) == value


def test_a_bad_value_is_no_value():
    assert picture(load=Reading(40, 0.0, 90.0, Quality.BAD)).value(CHILLER, "load") is None


def test_the_last_decision_by_role():
    assert picture().decided(CHILLER, "enable") is True
    assert picture().decided(CHILLER, "load") is None
    assert picture().decided(PUMP, "enable") is None


def test_a_tick_is_good_when_every_policy_decided():
    tick = Tick(
        area="a", number=0, snapshot=picture(), states_before={}, states={}, commands=(), decisions={}
    )
    assert tick.good


def test_roles_have_units_and_meanings():
    assert role.ROLES["power"].unit == "kW"
    assert all(one.meaning for one in role.ROLES.values())


def test_the_roles_of_code_are_protocols_and_plain_data():
    assert ReadItem("d", ("d.a",), 1.0) == ReadItem("d", ("d.a",), 1.0)
    assert site.UplinkKind("mqtt", dict).help == ""
    assert policy.RoleNeed("power", "chiller").required
    assert clock.Clock is not None
