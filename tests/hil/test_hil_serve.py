"""`plantroom hil serve` as a whole: plants of others behind faces, and faults thrown at it from the command line."""

import asyncio
import json
import struct
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import typer
from typer.testing import CliRunner

from agent.core.errors import ConfigurationError, PlantroomError
from hil.cli import bench
from hil.ports import free_ports
from hil.serve import ServeOptions, serve
from hil.simulated_site import SimulatedSite
from tests.hil.fmu_builder import MAP, build_unit
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

SITE = """
version: 1
site: {{name: s, latitude: 0, longitude: 0, timezone: UTC}}
buses:
  plant: {{kind: modbus-tcp, host: 10.255.255.1, port: {plant}}}
  bms: {{kind: opcua, url: "opc.tcp://127.0.0.1:{bms}", security: None}}
devices:
  ch1:
    bus: plant
    unit: 1
    points:
      supply: {{table: input, address: 0, type: int16, scale: 0.1, unit: degC, role: chilled_water_supply_temp}}
      power: {{table: input, address: 1, type: float32, unit: kW, role: power}}
      enable: {{table: coil, address: 0, access: read_write, role: enable, release: {{value: true}}, persistence: ram}}
      setpoint: {{table: holding, address: 0, type: int16, scale: 0.1, unit: degC, role: chilled_water_setpoint,
                  access: read_write, persistence: ram}}
  oat: {{bus: bms, points: {{temp: {{node: "ns=2;s=OAT", unit: degC, role: outdoor_dry_bulb}}}}}}
areas: {{plant: {{tick: 10 s}}}}
equipment:
  chiller_1: {{kind: chiller, area: plant, device: ch1, change_over: true}}
  outdoor_air: {{kind: weather, area: plant, device: oat}}
"""
PLANT = """
from hil.plant.variables import VariableInfo

class Room:
    def __init__(self, start):
        self.start, self.broken = start, {}
    def variables(self):
        return {"chiller_1.chilled_water_supply_temp": VariableInfo("degC"), "chiller_1.enable": VariableInfo("", True),
                "chiller_1.chilled_water_setpoint": VariableInfo("degC", True), "chiller_1.power": VariableInfo("kW"),
                "outdoor_air.outdoor_dry_bulb": VariableInfo("degC")}
    def step(self, dt, inputs):
        on = bool(inputs.get("chiller_1.enable", True)) and not self.broken
        wanted = inputs.get("chiller_1.chilled_water_setpoint", 7.0)
        return {"chiller_1.enable": on, "chiller_1.power": 120.0 * on, "chiller_1.chilled_water_setpoint": wanted,
                "chiller_1.chilled_water_supply_temp": wanted if on else 15.0, "outdoor_air.outdoor_dry_bulb": 30.0}
    def failures(self):
        return {"chiller_1.trip": "stops"}
    def fail(self, name, amount):
        self.broken[name] = amount
    def mend(self, name):
        del self.broken[name]

def make(start):
    return Room(start)

def nothing():
    return object()
"""


class Served:
    """A bench that runs, and what a master sees of it."""

    def __init__(self, site: SimulatedSite, port: int, folder: Path) -> None:
        self.site = site
        self.port = port
        self.socket = folder / "data" / "hil.sock"

    async def ask(self, *words: int, function: int = 4) -> bytes:
        """The reply's PDU; empty where there is none."""
        try:
            async with asyncio.timeout(1.0):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(struct.pack(">HHHBBHH", 1, 0, 6, 1, function, *words))
                    return (await reader.read(300))[7:]
                finally:
                    writer.close()
        except (TimeoutError, OSError):
            return b""

    async def supply(self) -> float | None:
        reply = await self.ask(0, 1)
        return struct.unpack(">h", reply[2:])[0] / 10.0 if len(reply) == 4 else None

    async def fault(self, *words: str) -> tuple[int, str]:
        """Exit code and output of `plantroom hil fault ...`."""
        command = ["fault", *words, "--socket", str(self.socket)]
        result = await asyncio.to_thread(CliRunner().invoke, bench(), command)
        return result.exit_code, result.output


def lay_out(folder: Path, **options: Any) -> tuple[ServeOptions, int]:
    plant, bms = free_ports((0, 0))
    text = SITE.format(plant=plant, bms=bms)
    if "plant" not in options:  # an OPC UA server takes seconds to come up
        text = "\n".join(line for line in text.splitlines() if "bms" not in line and "oat" not in line)
    (folder / "site.yaml").write_text(text)
    (folder / "serve_room_plant.py").write_text(PLANT)
    places = {"plant": f"127.0.0.1:{plant}"}
    return ServeOptions(site=folder / "site.yaml", places=places, data=folder / "data", **options), plant


async def run(folder: Path, **options: Any) -> AsyncIterator[Served]:
    asked, port = lay_out(folder, **options)
    up: asyncio.Future[SimulatedSite] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(asked, up.set_result))
    await asyncio.wait([task, up], return_when=asyncio.FIRST_COMPLETED, timeout=20)
    if task.done():
        await task
    yield Served(await up, port, folder)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (folder / "data" / "hil.sock").exists()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        async for one in run(folder, plant="serve_room_plant:make"):
            yield one
    sys.modules.pop("serve_room_plant", None)
    sys.path.remove(str(folder))


@pytest.fixture
def served(standing: Served) -> Iterator[Served]:
    """Without faults before and after."""
    yield standing
    standing.site.board.mend()


async def test_a_plant_of_somebody_else_behind_faces(served: Served) -> None:
    supply = await served.supply()
    assert (await served.ask(0, 85, function=6))[0] == 6
    await until(lambda: served.site.world.truth["chiller_1.chilled_water_supply_temp"] == 8.5)
    assert await served.supply() == 8.5
    assert (await served.ask(0, 70, function=6))[0] == 6
    await until(lambda: served.site.world.truth["chiller_1.chilled_water_supply_temp"] == 7.0)
    assert supply == await served.supply() == 7.0
    assert served.site.times.count > 0


async def test_faults_are_thrown_and_mended_from_the_command_line(served: Served) -> None:
    assert served.socket.stat().st_mode & 0o777 == 0o600
    assert await served.fault("list") == (0, "nothing is broken\n")
    code, out = await served.fault("throw", "point:ch1.supply", "bias", "--amount", "-2.5", "--json")
    assert (code, json.loads(out)["unit"]) == (0, "degC")
    assert await served.supply() == 4.5
    code, _ = await served.fault("throw", "plant:chiller_1.trip")
    assert code == 0
    await until(lambda: served.site.world.truth["chiller_1.power"] == 0.0)
    code, out = await served.fault("list", "--json")
    assert [one["path"] for one in json.loads(out)] == ["point:ch1.supply", "plant:chiller_1"]
    assert (await served.fault("mend", "*"))[0] == 0
    await until(lambda: served.site.world.truth["chiller_1.power"] == 120.0)
    assert await served.supply() == 7.0


async def test_a_fault_ends_after_its_time(served: Served) -> None:
    assert (await served.fault("throw", "bus:plant", "loss", "--amount", "100%", "--for", "1s"))[0] == 0
    assert await served.supply() is None
    await until(lambda: not served.site.board.standing())
    assert await served.supply() == 7.0


async def test_what_cannot_be_thrown_is_refused_with_a_sentence(served: Served) -> None:
    code, out = await served.fault("throw", "bus:plant", "los")
    assert (code, "did you mean loss" in out) == (1, True)
    code, out = await served.fault("throw", "bus:bms", "crc")
    assert (code, "not possible" in out) == (1, True)
    code, out = await served.fault("list", "--possible", "--json")
    kinds = {one["kind"] for one in json.loads(out)}
    assert {"loss", "trip", "bias", "network_down", "power_dip"} <= kinds
    assert "certificate_expired" not in kinds, "this server speaks in the clear"


async def test_the_network_goes_and_comes_back(served: Served) -> None:
    served.site.board.throw("bus:plant", "network_down")
    await until(lambda: "plant" not in served.site.faces)
    assert await served.supply() is None
    served.site.board.mend()
    await until(lambda: "plant" in served.site.faces)
    assert await served.supply() == 7.0


async def test_bytes_nobody_asked_for(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        served.site.board.throw("bus:plant", "babble", 0.2)
        async with asyncio.timeout(5):
            assert len(await reader.read(100)) > 0
    finally:
        writer.close()
    served.site.board.mend()


async def test_nobody_answers_is_an_exit_code_of_its_own(tmp_path: Path) -> None:
    result = CliRunner().invoke(bench(), ["fault", "list", "--socket", str(tmp_path / "none.sock")])
    assert result.exit_code == 3


async def test_a_unit_behind_faces(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAP.replace("step: 10 s", "step: 1 s"))
    unit = build_unit(tmp_path, 2)
    async for served in run(tmp_path, fmu=unit, variables=tmp_path / "map.yaml", speed=100.0):
        await until(lambda: served.site.world.truth["chiller_1.chilled_water_supply_temp"] < 8.1)  # noqa: B023
        assert await served.supply() == pytest.approx(8.0, abs=0.11)
        assert (await served.ask(0, 0, function=5))[0] == 5
        await until(lambda: served.site.world.truth["chiller_1.power"] == 0.0)  # noqa: B023


async def test_a_recording_behind_faces(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("elapsed,chiller_1.chilled_water_supply_temp\n0,5.5\n1000,5.5\n")
    async for served in run(tmp_path, recording=tmp_path / "r.csv"):
        assert await served.supply() == 5.5


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"plant": "serve_room_plant"}, "package.module:function"),
        ({"plant": "nowhere_at_all:make"}, "nowhere_at_all"),
        ({"plant": "serve_room_plant:nothing"}, "has no step"),
        ({"recording": Path("missing.csv")}, "missing.csv"),
    ],
)
async def test_what_is_no_plant_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    asked, _ = lay_out(tmp_path, **options)
    with pytest.raises(PlantroomError, match=sentence):
        await serve(asked)
    sys.modules.pop("serve_room_plant", None)


async def test_a_bus_that_is_not_there_and_an_address_that_is_not_ours(tmp_path: Path) -> None:
    asked, _ = lay_out(tmp_path)
    with pytest.raises(PlantroomError, match="no bus 'plent'"):
        await serve(ServeOptions(site=asked.site, places={"plent": "1"}))
    with pytest.raises(PlantroomError, match="needs an address of this machine"):
        await serve(ServeOptions(site=asked.site))
    (tmp_path / "faces.yaml").write_text("quirk: {}\n")
    with pytest.raises(ConfigurationError, match="did you mean quirks"):
        await serve(ServeOptions(site=asked.site, faces=tmp_path / "faces.yaml"))


async def test_the_commands_are_there() -> None:
    root = typer.Typer()
    from hil.cli import register

    register(root)
    for words in (["hil", "serve", "--help"], ["simulate", "--help"], ["hil", "fault", "throw", "--help"]):
        assert CliRunner().invoke(root, words).exit_code == 0
