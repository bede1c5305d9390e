"""A chiller's starts, ramps and trips, whatever the size of the step."""

from typing import Any

import pytest

from hil.plant.chiller import Cause, Chiller, ChillerInputs, ChillerTiming, Phase
from tests.hil.plant.central_cases import machine


def inputs(**changes: Any) -> ChillerInputs:
    usual: dict[str, Any] = {
        "enable": True,
        "setpoint": 7.0,
        "chilled_entering": 12.0,
        "chilled_flow": 28.0,
        "condenser_entering": 28.0,
        "condenser_flow": 56.0,
    }
    return ChillerInputs(**(usual | changes))


def energy(dt: float, seconds: float) -> tuple[float, float, float]:
    chiller = Chiller(machine())
    outs = [chiller.step(dt, inputs()) for _ in range(round(seconds / dt))]
    return (
        sum(out.cooling for out in outs) * dt / 3600.0,
        sum(out.power for out in outs) * dt / 3600.0,
        chiller.running_hours,
    )


@pytest.mark.parametrize("dt", [7.5, 20.0, 60.0, 150.0])
def test_a_start_costs_the_same_whatever_the_step(dt: float) -> None:
    fine, coarse = energy(0.5, 600.0), energy(dt, 600.0)
    assert coarse == pytest.approx(fine, rel=0.02)


def test_a_start_takes_its_time_and_its_load_is_ramped() -> None:
    chiller = Chiller(machine())
    outs = [chiller.step(1.0, inputs()) for _ in range(60 + 240)]
    assert [out.phase for out in outs[:60]] == [Phase.STARTING] * 59 + [Phase.RUNNING]
    assert outs[60 + 30].cooling == pytest.approx(outs[60 + 15].cooling * 2.0, rel=0.05)
    assert outs[-1].chilled_leaving == pytest.approx(7.0, abs=0.01)
    assert chiller.starts == 1


def test_after_a_stop_it_waits_before_it_turns_again() -> None:
    chiller = Chiller(machine(), running=True)
    chiller.step(1.0, inputs(enable=False))
    phases = [chiller.step(1.0, inputs()).phase for _ in range(130)]
    assert phases.count(Phase.STARTING) == pytest.approx(120, abs=2)
    assert phases[-1] is Phase.RUNNING


@pytest.mark.parametrize(
    ("changes", "seconds", "cause"),
    [
        ({"chilled_flow": 0.0}, 5.0, Cause.NO_FLOW),
        ({"condenser_flow": 10.0}, 5.0, Cause.NO_FLOW),
        ({"setpoint": 2.0, "chilled_entering": 6.0}, 1.0, Cause.FREEZING),
        ({"condenser_entering": 42.0, "condenser_flow": 30.0}, 1.0, Cause.HIGH_HEAD),
        ({"condenser_entering": 9.0, "chilled_entering": 7.4}, 700.0, Cause.LOW_HEAD),
    ],
)
def test_protections_trip_with_their_cause(changes: dict[str, Any], seconds: float, cause: Cause) -> None:
    chiller = Chiller(machine(), running=True)
    for _ in range(round(seconds)):
        chiller.step(1.0, inputs(**changes))
    assert (chiller.phase, chiller.cause) == (Phase.TRIPPED, cause)
    assert chiller.step(60.0, inputs()).cooling == 0.0
    if cause is Cause.NO_FLOW:
        assert chiller.phase is Phase.STARTING, "it waits for its water and comes back by itself"
    else:
        assert chiller.phase is Phase.TRIPPED, "only taking the command away clears it"
    chiller.step(1.0, inputs(enable=False))
    assert (chiller.phase, chiller.cause) == (Phase.OFF, Cause.NONE)


def test_a_short_loss_of_flow_is_ridden_through_but_starts_loading_anew() -> None:
    chiller = Chiller(machine(), running=True)
    full = chiller.step(1.0, inputs()).cooling
    assert chiller.step(2.0, inputs(chilled_flow=0.0)).cooling == 0.0
    assert chiller.step(1.0, inputs()).cooling < 0.1 * full
    assert chiller.phase is Phase.RUNNING


def test_a_broken_machine_stays_tripped_until_mended_and_started_anew() -> None:
    chiller = Chiller(machine(), running=True)
    chiller.broken = True
    chiller.step(1.0, inputs())
    chiller.step(1.0, inputs(enable=False))
    assert (chiller.phase, chiller.cause) == (Phase.TRIPPED, Cause.FAULT)
    chiller.broken = False
    chiller.step(1.0, inputs(enable=False))
    assert chiller.phase is Phase.OFF


def test_a_dip_of_the_supply_drops_it_and_it_comes_back_by_itself() -> None:
    chiller = Chiller(machine(), running=True)
    dipped = chiller.step(1.0, inputs(powered=False))
    assert (dipped.power, dipped.phase) == (0.0, Phase.OFF)
    phases = [chiller.step(1.0, inputs()).phase for _ in range(125)]
    assert phases[-1] is Phase.RUNNING


def test_a_demand_limit_caps_the_cooling() -> None:
    chiller = Chiller(machine(), running=True)
    out = chiller.step(60.0, inputs(chilled_entering=16.0, demand_limit=50.0))
    assert out.cooling == pytest.approx(0.5 * out.available, rel=0.02)
    assert out.chilled_leaving > 7.5


def test_times_are_the_machine_s_own() -> None:
    quick = Chiller(machine(), timing=ChillerTiming(start=10.0, ramp=5.0))
    for _ in range(31):
        out = quick.step(1.0, inputs())
    assert out.chilled_leaving == pytest.approx(7.0, abs=0.01)
