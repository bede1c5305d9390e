"""The release plan: what is given back, with which value, and in which order."""

from hypothesis import given
from hypothesis import strategies as st

from agent.core.equipment import Equipment, GuardSettings
from agent.core.point import Access, Point, Release, ReleaseKind, ValueKind
from agent.safety.release import held, plan_release
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


def test_what_is_started_starts_before_the_machine_that_needs_it():
    machines = [
        unit("ch1", enable="m.on", chilled_water_setpoint="m.sp"),
        unit("cwp", ["ch1"], enable="c.on", speed_command="c.speed"),
        unit("tower", ["cwp", "ch1"], enable="t.on"),
        unit("spare", ["ch1"], enable="s.on"),
    ]
    points = [
        number("m.sp"),
        *(switch(one, release=ON) for one in ("m.on", "c.on", "t.on")),
        number("c.speed", release=Release(ReleaseKind.VALUE, 50.0)),
        switch("s.on", release=OFF),
    ]
    steps = plan(points, machines, {"m.sp": 7.0})
    assert list(steps) == ["t.on", "c.on", "c.speed", "m.on", "m.sp", "s.on"]
    assert steps["m.on"].after == ("c.on", "t.on")
    assert steps["c.on"].after == ("t.on",)
    assert [one for one, step in steps.items() if step.serves] == ["s.on"]
    assert list(steps["s.on"].after) == ["m.on", "m.sp"]


def test_machines_that_serve_each_other_do_not_wait_for_each_other():
    machines = [unit("a", ["b"], enable="a.on"), unit("b", ["a"], enable="b.on")]
    steps = plan([switch("a.on", release=ON), switch("b.on", release=ON)], machines)
    assert sum(bool(step.after) for step in steps.values()) <= 1


def test_one_relay_for_machine_and_pump_does_not_wait_for_itself():
    machines = [unit("ch1", enable="r.1"), unit("p1", ["ch1"], enable="r.1")]
    for value in (ON, OFF):
        [step] = plan([switch("r.1", release=value)], machines).values()
        assert step.after == ()


def test_what_a_mode_bit_hands_over_is_through_when_the_mode_bit_is():
    machine = unit("ch1", remote_mode="d.remote", enable="d.on")
    steps = plan([switch("d.on", release=ON), switch("d.remote", release=MODE)], [machine])
    assert list(steps["d.on"].after) == ["d.remote"]
    assert steps["d.remote"].after == ()


def test_the_mode_bit_of_a_device_with_the_pump_on_it_waits_for_the_machine_elsewhere():
    machines = [unit("ch1", enable="m.on"), unit("p1", ["ch1"], enable="d.on"), unit("ch2", enable="d.two")]
    points = [switch(one, release=OFF) for one in ("m.on", "d.on", "d.two")]
    steps = plan([switch("d.mode", release=MODE), *points], machines)
    assert list(steps["d.mode"].after) == ["m.on"]
    assert list(steps) == ["m.on", "d.two", "d.mode", "d.on"]


def test_devices_that_hand_over_each_others_pumps_do_not_wait_in_a_circle():
    machines = [
        unit("ch1", enable="b.ch"),
        unit("p1", ["ch1"], enable="a.p"),
        unit("ch2", enable="a.ch"),
        unit("p2", ["ch2"], enable="b.p"),
    ]
    points = [switch(one, release=OFF) for one in ("a.p", "a.ch", "b.p", "b.ch")]
    modes = [switch("a.mode", release=MODE), switch("b.mode", release=MODE)]
    assert through(plan([*points, *modes], machines).values()) == 6


def through(steps):
    """How many steps come to their turn when each is through at once."""
    done = set()
    for _ in steps:
        done |= {step.point for step in steps if done.issuperset(step.after)}
    return len(done)


NAMES = [f"m{number}" for number in range(5)]
KINDS = [Release(ReleaseKind.VALUE, True), OFF, MODE, Release(ReleaseKind.PRIOR)]


@given(
    serves=st.lists(st.lists(st.sampled_from(NAMES), max_size=3), min_size=5, max_size=5),
    devices=st.lists(st.sampled_from("ab"), min_size=5, max_size=5),
    ways=st.lists(st.sampled_from(KINDS), min_size=5, max_size=5),
    modes=st.sets(st.sampled_from("ab")),
)
def test_every_step_of_any_plan_comes_to_its_turn(serves, devices, ways, modes):
    ids = [f"{device}.{name}" for device, name in zip(devices, NAMES, strict=True)]
    machines = [unit(name, needed, enable=id_) for name, needed, id_ in zip(NAMES, serves, ids, strict=True)]
    points = [switch(id_, release=way) for id_, way in zip(ids, ways, strict=True)]
    points += [switch(f"{device}.mode", release=MODE) for device in sorted(modes)]
    steps = plan(points, machines).values()
    assert through(steps) == len(points)


def test_what_keeps_a_point_from_being_given_back_is_in_its_step():
    steps = held(plan([switch("a.on", release=ON), number("a.sp")]).values(), {"a.on": "no flow"})
    assert [step.hold for step in steps] == ["no flow", ""]


def test_a_prior_value_of_zero_is_a_value():
    assert plan([number("a.sp")], priors={"a.sp": 0.0})["a.sp"].value == 0.0
