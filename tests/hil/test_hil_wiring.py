"""Wiring by name: what is bound, what is derived, what is plausible, and what the report says."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from agent.core.site import Site
from agent.plugins import find_catalogue
from hil.clock import VirtualClock
from hil.faces_file import read_faces_file
from hil.plant.variables import VariableInfo
from hil.servers.device import SimulatedDevice, Wiring, constant
from hil.wiring import SiteWiring, automatic_wiring
from hil.world import World

SITE = """
version: 1
site: {name: s, latitude: 0, longitude: 0, timezone: UTC}
buses: {b: {kind: modbus-tcp, host: 127.0.0.1}}
devices:
  ch1: {profile: trane_rthd_pic, bus: b, unit: 1}
  ch2: {profile: trane_rthd_pic, bus: b, unit: 2}
  drive: {profile: danfoss_fc51, bus: b, unit: 3}
  pm1: {profile: eastron_sdm630, bus: b, unit: 4}
areas: {plant: {tick: 10 s}}
equipment:
  chiller_1: {kind: chiller, area: plant, device: ch1, power: pm1.power, energy: pm1.energy, change_over: true}
  pump_1: {kind: pump, area: plant, device: drive, change_over: true}
"""
VARIABLES = {
    "chiller_1.enable": VariableInfo("", input=True),
    "chiller_1.status": VariableInfo(),
    "chiller_1.chilled_water_setpoint": VariableInfo("degC", input=True),
    "chiller_1.chilled_water_supply_temp": VariableInfo("degC"),
    "chiller_1.power": VariableInfo("kW"),
    "chiller_1.energy": VariableInfo("kWh"),
    "pump_1.speed": VariableInfo("%"),
    "pump_1.speed_command": VariableInfo("%", input=True),
    "pump_1.power": VariableInfo("kW"),
    "weather.pressure": VariableInfo("bar"),
}
TRUTH = {
    "chiller_1.enable": True, "chiller_1.status": True, "chiller_1.chilled_water_setpoint": 6.5,
    "chiller_1.chilled_water_supply_temp": 6.8, "chiller_1.power": 180.0, "chiller_1.energy": 9000.0,
    "pump_1.speed": 60.0, "pump_1.speed_command": 60.0, "pump_1.power": 12.0, "weather.pressure": 1.2,
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "site.yaml").write_text(SITE)
    return load_site(tmp_path / "site.yaml", find_catalogue())


def devices(site: Site, wired: SiteWiring) -> tuple[dict[str, SimulatedDevice], World]:
    there, clock = World(), VirtualClock()
    there.truth = dict(TRUTH)
    made = {
        one.id: SimulatedDevice(one.id, one.profile, wired.devices[one.id], there, clock)
        for one in site.devices.values()
    }
    return made, there


def test_a_role_is_the_quantity_of_the_object_of_that_name(site: Site) -> None:
    made, there = devices(site, automatic_wiring(site, VARIABLES))
    assert made["ch1"].read("chilled_water_supply_temp") == 6.8
    assert made["ch1"].read("running") is True
    assert made["pm1"].read("power") == 180.0
    made["ch1"].write("enable", False)
    made["ch1"].write("chilled_water_setpoint", 8.0)
    assert there.commands == {"chiller_1.enable": False, "chiller_1.chilled_water_setpoint": 8.0}


def test_what_shows_the_result_of_a_command_follows_it(site: Site) -> None:
    made, _ = devices(site, automatic_wiring(site, VARIABLES))
    assert made["ch1"].read("chilled_water_setpoint_active") == 6.5


def test_a_meter_shows_what_follows_from_its_power(site: Site) -> None:
    made, there = devices(site, automatic_wiring(site, VARIABLES))
    meter = made["pm1"]
    assert sum(float(meter.read(f"power_l{n}")) for n in (1, 2, 3)) == pytest.approx(180.0)
    volts = [float(meter.read(f"voltage_l{n}")) for n in (1, 2, 3)]
    amperes = [float(meter.read(f"current_l{n}")) for n in (1, 2, 3)]
    factor = float(meter.read("power_factor"))
    seen = sum(v * a for v, a in zip(volts, amperes, strict=True)) * factor / 1000.0
    assert seen == pytest.approx(180.0, rel=0.01)
    active, apparent, reactive = (
        float(meter.read(f"{kind}power")) for kind in ("", "apparent_", "reactive_")
    )
    assert apparent**2 == pytest.approx(active**2 + reactive**2, rel=1e-6)
    assert meter.read("frequency") == 50.0
    assert meter.read("energy_export") == 0.0
    there.truth["chiller_1.power"] = 0.0
    assert meter.read("current_l1") == 0.0


def test_a_drive_shows_the_frequency_of_its_speed(site: Site) -> None:
    made, _ = devices(site, automatic_wiring(site, VARIABLES))
    assert made["drive"].read("output_frequency") == pytest.approx(30.0)


def test_what_is_bound_to_nothing_is_plausible_and_said(site: Site) -> None:
    wired = automatic_wiring(site, VARIABLES)
    made, _ = devices(site, wired)
    assert "ch1.chilled_water_return_temp" in wired.missing
    assert made["ch1"].read("chilled_water_return_temp") == 12.0
    assert {one for one in wired.unbound if one.startswith("ch2.")} == {
        f"ch2.{name}" for name in site.devices["ch2"].profile.points
    }
    assert not any(one.startswith("ch2.") for one in wired.missing), "the plant has no such machine"
    assert not set(wired.bound) & set(wired.unbound)
    for device in made.values():
        for name in device.profile.points:
            assert device.read(name) is not None, f"{device.id}.{name}"


def test_what_is_written_by_hand_comes_first(site: Site) -> None:
    explicit = {
        "ch1.chilled_water_supply_temp": "chiller_1.chilled_water_setpoint * 2",
        "ch2.chilled_water_supply_temp": "chiller_1.chilled_water_supply_temp",
        "ch2.running": True,
    }
    given = {"pm1": Wiring(looks={"power": constant(1.0)})}
    made, _ = devices(site, automatic_wiring(site, VARIABLES, explicit, given))
    assert made["ch1"].read("chilled_water_supply_temp") == 13.0
    assert made["ch2"].read("chilled_water_supply_temp") == 6.8
    assert made["pm1"].read("power") == 1.0


def test_a_command_through_a_factor_reaches_the_plant_in_its_own_unit(site: Site) -> None:
    point = next(n for n, p in site.devices["drive"].profile.points.items() if p.role == "speed_command")
    explicit = {f"drive.{point}": "pump_1.speed_command * 0.5"}
    made, there = devices(site, automatic_wiring(site, VARIABLES, explicit))
    assert made["drive"].read(point) == 30.0
    made["drive"].write(point, 40.0)
    assert there.commands["pump_1.speed_command"] == 80.0


@pytest.mark.parametrize(
    ("point", "text", "sentence"),
    [
        ("ch9.x", "chiller_1.power", "no point ch9.x"),
        ("ch1.running", "chiller_1.colour", "no variable chiller_1.colour"),
        ("ch1.running", "chiller_1.power + 3", "write a variable"),
    ],
)
def test_an_expression_that_leads_nowhere_is_refused(
    site: Site, point: str, text: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        automatic_wiring(site, VARIABLES, {point: text})


def test_a_faces_file_is_read_with_the_place_of_every_mistake(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "faces.yaml"
    path.write_text(
        "wiring: {ch1.running: on, pm1.power: chiller_1.power * 0.5}\n"
        "watchdogs: {drive: 2 min}\n"
        "quirks: {ch1: {max_registers: 1, refused: [[4, 9]]}}\n"
        "sensors: {degC: {sigma: 0.1}}\n"
    )
    faces = read_faces_file(path, site)
    assert faces.wiring == {"ch1.running": True, "pm1.power": "chiller_1.power * 0.5"}
    wired = automatic_wiring(site, VARIABLES, faces.wiring, faces.devices)
    made, _ = devices(site, wired)
    assert wired.devices["drive"].watchdog == 120.0
    assert made["ch1"].quirks.max_registers == 1
    assert made["ch1"].quirks.refused_blocks == ((4, 9),)
    assert made["ch1"].read("chilled_water_supply_temp") == 6.8, "quirks leave the wiring alone"
    path.write_text("wirings: {}\nquirks: {ch1: {max_register: 1}}\nwatchdogs:\n  dive: 2 min\n")
    with pytest.raises(ConfigurationError) as caught:
        read_faces_file(path, site)
    said = [(one.line, one.message) for one in caught.value.problems]
    assert [line for line, _ in said] == [1, 4, 2]
    assert "did you mean max_registers" in said[2][1]
