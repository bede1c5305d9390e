"""Key figures against sums done by hand, at steps of a second and of a minute."""

import pytest

from agent.calc.tariff import tariff_from
from hil.bench.watched import Moment
from hil.kpi_counting import Counting
from hil.kpi_counts import Demand, Integral, Runs
from hil.kpis import Kpis

MIDNIGHT = 1_784_044_800.0  # 2026-07-15 00:00 in Shanghai


def run(counting, truth_at, *, step, length=7200.0, start=MIDNIGHT):
    kpis = Kpis(counting, "Asia/Shanghai")
    now = 0.0
    while now < length - 1e-9:
        now += step
        kpis.stepped(Moment(now, start + now, step, truth_at(now)))
    return kpis.figures()


@pytest.mark.parametrize("step", [1.0, 60.0])
def test_energy_eer_carbon_and_peak(step):
    counting = Counting(machines={"ch": "ch.power", "p": "p.power"}, cooling=("loop.cooling",), carbon=0.5)

    def truth(now):
        return {"ch.power": 100.0 if now > 1800.0 else 50.0, "p.power": 10.0, "loop.cooling": 330.0}

    figures = run(counting, truth, step=step)
    assert figures["kwh.p"] == pytest.approx(20.0)
    assert figures["kwh"] == pytest.approx(20.0 + 25.0 + 150.0, rel=0.005)
    assert figures["eer_sys"] == pytest.approx(660.0 / 195.0, rel=0.005)
    assert figures["carbon_kg"] == pytest.approx(0.5 * figures["kwh"])
    assert figures["peak_kw"] == pytest.approx(110.0)
    assert figures["cost"] is None


TWO_PRICES = tariff_from(
    "two",
    {
        "prices": {"day": 0.25, "night": 1.0},
        "seasons": [{"night": ["00:00-01:00"], "otherwise": "day"}],
    },
)


def test_cost_follows_the_price_of_the_instant():
    figures = run(
        Counting(machines={"ch": "ch.power"}, tariff=TWO_PRICES), lambda _: {"ch.power": 40.0}, step=60.0
    )
    assert figures["cost"] == pytest.approx(40.0 * 1.0 + 40.0 * 0.25)


def test_comfort_counts_outside_the_band_while_somebody_is_there():
    counting = Counting(zones={"z": ("z.temp", None)}, band=(22.0, 26.0), hours=(0.5, 1.5))
    warm = run(counting, lambda _: {"z.temp": 28.0}, step=60.0)
    cold = run(counting, lambda _: {"z.temp": 21.0}, step=60.0)
    assert warm["degree_hours"] == pytest.approx(2.0, rel=0.02)
    assert cold["degree_hours"] == pytest.approx(1.0, rel=0.02)
    seen = Counting(zones={"z": ("z.temp", "z.occupied")}, band=(22.0, 26.0))
    empty = run(seen, lambda now: {"z.temp": 30.0, "z.occupied": now <= 3600.0}, step=60.0)
    assert empty["degree_hours"] == pytest.approx(4.0, rel=0.02)


def test_light_counts_where_somebody_stands_in_the_dark():
    counting = Counting(
        lit={"a": ("a.lux", "a.presence")}, lux=65.0, counters={"dark_arrivals": ("a.dark_arrivals",)}
    )

    def truth(now):
        return {
            "a.lux": 20.0 if now <= 600.0 else 80.0,
            "a.presence": now <= 1200.0,
            "a.dark_arrivals": 3.0 + now // 3600.0,
        }

    figures = run(counting, truth, step=1.0)
    assert figures["lux_minutes_below"] == pytest.approx(10.0, rel=0.01)
    assert figures["dark_arrivals"] == 2.0


def test_starts_and_shortest_times_leave_out_what_begin_and_end_cut_off():
    runs = Runs()
    for now, on in enumerate("0011100111110"):
        runs.see(on == "1", now * 60.0)
    assert (runs.starts, runs.shortest_on, runs.shortest_off) == (2, 180.0, 120.0)


def test_demand_is_the_mean_of_whole_quarters_by_the_clock():
    demand = Demand()
    for minute in range(1, 50):  # begins at 0:05
        power = 100.0 if 15 <= minute + 4 < 30 else 20.0
        demand.add(power * 60.0, MIDNIGHT + 300.0 + minute * 60.0, 60.0)
    assert demand.finish() == pytest.approx(100.0)
    assert len(demand.quarters) == 2, "the first and the last were not whole"


def test_a_long_step_is_split_at_the_quarter():
    demand = Demand()
    demand.add(1800.0 * 60.0, MIDNIGHT + 1800.0, 1800.0)
    assert demand.finish() == pytest.approx(60.0)
    assert len(demand.quarters) == 2


def test_an_integral_is_a_trapezoid():
    integral = Integral()
    for value in (0.0, 10.0, 20.0):
        integral.add(value, 1.0)
    assert integral.total == pytest.approx(20.0)


class Holding:
    """A plant at one moment."""

    def __init__(self, tank, mass):
        self.held = {"tank": tank, "mass": mass}

    def stored(self):
        return self.held


def test_what_is_stored_at_the_end_counts_against_the_beginning():
    kpis = Kpis(Counting(), "Asia/Shanghai")
    for tank, mass in ((500.0, 20.0), (350.0, 30.0)):
        kpis.see_stored(Holding(tank, mass))
    assert kpis.figures()["stored_kwh_change"] == -140.0
