"""A meter that rolls over, seen as an agent sees it: through the registers of its face."""

import struct
from itertools import pairwise

import pytest

from hil.clock import VirtualClock
from hil.plant.meter import EnergyRegister, HeatMeter, MeterDesign, WaterMeter
from hil.servers.modbus_unit import ModbusUnit
from hil.servers.pdu import answer
from tests.hil.servers.face_builder import chiller, world


def shown(unit: ModbusUnit) -> int:
    """The two words of the energy register, low word first."""
    reply = answer(unit, struct.pack(">BHH", 4, 4, 2))
    low, high = struct.unpack(">HH", reply[2:])
    return int(low + (high << 16))


def test_the_display_of_a_face_starts_again_at_zero_and_loses_nothing() -> None:
    there = world()
    unit = ModbusUnit(chiller(there, VirtualClock()))
    register = EnergyRegister(999_997.0, digits=6, pulse=1.0)
    readings = []
    for _ in range(6):
        register.count(1800.0, 2.0)
        there.truth["chiller_1.energy"] = register.value
        readings.append(shown(unit))
    assert readings == [999_998, 999_999, 0, 1, 2, 3]
    passed = sum((after - before) % 1_000_000 for before, after in pairwise(readings))
    assert passed == 5
    assert register.total == pytest.approx(1_000_003.0)


def test_a_new_meter_on_the_wall_begins_where_it_was_built() -> None:
    there = world()
    unit = ModbusUnit(chiller(there, VirtualClock()))
    register = EnergyRegister(123_456.0, digits=6, pulse=1.0)
    register.replace(12.0)
    there.truth["chiller_1.energy"] = register.value
    assert shown(unit) == 12


@pytest.mark.parametrize(
    "name", ["water.volume", "heat.heating_energy", "heat.cooling_energy", "heat.volume"]
)
def test_water_and_heat_roll_over_at_their_own_digits(name: str) -> None:
    there = world()
    unit = ModbusUnit(chiller(there, VirtualClock()))
    water = WaterMeter(MeterDesign(name="water", digits=4, pulse=1.0, start=9_998.0))
    heat = HeatMeter(MeterDesign(name="heat", digits=4, pulse=1.0, start=9_998.0))
    readings = []
    for _ in range(4):  # 1 m3, and 1 kWh of each kind
        water.step(3600.0, 1.0 / 3.6)
        heat.step(1800.0, 1.0 / 3.6, 45.0, 45.0 - 3.6 / 4.187 * 2.0 * 3.0)
        heat.step(1800.0, 1.0 / 3.6, 7.0, 7.0 + 3.6 / 4.187 * 2.0 * 3.0)
        there.truth["chiller_1.energy"] = float((water.outputs() | heat.outputs())[name])
        readings.append(shown(unit))
    per_hour = 3 if "energy" in name else 1
    assert readings == [(9_998 + per_hour * turn) % 10_000 for turn in (1, 2, 3, 4)]
