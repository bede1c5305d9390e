"""Areas that wake on a sensor, at a pace of a minute: what the sensor does between is seen when it happens."""

import math

from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.bench.setup import BenchSetup
from hil.bench.sim import SimBench
from hil.plant.variables import VariableInfo, number
from hil.virtual_time import run_virtual
from hil.wiring import automatic_wiring

SITE = """\
version: 1
site: {name: Stairs, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses:
  lamps: {kind: modbus-tcp, host: 10.0.0.1}
devices:
  gateway: {profile: plantroom_lamp_gateway, bus: lamps, unit: 1}
areas:
  garage: {tick: 1 s, authority: agent, wake_on: [presence]}
equipment:
  stairs: {kind: lamp_group, area: garage, lamp_level: gateway.level_1, presence: gateway.presence_1}
policies:
  lights: {kind: lighting.radar, area: garage, hold: 20 s, dim_level: 5 %}
store: {path: data/plantroom.db}
"""
COMES = (
    100.30,
    107.90,
    119.55,
    301.10,
)  # s; the second and third while the light is still held from the first
STAYS = 2.0


class Stairs:
    """Somebody comes at known times; keeps what the lamp was told, and when."""

    def __init__(self):
        self.now = 0.0
        self.told = []
        edges = (edge for came in COMES for edge in (came, came + STAYS))
        self._edges = sorted(edges)

    def step(self, dt, inputs):
        level = number(inputs, "stairs.lamp_level", 100.0)
        if not self.told or self.told[-1][1] != level:
            self.told.append((self.now, level))
        self.now += dt
        seen = any(came <= self.now + 1e-6 < came + STAYS for came in COMES)
        return {"stairs.presence": seen, "stairs.lamp_level": level}

    def variables(self):
        return {"stairs.presence": VariableInfo(), "stairs.lamp_level": VariableInfo("%", input=True)}

    def next_event(self):
        return next((edge - self.now for edge in self._edges if edge > self.now + 1e-6), math.inf)


def told(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE)
    catalogue = find_catalogue()
    site, plant = load_site(tmp_path / "site.yaml", catalogue), Stairs()
    wiring = automatic_wiring(site, plant.variables()).devices

    async def go():
        setup = BenchSetup(site=site, catalogue=catalogue, plant=plant, wiring=wiring)
        async with SimBench(setup, 60.0) as bench:
            await bench.run_until(400.0)

    run_virtual(go())
    return plant.told


def test_what_a_sensor_sees_is_acted_on_at_once_also_while_the_area_ticks(tmp_path):
    """Ticks between two steps of the plant must not put off what the plant has announced."""
    changes = [(time, level) for time, level in told(tmp_path) if time > 90.0]
    assert [level for _, level in changes] == [100.0, 5.0, 100.0, 5.0]
    first_on, first_off, on, off = (time for time, _ in changes)
    assert 0.0 <= first_on - COMES[0] < 0.4  # the next poll of the radar, and the step before it
    assert 18.9 <= first_off - (COMES[2] + STAYS) < 22.0, "held from the last movement on"
    assert 0.0 <= on - COMES[3] < 0.4
    assert 18.9 <= off - (COMES[3] + STAYS) < 22.0
