"""A computer room that two old split units keep cold, that one alone keeps, and that none does not."""

import pytest

from hil.plant.computer_room import ComputerRoom, RoomDesign, Split, SplitDesign, bicubic
from hil.plant.load import Outdoors
from hil.plant.variables import Failing, Inputs, Storing
from hil.plant.weather import Weather

SUMMER = Outdoors(0.0, Weather(34.0, 26.0, 60.0, 0.0, 27.0))


def hours(room: ComputerRoom, count: float, inputs: Inputs | None = None, step: float = 60.0) -> list[float]:
    rows = []
    for _ in range(int(count * 3600.0 / step)):
        room.step(step, inputs or {}, SUMMER)
        rows.append(room.air)
    return rows


def test_curves_are_one_at_the_rating_point_and_fall_with_heat() -> None:
    # EnergyPlus Engineering Reference, DX coils: both curves are 1.0 at 19.44/35 degC
    from hil.plant.computer_room import _CAPACITY, _INPUT

    assert bicubic(_CAPACITY, 19.44, 35.0) == pytest.approx(1.0, abs=0.002)
    assert bicubic(_INPUT, 19.44, 35.0) == pytest.approx(1.0, abs=0.002)
    assert bicubic(_CAPACITY, 19.44, 45.0) == pytest.approx(0.89, abs=0.02)
    assert bicubic(_INPUT, 19.44, 45.0) == pytest.approx(1.26, abs=0.03)


def test_old_control_holds_its_own_set_point() -> None:
    room = ComputerRoom(RoomDesign(name="it"))
    settled = hours(room, 6.0)[120:]
    # both thermostats say the same, so both units start and stop together, and each waits its three minutes
    assert 20.0 < min(settled) < max(settled) < 25.0
    assert all(unit.starts > 3 for unit in room.units)


def test_heat_balance_closes() -> None:
    room = ComputerRoom(RoomDesign(name="it"))
    before = room.heat
    hours(room, 5.0, {"split_1.enable": False})
    assert room.heat - before == pytest.approx(room.into - room.out, abs=1e-6)


def test_two_point_control_by_command_with_one_unit_and_without() -> None:
    room = ComputerRoom(RoomDesign(name="it"))
    one = hours(room, 4.0, {"split_2.enable": False})
    assert max(one[60:]) < 24.0, "one unit is enough"
    none = hours(room, 0.5, {"split_1.enable": False, "split_2.enable": False})
    assert none[-1] > 26.0, "half an hour without is too long"
    assert room.hot_seconds > 0.0 or none[-1] <= 27.0


def test_a_compressor_rests_three_minutes() -> None:
    unit = Split(SplitDesign(name="s"))
    stood, shortest, before = 0.0, 1e9, False
    for number in range(6 * 3600 // 5):
        allowed = (number // 12) % 2 == 0  # somebody switches each minute
        unit.step(5.0, {"s.enable": allowed}, 25.0, 30.0)
        if unit.running and not before and unit.starts > 1:
            shortest = min(shortest, stood)
        stood = 0.0 if unit.running else stood + 5.0
        before = unit.running
    assert shortest >= 180.0


def test_trips_fouling_and_a_load_surge() -> None:
    room = ComputerRoom(RoomDesign(name="it"))
    assert isinstance(room, Failing)
    assert isinstance(room, Storing)
    room.fail("split_1.trip", 1.0)
    hours(room, 1.0)
    assert room.outputs()["split_1.alarm"] is True
    assert not room.units[0].running
    assert room.outputs()["split_1.power"] == 0.0
    room.mend("split_1.trip")
    hours(room, 1.0)
    assert room.outputs()["split_1.alarm"] is False
    room.fail("split_1.fouling", 0.3)
    room.fail("it.load_surge", 6.0)
    assert room.equipment == 15.0
    hours(room, 1.0)
    assert room.units[0].cooling < 9.5
    with pytest.raises(KeyError):
        room.fail("split_9.trip", 1.0)


def test_any_step_gives_the_same_room() -> None:
    fine, coarse = ComputerRoom(RoomDesign(name="it")), ComputerRoom(RoomDesign(name="it"))
    hours(fine, 5.0, step=2.0)
    hours(coarse, 5.0, step=60.0)
    assert coarse.out == pytest.approx(fine.out, rel=0.02)
    used = [sum(unit.energy.total for unit in room.units) for room in (fine, coarse)]
    assert used[0] == pytest.approx(used[1], rel=0.02)
