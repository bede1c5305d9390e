"""Stand-ins for any device of the library: plausible at once, obedient when commanded."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.load import load_site
from agent.config.profiles import find_profiles
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.servers.device import SimulatedDevice
from hil.stand_in import StandInPlant, stand_ins
from hil.world import World

CATALOGUE = find_catalogue()
PROFILES = sorted(find_profiles([Path(folder) for folder in CATALOGUE.profile_folders]))
SITE = """
version: 1
site: {{name: s, latitude: 0, longitude: 0, timezone: UTC}}
buses: {{b: {{kind: modbus-tcp, host: 127.0.0.1}}}}
devices: {{d: {{profile: {profile}, bus: b, unit: 1}}}}
"""


def device_of(profile: str, folder: Path) -> tuple[SimulatedDevice, World, StandInPlant]:
    (folder / "site.yaml").write_text(SITE.format(profile=profile))
    site = load_site(folder / "site.yaml", CATALOGUE)
    values, wiring = stand_ins(site)
    world, plant = World(), StandInPlant(values)
    world.truth = plant.step(0.1, {})
    return SimulatedDevice("d", site.devices["d"].profile, wiring["d"], world, ScaledClock(1.0)), world, plant


@pytest.mark.parametrize("profile", PROFILES)
def test_every_point_of_the_library_has_a_plausible_value(profile: str, tmp_path: Path) -> None:
    device, _, _ = device_of(profile, tmp_path)
    for name, point in device.profile.points.items():
        value = device.read(name)
        assert value is not None, name
        if point.plausible is not None:
            low, high = point.plausible
            assert low <= value <= high, name


def test_a_machine_runs_while_it_is_enabled_and_shows_its_set_point(tmp_path: Path) -> None:
    device, world, plant = device_of("trane_rthd_pic", tmp_path)
    assert device.read("running") is True
    device.write("enable", False)
    device.write("chilled_water_setpoint", 8.5)
    world.truth = plant.step(1.0, world.commands)
    assert device.read("running") is False
    assert device.read("chilled_water_setpoint_active") == 8.5


def test_energy_counts_up(tmp_path: Path) -> None:
    device, world, plant = device_of("schneider_iem3000", tmp_path)
    before = device.read("energy")
    world.truth = plant.step(3600.0, world.commands)
    assert device.read("energy") == pytest.approx(before + device.read("power"))
