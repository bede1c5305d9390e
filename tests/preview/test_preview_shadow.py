"""Shadow beside what was: where points differ, what that would have saved, how sure that is, and when it is not said at all."""

import pytest

from agent.preview.bootstrap import over_days
from agent.preview.curves import LoadCurve, PositionCurve
from agent.preview.hands import Hands
from agent.preview.machines import Cooling, machines_of
from agent.preview.shadow import shadow
from tests.preview.past_of_a_pump import DAY, MODEL, MONDAY, PUMP, decided, job, keep, readings

SHADOW_FROM = MONDAY + 2 * DAY


def on(_utc):
    return True


def agent_first(utc):
    """Two days in the agent's hands at 60 %, then its own control at full speed."""
    return 60.0 if utc < SHADOW_FROM else 100.0


def past(path, days, speed=agent_first, audits=True):
    blocks = [
        *readings(days, enable=on, speed=speed, every=300.0),
        *decided([(MONDAY, "io.speed", 60.0), (MONDAY, "io.enable", True)]),
    ]
    record = {
        "time": SHADOW_FROM,
        "event": "areas",
        "area": "plant",
        "old": "agent",
        "new": "shadow",
        "actor": "user:anna",
    }
    return keep(path, blocks, [record] if audits else [])


def test_the_saving_is_the_difference_of_the_pumps_own_curve_with_an_interval(tmp_path):
    found = shadow(job("shadow", past(tmp_path / "a.db", 10.0), 10.0, step=300.0))
    assert found.hours == pytest.approx(8 * 24.0, abs=0.2)
    [enable, speed] = found.points
    assert (enable.hours_differing, enable.is_now, enable.would_now) == (0.0, True, True)
    assert (speed.mean_is, speed.mean_would) == (100.0, 60.0)
    assert speed.hours_differing == pytest.approx(8 * 24.0, abs=0.2)
    truth = (100.0 - 21.6) * 24.0
    assert found.saving.mean == pytest.approx(truth, rel=0.01)
    assert found.saving.low <= found.saving.mean <= found.saving.high
    assert found.saving.low < truth < found.saving.high
    assert (found.saving.days, found.share) == (8, pytest.approx(0.784, abs=0.01))
    assert "bootstrap over days" in found.method
    assert found.machines[0].kwh_day == pytest.approx(truth, rel=0.01)
    assert found.machines[0].fit_error < 0.05


def test_the_hours_in_which_the_agent_was_in_charge_do_not_count(tmp_path):
    found = shadow(job("shadow", past(tmp_path / "a.db", 3.0), 2.0, step=300.0))
    assert (found.hours, found.saving, found.machines) == (0.0, None, ())
    assert found.note.startswith("there is nothing to compare")


def test_a_speed_that_was_never_measured_is_not_guessed(tmp_path):
    path = past(tmp_path / "a.db", 10.0, speed=lambda _: 100.0, audits=False)
    found = shadow(job("shadow", path, 10.0, step=300.0))
    assert found.saving is None
    assert found.note.startswith("not enough data")
    assert "nothing like it was ever measured" in found.machines[0].note
    assert found.points[1].hours_differing > 200.0  # what differs is shown all the same


def test_too_few_days_are_said(tmp_path):
    found = shadow(job("shadow", past(tmp_path / "a.db", 5.0), 5.0, step=300.0))
    assert found.saving is None
    assert found.note.startswith("not enough data: 3 of at least 5 whole days")


def test_where_nothing_would_be_elsewhere_nothing_is_saved_for_sure(tmp_path):
    path = past(tmp_path / "a.db", 8.0, speed=lambda _: 60.0)
    found = shadow(job("shadow", path, 8.0, step=300.0))
    assert (found.saving.low, found.saving.mean, found.saving.high) == (0.0, 0.0, 0.0)


def test_hands_are_those_of_the_audit_chain(tmp_path):
    hands = Hands(past(tmp_path / "a.db", 0.1), "plant", "shadow")
    assert [hands.at(SHADOW_FROM + after) for after in (-1.0, 1.0)] == ["agent", "shadow"]
    assert Hands(past(tmp_path / "b.db", 0.1, audits=False), "plant", "bms").at(MONDAY) == "bms"


def test_an_interval_is_wider_with_days_that_differ_more_and_with_a_curve_that_errs():
    calm, wild = over_days([100.0, 101.0, 99.0] * 4), over_days([50.0, 150.0, 100.0] * 4)
    assert calm.mean == wild.mean == 100.0
    assert wild.high - wild.low > 5 * (calm.high - calm.low) > 0.0
    erring = over_days([100.0] * 12, [40.0, -40.0] * 6, [1.0] * 12)
    assert erring.high - erring.low > 10.0
    assert over_days([100.0] * 12, [40.0, -40.0] * 6, [0.0] * 12).low == 100.0


def test_a_position_curve_interpolates_and_does_not_guess_far():
    curve = PositionCurve()
    for _ in range(10):
        for position, power in ((0.0, 0.1), (0.4, 6.0), (0.6, 20.0)):
            curve.see(position, power)
    assert curve.power(0.5) == pytest.approx(13.0)
    assert curve.power(0.0) == pytest.approx(0.1)
    assert curve.power(0.3) == pytest.approx(6.0)
    assert curve.power(1.0) is None


def test_a_load_curve_is_the_parabola_it_was_shown_and_stays_inside():
    curve = LoadCurve()
    for load in range(200, 1000, 10):
        curve.see(float(load), 50.0 + 0.1 * load + 1e-4 * load**2)
    assert curve.power(600.0) == pytest.approx(50.0 + 60.0 + 36.0)
    assert curve.power(100.0) == pytest.approx(curve.power(200.0))
    assert curve.power(1200.0) is None
    flat = LoadCurve()
    for _ in range(40):
        flat.see(500.0, 90.0)
    assert flat.power(500.0) == pytest.approx(90.0)


def chillers():
    from dataclasses import replace

    found = []
    for n in (1, 2):
        roles = {"enable": f"c{n}.enable", "load": f"c{n}.load", "power": f"c{n}.power"}
        nameplate = {"capacity": 1000.0}
        found.append(replace(PUMP, id=f"chiller_{n}", kind="chiller", roles=roles, nameplate=nameplate))
    return tuple(found)


def test_the_load_of_a_chiller_that_would_have_gone_is_carried_by_the_other():
    both = Cooling("chillers", chillers())
    for load in range(20, 100):
        kw = 60.0 + 1.2 * load
        for n in (1, 2):
            seen = {f"c{n}.load": float(load), f"c{n}.power": kw}
            seen |= {f"c{3 - n}.load": float(load), f"c{3 - n}.power": kw}
            both.learn(seen, {"c1.enable": True, "c2.enable": True})
    seen = {"c1.load": 40.0, "c2.load": 40.0, "c1.power": 108.0, "c2.power": 108.0}
    places = {"c1.enable": True, "c2.enable": True}
    was = both.power(seen, places, None)
    would = both.power(seen, places, {"c2.enable": False})
    assert was == pytest.approx(2 * (60.0 + 1.2 * 40.0), rel=1e-3)
    assert would == pytest.approx(60.0 + 1.2 * 80.0, rel=1e-3)
    assert both.power(seen, places, {"c1.enable": False, "c2.enable": False}) is None
    heavy = {**seen, "c1.load": 90.0, "c2.load": 90.0}
    assert both.power(heavy, places, {"c2.enable": False}) is None  # one could not have carried it


def test_what_has_no_meter_is_named():
    from dataclasses import replace

    bare = replace(PUMP, roles={"enable": "io.enable"})
    machines, lacking = machines_of(replace(MODEL, equipment={"pump": bare}))
    assert (machines, lacking) == ((), {"pump": "no meter of its own"})
