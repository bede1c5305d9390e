"""What nobody asks for any more is given back, but not against the guards: they judge the release value, too."""

import pytest

from agent.core.decision import Stage
from agent.core.point import Release, ReleaseKind
from tests.safety.rig import Rig, aged, ask, machine, number, switch, trip

ON = Release(ReleaseKind.VALUE, True)
OFF = Release(ReleaseKind.VALUE, False)
MODE = Release(ReleaseKind.MODE)
CH, P = "ch1.enable", "p1.enable"


def guard_of(decision):
    """The guard that keeps a point from being given back; empty: it is given back now."""
    assert decision.value is None
    assert decision.winner is None
    return next((one.by for one in decision.limited_by if one.stage is Stage.GUARD), "")


def stopped_by_us(release=ON, **guards):
    """A chiller that ran, proven, and was told to stop a minute ago, long after its start."""
    rig = aged(machine("ch1", **guards), points=[switch(CH, release=release)])
    rig.see("flow", True)
    rig.tick(ask(CH, True), after=4000.0)
    rig.see("ch1.status", True)
    for _ in range(40):
        rig.tick(ask(CH, True), after=100.0)
    rig.tick(ask(CH, False))
    rig.see("ch1.status", False)
    rig.tick(ask(CH, False))
    rig.tick(ask(CH, False), after=60.0)
    rig.owed = {CH}
    return rig


@pytest.mark.parametrize(
    ("guards", "guard"),
    [
        ({}, ""),
        ({"minimum_off": 300.0}, "minimum_off"),
        ({"minimum_off": 30.0}, ""),
        ({"proof_of_flow": "flow"}, ""),
        ({"start_to_start": 7200.0}, "start_to_start"),
    ],
)
def test_a_shed_machine_whose_release_value_is_on_starts_when_its_guards_allow(guards, guard):
    rig = stopped_by_us(**guards)
    decision = rig.tick(heard={"sequence"})[CH]
    assert guard_of(decision) == guard
    assert ("kept as it is, then given back as on" in decision.reason) == bool(guard)


def test_the_wait_for_minimum_off_ends_by_itself_and_does_not_begin_anew():
    rig = stopped_by_us(minimum_off=300.0)
    waits = [guard_of(rig.tick(heard={"sequence"}, after=50.0)[CH]) for _ in range(6)]
    assert waits == ["minimum_off"] * 4 + ["", ""]


def test_without_proof_of_flow_it_waits_until_flow_is_there():
    rig = stopped_by_us(proof_of_flow="flow")
    rig.see("flow", False)
    assert guard_of(rig.tick(heard={"sequence"}, after=1000.0)[CH]) == "proof_of_flow"
    rig.lose("flow")
    assert guard_of(rig.tick(heard={"sequence"}, after=1000.0)[CH]) == "proof_of_flow"
    rig.see("flow", True)
    assert guard_of(rig.tick(heard={"sequence"})[CH]) == ""


def test_a_machine_that_runs_without_flow_is_stopped_even_while_it_is_given_back():
    rig = stopped_by_us(proof_of_flow="flow")
    rig.see("ch1.status", True)
    rig.tick(ask(CH, True))
    rig.see("flow", False)
    decision = rig.tick(heard={"sequence"})[CH]
    assert decision.value is False
    assert decision.limited_by[-1].by == "proof_of_flow"


@pytest.mark.parametrize(
    ("release", "owed"), [(Release(ReleaseKind.PRIOR), {CH}), (Release(ReleaseKind.VALUE), {CH}), (ON, set())]
)
def test_where_nothing_would_be_written_no_guard_has_a_say(release, owed):
    rig = stopped_by_us(release=release, minimum_off=300.0)
    rig.owed = owed
    assert guard_of(rig.tick(heard={"sequence"})[CH]) == ""


def test_a_machine_whose_mode_bit_is_given_back_is_started_by_its_own_control_and_not_held():
    rig = stopped_by_us(minimum_off=300.0)
    assert guard_of(rig.tick(heard={"sequence"})[CH]) == "minimum_off"
    remote = switch("ch1.remote", release=MODE)
    rig = aged(machine("ch1", minimum_off=300.0), points=[switch(CH, release=ON), remote])
    rig.tick(ask(CH, True), ask("ch1.remote", True))
    rig.tick(ask(CH, False), ask("ch1.remote", True))
    rig.owed = {CH, "ch1.remote"}
    decisions = rig.tick(heard={"sequence"})
    assert guard_of(decisions[CH]) == guard_of(decisions["ch1.remote"]) == ""
    # still in our hands by its mode bit: the start/stop is written, so the guards judge it
    assert guard_of(rig.tick(ask("ch1.remote", True))[CH]) == "minimum_off"


def served(run_on=0.0, **area):
    machines = [machine("ch1"), machine("p1", kind="pump", serves=("ch1",), run_on=run_on)]
    rig = aged(*machines, points=[switch(CH, release=OFF), switch(P, release=OFF)], **area)
    rig.tick(ask(P, True), ask(CH, True))
    rig.see("ch1.status", True)
    rig.see("p1.status", True)
    rig.tick(ask(P, True), ask(CH, True))
    rig.owed = {P, CH}
    return rig


def test_flow_outlives_the_machine_in_the_loop_as_well():
    rig = served(run_on=120.0)
    decisions = rig.tick(heard={"sequence"})
    assert (guard_of(decisions[CH]), guard_of(decisions[P])) == ("", "serves")
    rig.see("ch1.status", False)
    assert guard_of(rig.tick(heard={"sequence"})[P]) == "run_on"
    assert guard_of(rig.tick(heard={"sequence"}, after=130.0)[P]) == ""


def test_a_pump_whose_policy_fell_silent_runs_on_for_the_machine_that_another_policy_keeps():
    rig = served()
    for _ in range(3):
        decisions = rig.tick(ask(CH, True), heard={"sequence"}, after=100.0)
        assert decisions[CH].value is True
        assert guard_of(decisions[P]) == "serves"


def test_a_pump_stays_while_a_machine_that_is_given_back_is_about_to_start():
    machines = [machine("ch1", minimum_off=300.0), machine("p1", kind="pump", serves=("ch1",))]
    rig = aged(*machines, points=[switch(CH, release=ON), switch(P, release=OFF)])
    rig.tick(ask(P, True), ask(CH, True))
    rig.see("p1.status", True)
    rig.tick(ask(P, True), ask(CH, False))
    rig.owed = {P, CH}
    decisions = rig.tick(heard={"sequence"})
    assert (guard_of(decisions[CH]), guard_of(decisions[P])) == ("minimum_off", "serves")


def test_the_last_machine_of_its_kind_stays_when_it_is_given_back_as_off():
    rig = aged(machine("ch1"), points=[switch(CH, release=OFF)], minimum_running={"chiller": 1})
    rig.tick(ask(CH, True))
    rig.see("ch1.status", True)
    rig.owed = {CH}
    assert guard_of(rig.tick(heard={"sequence"})[CH]) == "minimum_running"


def test_what_takes_over_from_a_pump_must_not_be_on_its_way_out_itself():
    header = {"header": "north"}
    machines = [
        machine("ch1"),
        machine("p1", kind="pump", serves=("ch1",), settings=header),
        machine("p2", kind="pump", serves=("ch1",), settings=header),
    ]
    rig = aged(*machines, points=[switch(P, release=OFF), switch("p2.enable", release=OFF)])
    asked = [ask(P, True), ask("p2.enable", True), ask(CH, True)]
    rig.tick(*asked)
    for one in ("ch1", "p1", "p2"):
        rig.see(f"{one}.status", True)
    rig.tick(*asked)
    rig.owed = {P, "p2.enable"}
    decisions = rig.tick(ask(CH, True))
    released = [one for one in (P, "p2.enable") if not guard_of(decisions[one])]
    assert len(released) <= 1  # one at least runs on for the chiller


def test_an_interlock_and_a_lock_out_speak_after_the_guards():
    rig = aged(machine("ch1", minimum_off=300.0), points=[switch(CH, release=ON)], interlocks=[trip()])
    rig.see("io.alarm", False)
    rig.tick(ask(CH, True))
    rig.tick(ask(CH, False))
    rig.owed = {CH}
    assert guard_of(rig.tick(heard={"sequence"})[CH]) == "minimum_off"
    rig.locked_out = frozenset({"ch1"})
    assert rig.tick(heard={"sequence"})[CH].value is False
    rig.locked_out = frozenset()
    rig.see("io.alarm", True)
    assert rig.tick(heard={"sequence"})[CH].value is False


def test_a_set_point_is_given_back_without_asking_the_guards():
    rig = Rig([machine("ch1", minimum_off=300.0)], points=[number("ch1.sp")])
    rig.owed = {"ch1.sp", "gone.from_the_area"}
    assert guard_of(rig.tick(heard={"sequence"})["ch1.sp"]) == ""


@pytest.mark.parametrize(
    ("now", "status", "said"),
    [(10.0, False, "minimum off"), (10.0, True, ""), (10.0, None, "run feedback"), (400.0, False, "")],
)
def test_a_release_from_outside_asks_what_the_guards_knew_in_our_hands(now, status, said):
    rig = stopped_by_us(minimum_off=300.0)
    guards = rig.state.guards
    rig.now += now
    if status is None:
        rig.lose("ch1.status")
    else:
        rig.see("ch1.status", status)
    hold = rig.arbiter.start_hold(CH, rig.snapshot().readings, guards, rig.now)
    assert said in hold
    assert bool(hold) == bool(said)
    assert rig.arbiter.start_hold(CH, {}, {}, rig.now) == ""
    assert rig.arbiter.start_hold("ch1.sp", {}, guards, rig.now) == ""
