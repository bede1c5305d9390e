from __future__ import annotations

import pytest

from agent.config.quantities import UNITS, QuantityError, base_unit, convertible, factor, quantity
from agent.core.role import ROLES


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        (10, "s", 10.0),
        ("10 s", "s", 10.0),
        ("5 min", "s", 300.0),
        ("200ms", "s", 0.2),
        ("60 %", "%", 60.0),
        ("1163 kW", "kW", 1163.0),
        ("2 MW", "kW", 2000.0),
        ("18 m3/h", "l/s", 5.0),
        ("30 l/s", "m3/h", 108.0),
        ("41 °F", "degC", 5.0),
        ("20 degC", "degF", 68.0),
        ("1.5 bar", "kPa", 150.0),
        ("2 GB", "B", 2e9),
        ("-3.5e0", "", -3.5),
        ("7", "degC", 7.0),
        ("1 d", "h", 24.0),
    ],
)
def test_conversion(written: object, unit: str, value: float) -> None:
    assert quantity(written, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("written", "unit", "words"),
    [
        ("10 kg", "s", "measures mass; a quantity in s"),
        ("10 furlongs", "s", "not a unit known here"),
        ("ten", "s", "not a number in s"),
        (True, "s", "switch"),
        (None, "", "nothing"),
        ([1], "s", "a list"),
        ("5 s", "", "plain number"),
        (float("nan"), "s", "finite"),
        (float("inf"), "", "finite"),
        ("1e999 s", "s", "finite"),
        ("2 degC", "K", "measures temperature"),
    ],
)
def test_refused(written: object, unit: str, words: str) -> None:
    with pytest.raises(QuantityError) as caught:
        quantity(written, unit)
    assert words in str(caught.value)
    assert caught.value.mend.startswith("write")


def test_the_mend_names_the_right_unit() -> None:
    with pytest.raises(QuantityError) as caught:
        quantity("3 kW", "l/s")
    assert "l/s" in caught.value.mend


def test_every_role_unit_is_known() -> None:
    assert {role.unit for role in ROLES.values()} <= UNITS


def test_factors() -> None:
    assert factor("W", "kW") == pytest.approx(0.001)
    assert factor("degF", "degC") == pytest.approx(5 / 9)
    assert convertible("W", "kW")
    assert not convertible("W", "kWh")
    assert base_unit("18 m3/h") == "l/s"
    assert base_unit("80 degF") == "degC"
    assert base_unit("3rd floor") == ""
