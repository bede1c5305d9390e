"""The heating station: arms that load, sizes that fit together, heat that is not lost, a winter day that ends well."""

from pathlib import Path

import pytest

from agent.core.errors import ConfigurationError
from hil.plant.variables import Failing
from hil.ready_site.heating import make_station
from hil.ready_site.ready_site import load_ready_site
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from hil.sites.heating_station.make_site import EQUIPMENT
from hil.wiring import automatic_wiring

STORIES = Path(__file__).parents[3] / "hil" / "scenarios"
JANUARY = 1_736_784_000.0  # 2025-01-14 00:00 in China


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("heating_station")


@pytest.mark.parametrize("arm", ["weak", "competent", "policy"])
def test_every_arm_loads_and_every_role_finds_its_variable(ready, arm):
    variables = ready.make_plant(arm, JANUARY, 1).variables()
    assert not automatic_wiring(ready.site(arm), variables).missing
    assert {name.partition(".")[0] for name in variables} >= {
        *EQUIPMENT,
        "tank",
        "heating",
        "hot_water",
        "grid",
    }


def test_the_sources_carry_the_design_load_with_the_largest_one_missing(ready):
    """The boiler has a spare; the heat pumps alone carry three quarters."""
    plant = ready.make_plant("policy", JANUARY, 1).parts[0]
    pumps = 200.0 + 200.0 + 260.0
    others = sum(one.capacity for one in plant.design.sources)
    load = plant.building.design.loss * 27.6
    assert pumps + others - 600.0 > 0.8 * load
    assert 0.7 < pumps / load < 0.8


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"heat_pumps": [{"source": "aer", "capacity": "200 kW"}]}, "air"),
        ({"boreholes": None}, "boreholes"),
        ({"sources": {"boiler_1": {"fuel": "coal", "capacity": "1 MW"}}}, "fuel"),
        ({"tank": {"volumen": "80 m3"}}, "tank.volumen"),
        ({"climate": "atlantis"}, "atlantis"),
        ({"calendar": "mayan"}, "calendar"),
    ],
)
def test_a_wrong_size_is_named(ready, change, says):
    with pytest.raises(ConfigurationError, match=says):
        make_station({**ready.sizes, "factory": "", **change}, JANUARY, 1)


def test_sources_can_break_and_be_mended(ready):
    station = ready.make_plant("policy", JANUARY, 1)
    assert isinstance(station, Failing)
    station.fail("boiler_1.trip", 1.0)
    shown = station.step(60.0, {"boiler_1.enable": True})
    assert shown["boiler_1.alarm"]
    assert not shown["boiler_1.status"]
    station.mend("boiler_1.trip")
    assert [station.step(60.0, {"boiler_1.enable": True})["boiler_1.status"] for _ in range(3)][-1]


def test_the_story_of_a_winter_day_ends_well():
    outcome = run_on_sim(load_scenario(STORIES / "heating_winter_day.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []
