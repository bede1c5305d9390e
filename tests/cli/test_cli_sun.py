"""`plantroom sun`: tables, lamps, plots and calendar files, and sentences for what means nothing."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from agent.cli.__main__ import root

SHENZHEN = ("--latitude", "22.55", "--longitude", "114.06", "--timezone", "Asia/Shanghai")
SITE = Path(__file__).parents[2] / "hil/sites/solar_clock/site.yaml"


def sun(*arguments: str):
    return CliRunner().invoke(root(), ["sun", *map(str, arguments)])


def test_a_day_as_it_always_was():
    result = sun(*SHENZHEN, "--date", "2026-11-22")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split() == [
        "2026-11-22",
        "06:16:51",
        "06:40:44",
        "17:38:37",
        "18:02:30",
    ]


def test_lamps_as_json():
    options = ("--on-offset", "-5", "--curfew", "23:00-05:00", "--date", "2026-11-22", "--json")
    (row,) = json.loads(sun(*SHENZHEN, *options).stdout)
    assert [(one["time"][11:16], one["level"]) for one in row["lamps"]] == [
        ("17:33", 100.0),
        ("23:00", 0.0),
        ("05:00", 100.0),
        ("06:41", 0.0),
    ]
    assert row["lamps"][0]["why"] == "sunset"
    assert row["hours"] == pytest.approx(7.13, abs=0.02)


def test_terrain_moves_the_lamps_and_not_the_sun():
    plain, valley = (
        sun(*SHENZHEN, "--date", "2026-11-22", "--lamps", *more).stdout.splitlines()[1]
        for more in ((), ("--ridge", "220:300:4000,245:400:4000,270:300:4000"))
    )
    assert plain.split()[:5] == valley.split()[:5]
    assert "17:38 on" in plain
    assert "17:10 on" in valley


def test_the_lamps_of_a_site_file():
    result = sun("-c", SITE, "--policy", "evenings", "--date", "2026-11-22")
    assert result.stdout.splitlines()[1].endswith("17:38 on, 23:00 off")


def test_a_years_plot_is_drawn(tmp_path):
    drawing, page = tmp_path / "year.svg", tmp_path / "year.html"
    for file in (drawing, page):
        assert sun(*SHENZHEN, "--date", "2026-01-01", "--plot", file, "--dim", "22:00-06:00").exit_code == 0
    picture = ET.parse(drawing).getroot()
    names = {one.get("class"): one for one in picture.iter() if one.get("class")}
    assert {"day", "twilight", "night", "lamps", "dimmed", "over"} <= set(names)
    assert len([one for one in picture.iter() if one.get("class") == "over"]) == 365
    assert all(one.get("d", "x") for one in names.values())
    text = page.read_text()
    assert "<svg" in text
    assert "December 2026" in text
    assert text.count("<tr>") == 2 + 12 + 365


def test_a_calendar_file_of_the_year(tmp_path):
    file = tmp_path / "lamps.ics"
    assert sun("-c", SITE, "--ics", file, "--date", "2026-01-01").exit_code == 0
    assert file.read_bytes().count(b"BEGIN:VEVENT\r\n") == 730


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--latitude"),
        ((*SHENZHEN[:4], "--timezone", "Mars"), "no time zone 'Mars'"),
        ((*SHENZHEN, "--date", "soon"), "not a date"),
        ((*SHENZHEN, "--curfew", "late"), "write 23:00-05:00"),
        ((*SHENZHEN, "--curfew", "23:00-x"), "HH:MM"),
        ((*SHENZHEN, "--horizon", "90"), "90:4,120:7"),
        ((*SHENZHEN, "--horizon", "90:80"), "terrain of 80"),
        ((*SHENZHEN, "--calendar", "mars"), "calendar must be"),
        ((*SHENZHEN, "--plot", "year.pdf"), ".svg or .html"),
        (("-c", str(SITE), "--policy", "days"), "nights, evenings"),
        (("-c", str(SITE), "--group", "lane"), "no equipment 'lane'"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_what_means_nothing_is_said_in_a_sentence(options, words, capfd):
    result = sun(*options)
    assert result.exit_code == 2
    assert words in (result.stderr or "") + capfd.readouterr().err
