"""The whole simulated site on real sockets, read and commanded by the real drivers; and the demonstration around it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from agent.config.load import load_site
from agent.core.reading import Reading
from agent.core.site import Site
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.demo import demo
from hil.demo_folder import DemoFolder, choose_ports, lay_out
from hil.demo_plant import demo_plant, demo_wiring
from hil.simulated_site import FaceSettings, SimulatedSite
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    return lay_out(tmp_path_factory.mktemp("site"), choose_ports(0), 1.0)


@pytest.fixture(scope="module")
def site(folder: DemoFolder) -> Site:
    return load_site(folder.site, find_catalogue())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulated(folder: DemoFolder, site: Site) -> AsyncIterator[SimulatedSite]:
    clock = ScaledClock(1.0)
    plant = demo_plant(clock.utc())
    settings = FaceSettings(opcua={"bms": folder.bms}, real_baudrate=False, opcua_period=0.05)
    async with SimulatedSite(site, plant, demo_wiring(site, plant.variables()), clock, settings) as made:
        yield made


async def read_all(site: Site, bus: str) -> tuple[Any, dict[str, Reading]]:
    """An open driver of this bus and every reading of its plan."""
    entry = site.buses[bus]
    kind = find_catalogue().drivers[entry.kind]
    devices = [device for device in site.devices.values() if device.bus == bus]
    driver: Any = kind.create(bus, entry.settings, devices, ScaledClock(1.0), lambda _: None)
    await driver.open()
    readings: dict[str, Reading] = {}
    for item in driver.plan():
        for block in await driver.read(item):
            readings |= block.readings()
    return driver, readings


@pytest.mark.parametrize("bus", ["plant", "meters", "bms"])
async def test_every_point_reads_good_and_true(simulated: SimulatedSite, site: Site, bus: str) -> None:
    driver, readings = await read_all(site, bus)
    await driver.close()
    readable = {
        point.id
        for device in site.devices.values()
        if device.bus == bus
        for point in device.points.values()
        if point.access != "write"
    }
    assert readable <= set(readings)
    assert [name for name, reading in readings.items() if not reading.good] == []
    truth = simulated.world.truth
    spots = {
        "plant": ("ch1.chilled_water_return_temp", "chiller_1.chilled_water_return_temp", 0.2),
        "meters": ("pm1.power", "chiller_1.power", 5.0),
        "bms": ("weather.outdoor_temp", "outdoor_air.outdoor_dry_bulb", 0.1),
    }
    point, variable, tolerance = spots[bus]
    assert readings[point].value == pytest.approx(truth[variable], abs=tolerance)


async def test_commands_go_through_the_wire_into_the_plant(simulated: SimulatedSite, site: Site) -> None:
    driver, _ = await read_all(site, "plant")
    try:
        await driver.write("ch2.enable", False)
        await driver.write("chwp2.enable", False)
        await driver.write("io.relay_1", True)
        await until(lambda: simulated.world.truth["chiller_2.status"] is False)
        await until(lambda: simulated.world.truth["chilled_pump_2.enable"] is False)
        await until(lambda: simulated.world.truth["street.lamp_switch"] is True)
        assert simulated.world.truth["chiller_1.status"] is True
    finally:
        await driver.close()
    lamps, _ = await read_all(site, "meters")
    try:
        await lamps.write("lamps.level_3", 12.5)
        await until(lambda: simulated.world.truth["aisle_b.lamp_level_status"] == pytest.approx(12.5))
    finally:
        await lamps.close()


async def test_a_taken_port_is_said_at_once_and_nothing_stays_behind(
    simulated: SimulatedSite, folder: DemoFolder, site: Site
) -> None:
    plant = demo_plant(0.0)
    second = SimulatedSite(
        site, plant, demo_wiring(site, plant.variables()), ScaledClock(1.0), FaceSettings()
    )
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    assert second.faces == {}


async def test_ports_that_are_taken_are_replaced_by_free_ones() -> None:
    first = choose_ports(0)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", first.web)
    try:
        assert choose_ports(first.web).web != first.web
    finally:
        server.close()
        await server.wait_closed()


async def test_the_demonstration_runs_an_agent_and_ends_in_good_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stand-in for the agent reads the plant, reports to the cloud, and finds the devices alive when it is ended."""
    running, order = asyncio.Event(), []

    async def stand_in(config: Path, *, clock: Any, catalogue: Any, ready: Any) -> None:
        site = load_site(config, catalogue)
        driver, readings = await read_all(site, "plant")
        assert readings["ch1.running"].value is True
        await deliver(site)
        ready("http://127.0.0.1:0")
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            await driver.write("ch1.enable", True)  # the way back is still open
            await driver.close()
            order.append("released")

    async def deliver(site: Site) -> None:
        settings: Any = site.uplinks["archive"].settings
        trust = ssl.create_default_context(cafile=settings.ca)
        message = {"version": 1, "site": "s", "epoch": 1, "lane": "live"}
        blocks = [{"seq": 1, "time": 1.0, "device": "ch1", "values": {"a": 1.0}}]
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {settings.token}"}) as session:
            data = orjson.dumps(message | {"blocks": blocks})
            async with session.post(f"{settings.url}/samples", data=data, ssl=trust) as answer:
                assert answer.status == 200

    work = demo(speed=60.0, data=tmp_path / "demo", port=0, run_agent=stand_in)
    task = asyncio.create_task(work)
    await asyncio.wait({task, asyncio.create_task(running.wait())}, timeout=30, return_when="FIRST_COMPLETED")
    assert running.is_set(), task.exception() if task.done() else "it never came up"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert order == ["released"]
    said = capsys.readouterr().out
    assert "Modbus TCP     127.0.0.1:" in said
    assert "https 1 samples in 1 messages" in said
    assert not (tmp_path / "demo" / "line-meters").is_symlink()
    assert (tmp_path / "demo" / "secrets" / "bms").stat().st_mode & 0o077 == 0
