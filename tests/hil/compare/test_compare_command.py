"""`plantroom hil compare` by its words: names that are wrong, an answer that a program can read, how far it is."""

import json

import pytest
from typer.testing import CliRunner

from hil.cli import bench
from hil.compare.arm import ArmRun
from hil.compare.comparison import compare, length
from hil.compare.figures import KEYS
from hil.compare.running import Request, run_all
from hil.compare.spending import Month
from hil.ready_site.ready_site import ready_names

LIGHTS = ("boen_garage", "solar_clock")


@pytest.fixture
def quick(monkeypatch):
    """Arms that are done at once."""

    def run(_ready, name, plan, far):
        far(plan.simulated)
        figures = {"kwh": 100.0, "kwh.chiller_1": 100.0, "cooling_kwh_th": 400.0, "exact_energy": 40.0}
        return ArmRun(name, plan.days, figures, {7: Month(kwh=100.0)}, simulated=plan.simulated, wall=1.0)

    monkeypatch.setattr("hil.compare.running.run_arm", run)


def said(*words: str):
    return CliRunner().invoke(bench(), ["compare", *words])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("vanke_cloud_cty",), "vanke_cloud_city"),
        (("vanke_cloud_city", "--variant", "variable_sped"), "variable_speed"),
        (("nanshan_storage", "--variant", "fast"), "it has none"),
        (("vanke_cloud_city", "--arms", "weak,competant"), "competent"),
        (("vanke_cloud_city", "--arms", "oracle"), "policy,oracle"),
        (("solar_clock", "--hold-out"), "hold_out"),
        (("chuangzhiyun",), "no plant that could be compared"),
    ],
)
def test_a_wrong_name_ends_with_2_and_the_nearest_right_one(words, says):
    result = said(*words)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


@pytest.mark.parametrize("site", ready_names())
def test_every_site_answers_with_the_same_keys(quick, monkeypatch, site):
    monkeypatch.setattr("hil.oracle.oracle_of", lambda *_: {"kwh": 40.0})
    result = said(site, "--json", "--jobs", "1", "--days", "2", "--seed", "3")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["site"], told["days"], told["seed"]) == (site, 2, 3)
    for arm in ("weak", "competent", "policy", "oracle"):
        assert set(KEYS) <= set(told[arm]), arm
    if told["measure"] == "kwh":  # these arms cost nothing
        assert told["saving_vs_weak"] == told["saving_vs_competent"] == pytest.approx(0.0)
        assert told["fraction_of_oracle"] == pytest.approx(0.0)
    assert told["problems"] == []
    assert told["weak"]["dark_arrivals"] is None


def test_arms_that_were_not_run_are_null(quick):
    told = compare(Request(site="yofc_headquarters", days=2, arms=("weak",))).plain()
    assert told["policy"] is told["oracle"] is told["saving_vs_weak"] is told["fraction_of_oracle"] is None
    assert told["weak"]["kwh"] == 100.0


def test_how_far_it_is_goes_to_the_end(quick):
    request = Request(site="yofc_headquarters", days=2, arms=("weak", "competent", "oracle"))
    seen = []
    for _ in run_all(request, ("weak", "competent"), seen.append):
        pass
    assert seen == [4.0, 8.0]  # a day of warm-up before each
    assert length(request) == 8.0


def test_a_comparison_that_is_not_fair_ends_with_1(monkeypatch):
    def run(_ready, name, plan, _far):
        return ArmRun(name, plan.days, {"kwh": 100.0}, {}, failed_ticks=1)

    monkeypatch.setattr("hil.compare.running.run_arm", run)
    result = said("yofc_headquarters", "--arms", "weak", "--days", "1", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"] == ["weak: 1 ticks failed"]
