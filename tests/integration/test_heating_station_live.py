"""The heating station over real sockets: the whole agent, its drivers and the dispatch, in front of Modbus faces."""

import pytest

from hil.scenario.load import load_scenario
from hil.scenario.run import run_live

STORY = """version: 1
name: A quarter of an hour in the valley
site: heating_station
start: 2025-01-14 03:00
length: 16 min
speed: 60
steps:
  - {at: 5 min, name: trip, throw: plant:heat_pump_3.trip}
expect:
  - {name: everything answers, within: 3 min, that: "point:panel.supply_temp > 30 degC and point:hp3.power >= 0 kW"}
  - {name: heat is made, within: 5 min, that: "heat_pump_3.status is true or heat_pump_1.status is true"}
  - {name: water as warm as the curve says, finally: "heating.hot_water_setpoint <= 52 degC and heating.hot_water_setpoint >= 44 degC"}
  - {name: the trip is told, within: 3 min, after: trip, that: "alarm:fault:heat_pump_3 is true"}
  - {name: and taken out of the order, within: 3 min, after: trip, that: "decided:hp3.start is false"}
  - {name: others go on, finally: "heat_pump_1.status is true or heat_pump_2.status is true"}
  - {name: it says why, finally: "decided:hp1.setpoint >= 44 degC"}
  - {name: no tick fails, never: "alarm:tick:* is true"}
"""


@pytest.mark.integration
async def test_the_station_is_run_over_its_wires(tmp_path):
    path = tmp_path / "story.yaml"
    path.write_text(STORY)
    outcome = await run_live(load_scenario(path))
    assert [one.name for one in outcome.verdicts if not one.met] == []
