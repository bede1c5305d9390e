"""The oracle of a ready site: the keys of an arm, the service of the policy, and the command that shows its ways."""

import json

import pytest
from typer.testing import CliRunner

from hil.cli import bench
from hil.compare.trace import Trace as Recorded
from hil.oracle import oracle_of
from hil.oracle.trace import NAMES, recorded
from hil.ready_site.ready_site import load_ready_site

MIDNIGHT = 1_751_299_200.0  # 2025-07-01 in Shenzhen


def day(*, share: float = 1.0, hours: int = 24) -> Recorded:
    """A day of an office: cooling, supply, flow, wet bulb and power by quarters of an hour."""
    trace = Recorded((*NAMES, "outdoor_air.outdoor_dry_bulb"))
    for quarter in range(4 * hours):
        busy = 32 <= quarter % 96 < 76
        cooling = share * (2500.0 if busy else 0.0)
        trace.utc.append(MIDNIGHT + 900.0 * (quarter + 1))
        trace.seconds.append(900.0)
        trace.rows.append([cooling, 7.0, cooling / 20.0, 25.0, cooling / 3.0 + 2.0, 30.0])
    return trace


@pytest.mark.parametrize("site", ["vanke_cloud_city", "yofc_headquarters"])
def test_figures_have_the_keys_of_an_arm_and_lie_below_it(site: str) -> None:
    found = oracle_of(load_ready_site(site), {"competent": [day()]})
    assert found is not None
    keys = {
        "kwh",
        "cost",
        "peak_kw",
        "eer_sys",
        "cooling_kwh_th",
        "degree_hours",
        "starts_per_day",
        "dark_arrivals",
    }
    assert keys <= set(found)
    trace = recorded([day()])
    assert found["cooling_kwh_th"] == pytest.approx(trace.delivered)
    assert 0.2 * trace.drawn < found["kwh"] < trace.drawn
    assert found["eer_sys"] == pytest.approx(trace.delivered / found["kwh"])
    assert found["served_arm"] == "competent"
    if "grid_error" in found:
        assert found["grid_error"] < 0.005


def test_the_policy_s_own_service_comes_first() -> None:
    ready = load_ready_site("yofc_headquarters")
    found = oracle_of(ready, {"weak": [day()], "policy": [day(share=0.5)]})
    assert found is not None
    assert found["served_arm"] == "policy"
    assert found["cooling_kwh_th"] == pytest.approx(recorded([day(share=0.5)]).delivered)


def test_sites_without_a_plant_have_none() -> None:
    assert oracle_of(load_ready_site("boen_garage"), {"policy": [day(hours=1)]}) is None
    assert oracle_of(load_ready_site("yofc_headquarters"), {}) is None


def test_a_tank_pays_where_the_bill_is_measured() -> None:
    ready = load_ready_site("nanshan_storage")
    found = oracle_of(ready, {"policy": [day()]})
    assert found is not None
    assert ready.measure == "cost"
    assert found["cost"] > 0.0


def test_quarters_become_hours_and_keep_energy() -> None:
    trace = recorded([day()])
    hourly = trace.by_hour()
    assert len(hourly.utc) == 24
    assert hourly.delivered == pytest.approx(trace.delivered)
    assert hourly.drawn == pytest.approx(trace.drawn)
    assert hourly.supply == pytest.approx(7.0)


def test_the_command_shows_ways_and_what_each_freedom_brings() -> None:
    result = CliRunner().invoke(bench(), ["oracle", "yofc_headquarters", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert len(told["ways"]) == 45
    steps = list(told["ablation_kwh"].values())
    assert steps == sorted(steps, reverse=True)
    assert CliRunner().invoke(bench(), ["oracle", "boen_garage"]).exit_code == 1
    assert CliRunner().invoke(bench(), ["oracle", "nowhere"]).exit_code == 2


def test_what_is_counted_beside_the_plant_is_counted_of_the_oracle_too() -> None:
    plain = day(share=0.4)
    whole = Recorded((*plain.names, "chiller_1.power", "zone_1.power"), plain.utc, plain.seconds)
    power = plain.names.index("loop.power")
    whole.rows = [[*row, row[power], 100.0] for row in plain.rows]
    ready = load_ready_site("yofc_headquarters")
    without, found = (oracle_of(ready, {"policy": [one]}) for one in (plain, whole))
    assert without is not None
    assert found is not None
    assert found["plant_kwh"] == pytest.approx(without["kwh"])
    assert found["kwh"] == pytest.approx(without["kwh"] + 2400.0)


def test_heat_that_no_machine_could_have_carried_costs_nothing_more() -> None:
    usual, odd = day(), day()
    odd.rows[40][0] = 60_000.0
    ready = load_ready_site("yofc_headquarters")
    bounds = [oracle_of(ready, {"policy": [one]}) for one in (usual, odd)]
    assert bounds[0] is not None
    assert bounds[1] is not None
    capacity = 3 * 1231.0
    assert bounds[1]["kwh"] < bounds[0]["kwh"] + 0.25 * 1.2 * capacity
