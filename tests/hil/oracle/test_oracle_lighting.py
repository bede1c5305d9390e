"""The bound of lamps as an arm of a comparison."""

import pytest

from hil.compare.comparison import ARMS, Comparison, Request, _wanted
from hil.oracle.lighting import exact_energy, lighting_bound, lighting_figures
from hil.ready_site.ready_site import load_ready_site


def test_it_is_what_the_plants_counted_beside_the_lamps():
    assert exact_energy({"a.exact_energy": 2.0, "b.c.needed_energy": 3.0, "a.energy": 9.0, "a.on": True}) == {
        "a": 2.0,
        "b.c": 3.0,
    }
    garage = lighting_figures({"kwh": 20.0, "exact_energy": 14.0, "dark_arrivals": 3.0})
    assert garage is not None
    assert (garage["kwh"], garage["dark_arrivals"]) == (14.0, 0.0)
    street = lighting_figures({"kwh": 20.0, "needed_energy": 5.0, "exact_energy": 1.0})
    assert street is not None
    assert (street["kwh"], street["dark_arrivals"]) == (6.0, None)
    assert street["eer_sys"] is None
    assert lighting_figures({"kwh": 100.0, "exact_energy": None}) is None


def test_a_plant_without_lamps_has_none():
    with pytest.raises(ValueError, match="no lamps"):
        lighting_bound(load_ready_site("vanke_cloud_city"), (), "Asia/Shanghai", 1)


def test_arms_that_only_this_site_has_are_run_when_they_are_asked_for():
    ready = load_ready_site("boen_garage")
    assert _wanted(ready, ()) == list(ARMS)
    assert _wanted(ready, ("weak", "tide", "short_hold")) == ["weak", "tide", "short_hold"]
    assert "warm_up" not in ready.arms
    assert ready.warm_up == 600.0
    assert load_ready_site("vanke_cloud_city").warm_up is None


def test_they_stand_beside_the_others_in_the_answer():
    result = Comparison("x", 1, 1, "kwh", arms={"weak": {"kwh": 4.0}, "tide": {"kwh": 1.0}})
    assert result.plain()["more"] == {"tide": {"kwh": 1.0}}
    assert result.saving("tide", "weak") == 75.0
    assert Request(site="x").arms == ()
