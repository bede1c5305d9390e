"""The release plan: what is given back, with which value, and in which order."""

from agent.core.equipment import Equipment, GuardSettings
from agent.core.point import Access, Point, Release, ReleaseKind, ValueKind
from agent.safety.release import plan_release
from tests.safety.rig import number, sensor, switch

OFF = Release(ReleaseKind.VALUE, False)
ON = Release(ReleaseKind.VALUE, True)
MODE = Release(ReleaseKind.MODE)


def unit(name, serves=(), **roles):
    return Equipment(
        id=name, kind="machine", area="plant", roles=roles, guards=GuardSettings(serves=tuple(serves))
    )


def plan(points, equipment=(), priors=()):
    return {step.point: step for step in plan_release(points, equipment, dict(priors))}


def test_start_stop_gets_its_declared_value_and_a_set_point_the_prior_one():
    steps = plan(
        [switch("ch1.on", release=ON), number("ch1.sp")],
        [unit("ch1", enable="ch1.on", chilled_water_setpoint="ch1.sp")],
        {"ch1.on": False, "ch1.sp": 7.0},
    )
    assert list(steps) == ["ch1.on", "ch1.sp"]
    assert (steps["ch1.on"].value, steps["ch1.on"].reason) == (True, "declared release value")
    assert (steps["ch1.sp"].value, steps["ch1.sp"].reason) == (7.0, "value found before our first write")
    assert steps["ch1.on"].equipment == "ch1"
    assert not any(step.missing for step in steps.values())


def test_flow_outlives_the_machine():
    machines = [
        unit("tower", ["cwp"], enable="t.on"),
        unit("cwp", ["ch1"], enable="c.on"),
        unit("ch1", enable="m.on"),
    ]
    points = [switch(one, release=OFF) for one in ("t.on", "c.on", "m.on")]
    steps = plan_release([*points, switch("loose.on", release=OFF)], machines, {})
    assert [step.point for step in steps] == ["m.on", "c.on", "t.on", "loose.on"]
    assert steps[1].serves == ("ch1",)
    assert (steps[3].equipment, steps[3].serves) == ("", ())


def test_a_point_of_machine_and_pump_is_released_with_the_pump():
    machines = [unit("ch1", enable="r.1", alarm="x.a"), unit("p1", ["ch1"], enable="r.1")]
    steps = plan_release([switch("r.1", release=OFF), switch("x.a", release=OFF)], machines, {})
    assert [(step.point, step.equipment) for step in steps] == [("x.a", "ch1"), ("r.1", "p1")]


def test_the_mode_bit_hands_over_its_machine_and_comes_first():
    machine = unit("ch1", remote_mode="ch1.remote", enable="ch1.on", chilled_water_setpoint="ch1.sp")
    points = [number("ch1.sp"), switch("ch1.on", release=ON), switch("ch1.remote", release=MODE)]
    steps = plan(points, [machine], {"ch1.sp": 7.0})
    assert next(iter(steps)) == "ch1.remote"
    assert steps["ch1.remote"].value is False
    for point in ("ch1.on", "ch1.sp"):
        assert (steps[point].value, steps[point].reason) == (None, "handed over by ch1.remote")
        assert not steps[point].missing


def test_a_mode_bit_does_not_hand_over_a_relay_on_another_device_or_another_machines_channel():
    machines = [unit("ch1", remote_mode="d.mode", enable="io.relay"), unit("ch2", enable="d.on2")]
    points = [
        switch("d.mode", release=MODE),
        switch("io.relay", release=OFF),
        switch("d.on2", release=OFF),
        switch("d.free", release=OFF),
    ]
    steps = plan(points, machines)
    assert [steps[one].value for one in ("io.relay", "d.on2", "d.free")] == [False, False, False]


def test_a_mode_bit_that_no_machine_binds_hands_over_the_whole_device():
    points = [switch("d.on", release=OFF), switch("d.mode", release=Release(ReleaseKind.MODE, True))]
    steps = plan(points, [unit("ch1", enable="d.on")])
    assert steps["d.mode"].value is True
    assert steps["d.on"].reason == "handed over by d.mode"


def test_a_mode_without_a_value_hands_over_nothing():
    mode = Point(id="d.mode", kind=ValueKind.ENUM, access=Access.READ_WRITE, release=MODE)
    steps = plan([mode, switch("d.on", release=OFF)])
    assert (steps["d.mode"].value, steps["d.mode"].missing) == (None, True)
    assert steps["d.mode"].reason == "no value for local control is declared"
    assert steps["d.on"].value is False


def test_what_cannot_be_given_back_is_listed_with_the_reason():
    none = Release(ReleaseKind.NONE)
    steps = plan(
        [
            switch("a.on"),
            number("a.sp"),
            number("a.value", release=Release(ReleaseKind.VALUE)),
            number("a.timed", release=none, has_device_timeout=True),
            number("a.untimed", release=none),
        ],
        priors={"a.on": True},
    )
    assert all(step.value is None for step in steps.values())
    assert {one: (step.reason, step.missing) for one, step in steps.items()} == {
        "a.on": ("a start/stop without a declared release value is left as it is", True),
        "a.sp": ("the value before our first write is not known", True),
        "a.value": ("no release value is declared", True),
        "a.timed": ("the device reverts by itself", False),
        "a.untimed": ("the device reverts by itself", True),
    }


def test_virtual_and_read_only_points_are_no_part_of_it():
    assert plan([number("virtual.budget"), sensor("ch1.temp")], [unit("ch1", x="ch1.temp")]) == {}


def test_a_prior_value_of_zero_is_a_value():
    assert plan([number("a.sp")], priors={"a.sp": 0.0})["a.sp"].value == 0.0
