"""Modes in a site file: what is wrong is said where it stands, and what is right has the types of the policies."""

import pytest

from agent.config.check import check_site
from agent.config.load import load_site
from agent.core.tuning import Span

GARAGE = "garage: {tick: 1 s, wake_on: [presence]}"
MODES = """garage:
    tick: 1 s
    wake_on: [presence]
    modes:
      energy_saving:
        help: darker and shorter
        policies:
          lights: {hold: 0.5 min, dim_level: 5 %}
        when: [{days: working, start: "22:00", end: "6:30", calendar: cn}, {days: off}]
      enhanced: {policies: {lights: {dim_level: 60}}}
"""


@pytest.fixture
def written(site_text, write_site):
    def write(old="", new=""):
        assert old in MODES
        return write_site(site_text.replace(GARAGE, MODES.replace(old, new, 1)))

    return write


def test_modes_are_read_in_the_units_of_the_parameters(written, catalogue):
    modes = load_site(written(), catalogue).modes
    assert list(modes["garage"]) == ["energy_saving", "enhanced"]
    assert modes["plant"] == {}
    saving = modes["garage"]["energy_saving"]
    assert saving.policies == {"lights": {"hold": 30.0, "dim_level": 5.0}}
    assert saving.when[0] == Span(days="working", start=79_200.0, end=23_400.0, calendar="cn")
    assert saving.when[1] == Span(days="off")


WRONG = [
    ("hold: 0.5 min", "hold: 2 h", (23, 26), "above the most allowed 3600 s", "allowed: 0..3600"),
    ("hold: 0.5 min", "hold: 2 kW", (23, 26), "'kW' measures power", "s"),
    ("hold: 0.5 min", "hodl: 1", (23, 20), "'hodl' is no parameter of lights", "did you mean 'hold'?"),
    (
        "hold: 0.5 min",
        "groups: [a]",
        (23, 20),
        "'groups' is no parameter of lights that a mode can change",
        "",
    ),
    (
        "lights: {hold",
        "light: {hold",
        (23, 11),
        "area garage has no policy 'light'",
        "did you mean 'lights'?",
    ),
    ("lights: {hold", "shed: {dwell", (23, 11), "area garage has no policy 'shed'", "known: lights"),
    ("hold: 0.5 min, dim_level: 5 %", "hold: 2, dim_level: 90", (23, 11), "do not go together", "site file"),
    ('"22:00"', '"25:00"', (24, 39), "not of the wanted type", "a time of day is wanted"),
    ('"22:00"', "22", (24, 39), "not of the wanted type", "a time of day is wanted"),
    ("calendar: cn", "calendar: ch", (24, 71), "there is no calendar 'ch'", "known: cn"),
    ("days: off", "days: of", (24, 83), "'of'", "off"),
    ("enhanced:", "en hanced:", (25, 7), "cannot be a name", ""),
    ("help: darker", "hlep: darker", (21, 9), "'hlep'", "did you mean 'help'?"),
]


@pytest.mark.parametrize(("old", "new", "place", "message", "mend"), WRONG, ids=[w[1] for w in WRONG])
def test_what_is_wrong_is_said_where_it_stands(written, catalogue, old, new, place, message, mend):
    problems = check_site(written(old, new), catalogue).problems
    found = [(one.line, one.column) for one in problems if message in one.message and mend in one.mend]
    assert found == [place], [str(one) for one in problems]


def test_a_twin_is_a_file_beside_the_site_file(site_text, write_site, catalogue, tmp_path):
    path = write_site(f"{site_text}twin: {{file: plant.yaml}}\n")
    assert "there is no file" in check_site(path, catalogue).problems[0].message
    (tmp_path / "plant.yaml").write_text("factory: x:y\n")
    site = load_site(path, catalogue)
    assert site.twin == str(tmp_path / "plant.yaml")
    assert site.file == str(path)
