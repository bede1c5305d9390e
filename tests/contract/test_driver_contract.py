"""What every driver keeps. One set of tests, run against each bench (see conftest.py)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.point import ValueKind
from agent.core.reading import Quality

NAMES = ("temp", "power", "count", "spare", "humidity", "run", "setpoint", "mode", "speed")
ALL = {f"{device}.{name}" for device in ("d1", "d2") for name in NAMES}
LONGEST_READ = 5.0  # seconds one read may take, whatever happens


async def test_the_plan_holds_every_readable_point_once(rig: Any) -> None:
    await rig.open()
    points = [point for item in rig.driver.plan() for point in item.points]
    assert sorted(points) == sorted(ALL)
    assert all(item.device in ("d1", "d2") and item.period > 0 for item in rig.driver.plan())


async def test_the_plan_is_stable(rig: Any) -> None:
    await rig.open()
    before = list(rig.driver.plan())
    await rig.until(rig.all_good)
    assert list(rig.driver.plan()) == before


async def test_values_come_as_what_they_are(rig: Any) -> None:
    await rig.until(rig.all_good)
    latest = rig.latest
    assert latest["d1.temp"].value == pytest.approx(21.5)
    assert latest["d1.power"].value == pytest.approx(350.25)
    assert latest["d1.run"].value is True
    assert latest["d2.run"].value is False
    assert latest["d1.mode"].value == "cool"
    assert latest["d2.count"].value == 654321
    assert not rig.errors


async def test_blocks_are_whole_and_dated(rig: Any) -> None:
    before = (rig.clock.utc(), rig.clock.elapsed())
    await rig.until(rig.all_good)
    after = (rig.clock.utc(), rig.clock.elapsed())
    for block in rig.blocks:
        assert len(block.points) == len(block.values)
        assert block.qualities is None or len(block.qualities) == len(block.points)
        assert before[1] <= block.elapsed <= after[1]
        assert block.time <= after[0] + 1.0


async def test_a_change_in_the_device_is_seen(rig: Any) -> None:
    await rig.until(rig.all_good)
    rig.bench.set("d1", "temp", 22.5)
    rig.bench.set("d2", "mode", "off")
    rig.bench.set("d2", "run", True)
    await rig.until(lambda: rig.latest["d1.temp"].value == pytest.approx(22.5))
    await rig.until(rig.all_good)
    assert rig.latest["d2.mode"].value == "off"
    assert rig.latest["d2.run"].value is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("setpoint", 7.5),
        ("setpoint", -4.0),
        ("speed", 62.5),
        ("run", False),
        ("mode", "heat"),
        ("mode", "off"),
    ],
)
async def test_a_write_reaches_the_device_and_no_other(rig: Any, name: str, value: Any) -> None:
    await rig.until(rig.all_good)
    other = {one: rig.bench.get("d2", one) for one in NAMES}
    await rig.driver.write(f"d1.{name}", value)
    assert rig.bench.get("d1", name) == value
    assert {one: rig.bench.get("d2", one) for one in NAMES} == other
    await rig.until(lambda: rig.latest[f"d1.{name}"].value == value)
    await rig.until(rig.all_good)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("setpoint", 1e9),
        ("setpoint", float("nan")),
        ("setpoint", "warm"),
        ("mode", "boil"),
        ("run", "perhaps"),
    ],
)
async def test_what_cannot_be_encoded_is_not_sent(rig: Any, name: str, value: Any) -> None:
    if rig.bench.name == "memory" and value == 1e9:
        pytest.skip("a dictionary holds any number")
    await rig.until(rig.all_good)
    before = rig.bench.get("d1", name)
    with pytest.raises(ValueError, match=name):
        await rig.driver.write(f"d1.{name}", value)
    assert rig.bench.get("d1", name) == before


async def test_a_measurement_cannot_be_written(rig: Any) -> None:
    await rig.until(rig.all_good)
    with pytest.raises(RefusedError):
        await rig.driver.write("d1.temp", 20.0)
    with pytest.raises(RefusedError):
        await rig.driver.write("d1.nothing", 20.0)
    assert rig.bench.get("d1", "temp") == pytest.approx(21.5)


async def test_not_available_is_bad_and_alone(rig: Any) -> None:
    await rig.until(rig.all_good)
    rig.bench.set("d1", "spare", None)
    await rig.until(lambda: rig.latest["d1.spare"].quality is Quality.BAD)
    assert rig.latest["d1.spare"].reason
    assert not rig.latest["d1.spare"].usable
    others = ALL - {"d1.spare"}
    assert all(rig.latest[point].good for point in others)
    rig.bench.set("d1", "spare", 8.0)
    await rig.until(rig.all_good)


async def test_an_implausible_value_is_bad(rig: Any) -> None:
    await rig.until(rig.all_good)
    rig.bench.set("d1", "humidity", 180.0)
    await rig.until(lambda: rig.latest["d1.humidity"].quality is Quality.BAD)
    assert "100" in rig.latest["d1.humidity"].reason
    assert rig.latest["d1.temp"].good


async def test_nobody_there_is_a_bus_error(rig: Any) -> None:
    await rig.bench.stop()
    with pytest.raises(BusError):
        await rig.open()
    await rig.bench.start()
    await rig.until(rig.all_good)


async def test_closed_means_closed(rig: Any) -> None:
    await rig.driver.close()
    await rig.until(rig.all_good)
    item = rig.driver.plan()[0]
    await rig.driver.close()
    await rig.driver.close()
    with pytest.raises(BusError):
        await rig.driver.read(item)
    with pytest.raises(BusError):
        await rig.driver.write("d1.setpoint", 5.0)
    rig.is_open = False
    rig.latest.clear()
    await rig.until(rig.all_good)


async def test_open_again_starts_from_nothing(rig: Any) -> None:
    await rig.until(rig.all_good)
    await rig.driver.open()
    rig.latest.clear()
    rig.bench.set("d1", "temp", 25.0)
    await rig.until(lambda: "d1.temp" in rig.latest and rig.latest["d1.temp"].value == pytest.approx(25.0))
    await rig.until(rig.all_good)


async def test_the_server_comes_back(rig: Any) -> None:
    await rig.until(rig.all_good)
    await rig.bench.stop()
    await rig.until(lambda: rig.latest["d1.temp"].quality is Quality.BAD and bool(rig.errors))
    assert isinstance(rig.errors[-1], BusError | DeviceError)
    await rig.bench.start()
    rig.bench.set("d1", "temp", 26.0)
    await rig.until(rig.all_good)
    assert rig.latest["d1.temp"].value == pytest.approx(26.0)


async def test_a_fault_never_makes_a_wrong_value(rig: Any, fault: str) -> None:
    await rig.until(rig.all_good)
    rig.bench.fault(fault, "d1")
    for step in range(2):
        begin = time.monotonic()
        await rig.poll()
        # each item of the plan may cost its time-out and the quiet after it
        assert time.monotonic() - begin < LONGEST_READ * len(rig.driver.plan())
        assert not rig.wrong(), (fault, step)
    assert all(isinstance(error, BusError | DeviceError) for error in rig.errors)
    if fault not in ("slow", "repeated"):
        assert rig.errors
        assert any(rig.latest[f"d1.{name}"].quality is Quality.BAD for name in NAMES)
    rig.bench.heal()
    rig.latest.clear()
    await rig.until(rig.all_good)
    for _ in range(3):
        await rig.poll()
        assert not rig.wrong()


async def test_a_fault_is_forgotten(rig: Any, fault: str) -> None:
    """After the fault the readings follow the device again, and nothing of the time before shows up."""
    await rig.until(rig.all_good)
    rig.bench.fault(fault, "d1")
    await rig.poll()
    rig.bench.heal()
    rig.bench.set("d1", "temp", 28.5)
    rig.bench.set("d1", "setpoint", 8.5)
    rig.bench.set("d1", "speed", 12.5)
    await rig.until(lambda: rig.latest["d1.temp"].good and rig.latest["d1.temp"].value == pytest.approx(28.5))
    await rig.until(rig.all_good)
    assert rig.latest["d1.setpoint"].value == pytest.approx(8.5)


@pytest.mark.parametrize("kind", ["silent", "refusing"])
async def test_one_bad_device_leaves_its_neighbour_alone(rig: Any, kind: str) -> None:
    await rig.until(rig.all_good)
    rig.bench.fault(kind, "d1")
    rig.bench.set("d2", "temp", 13.5)
    await rig.poll()
    await rig.until(lambda: rig.latest["d2.temp"].good and rig.latest["d2.temp"].value == pytest.approx(13.5))
    await rig.until(lambda: rig.all_good("d2"))
    assert any(isinstance(error, DeviceError) for error in rig.errors)


@pytest.mark.parametrize("kind", ["silent", "refusing", "stalled"])
async def test_a_failed_write_says_so(rig: Any, kind: str) -> None:
    await rig.until(rig.all_good)
    rig.bench.fault(kind, "d1")
    with pytest.raises((BusError, DeviceError)):
        await asyncio.wait_for(rig.driver.write("d1.setpoint", 5.5), LONGEST_READ)


async def test_cancelling_a_read_leaves_no_trace(rig: Any) -> None:
    await rig.until(rig.all_good)
    for delay in (0.0, 0.0, 0.001, 0.003):
        task = asyncio.create_task(rig.poll())
        await asyncio.sleep(delay)
        if task.cancel():
            with pytest.raises(asyncio.CancelledError):
                await task
        assert not rig.wrong()
    rig.latest.clear()
    await rig.until(rig.all_good)
    assert not rig.wrong()


async def test_kinds_of_points_are_kept(rig: Any) -> None:
    await rig.until(rig.all_good)
    for name, point in rig.bench.points.items():
        value = rig.latest[f"d1.{name}"].value
        expected = {ValueKind.SWITCH: bool, ValueKind.ENUM: str}.get(point.kind, int | float)
        assert isinstance(value, expected)
        assert isinstance(value, bool) is (point.kind is ValueKind.SWITCH)
