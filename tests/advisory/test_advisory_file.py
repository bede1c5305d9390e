"""agent.app.advisory_file: YAML and tables, with every problem at its place and no secret in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.advisory.settings import CHANNELS, PersonSettings, ServiceSettings, SiteSettings
from agent.app.advisory_file import load_advisory
from agent.core.errors import ConfigurationError
from agent.core.parameter import parameters

GOOD = """version: 1
service: {public_url: "https://lamps.example.cn", language: zh, push_at: "09:30", acknowledge_within: 1 h}
channels:
  east: {kind: wecom, url: {secret: east}}
  post: {kind: email, host: mx.example.cn, sender: a@b.cn, recipients: [c@d.cn], tls: implicit, port: 465}
people:
  wang: {name: Wang, channel: east, mention: "13800000000"}
defaults: {channel: east, people: [wang], on_offset: -60 s}
sites:
  garden: {name: 花园小区, latitude: 22.55, longitude: 114.06, meter: true, on_power: 500 W, ridge: [[240, 300, 4000]]}
tables: [more.csv]
"""
TABLE = """id,name,latitude,longitude,people,curfew_from,curfew_to,meter,on_offset
lake,湖边,30.5,114.3,wang;wang,23:00,12:00,true,
hill,1号山,29.5,106.5,,,,,-120
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secrets").mkdir()
    secret = tmp_path / "secrets/east"
    secret.write_text("https://qyapi.example/send?key=TOPSECRET\n")
    secret.chmod(0o600)
    (tmp_path / "more.csv").write_text(TABLE, encoding="utf-8-sig")
    return tmp_path


def load(folder, text=GOOD):
    path = folder / "advisory.yaml"
    path.write_text(text)
    return load_advisory(path)


def test_sites_of_the_file_and_of_tables(folder):
    advisory = load(folder)
    assert advisory.service.acknowledge_within == 3600.0
    assert advisory.channels["east"].url.endswith("TOPSECRET")
    garden, lake, hill = (advisory.sites[one] for one in ("garden", "lake", "hill"))
    assert (garden.on_power, garden.meter, garden.place.rule.on_offset) == (0.5, True, -60.0)
    assert garden.place.rule.skyline.at(240.0) > 4.0
    assert (lake.people, lake.meter, lake.place.name) == (("wang", "wang"), True, "湖边")
    assert lake.place.rule.late[0].begin.hour == 23
    assert (hill.place.rule.on_offset, hill.people, hill.place.name) == (-120.0, ("wang",), "1号山")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: wecom", "kind: wechat", ":4:16: there is no channel kind 'wechat'"),
        ("channel: east, people", "channel: west, people", "there is no channel 'west'"),
        ("people: [wang]", "people: [wong]", "there is no person 'wong'"),
        ("latitude: 22.55", "latitude: 122.55", "above the most allowed 90"),
        ("latitude: 22.55, ", "", "'latitude' is missing"),
        ('push_at: "09:30"', "push_at: soon", "no time of day"),
        ("https://lamps", "lamps", "no address of the web"),
        ("tables: [more.csv]", "tables: [less.csv]", "there is no file"),
        ("version: 1", "version: 2", "version 1 is wanted"),
        ("people:\n", "persons:\n", "'persons' is no section"),
        ("ridge: [[240, 300, 4000]]", "ridge: [[240, 300, 0]]", "no point of a ridge"),
        ("ridge: [[240, 300, 4000]]", 'curfew_from: "x"', "write both as HH:MM"),
        ("ridge: [[240, 300, 4000]]", "timezone: Mars/Base", "Mars/Base"),
        ("{secret: east}", "{secret: west}", "secret 'west' was not found"),
        ("{secret: east}", '"qyapi?key=TOPSECRET"', "no address of the web"),
        ("  garden:", "  lake:", "'lake' stands here twice"),
        ("  garden:", "  a/b:", "'a/b' cannot be an id"),
        (GOOD, "- 1", "an advisory file has sections"),
        (GOOD, "", "an advisory file has sections"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(folder, old, new, words):
    with pytest.raises(ConfigurationError) as found:
        load(folder, GOOD.replace(old, new, 1))
    assert words in str(found.value)
    assert "advisory.yaml:" in str(found.value)
    assert "TOPSECRET" not in str(found.value)


@pytest.mark.parametrize("table", ["id,name\n,x\n", "id,name\na,b,c\n", "id,latitude\na,north\n", "\xff\xfe"])
def test_tables_that_cannot_be_read_are_refused(folder, table):
    (folder / "more.csv").write_bytes(table.encode("latin-1"))
    with pytest.raises(ConfigurationError):
        load(folder)


def test_the_page_of_the_documentation_names_every_key():
    page = (Path(__file__).parents[2] / "docs/advisory.md").read_text(encoding="utf-8")
    for owner in (ServiceSettings, PersonSettings, SiteSettings, *CHANNELS.values()):
        for spec in parameters(owner):
            assert f"`{spec.name}`" in page, f"{owner.__name__}.{spec.name}"
    assert all(f"`{kind}`" in page for kind in CHANNELS)
