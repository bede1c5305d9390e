"""Fixtures for the whole agent under abuse."""

import pytest

from tests.abuse.agent_process import AgentProcess
from tests.integration.plant_room import PlantRoom


class AbusedRoom:
    """The simulated site, and the agent on it as a process of its own."""

    def __init__(self, room: PlantRoom) -> None:
        self.room = room
        self.agent = AgentProcess(room.folder.site, room.folder.socket)
        self.store = room.folder.site.parent / "data" / "plantroom.db"

    async def hold(self, level: float, minutes: int = 30) -> None:
        """The agent takes one lamp group in hand, so that it has something to give back."""
        arguments = ("lamps.level_3", str(level), "--for", f"{minutes} min", "--reason", "test")
        await self.agent.ask("override", *arguments)


@pytest.fixture
async def abused(tmp_path):
    async with PlantRoom(tmp_path / "site") as room:
        quiet = ("ramp", "stairs", *(f"aisle_{x}" for x in "abcdef"))
        room.plant.forced.update({f"{name}.presence": False for name in quiet})
        made = AbusedRoom(room)
        try:
            yield made
        finally:
            await made.agent.kill()
