"""Tables as people see them: readable at 80 cells, one line a row in a pipe, nothing dangerous from outside."""

from __future__ import annotations

import sys

import pytest

from agent.cli.__main__ import arguments
from agent.cli.options import read_duration, read_value
from agent.cli.output import ago, print_table, shown

COLUMNS = ("point", "value", "why")
LONG = "load 300 kW is 14% of the 2110 kW running; one goes when it has been below 60% for 5 min"


@pytest.fixture
def table(monkeypatch, capsys):
    """What a table looks like in a terminal this wide; None: in a pipe."""

    def printed(rows, width=None):
        monkeypatch.delenv("COLUMNS", raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: width is not None)
        if width is not None:
            monkeypatch.setenv("COLUMNS", str(width))
            monkeypatch.setenv("NO_COLOR", "1")
        print_table(COLUMNS, rows)
        return capsys.readouterr().out.splitlines()

    return printed


def test_a_pipe_gets_one_line_a_row(table):
    lines = table([("ch1.enable", "on", LONG), ("ch1.load", "12 %", "")])
    assert lines[1:] == [f"ch1.enable  on     {LONG}", "ch1.load    12 %"]


def test_a_wide_terminal_wraps_the_sentence_in_its_column(table):
    lines = table([("ch1.enable", "on", LONG)], 70)
    assert lines[1].startswith("ch1.enable  on     load 300 kW")
    assert all(line.startswith(" " * 19) for line in lines[2:])
    assert max(map(len, lines)) <= 70


def test_a_narrow_terminal_puts_the_sentence_under_its_row(table):
    lines = table([("ch1.chilled_water_supply_temp", "on", LONG)], 60)
    assert lines[0].split() == ["point", "value"]
    assert lines[1] == "ch1.chilled_water_supply_temp  on"
    assert all(line.startswith("    ") for line in lines[2:])
    assert max(map(len, lines)) <= 60


def test_a_very_narrow_terminal_shortens_the_widest_column(table):
    lines = table([("ch1.chilled_water_supply_temp", "on", "")], 24)
    assert lines[1].startswith("ch1.chilled_")
    assert "\u2026" in lines[1]
    assert max(map(len, lines)) <= 24


def test_wide_characters_count_twice(table):
    lines = table([("冷机一", "开", "x"), ("ch1", "on", "y")])
    assert lines[1:] == ["冷机一  开     x", "ch1     on     y"]


def test_headings_stand_alone(table):
    assert table(["chiller_1 (area plant)", ("a", "b", "c")])[1:] == [
        "",
        "chiller_1 (area plant)",
        "a      b      c",
    ]


def test_control_characters_from_outside_do_nothing(table):
    lines = table([("p", "v", "red \x1b[31m\nnext")])
    assert lines[1] == "p      v      red \ufffd[31m next"


def test_values_and_ages():
    assert [shown(one) for one in (None, True, False, 7.0, 1290060.4, 55.6578)] == [
        "-",
        "on",
        "off",
        "7",
        "1290060",
        "55.6578",
    ]
    assert [ago(one) for one in (None, 4.2, 600.0, 12_000.0)] == ["-", "4 s", "10 min", "3 h 20 min"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("-5", -5), ("-.5", -0.5), ("on", True), ("OFF", False), ("1e3", 1000.0), ("auto", "auto")],
)
def test_a_value_as_typed(typed, value):
    [_, _, told] = arguments(["override", "oat", typed])
    assert not told.startswith("-")
    assert read_value(told) == value


def test_other_commands_and_options_are_left_alone():
    assert arguments(["sun", "--latitude", "-3"]) == ["sun", "--latitude", "-3"]
    assert arguments(["override", "p", "-r", "why"]) == ["override", "p", "-r", "why"]
    assert arguments(["--version"]) == ["version"]


def test_durations():
    assert [read_duration(one) for one in ("90 s", "30min", "2 h", "7d", "5")] == [
        90,
        1800,
        7200,
        604_800,
        300,
    ]
    for bad in ("0", "8 d", "soon", "-1 h"):
        with pytest.raises(Exception, match=r"duration|possible"):
            read_duration(bad)
