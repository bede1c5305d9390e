"""A small room for the benches: one machine that cools a loop, exact at any step, and its site file."""

import math
from pathlib import Path

from hil.plant.variables import VariableInfo, number, switch

SITE = """\
version: 1
site: {name: Bench room, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses:
  room: {kind: modbus-tcp, host: 10.0.0.1}
devices:
  m1:
    bus: room
    unit: 1
    poll: 1 s
    points:
      run: {table: coil, address: 0, role: enable, access: read_write, release: {value: true}, persistence: ram, settle: 2 s}
      status: {table: discrete, address: 0, role: status}
      limit: {table: holding, address: 0, unit: "%", role: demand_limit, access: read_write, low: 0, high: 100, persistence: ram}
      power: {table: input, address: 0, scale: 0.1, unit: kW, role: power}
      supply: {table: input, address: 1, scale: 0.01, unit: degC}
areas:
  plant: {tick: 10 s, authority: agent}
equipment:
  chiller_1: {kind: chiller, area: plant, device: m1}
  loop: {kind: loop, area: plant, chilled_water_supply_temp: m1.supply}
store: {path: data/plantroom.db}
"""
PLANT = "factory: tests.hil.bench.bench_room:make_plant\nload: 200\n"
TIME_CONSTANT = 600.0  # s


class CoolingLoop:
    """Full power or none; the loop follows with one time constant."""

    def __init__(self, load=200.0):
        self.load = load
        self.temp = 7.0
        self.tripped = False
        self.steps = 0

    def step(self, dt, inputs):
        self.steps += 1
        on = switch(inputs, "chiller_1.enable", local=True) and not self.tripped
        load = number(inputs, "loop.load", self.load, 0.0, 1000.0)
        target = 7.0 if on else 20.0
        self.temp = target + (self.temp - target) * math.exp(-dt / TIME_CONSTANT)
        cooling = load if on else 0.0
        return {
            "chiller_1.enable": on,
            "chiller_1.status": on,
            "chiller_1.power": cooling / 4.0,
            "chiller_1.demand_limit": number(inputs, "chiller_1.demand_limit", 100.0),
            "loop.cooling": cooling,
            "loop.chilled_water_supply_temp": self.temp,
            "loop.load": load,
        }

    def variables(self):
        units = {
            "power": "kW",
            "cooling": "kW",
            "load": "kW",
            "chilled_water_supply_temp": "degC",
            "demand_limit": "%",
        }
        inputs = ("chiller_1.enable", "chiller_1.demand_limit", "loop.load")
        return {
            name: VariableInfo(units.get(name.rpartition(".")[2], ""), name in inputs)
            for name in CoolingLoop().step(0.0, {})
        }

    def failures(self):
        return {"chiller_1.trip": "stops and stays off"}

    def fail(self, name, amount):
        self.tripped = amount > 0.0

    def mend(self, name):
        self.tripped = False


def make_plant(data, _start, _seed):
    return CoolingLoop(float(data.get("load", 200.0)))


def lay_out(folder: Path, story: str) -> Path:
    """The site in `folder/room`, and the scenario that is told there."""
    room = folder / "room"
    room.mkdir()
    (room / "site.yaml").write_text(SITE)
    (room / "plant.yaml").write_text(PLANT)
    path = folder / "story.yaml"
    path.write_text(story)
    return path
