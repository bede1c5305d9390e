"""`start_cap` of an area: its points, its unit, and that every machine under it says its power."""

import pytest

from agent.config.check import check_site
from agent.config.load import load_site
from agent.plugins import find_catalogue

SITE = """version: 1
site: {name: T, latitude: 0, longitude: 0, timezone: UTC}
buses: {b: {kind: modbus-tcp, host: 127.0.0.1}}
devices:
  ch1: {profile: trane_rthd_pic, bus: b, unit: 1}
  pm0: {profile: schneider_iem3000, bus: b, unit: 2}
areas:
  plant: {tick: 5 s, start_spacing: 30 s, start_cap: {power: pm0.power, limit: 0.4 MW, when: ch1.enable}}
equipment:
  chiller_1: {kind: chiller, area: plant, device: ch1, capacity: 350 kW, rated_power: 75 kW}
"""


@pytest.fixture(scope="module")
def installed():
    return find_catalogue()


def problems(tmp_path, catalogue, *changes):
    text = SITE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return [one.message for one in check_site(path, catalogue).problems]


def test_a_cap_is_read(tmp_path, installed):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    area = load_site(path, installed).areas["plant"].area
    assert (area.start_spacing, area.start_cap.power, area.start_cap.limit) == (30.0, "pm0.power", 400.0)
    assert area.start_cap.when == "ch1.enable"


def test_what_is_wrong_with_it_is_said(tmp_path, installed):
    assert problems(tmp_path, installed, (", rated_power: 75 kW", "")) == [
        "area plant has a start_cap, and the power of chiller_1 is not known"
    ]
    assert problems(tmp_path, installed, ("power: pm0.power", "power: ch1.enable")) == [
        "ch1.enable is a switch"
    ]
    assert problems(tmp_path, installed, ("when: ch1.enable", "when: pm0.power")) == ["pm0.power is a number"]
    assert len(problems(tmp_path, installed, ("pm0.power,", "pm0.pover,"))) == 1
    assert len(problems(tmp_path, installed, ("0.4 MW", "4 degC"))) == 1
