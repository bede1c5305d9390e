"""Recordings as plants: what lies between the rows, what switches do, and what comes after the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.core.errors import PlantroomError
from hil.playback import Column, End, Recording, read_recording

TABLE = """\
time,chiller_1.power,chiller_1.status,outdoor_air.outdoor_dry_bulb
2026-07-01T00:00:00,100,on,28
2026-07-01T00:10:00,200,off,
2026-07-01T00:20:00,50,on,30
"""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "r.csv"
    path.write_text(TABLE)
    return path


def test_numbers_are_interpolated_and_switches_hold(recording: Path) -> None:
    plant = read_recording(recording)
    assert plant.at(0.0)["chiller_1.power"] == 100.0
    assert plant.at(300.0) == {
        "chiller_1.power": 150.0,
        "chiller_1.status": True,
        "outdoor_air.outdoor_dry_bulb": 28.0,
    }
    assert plant.at(601.0)["chiller_1.status"] is False
    assert "outdoor_air.outdoor_dry_bulb" not in plant.at(700.0), "an empty cell is not available"
    assert read_recording(recording, hold=True).at(300.0)["chiller_1.power"] == 100.0


def test_it_moves_with_the_steps_and_ignores_commands(recording: Path) -> None:
    plant = read_recording(recording)
    assert plant.step(300.0, {"chiller_1.power": 1.0})["chiller_1.power"] == 150.0
    assert plant.step(300.0, {})["chiller_1.power"] == 200.0


def test_variables_carry_the_units_of_their_quantities(recording: Path) -> None:
    infos = read_recording(recording).variables()
    assert {name: (info.unit, info.input) for name, info in infos.items()} == {
        "chiller_1.power": ("kW", False),
        "chiller_1.status": ("", False),
        "outdoor_air.outdoor_dry_bulb": ("degC", False),
    }


@pytest.mark.parametrize(("end", "value"), [(End.HOLD, 50.0), (End.REPEAT, 150.0), (End.NOTHING, None)])
def test_after_the_last_row(recording: Path, end: End, value: float | None) -> None:
    assert read_recording(recording, end=end).at(1200.0 + 300.0).get("chiller_1.power") == value


def test_seconds_are_a_time_too(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("elapsed,a.x\n10,1\n20,3\n")
    assert read_recording(path).at(5.0) == {"a.x": 2.0}


@pytest.mark.parametrize(
    "text", ["", "time,a\n", "time,a\n5,1\n5,2\n", "time,a\n1,banana\n", "time,a\nnoon,1\n"]
)
def test_what_is_no_recording_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(PlantroomError, match=r"r\.csv"):
        read_recording(path)


def test_times_must_rise() -> None:
    with pytest.raises(ValueError, match="rise"):
        Recording([0.0, 0.0], {"a": Column(values=[1.0, 2.0])})
