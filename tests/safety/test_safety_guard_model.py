"""Model check of the guards: every sequence of a few ticks, tried one by one, against rules stated on its own."""

from itertools import product

import pytest

from tests.safety.rig import Rig, ask, machine, sensor

EN, PUMP, FLOW = "ch1.enable", "p1.enable", "io.flow"


def explore(rig, choices, step, depth):
    """Try every choice at every tick, going back after each. `step(rig, choice)` ticks and checks."""
    rig.through_json = False
    tried = 0

    def walk(left, past):
        nonlocal tried
        for choice in choices:
            before = rig.now, rig.state, dict(rig.readings), rig.decisions
            after = step(rig, choice, past)
            tried += 1
            if left > 1:
                walk(left - 1, after)
            rig.now, rig.state, rig.readings, rig.decisions = before

    walk(depth, ())
    return tried


def settled(rig, *commands, ticks=10):
    """Long enough off, under watch, that no timer of these small ones holds."""
    rig.through_json = False
    for _ in range(ticks):
        rig.tick(*commands)
    return rig


def spec_start(past, now, minimum_off, start_to_start):
    """Whether a start is allowed, told from the events alone: [(time, event)]."""
    stops = [at for at, event in past if event == "stop"]
    starts = [at for at, event in past if event == "start"]
    rested = not stops or now - stops[-1] >= minimum_off
    return rested and (not starts or now - starts[-1] >= start_to_start)


@pytest.mark.parametrize(
    ("minimum_on", "minimum_off", "between"), [(2, 3, 0), (3, 1, 6), (0, 2, 5), (1, 0, 0)]
)
def test_every_sequence_of_commands_without_feedback(minimum_on, minimum_off, between):
    rig = Rig(
        [machine("ch1", status=False, minimum_on=minimum_on, minimum_off=minimum_off, start_to_start=between)]
    )
    rig.see(EN, False)
    settled(rig, ask(EN, False))

    def step(rig, wanted, past):
        was = rig.decisions[EN].value
        value = rig.value(EN, ask(EN, wanted))
        if was is wanted:
            assert value is wanted
        elif wanted:
            assert value is spec_start(past, rig.now, minimum_off, between)
        else:
            started = [at for at, event in past if event == "start"]
            assert value is (bool(started) and rig.now - started[-1] < minimum_on)
        if value is was:
            return past
        return (*past, (rig.now, "start" if value else "stop"))

    assert explore(rig, (True, False), step, 9) == 2**10 - 2


def test_every_sequence_of_commands_and_feedback():
    """Starts and stops keep their distance from every proven or commanded stop and start before them."""
    on, off = 2, 3
    rig = Rig([machine("ch1", minimum_on=on, minimum_off=off)])
    rig.see("ch1.status", False)
    settled(rig, ask(EN, False))

    def step(rig, choice, past):
        wanted, status = choice
        was = rig.decisions[EN].value
        saw = next((seen for seen, *_ in reversed(past) if seen is not None), False)
        if status is None:
            rig.lose("ch1.status")
        else:
            rig.see("ch1.status", status)
        value = rig.value(EN, ask(EN, wanted))
        events = [event for _, *some in past for event in some]
        if status is not None and status is not saw:
            events.append((rig.now, "ran" if status else "stopped"))
        stops = [at for at, event in events if event in ("stop", "stopped")]
        starts = [at for at, event in events if event in ("start", "ran")]
        if value and not was:
            assert status is not None, "an unseen machine was started"
            assert not stops or rig.now - stops[-1] >= off
        if was and not value:
            by_itself = status is False and stops and stops[-1] >= max(starts, default=0)
            assert by_itself or rig.now - starts[-1] >= on
        mine = [(rig.now, "start" if value else "stop")] if value is not was else []
        fresh = [event for event in events if event[0] == rig.now]
        return (*past, (status, *fresh, *mine))

    choices = tuple(product((True, False), (True, False, None)))
    assert explore(rig, choices, step, 5) == sum(6**n for n in range(1, 6))


@pytest.mark.parametrize("running", [True, False])
def test_every_sequence_of_chiller_and_pump(running):
    """The pump is never stopped while the chiller runs, is started, or ran within the run-on."""
    run_on = 2
    rig = Rig([machine("ch1"), machine("p1", "pump", status=False, serves=("ch1",), run_on=run_on)])
    rig.see("ch1.status", running)
    rig.see(PUMP, running)
    settled(rig, ask(EN, running), ask(PUMP, running))

    def step(rig, choice, past):
        chiller, pump, status = choice
        was = rig.decisions[PUMP].value
        if status is None:
            rig.lose("ch1.status")
        else:
            rig.see("ch1.status", status)
        decisions = rig.tick(ask(EN, chiller), ask(PUMP, pump))
        runs = status is not False or decisions[EN].value is True
        last = rig.now if runs else max(past, default=10.0 if running else -100.0)
        if was and not decisions[PUMP].value:
            assert rig.now - last >= run_on
        if was and not pump and rig.now - last >= run_on:
            assert decisions[PUMP].value is False, "a pump may stop when its time has come"
        return (*past, last)

    choices = tuple(product((True, False), (True, False), (True, False, None)))
    assert explore(rig, choices, step, 3) == sum(12**n for n in range(1, 4))


@pytest.mark.parametrize("running", [True, False])
def test_every_sequence_of_flow(running):
    """On means flow was proven in this tick, or cannot be read for less than the grace."""
    rig = Rig([machine("ch1", status=False, proof_of_flow=FLOW, minimum_on=20)], [sensor(FLOW)])
    rig.see(EN, running)
    rig.see(FLOW, running)
    settled(rig, ask(EN, running), ticks=15)

    def step(rig, choice, past):
        wanted, flow, seconds = choice
        was = rig.decisions[EN].value
        if flow is None:
            rig.lose(FLOW)
        else:
            rig.see(FLOW, flow)
        value = rig.value(EN, ask(EN, wanted), after=seconds)
        proven = (*past, rig.now) if flow else past
        if value:
            assert flow is not False
            assert flow or (was and rig.now - max(proven, default=15.0) <= 10)
        return proven

    choices = tuple(product((True, False), (True, False, None), (1.0, 9.0)))
    assert explore(rig, choices, step, 3) == sum(12**n for n in range(1, 4))


@pytest.mark.parametrize("must", [1, 2])
def test_every_sequence_of_stops_leaves_enough_running(must):
    names = ("ch1", "ch2", "ch3")
    rig = Rig([machine(one) for one in names], minimum_running={"chiller": must})
    for one in names:
        rig.see(f"{one}.status", True)
    settled(rig, *(ask(f"{one}.enable", True) for one in names))

    def step(rig, wanted, past):
        for one in names:  # machines do as they were told
            rig.see(f"{one}.status", rig.decisions[f"{one}.enable"].value)
        rig.tick(*(ask(f"{one}.enable", want) for one, want in zip(names, wanted, strict=True)))
        assert sum(one.value is True for one in rig.decisions.values()) >= must
        return past

    assert explore(rig, tuple(product((True, False), repeat=3)), step, 3) == sum(8**n for n in range(1, 4))
