"""What the in-memory driver offers beyond the contract: a memory that a simulated plant can reach."""

from __future__ import annotations

from typing import Any

import pytest

from agent.core.device_profile import Device, DeviceProfile
from agent.core.errors import DeviceError
from agent.core.point import Access, Point
from agent.core.reading import Quality
from agent.core.register import Slot
from drivers.memory import KINDS, MEMORIES, MemoryBus, MemoryDevice, memory_of
from tests.clocks import StillClock


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in list(MEMORIES):
        monkeypatch.delitem(MEMORIES, name)
    points = {name: Point(id=f"d.{name}", access=Access.READ_WRITE) for name in ("a", "b", "slow")}
    profile = DeviceProfile(
        id="x", points=points, sources={"a": Slot(initial=1.5), "b": Slot()}, polls={"slow": 60.0}
    )
    device = Device(id="d", bus="plant", profile=profile, settings=MemoryDevice(), points=points)
    return KINDS["memory"].create("plant", MemoryBus(), [device], StillClock(), lambda _: None)


async def test_initial_values_and_periods(made: Any) -> None:
    await made.open()
    assert [(item.points, item.period) for item in made.plan()] == [
        (("d.a", "d.b"), 1.0),
        (("d.slow",), 60.0),
    ]
    (block,) = await made.read(made.plan()[0])
    assert block.values == (1.5, None)
    assert block.qualities == (Quality.GOOD, Quality.BAD)
    assert (block.time, block.elapsed, block.time_trusted) == (1000.0, 5.0, False)


async def test_the_plant_sees_writes(made: Any) -> None:
    memory = memory_of("plant")
    seen: list[Any] = []
    memory.on_write = lambda point, value: seen.append((point, value))
    await made.open()
    await made.write("d.b", 4)
    assert seen == memory.writes == [("d.b", 4)]
    assert memory.values["d.b"] == 4


async def test_one_point_can_fail(made: Any) -> None:
    await made.open()
    memory_of("plant").failing["d.a"] = DeviceError("worn out")
    with pytest.raises(DeviceError, match="worn out"):
        await made.write("d.a", 2.0)
    memory_of("plant").values["d.b"] = 3.0
    (block,) = await made.read(made.plan()[0])
    assert block.readings()["d.a"].reason.endswith("worn out")
    assert block.readings()["d.b"].good
