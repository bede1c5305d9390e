"""What a visitor of the demonstration sees: the site file, its real policies and the plant, on virtual time."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.config.check import check_site
from agent.config.load import load_site
from agent.core.site import Site
from agent.plugins import find_catalogue
from hil.clock import VirtualClock
from hil.demo_folder import Ports, lay_out
from hil.demo_plant import GROUPS, demo_plant, demo_wiring
from hil.servers.device import SimulatedDevice, Wiring
from hil.world import World
from tests.hil.virtual_agent import VirtualAgent

PORTS = Ports(plant=15020, bms=14840, mqtt=18883, https=18443, web=8080)
EVENING = datetime(2026, 7, 15, 10, tzinfo=UTC).timestamp()  # 18:00 in Shenzhen


@pytest.fixture(scope="module")
def site_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("demo"), PORTS, 1.0).site


@pytest.fixture(scope="module")
def site(site_file: Path) -> Site:
    return load_site(site_file, find_catalogue())


class Stage:
    """Plant and devices on a virtual clock."""

    def __init__(self, site: Site, start: float) -> None:
        self.plant = demo_plant(start - 1800.0)
        self.world = World()
        self.world.truth = self.plant.step(1800.0, {})
        wiring, clock = demo_wiring(site, self.plant.variables()), VirtualClock()
        self.devices = {
            one.id: SimulatedDevice(one.id, one.profile, wiring.get(one.id, Wiring()), self.world, clock)
            for one in site.devices.values()
        }

    def step(self, dt: float) -> dict[str, Any]:
        self.world.truth = self.plant.step(dt, self.world.commands)
        return dict(self.world.truth)


def test_the_site_file_is_without_fault_and_nothing_is_left_alone_when_the_box_dies(site_file: Path) -> None:
    report = check_site(site_file, find_catalogue())
    assert not report.problems
    assert not report.unguarded


def test_every_point_has_a_place_in_the_plant_or_a_reason_not_to(site: Site) -> None:
    stage = Stage(site, EVENING)
    silent = [
        f"{device.id}.{name}"
        for device in stage.devices.values()
        for name in device.profile.points
        if device.read(name) is None
    ]
    spare = ("io.chiller_", "io.pump_status_", "io.relay_", "ch1.heating", "ch2.heating")
    assert [name for name in silent if not name.startswith(spare)] == []


def test_from_evening_to_noon_one_chiller_is_shed_and_comes_back_in_time(site: Site) -> None:
    stage = Stage(site, EVENING)
    agent = VirtualAgent(site, "plant", stage.devices)
    rows = []
    for tick in range(int(18 * 3600 / 20)):
        agent.tick(tick * 20.0, EVENING + tick * 20.0)
        rows.append(stage.step(20.0))
    running = [bool(row["chiller_1.status"]) + bool(row["chiller_2.status"]) for row in rows]
    night, noon = running[7 * 180 : 11 * 180], running[17 * 180 :]
    assert set(night) == {1}, Counter(night)
    assert set(noon) == {2}, Counter(noon)
    assert sum(a != b for a, b in pairwise(running)) <= 4, "no hunting"
    supply = [float(row["loop.chilled_water_supply_temp"]) for row in rows]
    rooms = [float(row[f"zone_{n}.zone_temp"]) for row in rows for n in (1, 2, 3, 4)]
    assert max(supply) < 9.5
    assert 23.5 < min(rooms) <= max(rooms) < 26.5
    assert not any(row["chiller_1.alarm"] or row["chiller_2.alarm"] for row in rows)


def test_at_night_the_visitor_sees_a_machine_go_within_minutes(site: Site) -> None:
    start = EVENING + 8 * 3600.0
    stage = Stage(site, start)
    agent = VirtualAgent(site, "plant", stage.devices)
    for tick in range(120):
        agent.tick(tick * 10.0, start + tick * 10.0)
        truth = stage.step(10.0)
        if not (truth["chiller_1.status"] and truth["chiller_2.status"]):
            break
    assert tick * 10.0 < 900.0, "both still run after a quarter of an hour"


def test_lamps_follow_people_and_save_most_of_the_light(site: Site) -> None:
    stage = Stage(site, EVENING)
    agent = VirtualAgent(site, "garage", stage.devices)
    energy = dark = seen = 0.0
    for tick in range(3600):
        agent.tick(float(tick), EVENING + tick)
        truth = stage.step(1.0)
        energy += float(truth["garage.power"]) / 3600.0
        occupied = [one for one in GROUPS if truth[f"{one}.presence"]]
        seen += len(occupied)
        dark += sum(float(truth[f"{one}.illuminance"]) < 65.0 for one in occupied)
    assert energy < 0.85 * 4.64, "a busy hour; full light is 4.64 kWh"
    assert dark < 0.05 * seen, "some fade in while somebody is already there, few"
    assert seen > 1000.0


def test_street_lamps_burn_at_night_only(site: Site) -> None:
    stage = Stage(site, EVENING)
    agent = VirtualAgent(site, "outdoor", stage.devices)
    shining = []
    for tick in range(24 * 12):
        agent.tick(tick * 300.0, EVENING + tick * 300.0)
        shining.append(bool(stage.step(300.0)["street.lamp_switch"]))
    assert not shining[0], "18:00 in July is day"
    assert shining[int(2.0 * 12)], "20:00"
    assert not shining[18 * 12], "noon"
