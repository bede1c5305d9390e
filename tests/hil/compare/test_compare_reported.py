"""What projects report beside what was found: the same thing of the same arm, before and after."""

import pytest

from hil.compare.reported import Reported

WEAK = {"kwh": 1000.0, "cost": 800.0, "eer_sys": 2.9, "kwh_by_group": {"road": 900.0, "landscape": 100.0}}
OWN = {"kwh": 850.0, "cost": 560.0, "eer_sys": 3.5, "kwh_by_group": {"road": 762.0, "landscape": 88.0}}


def of(told, days=10, **arms) -> Reported:
    return Reported(told, arms or {"weak": WEAK, "reported": OWN}, days)


@pytest.mark.parametrize(
    ("told", "saving"),
    [
        ({"saving": 17.13}, 15.0),
        ({"saving": 31.35, "of": "cost"}, 30.0),
        ({"saving": 10.62, "groups": ["landscape"]}, 12.0),
        ({"saving": 10.62, "groups": ["moon"]}, None),
    ],
)
def test_the_saving_is_of_what_the_project_told_it_of(told, saving):
    one = of(told)
    assert one.arm_saving == (None if saving is None else pytest.approx(saving))
    assert str(told["saving"]) in one.sentences()[0]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"kwh_per_day": 276.03}, 100.0),
        ({"eer_sys": 3.0}, 2.9),
        ({"cost_per_month": 383_000}, 800.0 * 36.5 / 12.0),
    ],
)
def test_the_state_before_stands_beside_the_weak_arm(told, found):
    name, value, weak = of({"before": told}).before
    assert {name: value} == told
    assert weak == pytest.approx(found)
    assert of({"before": told}).plain()["weak_before"][name] == pytest.approx(found)


def test_kwh_of_a_year_are_told_where_the_project_gives_no_percentage():
    one = of({"saving_kwh": 444_100, "why": "no consumption is told"}, days=73)
    assert one.plain()["reported_arm_saving_kwh"] == pytest.approx(750.0)
    assert one.plain()["reported_saving"] is None
    assert "444,100" in one.sentences()[0]
    assert "750" in one.sentences()[0]
    assert one.sentences()[-1] == "why they differ: no consumption is told"


def test_an_arm_that_was_not_run_is_said_to_be_so():
    one = of({"saving": 17.13, "before": {"eer_sys": 3.0}}, weak=WEAK)
    assert one.arm_saving is None
    assert "not run" in one.sentences()[1]
    assert of({"before": {"eer_sys": 3.0}}, policy=OWN).before == ("eer_sys", 3.0, None)
