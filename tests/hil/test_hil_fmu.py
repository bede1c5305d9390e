"""Co-simulation units of both editions as plants: units turned, commands taken, local values while nobody commands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.core.errors import ConfigurationError, PlantroomError
from hil.fmu import UnitPlant, open_unit, read_map
from tests.hil.fmu_builder import MAP, build_unit

pytestmark = pytest.mark.integration


@pytest.fixture(params=[2, 3], ids=["FMI 2.0", "FMI 3.0"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitPlant]:
    (tmp_path / "map.yaml").write_text(MAP)
    plant = open_unit(build_unit(tmp_path, request.param), tmp_path / "map.yaml")
    yield plant
    plant.close()


def test_it_says_what_it_has_in_our_units(unit: UnitPlant) -> None:
    infos = unit.variables()
    assert {name: (info.unit, info.input) for name, info in infos.items()} == {
        "chiller_1.enable": ("", True),
        "chiller_1.chilled_water_setpoint": ("degC", True),
        "chiller_1.chilled_water_supply_temp": ("degC", False),
        "chiller_1.power": ("kW", False),
    }
    assert unit.communication_step == 10.0


def test_it_steps_as_its_equation_says(unit: UnitPlant) -> None:
    """First order towards the local set-point 8 degC from 20 degC, time constant 50 s as the map sets it."""
    first = unit.step(10.0, {})
    assert first["chiller_1.chilled_water_supply_temp"] == pytest.approx(8.0 + 12.0 * math.exp(-10.0 / 50.0))
    assert first["chiller_1.power"] == pytest.approx(3.0)
    assert first["chiller_1.chilled_water_setpoint"] == pytest.approx(8.0)
    for _ in range(100):
        last = unit.step(10.0, {"chiller_1.chilled_water_setpoint": 6.5})
    assert last["chiller_1.chilled_water_supply_temp"] == pytest.approx(6.5, abs=1e-3)
    off = unit.step(10.0, {"chiller_1.enable": False})
    assert off["chiller_1.power"] == 0.0
    assert off["chiller_1.enable"] is False
    assert unit.step(10.0, {})["chiller_1.power"] == 3.0, "nobody commands: its own control"


def test_a_step_that_fails_is_said(unit: UnitPlant) -> None:
    with pytest.raises(PlantroomError, match="failed at 0 s"):
        unit.step(-1.0, {})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("variable: T,", "variable: Tx,"), "no variable 'Tx'"),
        (("{tau: 50}", "{tao: 50}"), "no variable tao"),
        (("unit: K}", "unit: Pa}"), "Pa cannot be turned into degC"),
    ],
)
def test_a_map_that_does_not_fit_is_said(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    (tmp_path / "map.yaml").write_text(MAP.replace(*change))
    with pytest.raises(PlantroomError, match=sentence):
        open_unit(build_unit(tmp_path, 2), tmp_path / "map.yaml")


def test_a_map_with_mistakes_names_their_places(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("step: soon\noutput: {}\noutputs:\n  a.b: {unit: K}\n")
    with pytest.raises(ConfigurationError) as caught:
        read_map(tmp_path / "map.yaml")
    assert sorted(one.line for one in caught.value.problems) == [1, 2, 4]


def test_what_is_no_unit_is_said(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "x.fmu").write_text("hello")
    with pytest.raises(PlantroomError, match=r"x\.fmu"):
        open_unit(tmp_path / "x.fmu", tmp_path / "map.yaml")
