"""The schemas that editors use: as fresh as the words they are made of, and of one mind with the reader."""

import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from agent.plugins import find_catalogue
from hil.faces_file import read_faces_file
from hil.scenario.load import load_scenario
from hil.scenario.schema import faces_schema, scenario_schema, text_of
from tests.hil.bench.bench_room import SITE, lay_out

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "hil" / "scenarios"
DOCS = (ROOT / "docs" / "scenarios.md").read_text()


def data_of(text):
    return YAML(typ="safe", pure=True).load(text)


def fits(schema, data):
    return jsonschema.Draft7Validator(schema).is_valid(data)


@pytest.mark.parametrize(
    ("name", "schema"), [("schema.json", scenario_schema), ("faces.schema.json", faces_schema)]
)
def test_what_is_shipped_is_what_the_words_say(name, schema):
    assert (FOLDER / name).read_text() == text_of(schema()), "run python -m hil.scenario.schema"
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_story_that_comes_along_fits(path):
    jsonschema.validate(data_of(path.read_text()), scenario_schema())


def test_the_stories_of_the_documentation_fit():
    shown = [data_of(text) for text in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)]
    assert len(shown) >= 3
    for one in shown:
        jsonschema.validate({"version": 1, **one}, scenario_schema())


STORY = """\
version: 1
site: room
sensors: {degC: {sigma: 0.1}, kW: null}
steps:
  - {at: 5 min, name: trip, throw: plant:chiller_1.trip, for: 5 min}
  - {at: 6 min, force: loop.load, value: 300 kW}
expect:
  - {name: stops, within: 1 min, after: trip, that: chiller_1.status is false, holds: 2 min}
  - {always: "loop.load > 0 kW", from: 1 min, except: 10 min after trip, tolerated: 1 min}
abort_if: ["loop.chilled_water_supply_temp > 50 degC"]
kpis: {eer_sys: [3.9, null], kwh.chiller_1: [0, 500], writes.m1.run: [0, 9]}
counting: {carbon: 0.5, comfort: {band: [22 degC, 26 degC]}}
record: [loop.*]
rig: {buses: {room: {host: 10.0.0.9}}, envelope: {m1.limit: {low: 0 %, high: 60 %, rate: 20 %}}}
"""


def read(folder, text):
    try:
        load_scenario(folder / "story.yaml")
    except ConfigurationError as error:
        return str(error)
    return ""


def test_the_reader_and_the_schema_take_the_same_story(tmp_path):
    lay_out(tmp_path, STORY)
    assert read(tmp_path, STORY) == ""
    assert fits(scenario_schema(), data_of(STORY))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("holds: 2 min", "holdz: 2 min", "'holdz'"),
        ("version: 1", "version: 2", "version"),
        (
            "throw: plant:chiller_1.trip, for",
            "throw: plant:chiller_1.trip, value: 3, for",
            "means nothing beside",
        ),
        ("value: 300 kW", "amount: 300", "means nothing beside 'force'"),
        ("from: 1 min,", "after: trip,", "means nothing beside 'always'"),
        ("that: chiller_1.status is false, ", "", "'that' is missing"),
        ("within: 1 min, after", "within: 1 min, never: loop.load > 0 kW, after", "one of four"),
        ("eer_sys:", "eer_system:", "there is no figure"),
        ("kwh.chiller_1", "kwhs.chiller_1", "there is no figure"),
        ("carbon: 0.5", "carbonn: 0.5", "'carbonn'"),
        ("rate: 20 %", "speed: 20 %", "'speed'"),
        ("sigma: 0.1", "sigmaa: 0.1", "write some of"),
        ("abort_if:", "abort_when:", "'abort_when'"),
    ],
)
def test_the_reader_and_the_schema_refuse_the_same_mistakes(tmp_path, right, wrong, said):
    text = STORY.replace(right, wrong, 1)
    assert text != STORY
    lay_out(tmp_path, text)
    assert said in read(tmp_path, text)
    assert not fits(scenario_schema(), data_of(text))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("wiring: {m1.power: loop.load * 0.5, m1.status: on}\nwatchdogs: {m1: 120 s}\n", True),
        ("quirks: {m1: {max_registers: 1, reply_delay: 300 ms, life: write, refused: [[1, 2]]}}\n", True),
        ("sensors: {degC: {sigma: 0.1}, kW: null}\n", True),
        ("quirk: {m1: {}}\n", False),
        ("quirks: {m1: {max_register: 1}}\n", False),
        ("quirks: {m1: {life: always}}\n", False),
        ("sensors: {degC: {sigm: 0.1}}\n", False),
    ],
)
def test_faces_file_and_schema_are_of_one_mind(tmp_path, text, good):
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "faces.yaml").write_text(text)
    site = load_site(tmp_path / "site.yaml", find_catalogue())
    if good:
        read_faces_file(tmp_path / "faces.yaml", site)
    else:
        with pytest.raises(ConfigurationError):
            read_faces_file(tmp_path / "faces.yaml", site)
    assert fits(faces_schema(), data_of(text)) is good
