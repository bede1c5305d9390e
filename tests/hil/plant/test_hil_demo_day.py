"""A day of the demonstration plant on its own: plausible, repeatable, and with a story to tell."""

from datetime import UTC, datetime

import pytest

from hil.demo_plant import demo_plant
from hil.plant.variables import Outputs

MIDNIGHT = datetime(2026, 7, 14, 16, tzinfo=UTC).timestamp()
WINTER = datetime(2026, 1, 14, 16, tzinfo=UTC).timestamp()
SECOND = {"chiller_2.enable": False, "chilled_pump_2.enable": False, "condenser_pump_2.enable": False}


def hours(start: float, count: int, commands: dict[str, float | bool], step: float = 60.0) -> list[Outputs]:
    plant = demo_plant(start)
    return [plant.step(step, commands) for _ in range(int(count * 3600 / step))]


@pytest.fixture(scope="module")
def july() -> list[Outputs]:
    return hours(MIDNIGHT, 24, {})


def mean(rows: list[Outputs], name: str) -> float:
    return sum(float(row[name]) for row in rows) / len(rows)


def test_old_control_keeps_everything_running_and_the_rooms_cool(july: list[Outputs]) -> None:
    settled = july[30:]
    assert all(row["chiller_1.status"] and row["chiller_2.status"] for row in settled)
    assert all(23.5 < float(row[f"zone_{n}.zone_temp"]) < 26.5 for row in settled for n in (1, 2, 3, 4))
    assert all(6.5 < float(row["loop.chilled_water_supply_temp"]) < 7.6 for row in settled)
    assert not any(row["chiller_1.alarm"] for row in july)


def test_a_summer_afternoon_needs_both_machines_and_the_night_only_one(july: list[Outputs]) -> None:
    night, afternoon = july[2 * 60 : 5 * 60], july[14 * 60 : 16 * 60]
    assert mean(afternoon, "loop.cooling") > 0.6 * 2110.0
    assert mean(night, "loop.cooling") < 0.5 * 1055.0


def test_system_efficiency_of_the_old_control_is_ordinary(july: list[Outputs]) -> None:
    efficiency = mean(july, "loop.cooling") / mean(july, "loop.power")
    assert 3.0 < efficiency < 4.5


@pytest.mark.parametrize("start", [MIDNIGHT, WINTER])
def test_at_night_one_machine_does_for_less(start: float) -> None:
    both, one = hours(start, 6, {})[60:], hours(start, 6, dict(SECOND))[60:]
    assert mean(one, "loop.power") < 0.75 * mean(both, "loop.power")
    assert mean(one, "loop.chilled_water_supply_temp") == pytest.approx(7.0, abs=0.3)
    assert mean(one, "zone_1.zone_temp") == pytest.approx(mean(both, "zone_1.zone_temp"), abs=0.3)


def test_one_machine_is_not_enough_for_a_summer_afternoon() -> None:
    plant = demo_plant(MIDNIGHT + 10 * 3600)
    rows = [plant.step(60.0, dict(SECOND)) for _ in range(6 * 60)]
    assert mean(rows[-120:], "loop.chilled_water_supply_temp") > 8.0


def test_meters_count_what_was_drawn(july: list[Outputs]) -> None:
    counted = float(july[-1]["chiller_1.energy"]) - float(july[0]["chiller_1.energy"])
    assert counted == pytest.approx(mean(july[1:], "chiller_1.power") * (len(july) - 1) / 60.0, rel=0.01)


def test_the_garage_lives_by_day_and_sleeps_by_night(july: list[Outputs]) -> None:
    groups = ("ramp", "aisle_a", "aisle_f", "stairs")

    def seen(rows: list[Outputs]) -> float:
        return sum(mean(rows, f"{group}.presence") for group in groups)

    assert seen(july[17 * 60 : 20 * 60]) > 3.0 * seen(july[1 * 60 : 4 * 60]) > 0.0
    assert mean(july, "garage.power") == pytest.approx((24 + 6 * 42 + 14) * 16 / 1e3, rel=0.01)


def test_dimmed_lamps_save_and_darken() -> None:
    plant = demo_plant(MIDNIGHT)
    full = float(plant.step(10.0, {})["aisle_a.illuminance"])
    row = plant.step(10.0, {"aisle_a.lamp_level": 10.0})
    assert row["aisle_a.lamp_level_status"] == pytest.approx(10.0)
    assert 0.1 * full < float(row["aisle_a.illuminance"]) < 0.15 * full, (
        "a tenth, and what the neighbours spill"
    )
    assert float(row["aisle_a.power"]) < 0.15 * float(row["aisle_b.power"])


def test_the_same_seed_gives_the_same_day_whatever_the_step() -> None:
    coarse, again = hours(MIDNIGHT, 4, {})[-1], hours(MIDNIGHT, 4, {})[-1]
    assert coarse == again
    fine = hours(MIDNIGHT, 4, {}, 2.0)[-1]
    assert float(coarse["loop.cooling"]) == pytest.approx(float(fine["loop.cooling"]), rel=0.01)


def test_street_lamps_follow_the_command_and_else_the_old_timer() -> None:
    plant = demo_plant(MIDNIGHT)
    assert plant.step(1.0, {})["street.lamp_switch"] is True
    assert plant.step(1.0, {"street.lamp_switch": False})["street.power"] == 0.0
    assert demo_plant(MIDNIGHT + 12 * 3600).step(1.0, {})["street.lamp_switch"] is False
