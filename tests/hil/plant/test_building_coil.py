"""The coil against a finite-difference coil, and its limits."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.plant.coil import Coil, CoilDesign, counterflow, saturated, saturation_temperature
from hil.plant.weather_air import AIR_CP, VAPOUR_CP, enthalpy, humidity_ratio, vapour_pressure

FAN_COIL = CoilDesign(capacity=5.4, air=0.333, water=0.258)
COIL = Coil(FAN_COIL)


def sliced(dry: float, ratio: float, entering: float, water: float, slices: int = 120) -> tuple[float, float]:
    """Total and sensible kW of a counterflow coil cut in slices, each dry or wet by its own surface (Lewis number 1).

    Independent of the effectiveness formulas: heat and vapour pass from air to the surface, heat from there to the water.
    The leaving water is found by halving.
    """
    outer = COIL._outer * 1.0 / slices
    inner = 3.30 * COIL._outer * (water / FAN_COIL.water) ** 0.85 / slices
    stream = water * 4.187
    low, high = entering, dry
    for _ in range(45):
        leaving = (low + high) / 2.0
        air, humid, wet = dry, ratio, leaving
        total = sensible = 0.0
        for _ in range(slices):
            heat = AIR_CP + VAPOUR_CP * humid
            surface = (outer * air + inner * wet) / (outer + inner)
            vapour = 0.0
            if humid > humidity_ratio(vapour_pressure(surface)):
                for _ in range(12):  # surface temperature with condensation
                    vapour = outer / heat * max(humid - humidity_ratio(vapour_pressure(surface)), 0.0)
                    warm = (outer * air + 2501.0 * vapour + inner * wet) / (outer + inner)
                    surface += 0.5 * (warm - surface)
            warmth = outer * (air - surface)
            sensible += warmth
            total += warmth + 2501.0 * vapour
            wet -= (warmth + 2501.0 * vapour) / stream
            air -= warmth / (FAN_COIL.air * heat)
            humid -= vapour / FAN_COIL.air
        low, high = (leaving, high) if wet < entering else (low, leaving)
    return total, sensible


@pytest.mark.parametrize(
    ("dry", "humidity", "entering", "water"),
    [
        (27.0, 49.0, 7.0, 0.258),  # rating point: half latent possible
        (27.0, 60.0, 7.0, 0.258),
        (27.0, 35.0, 7.0, 0.258),
        (24.0, 50.0, 9.0, 0.258),
        (27.0, 50.0, 12.0, 0.258),
        (27.0, 55.0, 7.0, 0.12),
        (27.0, 55.0, 7.0, 0.06),
        (32.0, 65.0, 7.0, 0.258),
        (25.0, 25.0, 8.0, 0.2),  # dry
    ],
)
def test_against_a_coil_cut_in_slices(dry: float, humidity: float, entering: float, water: float) -> None:
    # Braun et al. give 5 % for the larger of dry and wet; partly wet coils at low flow are the worst
    ratio = humidity_ratio(vapour_pressure(dry) * humidity / 100.0)
    total, sensible = sliced(dry, ratio, entering, water)
    found = COIL.cool(dry, ratio, FAN_COIL.air, entering, water)
    assert found.total == pytest.approx(total, rel=0.06)
    assert found.sensible == pytest.approx(sensible, rel=0.10)


def test_the_design_point_is_met_and_its_sensible_share_is_ordinary() -> None:
    found = COIL.cool(FAN_COIL.dry, FAN_COIL.ratio, FAN_COIL.air, 7.0, FAN_COIL.water)
    assert found.total == pytest.approx(5.4, rel=1e-3)
    assert 0.68 < found.sensible / found.total < 0.78, (
        "fan coils at 27/19.5 degC carry about 70-75 % sensible"
    )
    assert found.water_leaving == pytest.approx(12.0, abs=0.1)


def test_a_dry_coil_is_the_textbooks_exchanger() -> None:
    # Incropera, table 11.4: NTU 2 and capacity ratio 0.5, counterflow: 0.7746; equal streams: N / (1 + N)
    assert counterflow(2.0, 0.5) == pytest.approx(0.7746, abs=1e-4)
    assert counterflow(2.0, 1.0) == pytest.approx(2.0 / 3.0)


@settings(max_examples=150, deadline=None)
@given(
    dry=st.floats(10.0, 42.0),
    humidity=st.floats(5.0, 98.0),
    air=st.floats(0.02, 0.5),
    entering=st.floats(3.0, 30.0),
    water=st.floats(0.0, 0.6),
)
def test_the_second_law_holds(dry: float, humidity: float, air: float, entering: float, water: float) -> None:
    ratio = humidity_ratio(vapour_pressure(dry) * humidity / 100.0)
    found = COIL.cool(dry, ratio, air, entering, water)
    assert found.condensate >= 0.0
    if dry <= entering:  # it warms, and neither stream passes the other
        assert found.sensible == found.total <= 0.0
        assert found.condensate == 0.0
        assert dry - 1e-6 <= found.water_leaving <= entering or found.total == 0.0
        assert dry - found.total / (air * (AIR_CP + VAPOUR_CP * ratio)) <= entering + 1e-6
        return
    assert 0.0 <= found.sensible <= found.total
    if found.total > 0.0:
        assert found.water_leaving <= dry + 1e-6
        assert dry - found.sensible / (air * (AIR_CP + VAPOUR_CP * ratio)) >= entering - 0.35
    if found.condensate > 0.0:
        assert ratio - found.condensate / air >= humidity_ratio(vapour_pressure(entering)) - 4e-4


def test_more_water_never_cools_less() -> None:
    totals = [COIL.cool(27.0, 0.011, 0.333, 7.0, 0.01 * number).total for number in range(1, 50)]
    assert all(after >= before - 1e-6 for before, after in pairwise(totals))


def test_no_air_or_no_water_is_no_cooling_and_too_much_is_refused() -> None:
    assert COIL.cool(27.0, 0.011, 0.0, 7.0, 0.2).total == 0.0
    assert COIL.cool(27.0, 0.011, 0.333, 7.0, 0.0).total == 0.0
    assert COIL.cool(20.0, 0.011, 0.333, 20.0, 0.2).total == 0.0
    with pytest.raises(ValueError, match="no coil"):
        Coil(CoilDesign(capacity=50.0, air=0.333, water=0.258))


def test_saturated_air() -> None:
    # ASHRAE Fundamentals chapter 1 table 2: 57.56 kJ/kg at 20 degC, 29.35 at 10
    assert [saturated(20.0), saturated(10.0)] == pytest.approx([57.56, 29.35], rel=0.005)
    assert [saturation_temperature(saturated(one)) for one in (2.0, 12.0, 22.0, 32.0)] == pytest.approx(
        [2.0, 12.0, 22.0, 32.0], abs=0.01
    )
    assert enthalpy(25.0, 0.0) == pytest.approx(25.15)


def test_water_that_is_warmer_than_the_air_warms_it_as_much_as_it_would_be_cooled() -> None:
    dry_air = 0.001
    cooled = COIL.cool(30.0, dry_air, FAN_COIL.air, 20.0, FAN_COIL.water)
    warmed = COIL.cool(20.0, dry_air, FAN_COIL.air, 30.0, FAN_COIL.water)
    assert warmed.total == pytest.approx(-cooled.total, rel=1e-6)
    assert warmed.condensate == 0.0
    assert 20.0 < warmed.water_leaving < 30.0
