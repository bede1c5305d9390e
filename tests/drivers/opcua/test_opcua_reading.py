"""How values arrive: subscription, source time, quality, dead band, refresh reads, missing nodes."""

from __future__ import annotations

import asyncio
import time

import pytest
from asyncua import ua
from asyncua.server.monitored_item_service import MonitoredItemService

from agent.core.errors import DeviceError
from agent.core.point import Point, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node

pytestmark = pytest.mark.integration


async def test_changes_arrive_by_themselves_with_the_source_time(serve, look, until):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 21.5), scale=0.1)})
    await scene.driver.open()
    await until(lambda: scene.value("temp") == pytest.approx(2.15))
    source = time.time() - 3.25
    await peer.set("temp", 30.0, source=source)
    await until(lambda: scene.value("temp") == 3.0)
    reading = scene.latest["temp"]
    assert reading.good
    assert reading.time == pytest.approx(source, abs=1e-5)
    assert time.monotonic() - reading.elapsed < 5


async def test_one_message_is_one_block_a_device(serve, look, until):
    peer = await serve()
    names = [f"v{number}" for number in range(50)]
    scene = look(peer.url, {name: Node(node=await peer.add(name, 1.0)) for name in names}, publishing=0.3)
    await scene.driver.open()
    await until(lambda: len(scene.latest) == 50)
    scene.clear()
    source = time.time()
    for name in names:
        await peer.set(name, 2.0, source=source)
    await until(lambda: len(scene.latest) == 50)
    assert len(scene.blocks) <= 2  # two when the writes straddle a publishing moment
    assert {reading.value for reading in scene.latest.values()} == {2.0}


async def test_status_becomes_quality_and_reason(serve, look, until):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 21.5))})
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    await peer.set("temp", 22.0, status=ua.StatusCodes.BadSensorFailure)
    await until(lambda: scene.latest["temp"].quality is Quality.BAD)
    assert scene.latest["temp"].value is None
    assert scene.latest["temp"].reason == "BadSensorFailure"
    await peer.set("temp", 23.0, status=ua.StatusCodes.UncertainLastUsableValue)
    await until(lambda: scene.latest["temp"].quality is Quality.UNCERTAIN)
    assert scene.latest["temp"].value == 23.0
    assert (await scene.read())["temp"].quality is Quality.UNCERTAIN
    await peer.set("temp", 24.0)
    await until(lambda: scene.latest["temp"].good)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -99.0, 250.0])
async def test_what_is_no_measurement_is_bad(serve, look, until, bad):
    peer = await serve()
    points = {"temp": Point(id="d.temp", plausible=(-50.0, 100.0))}
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 20.0), sentinels=(-99.0,))}, points)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 20.0)
    await peer.set("temp", bad)
    await until(lambda: scene.latest["temp"].quality is Quality.BAD)
    assert (await scene.read())["temp"].quality is Quality.BAD


async def test_a_dead_band_is_kept_by_the_server(serve, look, until):
    peer = await serve()
    node = await peer.add("temp", 20.0)
    other = await peer.add("other", 0.0)
    scene = look(peer.url, {"temp": Node(node=node, deadband=1.0), "other": Node(node=other)})
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 20.0)
    await peer.set("temp", 20.5)
    await peer.set("other", 1.0)
    await until(
        lambda: scene.value("other") == 1.0
    )  # a later message has come, so the small step was held back
    assert scene.value("temp") == 20.0
    await peer.set("temp", 21.6)
    await until(lambda: scene.value("temp") == 21.6)


async def test_a_dead_band_the_server_cannot_do_costs_only_traffic(serve, look, until, monkeypatch):
    peer = await serve()
    nodes = {
        "odd": Node(node=await peer.add("odd", 1.0), deadband=1.0),
        "even": Node(node=await peer.add("even", 2.0)),
    }
    scene = look(peer.url, nodes)
    plain = MonitoredItemService._create_data_change_monitored_item
    refused = []

    async def unfiltered(self, item):
        refused.append(getattr(item.RequestedParameters.Filter, "DeadbandValue", None))
        if refused[-1] is not None:
            return ua.MonitoredItemCreateResult(StatusCode=ua.StatusCode(ua.StatusCodes.BadFilterNotAllowed))
        return await plain(self, item)

    monkeypatch.setattr(MonitoredItemService, "_create_data_change_monitored_item", unfiltered)
    await scene.driver.open()
    await until(lambda: (scene.value("odd"), scene.value("even")) == (1.0, 2.0))
    await peer.set("odd", 1.25)
    await until(lambda: scene.value("odd") == 1.25)
    assert refused == [1.0, None, None]


async def test_points_the_server_will_not_watch_are_polled(serve, look, until, monkeypatch):
    peer = await serve()
    nodes = {name: Node(node=await peer.add(name, 1.0)) for name in ("a", "b", "c")}
    scene = look(peer.url, nodes)
    plain = MonitoredItemService._create_data_change_monitored_item
    made = []

    async def two(self, item):
        made.append(item)
        if len(made) > 2:
            return ua.MonitoredItemCreateResult(
                StatusCode=ua.StatusCode(ua.StatusCodes.BadTooManyMonitoredItems)
            )
        return await plain(self, item)

    monkeypatch.setattr(MonitoredItemService, "_create_data_change_monitored_item", two)
    await scene.driver.open()
    await until(lambda: len(scene.latest) == 2)
    assert {item.points: item.period for item in scene.driver.plan()} == {
        (): 1.0,
        ("d.a", "d.b"): 10.0,
        ("d.c",): 1.0,
    }


async def test_on_a_fast_bench_dates_are_the_sites(serve, look, until):
    peer = await serve()
    node = {"temp": Node(node=await peer.add("temp", 1.0))}
    scene = look(peer.url, node, clock=FastClock())
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 1.0)
    assert abs(scene.latest["temp"].time - scene.clock.utc()) < 5
    assert abs((await scene.read())["temp"].time - scene.clock.utc()) < 5


class FastClock:
    speed = 60.0

    def elapsed(self) -> float:
        return time.monotonic() * 60

    def utc(self) -> float:
        return time.time() + 5e6

    def trusted(self) -> bool:
        return True


async def test_unchanged_values_are_renewed_by_the_slow_read(serve, look, until):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 21.5))}, refresh=2.0)
    await peer.set("temp", 21.5, source=time.time() - 3600)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    assert time.time() - scene.latest["temp"].time == pytest.approx(3600, abs=5)
    slow = [item for item in scene.driver.plan() if item.points]
    assert [item.period for item in slow] == [2.0]
    reading = (await scene.read())["temp"]
    assert time.time() - reading.time < 2.0  # the server vouched for it just now
    assert time.monotonic() - reading.elapsed < 2.0


async def test_local_time_stamps_where_the_servers_clock_is_wrong(serve, look, until):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 1.0))}, timestamps="local")
    await peer.set("temp", 2.0, source=time.time() - 86400)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 2.0)
    assert time.time() - scene.latest["temp"].time < 5


async def test_a_missing_node_is_bad_and_does_not_stop_the_rest(serve, look, until):
    peer = await serve()
    nodes = {
        "temp": Node(node=await peer.add("temp", 21.5)),
        "typo": Node(node="ns=2;s=tmep"),
        "path": Node(node="Plent/Nowhere"),
        "space": Node(node="nsu=urn:elsewhere;s=temp"),
        "right": Node(node=f"nsu=urn:test;s={peer.prefix}temp"),
    }
    scene = look(peer.url, nodes)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    readings = await scene.read()
    assert readings["temp"].good
    assert readings["right"].value == 21.5
    assert readings["typo"].reason == "BadNodeIdUnknown"
    assert "'Plent'" in readings["path"].reason
    assert "urn:elsewhere" in readings["space"].reason
    assert {name for name, reading in readings.items() if reading.good} == {"temp", "right"}


async def test_a_path_that_appears_later_is_found(serve, look):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=f"{peer.prefix}Plant/2:temp")})
    await scene.driver.open()
    assert (await scene.read())["temp"].quality is Quality.BAD
    await peer.folder("Plant")
    await peer.add("temp", 18.0, under="Plant")
    assert (await scene.read())["temp"].value == 18.0


async def test_a_server_without_subscriptions_is_polled(serve, look, monkeypatch):
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 21.5))})

    async def refuse(*args, **kwargs):
        raise ua.uaerrors.BadTooManySubscriptions

    monkeypatch.setattr(type(peer.server.iserver.subscription_service), "create_subscription", refuse)
    await scene.driver.open()
    plan = scene.driver.plan()
    assert [(item.points, item.period) for item in plan] == [(("d.temp",), 1.0)]
    assert (await scene.read())["temp"].value == 21.5
    await peer.set("temp", 22.0)
    assert (await scene.read())["temp"].value == 22.0
    assert scene.blocks == []


async def test_arrays_are_bad_and_text_is_text(serve, look, until):
    peer = await serve()
    nodes = {
        "array": Node(node=await peer.add("array", [1.0, 2.0])),
        "text": Node(node=await peer.add("text", "Läuft", "String")),
        "words": Node(node=await peer.add("words", ua.LocalizedText("auto"), "LocalizedText")),
        "flag": Node(node=await peer.add("flag", True, "Boolean")),
        "mode": Node(node=await peer.add("mode", 2, "Int32"), codes={1: "off", 2: "cool"}),
    }
    kinds = {
        "text": ValueKind.TEXT,
        "words": ValueKind.TEXT,
        "flag": ValueKind.SWITCH,
        "mode": ValueKind.ENUM,
    }
    scene = look(peer.url, nodes, {name: Point(id=f"d.{name}", kind=kind) for name, kind in kinds.items()})
    await scene.driver.open()
    await until(lambda: len(scene.latest) == 5)
    for readings in (scene.latest, await scene.read()):
        assert readings["array"].quality is Quality.BAD
        assert readings["text"].value == "Läuft"
        assert readings["words"].value == "auto"
        assert readings["flag"].value is True
        assert readings["mode"].value == "cool"


async def test_more_nodes_than_one_call_may_hold(serve, look, until, monkeypatch):
    monkeypatch.setattr("drivers.opcua.driver.MOST_AT_ONCE", 7)
    peer = await serve()
    nodes = {f"v{number}": Node(node=await peer.add(f"v{number}", float(number))) for number in range(20)}
    scene = look(peer.url, nodes)
    await scene.driver.open()
    await until(lambda: len(scene.latest) == 20)
    assert [len(item.points) for item in scene.driver.plan()] == [0, 7, 7, 6]
    readings = await scene.read()
    assert {name: reading.value for name, reading in readings.items()} == {
        f"v{number}": float(number) for number in range(20)
    }


async def test_a_short_pulse_between_two_messages_is_seen(serve, look, until):
    peer = await serve()
    scene = look(peer.url, {"radar": Node(node=await peer.add("radar", 0.0))}, publishing=0.5, sampling=0.02)
    await scene.driver.open()
    await until(lambda: scene.value("radar") == 0.0)
    scene.clear()
    await peer.set("radar", 1.0)
    await asyncio.sleep(0)
    await peer.set("radar", 0.0)
    await until(lambda: scene.value("radar") == 0.0)
    assert [block.values for block in scene.blocks] == [(1.0,), (0.0,)]


async def test_a_server_that_finds_a_read_too_large_gets_smaller_ones(serve, look, monkeypatch):
    peer = await serve()
    nodes = {f"v{number}": Node(node=await peer.add(f"v{number}", float(number))) for number in range(20)}
    scene = look(peer.url, nodes)
    await scene.driver.open()
    service = peer.server.iserver.attribute_service
    sizes = []
    plain = service.read

    def few(params):
        if len(params.NodesToRead) == 1:  # the session asks in between how the server is
            return plain(params)
        sizes.append(len(params.NodesToRead))
        if sizes[-1] > 6:
            raise ua.uaerrors.BadTooManyOperations
        return plain(params)

    monkeypatch.setattr(service, "read", few)
    for _ in range(2):
        assert [reading.value for reading in (await scene.read()).values()] == [
            float(one) for one in range(20)
        ]
    assert sizes == [20, 10, 5, 5, 5, 5, 5, 5, 5, 5]


async def test_a_device_dead_behind_the_server_is_a_device_error_until_it_answers(serve, look):
    peer = await serve()
    nodes = {name: Node(node=await peer.add(name, 1.0)) for name in ("a", "b")}
    scene = look(peer.url, nodes)
    await scene.driver.open()
    pulse, slow = scene.driver.plan()
    assert await scene.driver.read(pulse) == ()
    for name in nodes:
        await peer.set(name, 0.0, status=ua.StatusCodes.BadNoCommunication)
    with pytest.raises(DeviceError, match="BadNoCommunication"):
        await scene.driver.read(slow)
    with pytest.raises(DeviceError, match="BadNoCommunication"):
        await scene.driver.read(pulse)  # else the poller would take the device for alive again
    await peer.set("a", 2.0)
    (block,) = await scene.driver.read(pulse)
    assert block.values == (2.0,)
    assert await scene.driver.read(pulse) == ()
