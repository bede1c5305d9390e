"""Machines that need each other: pumps run on, standby takes over, and enough of a kind keep running."""

import pytest

from agent.core.equipment import Equipment
from agent.core.point import SafeEnd
from agent.safety.serving import serving_ranks
from tests.safety.rig import Rig, aged, ask, machine, switch, trip

CH, PUMP, SECOND = "ch1.enable", "p1.enable", "p2.enable"


def both(value):
    return ask(CH, value), ask(PUMP, value)


def limitation(rig, point=PUMP):
    return rig.decisions[point].limited_by[-1]


def plant_running(*more, **guards):
    """A chiller and its pump, proven running for long."""
    rig = aged(machine("ch1"), machine("p1", "pump", serves=("ch1",), **guards), *more)
    for one in rig.model.equipment:
        rig.see(f"{one}.status", True)
    rig.tick(*both(True), *(ask(f"{one.id}.enable", True) for one in more))
    return rig


def test_a_pump_stays_while_what_it_serves_still_runs_and_runs_on_after_it():
    rig = plant_running(run_on=120)
    decisions = rig.tick(*both(False))
    assert decisions[CH].value is False  # told to stop, still running down
    assert decisions[PUMP].value is True
    assert limitation(rig).reason == "stays on: ch1 still runs or may run"
    rig.see("ch1.status", False)
    assert rig.value(PUMP, *both(False)) is True
    assert limitation(rig).reason == "may stop in 1 min 59 s: runs on 2 min after what it serves"
    assert rig.value(PUMP, *both(False), after=118.0) is True
    assert rig.value(PUMP, *both(False), after=1.0) is False


def test_a_chiller_that_cannot_be_seen_counts_as_running():
    rig = plant_running()
    rig.see("ch1.status", False)
    rig.tick(ask(CH, False), ask(PUMP, True))
    rig.lose("ch1.status")
    assert rig.value(PUMP, *both(False)) is True


def test_unless_it_is_locked_out_for_maintenance():
    rig = plant_running()
    rig.lose("ch1.status")
    rig.locked_out = frozenset({"ch1"})
    assert rig.value(PUMP, *both(False)) is False


def test_a_pump_does_not_stop_in_the_tick_in_which_its_machine_starts():
    rig = plant_running()
    rig.see("ch1.status", False)
    rig.tick(ask(CH, False), ask(PUMP, True))
    assert rig.value(PUMP, ask(CH, True), ask(PUMP, False)) is True


def test_a_machine_of_another_area_counts_as_running():
    rig = aged(machine("p1", "pump", serves=("ch9",)))
    rig.see("p1.status", True)
    rig.tick(ask(PUMP, True))
    assert rig.value(PUMP, ask(PUMP, False)) is True


def test_a_machine_we_only_watch_counts_by_its_feedback():
    watched = Equipment(id="ahu", kind="ahu", area="plant", roles={"status": "ahu.status"})
    rig = aged(machine("p1", "pump", serves=("ahu",)), watched)
    rig.see("p1.status", True)
    rig.see("ahu.status", True)
    rig.tick(ask(PUMP, True))
    assert rig.value(PUMP, ask(PUMP, False)) is True
    rig.see("ahu.status", False)
    assert rig.value(PUMP, ask(PUMP, False)) is False


def test_a_pump_that_was_never_in_our_hands_and_is_off_needs_no_guard():
    rig = Rig([machine("p1", "pump", serves=("ch1",), run_on=60)])
    rig.see("p1.status", False)
    assert rig.value(PUMP, ask(PUMP, False)) is False


def test_machine_and_pump_on_one_switch_stop_together():
    rig = aged(machine("ch1", enable="io.relay"), machine("p1", "pump", enable="io.relay", serves=("ch1",)))
    rig.see("ch1.status", True)
    rig.see("p1.status", True)
    rig.tick(ask("io.relay", True))
    assert rig.value("io.relay", ask("io.relay", False)) is False


def headered(name, serves=("ch1",), header="chw", **more):
    settings = {"header": header} if header else {}
    return machine(name, "pump", serves=serves, settings=settings, **more)


def swap(header="chw", second_runs=True, serves=("ch1",)):
    """Pump 1 wants to hand over to pump 2 while the chiller runs."""
    rig = aged(machine("ch1"), headered("p1", run_on=60), headered("p2", serves, header))
    for one in ("ch1", "p1", *(("p2",) if second_runs else ())):
        rig.see(f"{one}.status", True)
    rig.tick(*both(True), ask(SECOND, True))
    return rig.value(PUMP, ask(CH, True), ask(PUMP, False), ask(SECOND, True))


@pytest.mark.parametrize(
    ("why", "how", "stops"),
    [
        ("the second runs on the same header", {}, True),
        ("the second is not proven", {"second_runs": False}, False),
        ("the second is on another header", {"header": "cw"}, False),
        ("the second names no header", {"header": None}, False),
        ("the second serves another machine", {"serves": ("ch2",)}, False),
    ],
)
def test_a_pump_may_stop_when_another_on_its_header_runs_on(why, how, stops):
    assert swap(**how) is not stops, why


def test_of_two_pumps_that_want_to_stop_one_stays():
    rig = aged(machine("ch1"), headered("p1"), headered("p2"))
    for one in ("ch1", "p1", "p2"):
        rig.see(f"{one}.status", True)
    rig.tick(*both(True), ask(SECOND, True))
    decisions = rig.tick(ask(CH, True), ask(PUMP, False), ask(SECOND, False))
    assert [decisions[PUMP].value, decisions[SECOND].value].count(True) == 1


def test_two_running_machines_on_a_header_need_two_pumps():
    serves = ("ch1", "ch2")
    rig = aged(machine("ch1"), machine("ch2"), headered("p1", serves), headered("p2", serves))
    for one in ("ch1", "ch2", "p1", "p2"):
        rig.see(f"{one}.status", True)
    rig.tick(*both(True), ask("ch2.enable", True), ask(SECOND, True))
    stop_one = (ask(CH, True), ask("ch2.enable", True), ask(PUMP, False), ask(SECOND, True))
    assert rig.value(PUMP, *stop_one) is True
    rig.see("ch2.status", False)
    idle = (ask(CH, True), ask("ch2.enable", False), ask(PUMP, True), ask(SECOND, True))
    rig.tick(*idle)
    assert (
        rig.value(PUMP, ask(CH, True), ask("ch2.enable", False), ask(PUMP, False), ask(SECOND, True)) is False
    )


def test_a_standby_that_an_interlock_will_stop_is_no_standby():
    rig = aged(
        machine("ch1"),
        headered("p1"),
        headered("p2"),
        interlocks=[trip(point=SECOND, watch="io.seal")],
    )
    rig.see("io.seal", False)
    for one in ("ch1", "p1", "p2"):
        rig.see(f"{one}.status", True)
    rig.tick(*both(True), ask(SECOND, True))
    rig.see("io.seal", True)
    assert rig.value(PUMP, ask(CH, True), ask(PUMP, False), ask(SECOND, True)) is True


# --- enough of a kind


def chillers(count, must=1, **more):
    names = [f"ch{i + 1}" for i in range(count)]
    rig = aged(*(machine(one) for one in names), minimum_running={"chiller": must}, **more)
    for one in names:
        rig.see(f"{one}.status", True)
    rig.tick(*(ask(f"{one}.enable", True) for one in names))
    return rig


def values(rig, *wanted, **how):
    commands = [ask(f"ch{i + 1}.enable", want, **how) for i, want in enumerate(wanted)]
    decisions = rig.tick(*commands)
    return [decisions[one.point].value for one in commands]


def test_the_last_of_a_kind_may_not_stop():
    rig = chillers(2)
    assert values(rig, True, False) == [True, False]
    rig.see("ch2.status", False)
    assert values(rig, False, False) == [True, False]
    assert limitation(rig, CH).reason == "stays on: 1 chiller must keep running"


def test_two_that_want_to_stop_at_once_are_judged_one_after_the_other():
    assert values(chillers(2), False, False).count(True) == 1
    assert values(chillers(4, must=2), False, False, False, False).count(True) == 2


def test_one_that_does_not_run_is_no_spare_and_may_be_switched_off():
    rig = chillers(2)
    rig.see("ch2.status", False)
    assert values(rig, False, True) == [True, True]
    assert values(rig, True, False) == [True, False]


def test_one_that_cannot_be_seen_is_no_spare_either_and_may_not_stop():
    rig = chillers(2)
    rig.lose("ch2.status")
    assert values(rig, False, True) == [True, True]
    rig.see("ch1.status", False)
    assert values(rig, True, False) == [True, True]


def test_one_that_is_locked_out_or_interlocked_is_no_spare():
    locked = chillers(2)
    locked.locked_out = frozenset({"ch2"})
    assert values(locked, False, True) == [True, False]
    alarmed = chillers(2, interlocks=[trip(point="ch2.enable")])
    alarmed.see("io.alarm", True)
    assert values(alarmed, False, True) == [True, False]


def test_one_that_has_lost_its_flow_is_no_spare():
    rig = aged(machine("ch1"), machine("ch2", proof_of_flow="io.flow"), minimum_running={"chiller": 1})
    rig.see("io.flow", True)
    for one in ("ch1", "ch2"):
        rig.see(f"{one}.status", True)
    assert values(rig, True, True) == [True, True]
    rig.see("io.flow", False)
    assert values(rig, False, True) == [True, False]


def test_those_that_do_not_run_may_all_be_switched_off():
    rig = chillers(2)
    rig.see("ch1.status", False)
    rig.see("ch2.status", False)
    assert values(rig, False, False) == [False, False]


def test_one_that_life_safety_stops_is_no_spare():
    rig = chillers(2)
    decisions = rig.tick(ask(CH, False), ask("ch2.enable", False, 2, "smoke"))
    assert [decisions[CH].value, decisions["ch2.enable"].value] == [True, False]


def test_critical_service_stops_in_the_safe_direction():
    rig = aged(machine("ch1"), points=[switch(CH, safe_end=SafeEnd.LOW)], minimum_running={"chiller": 1})
    rig.see("ch1.status", True)
    rig.tick(ask(CH, True))
    assert rig.value(CH, ask(CH, False)) is True
    assert rig.value(CH, ask(CH, False, 5)) is False


def test_ranks_follow_who_serves_whom_through_circles_and_unknown_names():
    machines = [
        machine("tower", serves=("cwp",)),
        machine("cwp", serves=("ch1", "nobody")),
        machine("ch1"),
        machine("a", serves=("b",)),
        machine("b", serves=("a",)),
        machine("self", serves=("self",)),
    ]
    ranks = serving_ranks({one.id: one for one in machines})
    assert (ranks["ch1"], ranks["cwp"], ranks["tower"], ranks["self"]) == (0, 1, 2, 0)
    assert sorted((ranks["a"], ranks["b"])) == [0, 1]
