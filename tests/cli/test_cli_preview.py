"""What the command line makes of a preview: a strip for the terminal, a page for the browser, and what people write."""

import pytest
import typer

from agent.cli.options import read_duration, read_long_duration
from agent.cli.preview_chart import strip
from agent.cli.preview_page import page
from agent.cli.tune import read_values

DAY = 86_400.0


def test_a_strip_shows_when_a_switch_was_on():
    line = [(0.0, False), (DAY / 2, True), (0.75 * DAY, False)]
    assert strip(line, 0.0, DAY, cells=8) == "▁▁▁▁██▁▁"


def test_a_strip_weighs_values_by_how_long_they_held_and_leaves_gaps():
    line = [(0.0, 10.0), (DAY / 4, None), (DAY / 2, 30.0), (0.75 * DAY, 20.0)]
    assert strip(line, 0.0, DAY, cells=4) == "▁ █▅"
    assert strip([(0.0, 10.0), (DAY / 8, 30.0)], 0.0, DAY, cells=4)[0] == "▅"
    flat = [(0.0, 20.0)]
    assert strip(flat, 0.0, DAY, cells=2, beside=[(0.0, 10.0), (1.0, 20.0)]) == "██"
    assert strip([(0.0, None)], 0.0, DAY, cells=3) == "   "


def test_values_are_read_as_people_write_them():
    assert read_values(["shed_below=70", "by_profile=off", "x = a b "]) == {
        "shed_below": 70,
        "by_profile": False,
        "x": "a b",
    }
    for wrong in ("shed_below", "=5", "a="):
        with pytest.raises(typer.BadParameter):
            read_values([wrong])


def test_a_mode_may_last_longer_than_an_override():
    assert read_long_duration("30 d") == 30 * DAY
    with pytest.raises(typer.BadParameter, match="7 d"):
        read_duration("30 d")


def preview(**changes):
    point = {
        "point": "lamps.level_2",
        "label": "Aisle <B>",
        "unit": "%",
        "kind": "number",
        "changes_old": 1,
        "changes_new": 0,
        "hours_differing": 12.0,
        "line_old": [(0.0, 10.0), (DAY / 2, 50.0)],
        "line_new": [(0.0, 10.0)],
    }
    plain = {
        "since": 0.0,
        "until": DAY,
        "hours": 24.0,
        "agreement": 0.97,
        "faults": [],
        "notes": ["open loop"],
        "points": [point],
        "twin": None,
    }
    return plain | changes


def test_the_page_draws_both_lines_and_trusts_no_name():
    text = page(preview(), "lights", {"dim_level": 50})
    assert "Aisle &lt;B&gt;" in text
    assert text.count('fill="none"') == 2
    # full scale is 10 to 50 %: the old line goes from the bottom to the top at noon
    assert "M56.0 114.0H478.0L478.0 6.0H900.0" in text
    assert "97 % of the time" in text
    assert "http" not in text
    assert "<script" not in text


def test_the_page_shows_the_twin_with_its_interval():
    arms = [
        {"name": "present", "figures": {"kwh": 1000.0, "cost": None}},
        {"name": "changed", "figures": {"kwh": 900.0, "cost": None}},
    ]
    saving = {"mean": 50.0, "low": 40.0, "high": 60.0, "days": 2}
    twin = {"arms": arms, "days": 2, "saving": saving, "note": "same weather", "currency": "CNY"}
    text = page(preview(twin=twin), "lights", {"dim_level": 50})
    assert "<td>electricity, kWh<td>1,000.0<td>900.0" in text
    assert "Saves 50 kWh a day (40 to 60, 90 % interval" in text
    assert "cost" not in text
