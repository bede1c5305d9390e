"""A heating station for tests: sources obey in the next tick, the tank and the air are set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from agent.core.decision import Decision
from agent.core.equipment import Equipment, Place
from policies.heating_plant.dispatch import Dispatch
from tests.policies.snapshots import Bench, machine, model

BEIJING = Place(name="Beijing", latitude=39.9, longitude=116.4, timezone="Asia/Shanghai", currency="CNY")
SOURCE = ("enable", "status", "alarm", "available", "hot_water_setpoint", "heating", "power")
TARIFF = ("0:00-6:00 0.30", "16:00-20:00 1.00", "otherwise 0.60")
MIDNIGHT = 1_768_320_000.0  # 2026-01-14 00:00 in China


def source(id_: str, kind: str, capacity: float, roles: tuple[str, ...] = SOURCE, **more: Any) -> Equipment:
    settings = {key: str(more.pop(key)) for key in ("source", "backup") if key in more}
    return replace(machine(id_, kind, roles, capacity=capacity, **more), settings=settings)


def station() -> tuple[Equipment, ...]:
    """Two air machines, a ground machine, a boiler, an electric heater."""
    return (
        source("air_1", "heat_pump", 200.0, (*SOURCE, "runtime"), source="air", rated_cop=3.0),
        source("air_2", "heat_pump", 200.0, (*SOURCE, "runtime"), source="air", rated_cop=3.0),
        source("ground", "heat_pump", 200.0, (*SOURCE, "source_entering_temp"), source="ground", rated_cop=3.6, highest_supply_temp=65.0),
        source("boiler", "boiler", 400.0, efficiency=0.95),
        source("heater", "electric_heater", 100.0),
    )  # fmt: skip


@dataclass
class StationBench(Bench):
    """`dead`: sources that do not run whatever they are told. `second`: seconds since midnight of a January day."""

    dead: set[str] = field(default_factory=set)
    second: float = 9 * 3600.0

    def tick(self, **more: Any) -> None:
        self.second += self.area.area.tick
        more = {"utc": MIDNIGHT + self.second} | more
        super().tick(**more)
        for one in self.sources():
            point = f"{one.id}.enable"
            wish = self.wishes.get(point)
            if wish is None:
                continue
            self.decisions[point] = Decision(point=point, value=wish.value, winner=wish)
            runs = wish.value is True and one.id not in self.dead
            if isinstance(self.values.get(f"{one.id}.status"), bool):
                self.values[f"{one.id}.status"] = runs

    def sources(self) -> list[Equipment]:
        return [one for one in self.area.equipment.values() if "status" in one.roles]

    def on(self) -> set[str]:
        return {one.id for one in self.sources() if self.wishes[f"{one.id}.enable"].value is True}

    def go(self, minutes: float, **more: Any) -> set[str]:
        """Who is told to run after so long."""
        self.run(60.0 * minutes, **more)
        return self.on()

    def outside(self, degrees: float | None) -> None:
        self.values["weather.outdoor_dry_bulb"] = degrees

    def take(self, kw: float, supply: float = 45.0) -> None:
        """The building takes so much; 8 K between supply and return."""
        self.values["loop.hot_water_flow"] = kw / 4.19 / 8.0
        self.values["loop.hot_water_supply_temp"] = supply
        self.values["loop.hot_water_return_temp"] = supply - 8.0

    def tank(self, top: float, middle: float, bottom: float) -> None:
        self.values |= {
            "tank.tank_top_temp": top,
            "tank.tank_middle_temp": middle,
            "tank.tank_bottom_temp": bottom,
        }


def bench(*more: Equipment, sources: tuple[Equipment, ...] | None = None, **parameters: Any) -> StationBench:
    """At 0 degC outside with a half-full tank, 200 kW taken, nothing running."""
    given = {
        "tariff": ("otherwise 0.60",),
        "gas_price": 0.30,
        "minimum_on": 900.0,
        "supply_cold": 50.0,
    } | parameters
    machines = station() if sources is None else sources
    area = model(
        *machines,
        machine(
            "loop",
            "loop",
            ("hot_water_flow", "hot_water_supply_temp", "hot_water_return_temp", "hot_water_setpoint"),
        ),
        machine("tank", "tank", ("tank_top_temp", "tank_middle_temp", "tank_bottom_temp"), volume=40.0),
        machine("weather", "weather", ("outdoor_dry_bulb",)),
        *more,
        tick=60.0,
        place=BEIJING,
    )
    made = StationBench(Dispatch(name="heat", **given), area, {})
    for one in machines:
        made.values |= {f"{one.id}.status": False, f"{one.id}.alarm": False, f"{one.id}.available": True}
    made.values["ground.source_entering_temp"] = 8.0
    made.outside(0.0)
    made.take(200.0)
    made.tank(50.0, 40.0, 35.0)
    return made
