"""After a power failure machines start one after the other, and no more than mains or generator bear."""

from dataclasses import replace
from itertools import pairwise

import pytest

from agent.app.build import rests_after_restart
from agent.core.equipment import StartCap
from agent.core.reading import Quality
from agent.safety.start_rules import SHOWS_AFTER
from tests.safety.rig import Rig, ask, machine, model_of, sensor, switch

NAMES = ("ch1", "ch2", "ch3")
CAP = StartCap(power="mains.power", limit=100.0, when="io.generator")


def rated(name, power, **more):
    return replace(machine(name, **more), nameplate={"rated_power": power})


def rig_of(*machines, spacing=0.0, cap=None):
    rig = Rig(machines, [sensor("mains.power"), sensor("io.generator")])
    rig.model = replace(rig.model, area=replace(rig.model.area, start_spacing=spacing, start_cap=cap))
    rig.arbiter = type(rig.arbiter)(rig.model, ())
    rig.state = rig.arbiter.initial_state(0.0)
    for one in machines:
        rig.see(one.roles["status"], False)
    for _ in range(10):
        rig.tick(after=100.0)
    return rig


def everybody(*names):
    return [ask(f"{name}.enable", True, source=f"schedule_{name}") for name in names]


def starts(rig, seconds, names=NAMES):
    """At which second each machine was told to run; machines do as they are told."""
    at = {}
    for second in range(seconds):
        decisions = rig.tick(*everybody(*names))
        for name in names:
            on = decisions[f"{name}.enable"].value is True
            rig.see(f"{name}.status", on)
            if on:
                at.setdefault(name, second)
    return at


def test_without_spacing_all_start_at_once():
    assert set(starts(rig_of(*map(machine, NAMES)), 5).values()) == {0}


def test_starts_lie_apart():
    at = sorted(starts(rig_of(*map(machine, NAMES), spacing=30.0), 100).values())
    assert at == [0, 31, 62]  # a second until the start is proven


def test_after_a_restart_of_the_agent_nothing_starts_before_the_spacing_is_over():
    rig = Rig([machine(name) for name in NAMES])
    rig.model = replace(rig.model, area=replace(rig.model.area, start_spacing=30.0))
    rig.arbiter = type(rig.arbiter)(rig.model, ())
    rig.state = rig.arbiter.initial_state(0.0)
    for name in NAMES:
        rig.see(f"{name}.status", False)
    at = sorted(starts(rig, 120).values())
    assert at[0] >= 29
    assert [later - sooner for sooner, later in pairwise(at)] == [31, 31]


def test_it_says_why_it_waits():
    rig = rig_of(*map(machine, NAMES), spacing=30.0)
    decisions = rig.tick(*everybody(*NAMES))
    assert "starts in 30 s: 30 s between the starts of two machines" in decisions["ch2.enable"].reason


def test_life_safety_does_not_wait():
    rig = rig_of(*map(machine, NAMES), spacing=30.0)
    rig.tick(*everybody("ch1"))
    assert rig.value("ch2.enable", *everybody("ch1"), ask("ch2.enable", True, 1, source="fire")) is True


def test_what_runs_on_is_not_judged():
    rig = rig_of(*map(machine, NAMES), spacing=30.0)
    rig.tick(*everybody("ch1"))
    rig.see("ch1.status", True)
    assert rig.value("ch1.enable", *everybody("ch1")) is True


def capped(power, generator=True):
    rig = rig_of(*(rated(name, 40.0) for name in NAMES), cap=CAP)
    rig.see("mains.power", power)
    if generator is not None:
        rig.see("io.generator", generator)
    return rig


def test_no_more_starts_than_the_generator_bears():
    """The meter shows nothing yet: what was just started counts by its nameplate."""
    rig = capped(15.0)
    assert list(starts(rig, 30)) == ["ch1", "ch2"]
    decision = rig.decisions["ch3.enable"]
    assert "starts when there is power for it: 135 kW with it, 100 kW are allowed" in decision.reason
    rig.see("mains.power", 95.0)
    assert "ch3" not in starts(rig, int(SHOWS_AFTER) + 30)


def test_once_the_meter_shows_it_the_nameplate_does_not_count_any_more():
    rig = capped(15.0)
    starts(rig, 5)
    rig.see("mains.power", 50.0)  # both run, at part load
    assert "ch3" in starts(rig, int(SHOWS_AFTER) + 5)


@pytest.mark.parametrize(
    ("generator", "started"), [(False, 3), (True, 2), (None, 2)], ids=["mains", "generator", "not known"]
)
def test_the_cap_holds_unless_it_is_seen_not_to(generator, started):
    assert len(starts(capped(15.0, generator), 10)) == started


def test_a_cap_that_is_always_in_force():
    rig = rig_of(*(rated(name, 40.0) for name in NAMES), cap=replace(CAP, when=None))
    rig.see("mains.power", 15.0)
    assert len(starts(rig, 10)) == 2


@pytest.mark.parametrize("shown", [None, "full", True])
def test_nothing_starts_on_a_power_that_nobody_can_read(shown):
    rig = capped(15.0)
    rig.see("mains.power", shown, Quality.BAD if shown is None else Quality.GOOD)
    assert starts(rig, 10) == {}
    assert "starts when mains.power can be read" in rig.decisions["ch1.enable"].reason


def test_an_old_reading_is_none():
    rig = capped(15.0)
    rig.freeze("mains.power", 15.0)
    rig.now += 500.0
    assert starts(rig, 10) == {}


def test_after_a_power_failure_values_that_still_stand_are_asserted_one_after_the_other():
    machines = [machine("ch1", minimum_off=300), machine("p1", "pump", serves=("ch1",)), machine("ch2")]
    model = model_of([*machines, replace(machines[2], id="meter", roles={})], [switch("x.y")])
    model = replace(model, area=replace(model.area, start_spacing=20.0))
    assert rests_after_restart(model) == {"p1.enable": 0.0, "ch1.enable": 320.0, "ch2.enable": 40.0}


class Returned:
    """Three machines that were told to run and do not any more, since their devices forgot."""

    def __init__(self, cap=CAP, power=15.0):
        self.rig = rig_of(*(rated(name, 40.0) for name in NAMES), cap=cap)
        self.rig.see("io.generator", True)
        self.rig.see("mains.power", 0.0)
        starts(self.rig, int(2 * SHOWS_AFTER))
        for name in NAMES:
            self.rig.see(f"{name}.status", False)
        self.rig.see("mains.power", power)
        self.rig.tick(*everybody(*NAMES))

    def hold(self, name):
        rig = self.rig
        return rig.arbiter.restart_hold(f"{name}.enable", rig.snapshot().readings, rig.state.guards, rig.now)

    def start(self, name):
        self.rig.state = self.rig.arbiter.restarted(self.rig.state, f"{name}.enable", self.rig.now)


def test_what_is_started_again_counts_against_the_cap_at_once():
    back = Returned()
    assert [back.hold(name) for name in NAMES] == [""] * 3
    back.start("ch1")
    assert back.hold("ch2") == ""
    back.start("ch2")
    assert "135 kW with it, 100 kW are allowed" in back.hold("ch3")
    assert "135 kW" in back.hold("ch3")
    back.rig.see("mains.power", 20.0)  # on part load, as the meter shows by now
    for _ in range(int(SHOWS_AFTER) + 1):
        back.rig.tick(*everybody(*NAMES))
    assert back.hold("ch3") == ""


def test_nothing_is_started_again_on_a_power_that_nobody_can_read():
    back = Returned()
    back.rig.see("mains.power", None, Quality.BAD)
    assert "starts when mains.power can be read" in back.hold("ch1")


def test_without_a_cap_nothing_holds_it_and_a_start_again_is_a_start():
    back = Returned(cap=None, power=500.0)
    assert back.hold("ch1") == back.hold("nobody") == ""
    before = len(back.rig.state.guards["ch1"].starts)
    back.start("ch1")
    back.start("nobody")
    assert len(back.rig.state.guards["ch1"].starts) == before + 1
