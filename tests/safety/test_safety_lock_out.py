"""A locked-out machine is not given back to a local control that would start it."""

from __future__ import annotations

from agent.core.decision import Stage
from agent.core.equipment import Equipment
from agent.core.point import Release, ReleaseKind
from agent.safety.release import kept_off
from tests.safety.rig import Rig, ask, machine, number, switch

EN = "ch1.enable"
ON = Release(ReleaseKind.VALUE, True)
MODE = Release(ReleaseKind.MODE, False)


def test_a_machine_that_was_ours_stays_off_when_nobody_asks_any_more() -> None:
    rig = Rig([machine("ch1")])
    assert rig.value(EN, ask(EN, True)) is True
    rig.locked_out = frozenset({"ch1"})
    assert rig.value(EN, ask(EN, True)) is False
    for _ in range(3):
        decision = rig.tick(heard={"shed"}, after=100.0)[EN]
        assert decision.winner is None
        assert decision.value is False
        assert decision.limited_by[-1].stage is Stage.LOCK_OUT
    rig.locked_out = frozenset()
    assert rig.value(EN, heard={"shed"}) is None


def test_what_stays_with_us_while_a_machine_is_locked_out() -> None:
    points = [
        switch("ch1.on", release=ON),
        switch("ch1.remote", release=MODE),
        number("ch1.sp"),
        switch("ch2.on", release=ON),
    ]
    machines = [
        Equipment(
            id="ch1",
            kind="chiller",
            area="plant",
            roles={"enable": "ch1.on", "remote_mode": "ch1.remote", "chilled_water_setpoint": "ch1.sp"},
        ),
        Equipment(id="ch2", kind="chiller", area="plant", roles={"enable": "ch2.on"}),
    ]
    assert kept_off(points, machines, {"ch1"}) == {"ch1.on", "ch1.remote"}
    assert kept_off(points, machines, ()) == frozenset()
