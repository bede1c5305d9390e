"""557 meters and 550 panels on one box: the site file is made, loads, and the agent keeps up with all of it."""

from collections import Counter
from pathlib import Path

import pytest

from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.sites.chuangzhiyun.make_site import FOLDER, METERS, PANELS, site_text
from hil.sites.chuangzhiyun.measure import measure

HIGHEST_UNIT = 247  # Modbus addresses end there


def test_the_file_of_the_site_is_what_its_maker_writes():
    assert (FOLDER / "site.yaml").read_text(encoding="utf-8") == site_text()


@pytest.fixture(scope="module")
def site():
    return load_site(FOLDER / "site.yaml", find_catalogue())


def test_every_reported_meter_and_panel_is_there(site):
    kinds = Counter(one.kind for one in site.equipment.values())
    assert kinds == {"meter": METERS, "lamp_group": PANELS}
    assert (METERS, PANELS) == (557, 550), "as reported"
    for one in site.equipment.values():
        roles = {"power", "energy"} if one.kind == "meter" else {"lamp_switch", "lamp_level"}
        assert roles <= set(one.roles), one.id


def test_no_two_devices_of_a_bus_share_an_address(site):
    places = Counter((one.bus, one.settings.unit) for one in site.devices.values())
    assert max(places.values()) == 1
    assert max(unit for _, unit in places) <= HIGHEST_UNIT
    assert {bus.kind for bus in site.buses.values()} == {"modbus-tcp", "modbus-rtu"}


def test_meters_are_read_each_minute_and_panels_within_five_seconds(site):
    for one in site.devices.values():
        paces = {one.profile.polls.get(name, one.profile.pacing.poll) for name in one.points}
        if one.profile.kind == "electricity_meter":
            assert paces == {60.0}, one.id
        elif one.profile.kind == "lamp_gateway":
            commandable = [name for name, point in one.points.items() if point.commandable]
            assert {one.profile.polls.get(name, one.profile.pacing.poll) for name in commandable} == {5.0}


def test_every_floor_has_somebody_who_decides(site):
    floors = {name for name in site.areas if name.startswith("floor_")}
    assert floors == {name for name, policies in site.policies.items() if policies}
    assert all(one.area in floors for one in site.equipment.values() if one.kind == "lamp_group")


@pytest.mark.integration
def test_the_agent_reads_all_of_it_and_hardly_notices(tmp_path: Path):
    cost = measure(tmp_path, 8.0)
    assert cost.points > 10_000
    assert cost.good == cost.points, cost.bad
    assert cost.first_picture < 90.0, "each point within its minute"
    assert cost.cpu < 25.0, "% of one core"
    assert cost.rss < 250.0, "MB"
