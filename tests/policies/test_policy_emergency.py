"""The emergency states of a computer centre as tables: what moves the plant from one to the next, the restart in order, and the tank."""

from dataclasses import replace
from itertools import pairwise

import pytest

from agent.core.decision import Decision
from policies.chiller_plant.emergency import Emergency
from policies.chiller_plant.emergency_states import EmergencyState, Phase, Sight, spoken, stepped
from policies.chiller_plant.emergency_word import in_emergency
from tests.policies.snapshots import Bench, machine, model, snapshot

RULE = Emergency(name="emergency", tank_flow=340.0)
RAN = ("c1", "c2", "c3")
CALM = EmergencyState(elapsed=0.0, ran=RAN, flow=150.0)
SEEN = Sight(
    utility=None,
    turning=6,
    standing=0,
    running=RAN,
    able=("c4", "c5"),
    supply=13.0,
    flow=150.0,
    least_flow=60.0,
    level=100.0,
)
DARK = replace(SEEN, turning=0, standing=6, running=(), able=(), fallen=RAN, flow=0.0, least_flow=0.0)
BACK = replace(DARK, turning=3, able=("c1", "c2", "c3", "c4", "c5"), fallen=())


def led(state, sight, seconds, step=10.0):
    for _ in range(round(seconds / step)):
        state = stepped(RULE, state, sight, step)
    return state


@pytest.mark.parametrize(
    ("before", "sight", "seconds", "after"),
    [
        ("normal", SEEN, 600, "normal"),
        ("normal", replace(SEEN, supply=18.5), 10, "normal"),  # a moment is none
        ("normal", replace(SEEN, supply=18.5), 20, "bridge"),
        (
            "normal",
            replace(SEEN, running=("c1", "c2"), fallen=("c3",)),
            600,
            "normal",
        ),  # one trips, water cold
        ("normal", DARK, 10, "lost"),
        ("normal", replace(DARK, turning=3), 10, "lost"),  # the pumps are back, all machines fell
        ("normal", replace(SEEN, utility=False), 10, "restart"),  # on the generator without a break
        ("bridge", SEEN, 290, "bridge"),
        ("bridge", SEEN, 310, "normal"),
        ("bridge", DARK, 10, "lost"),
        ("lost", DARK, 600, "lost"),
        ("lost", BACK, 10, "restart"),
        ("restart", SEEN, 20, "recover"),
        ("restart", replace(DARK, able=("c4",)), 50, "restart"),  # told to start, not there yet
        ("restart", DARK, 120, "lost"),  # the generator has failed
        ("recover", SEEN, 890, "recover"),
        ("recover", SEEN, 1000, "normal"),
        ("recover", replace(SEEN, supply=17.5), 3600, "recover"),  # not cold enough to be calm
        ("recover", replace(SEEN, utility=False), 3600, "recover"),  # still on the generator
    ],
)
def test_states(before, sight, seconds, after):
    state = replace(CALM, phase=Phase(before), held=60.0 if before in ("bridge", "recover") else 0.0)
    found = led(state, sight, seconds)
    assert found.phase.value == after
    assert len(spoken(RULE, found, sight)) > 20


def test_calm_is_counted_from_the_recovery_on():
    state = replace(CALM, phase=Phase.RESTART, held=60.0, good=5000.0)
    assert led(state, SEEN, 600).phase is Phase.RECOVER


def restarting(able, seconds, *, proves=()):
    """Machines prove themselves 60 s after they were told to start, those in `proves`."""
    state = replace(CALM, phase=Phase.LOST)
    since: dict[str, float] = {}
    told = []
    for at in range(0, seconds, 10):
        running = tuple(id_ for id_ in since if id_ in proves and at - since[id_] >= 60.0)
        left = tuple(id_ for id_ in able if id_ not in running)
        sight = replace(
            BACK, turning=3 + len(running), running=running, able=left, least_flow=20.0 * len(running)
        )
        state = stepped(RULE, state, sight, 10.0)
        for id_ in state.wanted:
            if id_ not in since:
                since[id_] = float(at)
                told.append((id_, at))
    return state, told


def test_machines_come_one_after_the_other_the_rested_ones_first():
    state, told = restarting(("c1", "c2", "c3", "c4", "c5"), 600, proves=("c1", "c2", "c3", "c4", "c5"))
    assert [id_ for id_, _ in told] == ["c4", "c5", "c1"]
    gaps = [after - before for (_, before), (_, after) in pairwise(told)]
    assert all(gap >= 60.0 + RULE.start_spacing for gap in gaps)
    assert state.phase is Phase.RECOVER


def test_a_machine_without_proof_is_given_up_for_another():
    _, told = restarting(("c1", "c2", "c3", "c4", "c5"), 900, proves=("c1", "c2", "c3", "c5"))
    assert [id_ for id_, _ in told] == ["c4", "c5", "c1", "c2"]
    assert told[1][1] - told[0][1] == pytest.approx(RULE.proof_within, abs=20.0)


def test_with_fewer_machines_than_before_it_goes_on_with_those():
    state, told = restarting(("c1", "c2"), 600, proves=("c1", "c2"))
    assert {id_ for id_, _ in told} == {"c1", "c2"}
    assert state.phase is Phase.RECOVER


@pytest.mark.parametrize(
    ("phase", "sight", "share"),
    [
        ("normal", SEEN, 0.0),
        ("normal", replace(SEEN, supply=17.9), 0.0),  # never sold, never used in calm times
        ("lost", DARK, 150.0 * 1.2 / 340.0),  # all of the load
        ("restart", replace(BACK, running=("c4",), least_flow=20.0), 150.0 * 1.2 / 340.0 * 2.0 / 3.0),
        ("restart", replace(BACK, running=("c4", "c5"), least_flow=140.0), (150.0 - 140.0) * 1.2 / 340.0),
        ("lost", replace(DARK, level=2.0), 0.0),  # empty
        ("lost", replace(DARK, level=None), 0.0),  # unseen
    ],
)
def test_the_tank_gives_what_machines_do_not_and_leaves_their_pumps_a_way(phase, sight, share):
    state = stepped(RULE, replace(CALM, phase=Phase(phase)), sight, 10.0)
    assert state.share == pytest.approx(share, abs=0.01)


def test_without_a_tank_nothing_is_given():
    rule = replace(RULE, tank_flow=0.0)
    assert stepped(rule, replace(CALM, phase=Phase.LOST), DARK, 10.0).share == 0.0


def test_the_tank_steps_back_slowly_and_is_filled_when_it_has_been_calm():
    state = led(replace(CALM, phase=Phase.BRIDGE, share=0.3), SEEN, 60)
    assert 0.05 < state.share < 0.15
    used = replace(SEEN, level=80.0)
    state = led(replace(CALM, held=0.0), used, 890)
    assert not state.recharging
    state = led(state, used, 30)
    assert state.recharging
    assert led(state, replace(used, level=98.5), 10).recharging
    assert not led(state, replace(used, level=99.0), 10).recharging
    assert not led(state, replace(used, supply=16.0), 10).recharging  # water too warm to be stored


def plant():
    chillers = [
        machine(f"c{n}", "chiller", ("enable", "status", "available"), capacity=1000.0) for n in (1, 2, 3)
    ]
    pumps = [machine(f"chwp{n}", "pump", ("enable", "status"), serves=(f"c{n}",)) for n in (1, 2, 3)]
    roles = ("chilled_water_supply_temp", "chilled_water_return_temp", "chilled_water_flow", "emergency")
    tank = machine("tank", "tank", ("charge", "discharge", "flow_command", "state_of_charge"), holds=1000.0)
    area = model(*chillers, *pumps, machine("loop", "loop", roles), tank)
    values = {f"c{n}.status": n < 3 for n in (1, 2, 3)} | {f"chwp{n}.status": n < 3 for n in (1, 2, 3)}
    values |= {f"c{n}.available": True for n in (1, 2, 3)}
    values |= {
        "loop.chilled_water_supply_temp": 13.0,
        "loop.chilled_water_return_temp": 22.0,
        "loop.chilled_water_flow": 40.0,
        "tank.state_of_charge": 100.0,
    }
    bench = Bench(Emergency(name="emergency", tank_flow=100.0), area, values)
    for n in (1, 2):
        bench.decisions[f"c{n}.enable"] = Decision(
            point=f"c{n}.enable", value=True, winner=None, reason="told"
        )
    return bench


def test_a_whole_loss_through_the_policy():
    bench = plant()
    wishes = bench.run(60)
    assert (wishes["c1.enable"], wishes["tank.discharge"], wishes["loop.emergency"]) == (None, False, False)
    bench.values |= dict.fromkeys(("c1.status", "c2.status", "chwp1.status", "chwp2.status"), False)
    bench.values |= dict.fromkeys(("c1.available", "c2.available", "c3.available"), False)
    wishes = bench.run(20)
    assert (wishes["tank.discharge"], wishes["loop.emergency"]) == (True, True)
    assert "utility is lost" in bench.reason("loop.emergency")
    bench.values |= dict.fromkeys(("c1.available", "c2.available", "c3.available"), True)
    bench.decisions.clear()  # the sequence has seen its machines fall
    wishes = bench.run(20)
    assert wishes["c3.enable"] is True  # the rested one first
    assert wishes["c2.enable"] is None


def test_the_word_is_given_when_no_spare_is_ready():
    bench = plant()
    bench.values |= {"loop.chilled_water_flow": 45.0, "c3.available": False}
    wishes = bench.run(10)
    assert wishes["loop.emergency"] is True
    assert "no spare machine is ready: 1000 kW" in bench.reason("loop.emergency")
    bench.values["c3.available"] = True
    assert bench.run(10)["loop.emergency"] is False


def test_who_saves_hears_the_word():
    area = model(machine("loop", "loop", ("emergency",)))
    assert in_emergency(snapshot(area, {"loop.emergency": True})) == "emergency"
    assert in_emergency(snapshot(area, {"loop.emergency": False})) == ""
    assert in_emergency(snapshot(model(machine("loop", "loop", ())), {})) == ""
