"""A whole site: what the installer wrote arrives where policies and drivers look for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.config.load import load_site
from agent.core.equipment import Authority
from agent.core.interlock import Comparison
from agent.core.point import Access
from agent.core.register import Node, Slot
from agent.core.site import Catalogue, Site


@pytest.fixture
def site(site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue) -> Site:
    return load_site(write_site(site_text), catalogue)


def test_buses_and_devices(site: Site) -> None:
    assert site.buses["line"].settings.baudrate == 19200
    assert site.buses["line"].settings.parity.value == "even"
    assert site.buses["bms"].settings.password == "hush"
    assert site.devices["ch2"].settings.unit == 2
    assert site.devices["ch1"].name == "Chiller 1"
    assert site.devices["io"].profile.pacing.poll == 5.0
    assert site.devices["oat"].profile.sources["outdoor_temp"] == Node(node="ns=2;s=Weather.OAT")


def test_points_have_full_ids_and_share_their_profile(site: Site) -> None:
    first, second = site.devices["ch1"], site.devices["ch2"]
    assert site.points["ch1.chilled_water_supply_temp"] is first.points["chilled_water_supply_temp"]
    assert first.points["chilled_water_setpoint"].writing.feedback == "ch1.chilled_water_setpoint_active"
    assert first.points["chilled_water_setpoint"].limits.low == 3.0
    assert second.points["chilled_water_setpoint"].limits.low == pytest.approx(5.0)
    assert first.profile.points["chilled_water_setpoint"].limits.low == 3.0


def test_roles_come_from_the_device_and_explicit_ones_win(site: Site) -> None:
    chiller = site.equipment["chiller_1"]
    assert chiller.roles["status"] == "ch1.running"
    assert chiller.roles["power"] == "pm1.power"
    assert chiller.guards.minimum_off == 300.0
    assert chiller.guards.starts_per_hour == 4
    assert chiller.guards.proof_of_flow == "io.chiller_flow_switch_1"


def test_a_group_binds_its_own_points_only(site: Site) -> None:
    aisle = site.equipment["aisle_b"]
    assert aisle.roles["presence"] == "lamps.presence_2"
    assert aisle.roles["lamp_level"] == "lamps.level_2"
    assert aisle.next_to == ("aisle_a",)
    assert aisle.settings["group"] == "2"


def test_nameplate_in_the_houses_units(site: Site) -> None:
    assert site.equipment["chiller_2"].nameplate["capacity"] == pytest.approx(1163.0)
    assert site.equipment["loop"].nameplate["design_flow"] == pytest.approx(50.0)
    assert site.equipment["chiller_2"].settings["refrigerant"] == "R134a"


def test_areas_hold_what_their_equipment_binds(site: Site) -> None:
    garage = site.areas["garage"]
    assert set(garage.equipment) == {"aisle_a", "aisle_b"}
    assert "lamps.level_2" in garage.points
    assert "lamps.level_3" not in garage.points
    assert "ch1.enable" not in garage.points
    assert "virtual.budget" in garage.points
    assert garage.area.wake_on == frozenset({"presence"})
    assert site.areas["plant"].area.authority is Authority.SHADOW
    assert site.areas["plant"].area.minimum_running == {"chiller": 1}


def test_policies(site: Site) -> None:
    (shed,) = site.policies["plant"]
    assert shed.name == "shed"
    policy: Any = shed
    assert (policy.shed_below, policy.dwell, policy.minimum_units) == (60.0, 300.0, 1)


def test_interlock(site: Site) -> None:
    (freeze,) = site.interlocks
    assert (freeze.point, freeze.value) == ("ch1.enable", False)
    assert (freeze.watch, freeze.comparison, freeze.threshold) == (
        "ch1.chilled_water_supply_temp",
        Comparison.BELOW,
        3.0,
    )


def test_services(site: Site, tmp_path: Path) -> None:
    assert site.store.path == str(tmp_path / "data" / "plant.db")
    assert site.store.max_bytes == 2_000_000_000
    assert site.web.socket == str(tmp_path / "plantroom-data" / "plantroom.sock")
    assert site.uplinks["cloud"].settings.certificate == str(tmp_path / "box.pem")


def test_virtual_points_can_be_commanded(site: Site) -> None:
    budget = site.points["virtual.budget"]
    assert budget.unit == "kW"
    assert budget.access is Access.READ_WRITE


def test_change_over_guards_every_point_of_the_machine(site: Site) -> None:
    assert not site.points["ch1.enable"].has_device_timeout
    assert site.points["ch2.enable"].has_device_timeout
    assert site.devices["ch2"].points["enable"].has_device_timeout
    assert site.areas["plant"].points["ch2.enable"].has_device_timeout
    assert not site.points["ch2.running"].has_device_timeout


def test_the_memory_driver_plays_any_device(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    text = site_text.replace("{kind: tcp, host: 10.0.0.20}", "{kind: memory}").replace("unit: 1, ", "")
    text = text.replace("unit: 2, ", "").replace("unit: 3, ", "")
    site = load_site(write_site(text), catalogue)
    assert site.devices["ch1"].profile.sources["running"] == Slot()


def test_the_digest_follows_the_text(
    site: Site, site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue, tmp_path: Path
) -> None:
    assert load_site(tmp_path / "site.yaml", catalogue).digest == site.digest
    other = load_site(write_site(site_text.replace("60 %", "55 %")), catalogue)
    assert other.digest != site.digest


@pytest.mark.parametrize("text", ["version: 1\nsite: {name: x, latitude: 1, longitude: 2, timezone: UTC}\n"])
def test_the_least_site(text: str, write_site: Callable[[str], Path], catalogue: Catalogue) -> None:
    assert load_site(write_site(text), catalogue).points == {}
