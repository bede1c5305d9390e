"""A property behind one meter: what the parts draw is what the meter counts."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from hil.climates import load_climate
from hil.plant.battery import Battery, BatteryDesign
from hil.plant.computer_room import ComputerRoom, RoomDesign
from hil.plant.daylight import Glazing, RoomShape
from hil.plant.ev_charger import Charger, ChargerDesign
from hil.plant.office import Office, OfficeDesign
from hil.plant.photovoltaic import ArrayDesign, Photovoltaic
from hil.plant.premises import Part, Premises, Sheltered
from hil.plant.variables import Eventful, Failing, Inputs, Outputs, Plant, Storing
from hil.plant.weather import hottest
from hil.plant.weather_sun import Plane

START = datetime(2026, 7, 12, 16, tzinfo=UTC).timestamp()
OFFSET = timedelta(hours=8)


class Kettle:
    """Draws 2 kW while it is enabled."""

    def __init__(self) -> None:
        self.power = 0.0

    def step(self, dt: float, inputs: Inputs) -> None:
        self.power = 2.0 if inputs.get("kettle.enable") else 0.0

    def outputs(self) -> Outputs:
        return {"kettle.power": self.power}


def premises(base: float = 5.0) -> Premises:
    glazing = Glazing(width=8.0, height=1.7, plane=Plane(90.0, 180.0))
    parts: list[Part] = [
        Photovoltaic(ArrayDesign(name="pv_1", peak=100.0, plane=Plane(10.0, 180.0))),
        Battery(BatteryDesign(name="battery", capacity=100.0, power=50.0)),
        Charger(ChargerDesign(name="ev_1", use=1.0), START, OFFSET),
        ComputerRoom(RoomDesign(name="computer_room")),
        Office(OfficeDesign(name="office", glazing=glazing, room=RoomShape(width=9.0, depth=8.0)), OFFSET),
        Sheltered(Kettle(), ["kettle.enable"]),
    ]
    return Premises(parts, load_climate("shenzhen"), START, base=base)


def test_the_meter_counts_what_the_parts_draw_and_give() -> None:
    house = premises()
    net = 0.0
    for minute in range(1440):
        house.step(60.0, {"battery.power_command": -20.0 if minute > 700 else 0.0})
        net += (5.0 + sum(part.power for part in house.parts)) / 60.0
    drawn, fed_in = house.meter.drawn.total, house.meter.fed_in.total
    assert drawn - fed_in == pytest.approx(net)
    assert drawn > 50.0
    assert fed_in > 100.0, "a hundred kilowatts of PV are too much for this house at noon"


def test_it_is_a_plant_that_stores_breaks_and_has_events() -> None:
    house: Plant = premises()
    assert isinstance(house, Storing)
    assert isinstance(house, Failing)
    variables = house.variables()
    outputs = house.step(60.0, {"kettle.enable": True})
    assert outputs["kettle.power"] == 2.0
    assert set(outputs) <= set(variables)
    inputs = {name for name, info in variables.items() if info.input}
    assert {"pv_1.power_limit", "battery.power_command", "split_1.enable", "kettle.enable"} <= inputs
    assert "office_row_1.lamp_level" in inputs
    assert "pv_1.energy" not in inputs
    assert variables["battery.state_of_charge"].unit == "%"


def test_what_its_parts_can_do_it_can_do() -> None:
    house = premises()
    assert set(house.stored()) == {"battery", "ev_1", "computer_room"}
    assert "split_1.trip" in house.failures()
    house.fail("split_1.trip", 1.0)
    assert house.step(60.0, {})["split_1.alarm"] is True
    house.mend("split_1.trip")
    assert house.step(60.0, {})["split_1.alarm"] is False
    with pytest.raises(KeyError):
        house.fail("moon.trip", 1.0)
    eventful: Eventful = house
    assert 0.0 < eventful.next_event() < 86400.0
    assert Premises([], load_climate("shenzhen"), START).next_event() == inf


def test_an_hour_in_one_step_takes_the_weather_anew() -> None:
    one, many = premises(), premises()
    for _ in range(24):
        one.step(3600.0, {})
    for _ in range(1440):
        many.step(60.0, {})
    assert one.meter.drawn.total == pytest.approx(many.meter.drawn.total, rel=0.02)
    assert one.meter.fed_in.total == pytest.approx(many.meter.fed_in.total, rel=0.02)


def test_the_hottest_hour_of_a_day() -> None:
    climate = load_climate("shenzhen")
    found = hottest(climate, START + 3 * 3600.0)
    assert found == max(climate.at(START + 1800.0 * half).dry_bulb for half in range(48))
    assert found == hottest(climate, START + 23 * 3600.0) != hottest(climate, START + 25 * 3600.0)
