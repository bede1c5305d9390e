"""Arms side by side: what is charged, what makes it unfair, and one short run of the real thing."""

import json
from dataclasses import replace
from datetime import date

import pytest

from hil.compare.alone import run_alone
from hil.compare.arm import ArmRun, Plan, run_arm
from hil.compare.comparison import Comparison, compare
from hil.compare.days import Block
from hil.compare.fairness import judge
from hil.compare.figures import KEYS, arm_figures
from hil.compare.running import Request
from hil.compare.spending import Month
from hil.compare.table import print_comparison
from hil.ready_site.ready_site import load_ready_site
from hil.sensors import SensorKinds


def arm(name="policy", *, kwh=100.0, cooling=400.0, stored=0.0, **more) -> ArmRun:
    figures = {
        "kwh": kwh, "cooling_kwh_th": cooling, "peak_kw": 20.0, "degree_hours": more.pop("degree_hours", 1.0),
        "starts.chiller_1": 3.0, "starts.chiller_2": 1.0, "starts.tower_1": 9.0, "kwh.chiller_1": kwh,
    }  # fmt: skip
    return replace(
        ArmRun(name, 2, figures, {7: Month(kwh=kwh)}, chillers=2, plant=("chiller_1",), stored_change=stored),
        **more,
    )


def side_by_side(**runs: ArmRun) -> Comparison:
    result = Comparison("site", 2, 1, "kwh")
    result.arms = {name: arm_figures(run) for name, run in runs.items()}
    said(result, runs)
    return result


def said(result: Comparison, runs) -> None:
    judge(result.arms, runs, result.fraction, result.problems.append, result.notes.append)


def test_starts_are_counted_by_chiller_and_day():
    assert arm_figures(arm())["starts_per_day"] == pytest.approx(1.0)


def test_cold_owed_at_the_end_is_charged_and_cold_left_over_is_not_credited():
    assert arm_figures(arm(stored=-40.0))["kwh"] == pytest.approx(110.0)  # 40 kWh of cold at an EER of 4
    assert arm_figures(arm(stored=40.0))["kwh"] == pytest.approx(100.0)
    assert arm_figures(arm(stored=-40.0))["eer_sys"] == pytest.approx(4.0)


@pytest.mark.parametrize(("cooling", "charge"), [(0.0, 10.0), (2.0, 30.0)])
def test_an_arm_that_made_no_cold_does_not_get_away_with_a_house_it_let_warm_up(cooling, charge):
    """A weekend with all units off: at the usual 3.0; pumps against no load, at one for one."""
    assert arm_figures(arm(cooling=cooling, stored=-30.0))["stored_kwh_charged"] == pytest.approx(charge)


def test_savings_and_the_fraction_of_the_possible():
    result = side_by_side(weak=arm(kwh=200.0), competent=arm(kwh=150.0), policy=arm(kwh=120.0))
    result.arms["oracle"] = {"kwh": 100.0}
    told = result.plain()
    assert told["saving_vs_weak"] == pytest.approx(40.0)
    assert told["saving_vs_competent"] == pytest.approx(20.0)
    assert told["fraction_of_oracle"] == pytest.approx(0.8)
    assert told["problems"] == []
    assert set(KEYS) <= set(told["weak"])
    json.dumps(told)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (arm(failed_ticks=3), "3 ticks failed"),
        (arm(policy_faults={"shed": 2}), "shed failed 2 times"),
        (arm(trips=1), "1 trips"),
        (arm(degree_hours=50.0), "unmet comfort"),
    ],
)
def test_what_makes_a_comparison_unfair_is_said(policy, says):
    result = side_by_side(weak=arm("weak"), competent=arm("competent"), policy=policy)
    assert any(says in one for one in result.problems)


def test_a_policy_that_beats_the_bound_fails():
    runs = {"weak": arm(kwh=200.0), "policy": arm(kwh=90.0)}
    result = Comparison("site", 2, 1, "kwh")
    result.arms = {name: arm_figures(run) for name, run in runs.items()} | {"oracle": {"kwh": 100.0}}
    said(result, runs)
    assert any("beats the oracle" in one for one in result.problems)


def test_less_cooling_than_the_competent_plant_gave_is_said():
    result = side_by_side(competent=arm(cooling=400.0), policy=arm(cooling=360.0))
    assert any("10.0 % less cooling" in one for one in result.notes)


def test_figures_that_are_mostly_cold_owed_are_called_unfair():
    result = side_by_side(weak=arm(stored=-40.0), policy=arm(stored=-20.0))  # 10 of 110 kWh, and 5 of 105
    assert result.problems == ["weak: 9 % of its kWh is cold owed at the end: take more days"]


def test_much_cold_left_over_is_said_since_nobody_credits_it():
    result = side_by_side(weak=arm(stored=-4.0), policy=arm(stored=40.0))
    assert result.problems == []
    assert result.notes == [
        "policy: cold worth 10 % of its kWh is left over and not credited: take more days"
    ]


def test_the_table_names_every_arm(capsys):
    result = side_by_side(weak=arm(kwh=200.0), policy=arm(kwh=120.0))
    result.reported = {"saving": 17.13, "why": "nobody knows"}
    print_comparison(result)
    shown = capsys.readouterr().out
    assert "policy" in shown
    assert "40.0 %" in shown
    assert "17.13" in shown
    assert "nobody knows" in shown


def test_a_morning_of_the_weak_and_the_competent_plant():
    """The agent itself on virtual time: six hours on a working day in July, sensors with their errors."""
    ready = load_ready_site("yofc_headquarters")
    plan = Plan((Block(date(2025, 7, 16), 1),), seed=1, warm_up=3600.0)
    short = replace(plan, blocks=(SimpleBlock(date(2025, 7, 16), 1),))
    runs = {name: run_arm(ready, name, short) for name in ("weak", "competent")}
    figures = {name: arm_figures(run) for name, run in runs.items()}
    for name, run in runs.items():
        assert (run.failed_ticks, run.policy_faults, run.trips) == (0, {}, 0), name
        assert figures[name]["cooling_kwh_th"] > 1000.0
        # the house's own electricity is counted, but not in the efficiency of its plant
        assert figures[name]["plant_kwh"] < 0.9 * figures[name]["kwh"]
    assert 2.0 < figures["weak"]["eer_sys"] < figures["competent"]["eer_sys"] < 6.0
    assert runs["weak"].traces[0].column("loop.cooling")


def test_figures_are_the_truth_whatever_the_meters_say(monkeypatch):
    """A meter that is wrong by a third moves no figure: who decides by the clock needs none."""
    ready = load_ready_site("yofc_headquarters")
    plan = Plan((Minutes(date(2025, 7, 16), 1),), seed=1, warm_up=600.0)
    honest = run_arm(ready, "weak", plan).figures
    monkeypatch.setattr("hil.compare.arm.SensorKinds", lambda: SensorKinds({"kW": {"bias": 100.0}}))
    assert run_arm(ready, "weak", plan).figures == honest
    assert honest["kwh"] > 20.0


class Minutes(Block):
    """The first twenty minutes of a day."""

    @property
    def seconds(self) -> float:
        return 1200.0


class SimpleBlock(Block):
    """The first ten hours of a day."""

    @property
    def seconds(self) -> float:
        return 10 * 3600.0


def test_arms_can_be_chosen(monkeypatch):
    seen = []

    def run(_ready, name, plan, _far):
        seen.append((name, plan.days))
        return arm(name)

    monkeypatch.setattr("hil.compare.running.run_arm", run)
    result = compare(Request(site="yofc_headquarters", days=3, arms=("weak", "policy")))
    assert seen == [("weak", 3), ("policy", 3)]
    assert result.plain()["competent"] is None


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_plant_alone_comes_to_the_same_as_the_bench():
    """After a day of warm-up: the bench takes over a plant that runs under its own control, alone it stands."""
    ready, block = load_ready_site("yofc_headquarters"), SimpleBlock(date(2025, 7, 16), 1)
    alone = run_alone(ready, "weak", block).figures
    bench = run_arm(ready, "weak", Plan((block,))).figures
    for name in ("kwh", "cooling_kwh_th", "kwh.chiller_1", "kwh.zone_1"):
        assert alone[name] == pytest.approx(bench[name], rel=0.005), name
