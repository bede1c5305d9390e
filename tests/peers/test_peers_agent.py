"""The agent between programs that are none of ours: libmodbus and node-opcua below, mosquitto and its clients above."""

import asyncio
import json
import re
import signal

import pytest
import pytest_asyncio

from tests.abuse.agent_process import AgentProcess
from tests.drivers.opcua.test_opcua_node_peer import NodeServer
from tests.integration.plant_room import until
from tests.peers.peer_room import Plc, lay_out, trust
from tests.telemetry.certificates import make_certificates
from tests.telemetry.test_telemetry_mqtt import Broker, Subscriber

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("strangers")


@pytest.fixture(scope="module")
def plc(folder):
    server = Plc(folder)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bms(folder):
    server = NodeServer(folder / "node-opcua")
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cloud(folder):
    papers = make_certificates(folder)
    broker = Broker(folder, papers)
    subscriber = Subscriber(broker, papers)
    await subscriber.start()
    yield broker, subscriber, papers
    await subscriber.stop()
    broker.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(folder, plc, bms, cloud):
    """Started twice, as an installer does: the first refusal of the BMS says which fingerprint to trust."""
    broker, _, papers = cloud
    site = lay_out(folder, plc, bms.url, broker.port, papers)
    running = AgentProcess(site, folder / "data" / "plantroom.sock")
    await running.start()
    found = await _until_said(running, r'trust: "([0-9A-F:]{95})"')
    assert await running.end() == 0
    trust(site, found[1])
    code, out, err = await running.command("check", str(site))
    assert code == 0, out + err
    await running.start()
    yield running
    await running.end(signal.SIGKILL)


async def _until_said(agent, pattern):
    await until(lambda: re.search(pattern, agent.log.read_text()), 20)
    return re.search(pattern, agent.log.read_text())


async def good(agent, point):
    """Its value as soon as it is good."""
    async with asyncio.timeout(20):
        while True:
            [view] = await agent.ask("points", point)
            if view["quality"] == "good":
                return view["value"]
            await asyncio.sleep(0.1)


async def test_both_sides_are_read(agent, bms):
    assert await good(agent, "plc.input_42") == 2042
    assert await good(agent, "plc.level") == pytest.approx(10.6)
    assert await good(agent, "weather.temp") == 21.5
    bms.ask("Temp", value=31.25)
    async with asyncio.timeout(10):
        while await good(agent, "weather.temp") != 31.25:
            pass


async def test_an_override_reaches_the_plc_and_the_bms_and_is_given_back_when_cancelled(agent, plc, bms):
    await good(agent, "plc.level")
    await good(agent, "weather.run")
    await agent.ask("override", "plc.level", "42", "--for", "10 min", "--reason", "cleaning")
    await until(lambda: plc.holding(60) == 4200)
    await agent.ask("override", "weather.run", "on", "--for", "10 min", "--reason", "cleaning")
    await until(lambda: bms.ask("Run") == {"value": True, "type": "Boolean"})
    why = await agent.ask("why", "plc.level")
    assert why["final"] == 42
    assert "cleaning" in why["sentence"]


async def test_samples_arrive_at_mosquitto_sub_in_the_documented_form(agent, cloud):
    _, subscriber, _ = cloud
    await good(agent, "weather.temp")
    blocks = lambda device: [block for block in sent(subscriber) if block["device"] == device]
    await until(lambda: any(block["values"].get("level") == 42 for block in blocks("plc")), 20)
    await until(lambda: any(block["values"].get("temp") == 31.25 for block in blocks("weather")))
    block = next(block for block in blocks("plc") if block["values"].get("level") == 42)
    assert set(block) >= {"seq", "time", "trusted", "device", "values"}
    assert block["values"] == {"level": 42.0}
    assert any(block["values"] == {"input_42": 2042} for block in blocks("plc"))
    assert "quality" not in block
    messages = [json.loads(body) for topic, body in subscriber.messages if topic.endswith("/samples")]
    assert {(one["version"], one["site"]) for one in messages} == {(1, "among-strangers")}
    assert {one["lane"] for one in messages} <= {"live", "backfill"}
    keys = [(one["epoch"], each["seq"]) for one in messages for each in one["blocks"]]
    assert len(keys) == len(set(keys)) == subscriber.receiver.blocks
    assert subscriber.receiver.missing() == {}
    [points] = {body for topic, body in subscriber.messages if topic.endswith("/points")}
    listed = {one["id"]: one for one in json.loads(points)["points"]}
    assert listed["plc.level"]["unit"] == "%"
    assert listed["weather.temp"]["role"] == "outdoor_dry_bulb"


def sent(subscriber):
    for topic, body in subscriber.messages:
        if topic.endswith("/samples"):
            yield from json.loads(body)["blocks"]


async def test_ended_in_order_everything_is_given_back_to_the_strangers(agent, plc, bms, cloud):
    _, subscriber, _ = cloud
    await good(agent, "plc.level")
    assert await agent.end() == 0
    assert plc.holding(60) == 10_000
    assert bms.ask("Run")["value"] is False
    states = lambda: [json.loads(body)["state"] for topic, body in subscriber.messages if "/status" in topic]
    await until(lambda: states()[-1:] == ["offline"])
    log = agent.log.read_text()
    assert "Traceback" not in log
    assert "did not end by itself" not in log  # being told to stop is no crash
