"""Cars come and go by seed and date, whatever the step, and get what they came for."""

from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from hil.plant.ev_charger import Charger, ChargerDesign

START = datetime(2026, 3, 1, 16, tzinfo=UTC).timestamp()  # Monday 0:00 in China
OFFSET = timedelta(hours=8)
DESIGN = ChargerDesign(name="ev_1")


def charger(**changed: float | bool) -> Charger:
    return Charger(ChargerDesign(name="ev_1", **changed), START, OFFSET, seed=4)  # type: ignore[arg-type]


def test_sessions_have_the_shape_of_workplace_charging() -> None:
    one = charger()
    first = int((START + 8 * 3600) // 86400)
    visits = [visit for day in range(first, first + 700) for visit in one.visits(day)]
    hours = [(visit.begins + 8 * 3600) % 86400 / 3600 for visit in visits]
    # ACN-Data, JPL site: median arrival about 8:30; a mean of about 9 kWh
    assert mean(hours) == pytest.approx(8.5, abs=0.2)
    assert mean(visit.wanted - visit.content for visit in visits) == pytest.approx(9.4, abs=1.0)
    assert mean((visit.ends - visit.begins) / 3600 for visit in visits) == pytest.approx(7.4, abs=0.4)
    assert 0.5 * 500 < len(visits) < 0.8 * 700
    assert visits == [visit for day in range(first, first + 700) for visit in charger().visits(day)]


@pytest.mark.parametrize("step", [1.0, 600.0, 7200.0])
def test_the_step_changes_nothing_that_matters(step: float) -> None:
    exact, other = charger(), charger()
    for _ in range(3 * 1440):
        exact.step(60.0, {})
    for _ in range(int(3 * 86400 / step)):
        other.step(step, {})
    assert other.sessions == exact.sessions > 0
    assert other.energy.total == pytest.approx(exact.energy.total, rel=0.01)
    assert other.unmet.total == pytest.approx(exact.unmet.total, abs=0.1)


def test_a_car_gets_what_it_wants_and_pays_the_losses() -> None:
    one = charger(use=1.0)
    day = int((START + 8 * 3600) // 86400)
    (visit,) = one.visits(day)
    for _ in range(1440):
        one.step(60.0, {})
    assert one.energy.total == pytest.approx((visit.wanted - visit.content) / 0.92, rel=1e-6)
    assert one.unmet.total == 0.0


def test_a_limit_leaves_cars_wanting_and_a_pause_gives_nothing() -> None:
    one = charger(use=1.0)
    for _ in range(1440):
        one.step(60.0, {"ev_1.power_command": 1.0})
    assert one.energy.total == 0.0, "below 6 A nothing flows"
    day = int((START + 8 * 3600) // 86400)
    (visit,) = one.visits(day)
    assert one.unmet.total == pytest.approx(visit.wanted - visit.content)


def test_a_two_way_point_draws_from_the_car_down_to_the_reserve() -> None:
    one = charger(use=1.0, two_way=True, reserve=0.3)
    low = 100.0
    fed = 0.0
    for _ in range(1440):
        fed -= min(one.step(60.0, {"ev_1.power_command": -7.0}), 0.0) / 60.0
        if one.outputs()["ev_1.occupied"]:
            low = min(low, float(one.outputs()["ev_1.state_of_charge"]))
    assert fed > 0.0
    assert low >= 30.0 - 1e-6
    blocked = charger(use=1.0)
    assert all(blocked.step(60.0, {"ev_1.power_command": -7.0}) >= 0.0 for _ in range(1440))


def test_the_next_event_is_when_somebody_comes_or_goes() -> None:
    one = charger(use=1.0)
    changes = []
    for _ in range(4):
        one.step(one.next_event(), {})
        changes.append(bool(one.outputs()["ev_1.occupied"]))
    assert changes == [True, False, True, False]
