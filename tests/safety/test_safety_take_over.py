"""Taking a machine over, giving it back and taking it again: no bump, and what is not known is the worst."""

from agent.core.equipment import Authority
from tests.safety.rig import Rig, aged, ask, machine

EN = "ch1.enable"


def on():
    return ask(EN, True)


def off():
    return ask(EN, False)


def limitation(rig):
    return rig.decisions[EN].limited_by[-1]


def test_a_machine_found_running_is_adopted_without_a_start():
    rig = Rig([machine("ch1", minimum_off=300, starts_per_hour=1)])
    rig.see("ch1.status", True)
    decision = rig.tick(on())[EN]
    assert decision.value is True
    assert decision.limited_by == ()


def test_a_machine_found_running_is_held_on_when_it_may_not_stop_yet():
    rig = Rig([machine("ch1", minimum_on=300)])
    rig.see("ch1.status", True)
    assert rig.value(EN, off()) is True


def test_a_machine_that_is_neither_ours_nor_seen_is_left_alone():
    rig = Rig([machine("ch1", minimum_on=300, minimum_off=300)])
    assert rig.value(EN, on()) is None
    assert rig.value(EN, off()) is None
    assert limitation(rig).after is None


def test_without_feedback_the_command_read_back_says_what_is_there():
    rig = Rig([machine("ch1", status=False, minimum_on=300)])
    rig.see(EN, True)
    assert rig.value(EN, off()) is True
    text = Rig([machine("ch1", status=False, minimum_on=300)])
    text.see(EN, "broken")
    assert text.value(EN, off()) is None


def test_released_is_always_allowed():
    rig = aged(machine("ch1", status=False, minimum_on=300))
    rig.tick(on())
    assert rig.value(EN, heard=["sequence"]) is None


def test_adopting_a_running_machine_is_no_start():
    rig = aged(machine("ch1", minimum_on=300))
    rig.see("ch1.status", True)
    rig.tick(heard=["sequence"])  # given up, while it runs
    rig.tick(heard=["sequence"], after=100.0)
    rig.tick(heard=["sequence"], after=100.0)
    rig.tick(on(), after=99.0)
    assert rig.value(EN, off()) is False


def test_taking_an_idle_machine_back_is_no_stop():
    rig = aged(machine("ch1", minimum_off=300))
    rig.tick(heard=["sequence"])
    rig.tick(off())
    assert rig.value(EN, on()) is True


def test_taken_over_from_shadow_what_was_only_decided_counts_for_nothing():
    rig = aged(machine("ch1", status=False, minimum_off=300))
    rig.authority = Authority.SHADOW
    assert rig.value(EN, on()) is True  # would have
    rig.authority = Authority.AGENT
    rig.see(EN, False)
    assert rig.value(EN, on()) is False
    assert limitation(rig).reason == "starts in 5 min: minimum off 5 min"


def test_taken_over_with_feedback_the_proven_history_stands():
    rig = aged(machine("ch1", minimum_off=300))
    rig.authority = Authority.SHADOW
    rig.tick(off())
    rig.authority = Authority.AGENT
    assert rig.value(EN, on()) is True


def test_taken_over_without_feedback_a_machine_found_on_counts_as_just_started():
    rig = aged(machine("ch1", status=False, minimum_on=300))
    rig.authority = Authority.SHADOW
    for _ in range(5):
        rig.tick(on(), after=100.0)  # only decided, never done
    rig.authority = Authority.AGENT
    rig.see(EN, True)
    assert rig.value(EN, off()) is True
    assert limitation(rig).reason == "may stop in 5 min: minimum on 5 min"
