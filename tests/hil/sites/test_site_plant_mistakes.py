"""A plant file of somebody's own: what is wrong is said with its place and its mend, never by a traceback."""

from copy import deepcopy

import pytest

from agent.core.errors import ConfigurationError
from hil.ready_site.factory import make_plant

SOUND = {
    "climate": "beijing",
    "machines": {"main": "York YT 1055kW/5.96COP/Vanes"},
    "chillers": [{"machine": "main", "capacity": "500 kW"}],
    "chilled": {"rise": "5 K", "head": "28 m"},
    "condenser": {"rise": "5 K", "head": "23 m"},
    "towers": {"cells": 1, "fan_power": 0.035},
    "local": {"fans": "fixed"},
    "building": {
        "zones": {
            "zone_1": {
                "floor": "4000 m2",
                "coil": "430 kW",
                "windows": {0: "250 m2", 90: 400},
                "hours": [7, 18],
            }
        }
    },
}


def test_the_sound_one_is_a_plant():
    assert make_plant(SOUND, 1.75e9, 1).variables()


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("building", "zones", "zone_1", "windows"), {"north": 250}, "windows.north: is no direction"),
        (("building", "zones", "zone_1", "windows"), {0: "big"}, "windows.0: 'big' is not a number"),
        (("building", "zones", "zone_1", "hours"), [7], "hours: are a first and a last hour"),
        (("chillers",), [], "chillers: are missing"),
        (("chillers",), 3, "chillers: is a list"),
        (("chillers",), [3], "chillers.0: a section"),
        (("local", "fans"), "auto", "local.fans: 'auto' is none of thermostat, fixed"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_mend(path, value, told):
    sizes = deepcopy(SOUND)
    inside = sizes
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    with pytest.raises(ConfigurationError) as caught:
        make_plant(sizes, 1.75e9, 1)
    (problem,) = caught.value.problems
    assert told in problem.message
    assert problem.mend
