"""The cloud cut of `plantroom drill` on a real broker: mosquitto is ended and started, and its own client sees what arrives."""

from types import SimpleNamespace

import pytest

from tests.integration.test_drill import Drill, kept
from tests.telemetry.test_telemetry_mqtt import Broker, Subscriber
from tests.torture.state_bench import StateBench
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(tmp_path):
    made = Broker(tmp_path, None)
    yield made
    made.stop()


class Room:
    """What a drill has to know of a site."""

    def __init__(self, bench):
        self.folder = SimpleNamespace(site=bench.config, socket=bench.folder / "agent.sock")


@pytest.fixture
async def cloud(broker):
    made = Subscriber(broker, None)
    await made.start()
    yield made
    await made.stop()


async def test_mosquitto_is_ended_and_comes_back(tmp_path, broker, cloud):
    uplink = f"uplinks:\n  cloud: {{kind: mqtt, url: 'mqtt://127.0.0.1:{broker.port}', retry_cap: 1 s}}\n"
    async with StateBench(tmp_path / "s", more=uplink) as bench:
        await bench.start()
        await bench.ready()
        await until(lambda: cloud.receiver.values > 0)
        code, record, err = await Drill(Room(bench), "cloud").run(
            ("Cut the way to the cloud", broker.stop, ""), ("Put it back", broker.start, "")
        )
        [cut] = record["cuts"]
        assert all(kept(cut).values()), cut
        assert (code, record["passed"]) == (0, True), err
        seen = cloud.receiver.values
        await until(lambda: cloud.receiver.values > seen and not any(cloud.receiver.missing().values()))
