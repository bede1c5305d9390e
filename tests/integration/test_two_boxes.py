"""Two agents, each a process of its own, on one device over Modbus TCP: never both at once, whatever happens to the one that acts."""

import asyncio
import signal

import pytest

from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.ports import free_port
from hil.servers.device import Wiring
from hil.simulated_site import FaceSettings, SimulatedSite
from tests.abuse.agent_process import AgentProcess, run_command
from tests.integration.plant_room import EVENING, until

pytestmark = pytest.mark.integration

SPEED = 16.0
EXPIRES = 60.0  # site seconds
LEVELS = {1: 60.0, 2: 70.0}  # what each box makes of the night
RELEASED = 100.0
SITE = """\
version: 1
site: {{name: Two boxes, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}}
store: {{path: data/store.db}}
web: {{port: 0, socket: run/agent.sock}}
buses:
  net: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}
devices:
  io:
    bus: net
    points:
      level: {{unit: "%", table: holding, address: 0, access: read_write, release: {{value: 100}}, persistence: ram, settle: 1 s}}
      word: {{table: holding, address: 1, access: read_write, release: none, persistence: ram}}
areas: {{hall: {{tick: 1 s, authority: agent}}}}
equipment: {{lamps: {{kind: lamp_group, area: hall, lamp_level: io.level}}}}
policies: {{night: {{kind: lighting.astronomical, area: hall, level: {level:g} %}}}}
lease: {{point: io.word, box: {box}, expires: {expires:g} s}}
"""


class Nothing:
    """A plant that remembers what it is told and does nothing."""

    def __init__(self):
        self.truth = {"level": 0.0, "word": 0}

    def step(self, _dt, inputs):
        self.truth.update(inputs)
        return dict(self.truth)


class TwoBoxes:
    """The device, all that was ever written to it, and the boxes."""

    def __init__(self, folder):
        self.port, self.boxes = free_port(), {}
        for box, level in LEVELS.items():
            place = folder / str(box)
            (place / "data").mkdir(parents=True)
            text = SITE.format(port=self.port, level=level, box=box, expires=EXPIRES)
            (place / "site.yaml").write_text(text)
            program = ("-m", "tests.torture.soak_agent", str(SPEED), str(EVENING))
            self.boxes[box] = AgentProcess(place / "site.yaml", place / "run" / "agent.sock", program)
        site = load_site(folder / "1" / "site.yaml", find_catalogue())
        wiring = {"io": Wiring(commands={"level": "level", "word": "word"})}
        self.clock = ScaledClock(SPEED, EVENING)
        self.simulated = SimulatedSite(site, Nothing(), wiring, self.clock, FaceSettings())
        self.told, world = [], self.simulated.world
        take = world.command

        def command(variable, value):
            self.told.append((self.clock.elapsed(), variable, value))
            take(variable, value)

        world.command = command

    async def __aenter__(self):
        await self.simulated.start()
        await asyncio.gather(*(box.start() for box in self.boxes.values()))
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*(box.kill() for box in self.boxes.values()))
        await self.simulated.stop()

    def levels(self):
        """What the lamps were told, each once."""
        told = [value for _, variable, value in self.told if variable == "level"]
        return [value for at, value in enumerate(told) if at == 0 or told[at - 1] != value]

    def last_beat(self, box):
        return max(time for time, name, value in self.told if name == "word" and value // 1000 == box)

    def first(self, level):
        return min(time for time, name, value in self.told if (name, value) == ("level", level))


async def test_killed_the_holder_is_given_back_and_the_other_takes_over_when_the_lease_has_run_out(tmp_path):
    async with TwoBoxes(tmp_path) as two:
        await until(lambda: two.levels() in ([LEVELS[1]], [LEVELS[2]]), 20)
        holder = next(box for box, level in LEVELS.items() if two.levels() == [level])
        other = 3 - holder
        standing = await two.boxes[other].ask("alarms")
        assert any(f"box {holder} holds the lease on the plant" in str(one) for one in standing), standing
        await two.boxes[holder].end(signal.SIGKILL)
        site = str(two.boxes[holder].site)
        code, _, err = await run_command("release", "--config", site, "--if-crashed")  # as systemd does
        assert code == 0, err
        given_back = two.clock.elapsed()
        await until(lambda: LEVELS[other] in two.levels(), 20)
        assert two.levels() == [LEVELS[holder], RELEASED, LEVELS[other]]
        assert two.first(RELEASED) < given_back < two.first(LEVELS[other])
        assert two.first(LEVELS[other]) - two.last_beat(holder) > EXPIRES
        back = two.clock.elapsed()
        await two.boxes[holder].start()  # it watches, and gives nothing back over the other's head
        await until(lambda: two.clock.elapsed() > back + EXPIRES / 3, 20)
        assert two.levels() == [LEVELS[holder], RELEASED, LEVELS[other]]
        assert await two.boxes[other].end() == 0
        assert two.levels() == [LEVELS[holder], RELEASED, LEVELS[other], RELEASED]
