"""Street lamps: burning when needed, and every second of being late, early or on by day."""

from datetime import UTC, datetime

import pytest

from hil.plant.horizon import HorizonProfile
from hil.plant.street import SUNSET, CircuitDesign, StreetDesign, StreetLighting
from hil.plant.street_clouds import Clouds
from hil.plant.variables import Outputs
from hil.plant.weather_sun import sun_at

MIDNIGHT = datetime(2026, 3, 19, 16, tzinfo=UTC).timestamp()  # 20 March in Shenzhen
SHENZHEN = {"latitude": 22.55, "longitude": 114.06}


def street(*circuits: CircuitDesign, start: float = MIDNIGHT, **changes: object) -> StreetLighting:
    design = StreetDesign(**(SHENZHEN | {"circuits": circuits or (CircuitDesign(name="street", count=80),)} | changes))  # type: ignore[arg-type]  # fmt: skip
    return StreetLighting(design, start)


def run(plant: StreetLighting, hours: float, step: float, **commands: float | bool) -> Outputs:
    inputs = {name.replace("__", "."): value for name, value in commands.items()}
    out = plant.outputs()
    for _ in range(round(hours * 3600.0 / step)):
        out = plant.step(step, inputs)
    return out


def dusk(threshold: float, start: float = MIDNIGHT + 15 * 3600.0) -> float:
    """When the sun sinks through a height, by halving."""
    low, high = start, start + 6 * 3600.0
    while high - low > 0.1:
        middle = (low + high) / 2.0
        low, high = (middle, high) if sun_at(middle, **SHENZHEN).altitude > threshold else (low, middle)
    return low


def test_the_old_timer_switches_by_the_clock_and_wastes_the_morning() -> None:
    out = run(street(), 24.0, 60.0)
    # 18:00-6:30 is 12.5 h of 80 lamps of 80 W
    assert float(out["street.energy"]) - 15_000.0 == pytest.approx(12.5 * 6.4, rel=0.01)
    assert out["street.late_switch_on_seconds"] == 0.0
    assert float(out["street.early_on_seconds"]) > 1800.0, "30 lx are reached 20 min after sunset at 18:33"
    assert float(out["street.late_off_seconds"]) > 600.0
    both = float(out["street.early_on_seconds"]) + float(out["street.late_off_seconds"])
    assert out["street.burning_by_day_seconds"] == pytest.approx(both)
    assert out["street.burning_by_day_energy"] == pytest.approx(6.4 * both / 3600.0)


@pytest.mark.parametrize("step", [1.0, 60.0, 1800.0])
def test_lateness_is_counted_to_the_second_at_any_step(step: float) -> None:
    judged = CircuitDesign(name="street", count=80, need_altitude=SUNSET)
    plant = street(judged, start=MIDNIGHT + 15 * 3600.0)
    out = run(plant, 4.0, step, street__lamp_switch=False)  # till 19:00, dark all the time
    late = MIDNIGHT + 19 * 3600.0 - dusk(SUNSET)
    assert out["street.late_switch_on_seconds"] == pytest.approx(late, abs=2.0)
    assert out["street.light_needed"] is True
    assert out["street.needed_energy"] == pytest.approx(6.4 * late / 3600.0, rel=0.01)


def test_a_ridge_in_the_west_makes_dusk_early() -> None:
    judged = CircuitDesign(name="street", count=80, need_altitude=SUNSET)
    ridge = HorizonProfile(((200.0, 0.0), (240.0, 5.0), (300.0, 5.0), (340.0, 0.0)))
    free = run(street(judged), 20.0, 60.0, street__lamp_switch=False)
    behind = run(street(judged, horizon=ridge), 20.0, 60.0, street__lamp_switch=False)
    # 5 degrees at Shenzhen in March: the sun sinks 15 * cos(22.55) degrees an hour: 21.7 min
    earlier = float(behind["street.late_switch_on_seconds"]) - float(free["street.late_switch_on_seconds"])
    assert earlier / 60.0 == pytest.approx(5.0 / 15.0 / 0.9235 * 60.0, abs=0.3)


def test_limits_differ_by_circuit_and_a_curfew_frees_the_night() -> None:
    main = CircuitDesign(name="main", count=10, limit=30.0)
    side = CircuitDesign(name="side", count=10, limit=20.0)
    garden = CircuitDesign(name="garden", count=10, curfew=(23.0, 17.0))
    off = {"main__lamp_switch": False, "side__lamp_switch": False, "garden__lamp_switch": False}
    out = run(street(main, side, garden), 24.0, 60.0, **off)
    dark = {
        name: float(out[f"{name}.late_switch_on_seconds"]) + float(out[f"{name}.early_off_seconds"])
        for name in ("main", "side", "garden")
    }
    assert dark["main"] > dark["side"] > 10.5 * 3600.0
    assert dark["garden"] == pytest.approx(23 * 3600.0 - (dusk(-4.3) - MIDNIGHT), abs=300.0)
    assert out["main.energy"] == 15_000.0


def test_dimmed_late_at_night() -> None:
    plant = street()
    full = plant.step(60.0, {"street.lamp_switch": True})
    half = plant.step(60.0, {"street.lamp_switch": True, "street.lamp_level": 50.0})
    assert full["street.power"] == pytest.approx(6.4)
    assert half["street.power"] == pytest.approx(80 * (0.5 + 79.5 * 0.5) / 1e3)
    assert plant.variables()["street.lamp_level"].input
    assert not plant.variables()["street.power"].input


def test_a_storm_at_noon_darkens_the_street() -> None:
    july = datetime(2026, 6, 30, 16, tzinfo=UTC).timestamp()
    sky = Clouds(seed=7, storms=180.0)
    hour = next(july + 600.0 * n for n in range(6 * 24 * 31) if sky.at(july + 600.0 * n).storm < 0.02)
    design = StreetDesign(latitude=22.55, longitude=114.06, circuits=(CircuitDesign(name="street", count=1),))
    stormy, clear = StreetLighting(design, hour, sky), StreetLighting(design, hour)
    assert stormy.illuminance < 0.01 * clear.illuminance
    assert stormy.outputs()["daylight.cloud_cover"] == 1.0


def test_a_lux_sensor_errs_as_lux_sensors_do() -> None:
    plant = street(start=MIDNIGHT + 12 * 3600.0)
    true = float(plant.outputs()["lux_sensor.illuminance"])
    assert true == plant.outputs()["daylight.illuminance"] > 50_000.0
    plant.fail("lux_sensor.dirty", 0.4)
    assert plant.outputs()["lux_sensor.illuminance"] == pytest.approx(0.6 * true)
    plant.mend("lux_sensor.dirty")
    plant.fail("lux_sensor.stuck")
    run(plant, 8.0, 600.0)
    assert plant.outputs()["lux_sensor.illuminance"] == pytest.approx(true)
    plant.fail("lux_sensor.dead")
    assert plant.outputs()["lux_sensor.illuminance"] == 0.0
    plant.fail("lux_sensor.lamp", 40.0)
    lit = plant.step(60.0, {"street.lamp_switch": True})
    assert float(lit["lux_sensor.illuminance"]) == pytest.approx(40.0, abs=0.1)
    with pytest.raises(KeyError):
        plant.fail("moon.dead")


def test_contactors_weld_and_die() -> None:
    plant = street()
    plant.fail("street.contactor_welded")
    assert plant.step(60.0, {"street.lamp_switch": False})["street.power"] == pytest.approx(6.4)
    plant.mend("street.contactor_welded")
    plant.fail("street.contactor_dead")
    out = plant.step(60.0, {"street.lamp_switch": True})
    assert (out["street.power"], out["street.lamp_switch"]) == (0.0, False)
    dark = float(out["street.early_off_seconds"]) + float(out["street.late_switch_on_seconds"])
    assert dark == 60.0, "late or early, by the sun's own midnight at 0:32"
