"""A plant that obeys the simulator's own equations in steady state: what it would read and draw, its past, and its true optimum.

Machines are coefficient sets of the simulator, pumps and towers its own models: nothing of the optimiser's own curves is in here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sin, tau
from typing import Any

from agent.calc.columns import MemoryHistory
from agent.core.equipment import AreaModel
from agent.core.learning import DAY
from hil.library import load_chiller
from hil.plant.chiller_curves import ChillerCurves, heat_rate, operating_point
from hil.plant.profile_load import Emission
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.tower import Merkel, Tower
from tests.policies.snapshots import machine, model

CHILLER = (
    *(
        "enable",
        "status",
        "power",
        "chilled_water_setpoint",
        "chilled_water_supply_temp",
        "chilled_water_flow",
    ),
    *("condenser_entering_temp", "condenser_flow", "condenser_leaving_temp"),
)
PUMP = ("enable", "status", "speed", "speed_command", "power")
LOOP = (
    *("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp", "condenser_flow"),
    *("condenser_entering_temp", "condenser_return_temp", "wanted_machines"),
)
EPOCH = 1.8e9
MAKES = {"VSD": "variable_speed", "Inlet Vanes": "constant_speed", "Slide Valve": "screw"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """One steady state: kW, degC, l/s; powers by machine and of each group."""

    loads: tuple[float, ...]
    powers: tuple[float, ...]
    cold: float
    hot: float
    back: float
    flow: float
    condenser: float
    condenser_power: float
    chilled_power: float
    fans: float
    shares: tuple[float, ...]  # load over capacity at these temperatures
    short: float  # kW that could not be carried

    @property
    def total(self) -> float:
        return sum(self.powers) + self.condenser_power + self.chilled_power + self.fans


class TruePlant:
    """Machines with a condenser and a chilled-water pump each, equal tower cells, coils that obey a heat exchanger's law."""

    def __init__(self, curves: Sequence[ChillerCurves]) -> None:
        self.curves = tuple(curves)
        self.capacity = sum(one.capacity for one in curves)
        number = len(curves)
        self.rejected = sum(one.condenser_flow for one in curves)
        self.cw = PumpCurve(design_flow=self.rejected / number, design_head=25.0)
        self.chw = PumpCurve(design_flow=self.capacity / 4.19 / 5.0 / number, design_head=30.0)
        cell = Merkel.for_design(flow=self.rejected / number, entering=37.0, leaving=32.0, wet_bulb=28.0)
        self.tower = Tower(
            model=cell, design_flow=self.rejected / number, fan_power=0.007 * self.capacity / number
        )
        self.coils = Emission()

    @staticmethod
    def of(*names: str, capacity: float | None = None) -> TruePlant:
        return TruePlant([load_chiller(name).sized(capacity=capacity) for name in names])

    def at(
        self, on: Sequence[int], supply: float, fan: float, speed: float, load: float, wet_bulb: float
    ) -> Operating:
        """The steady state with these machines on; speeds as shares."""
        number = len(on)
        condenser, cw_power = self._condenser(number, speed)
        flow, chw_power = self._chilled(number, load, supply)
        design = sum(self.curves[at].chilled_flow for at in on)
        water = sum(self.curves[at].condenser_flow for at in on)
        cold, heat = wet_bulb + 5.0, 1.2 * load
        for _ in range(12):
            hot = cold + heat / heat_rate(condenser)
            cells = len(self.curves)
            point = self.tower.point(hot, condenser / cells, wet_bulb, fan)
            cold = 0.5 * (cold + point.leaving)
            points = [
                operating_point(
                    self.curves[at],
                    load * self.curves[at].chilled_flow / design,
                    supply,
                    cold,
                    condenser * self.curves[at].condenser_flow / water,
                )
                for at in on
            ]
            heat = sum(one.cooling + one.power for one in points)
        carried = sum(one.cooling for one in points)
        return Operating(
            loads=tuple(one.cooling for one in points),
            powers=tuple(one.power for one in points),
            cold=cold,
            hot=cold + heat / heat_rate(condenser),
            back=supply + load / heat_rate(flow),
            flow=flow,
            condenser=condenser,
            condenser_power=cw_power,
            chilled_power=chw_power,
            fans=len(self.curves) * self.tower.fan_power * fan**3,
            shares=tuple(one.part_load for one in points),
            short=load - carried,
        )

    def _condenser(self, number: int, speed: float) -> tuple[float, float]:
        """Static lift 6 m, 60 kPa in a machine, the rest in common pipes."""
        pump = self.cw
        static, own = 6.0 * GRAVITY, 60.0 / pump.design_flow**2
        common = (pump.design_head * GRAVITY - static - 60.0) / self.rejected**2
        square = max(speed**2 * pump.top - static, 1.0) / (pump.slope + own + common * number**2)
        each = square**0.5
        head = pump.head(each, speed)
        return number * each, number * pump.power(each, head, speed)

    def _chilled(self, number: int, load: float, supply: float) -> tuple[float, float]:
        """35 kPa held across the coils."""
        pump, most = self.chw, self.capacity / 4.19 / 5.0
        flow = max(most * self.coils.flow(load / self.capacity, supply), 0.5 * number * pump.design_flow)
        mains = pump.design_head * GRAVITY - 35.0 - 60.0
        head = (35.0 + mains * (flow / most) ** 2 + 60.0 * (flow / number / pump.design_flow) ** 2) / GRAVITY
        return flow, number * pump.power(flow / number, head, pump.speed(flow / number, head))

    def area(self, makes: Sequence[str] = ()) -> AreaModel:
        """The plant as a site file describes it."""
        number = len(self.curves)
        every = []
        for at, one in enumerate(self.curves):
            plate = {"capacity": one.capacity, "rated_chilled_flow": one.chilled_flow, "minimum_lift": 4.0}
            plate |= {"rated_condenser_flow": one.condenser_flow, "cop": one.cop}
            every.append(machine(f"c{at}", "chiller", CHILLER, **plate))
            every[-1] = _set(every[-1], compressor=makes[at] if makes else "constant_speed")
            every.append(machine(f"condenser_pump_{at}", "pump", PUMP, serves=(f"c{at}",)))
            every.append(machine(f"chilled_pump_{at}", "pump", PUMP, serves=(f"c{at}",)))
            every.append(machine(f"tower_{at}", "tower", PUMP))
        every += [machine("loop", "loop", LOOP), machine("air", "weather", ("outdoor_wet_bulb",))]
        assert number <= 6
        return model(*every)

    def readings(
        self, on: Sequence[int], supply: float, fan: float, speed: float, load: float, wet_bulb: float
    ) -> dict[str, Any]:
        """What every point shows."""
        now = self.at(on, supply, fan, speed, load, wet_bulb)
        water = sum(self.curves[at].condenser_flow for at in on)
        design = sum(self.curves[at].chilled_flow for at in on)
        shown: dict[str, Any] = {
            "loop.chilled_water_flow": now.flow,
            "loop.chilled_water_supply_temp": supply,
            "loop.chilled_water_return_temp": now.back,
            "loop.condenser_flow": now.condenser,
            "loop.condenser_entering_temp": now.cold,
            "loop.condenser_return_temp": now.hot,
            "air.outdoor_wet_bulb": wet_bulb,
        }
        for at, one in enumerate(self.curves):
            runs, place = at in on, list(on).index(at) if at in on else 0
            share = one.condenser_flow / water if runs else 0.0
            shown |= {
                f"c{at}.status": runs,
                f"c{at}.power": now.powers[place] if runs else 0.5,
                f"c{at}.chilled_water_supply_temp": supply,
                f"c{at}.chilled_water_flow": now.flow * one.chilled_flow / design if runs else 0.0,
                f"c{at}.condenser_entering_temp": now.cold,
                f"c{at}.condenser_leaving_temp": now.hot,
                f"c{at}.condenser_flow": now.condenser * share,
                f"condenser_pump_{at}.status": runs,
                f"condenser_pump_{at}.speed": 100.0 * speed if runs else 0.0,
                f"condenser_pump_{at}.speed_command": 100.0 * speed,
                f"condenser_pump_{at}.power": now.condenser_power / len(on) if runs else 0.0,
                f"chilled_pump_{at}.status": runs,
                f"chilled_pump_{at}.speed": 80.0 if runs else 0.0,
                f"chilled_pump_{at}.power": now.chilled_power / len(on) if runs else 0.0,
                f"tower_{at}.status": True,
                f"tower_{at}.speed": 100.0 * fan,
                f"tower_{at}.speed_command": 100.0 * fan,
                f"tower_{at}.power": now.fans / len(self.curves),
            }
        return shown

    def past(
        self, days: float, seed: int = 1, noise: float = 1.0, area: AreaModel | None = None
    ) -> MemoryHistory:
        """Days of plain operation in five minutes: machines by load, the rest wandering as resets make it wander."""
        rng = random.Random(seed)
        samples: dict[str, list[tuple[float, Any]]] = {}
        number = len(self.curves)
        on = list(range(number))
        supply, fan, speed = 8.0, 0.7, 0.9
        for step in range(int(days * 288)):
            hour = step / 12.0
            load = self.capacity * min(
                max(0.5 + 0.35 * sin(tau * hour / 24.0) + rng.gauss(0.0, 0.03), 0.12), 0.93
            )
            wet = 22.0 + 3.0 * sin(tau * hour / 31.0) + 3.0 * sin(tau * hour / 170.0)
            if step % 6 == 0:
                need = max(1, min(number, int(load / self.capacity * number / 0.85) + 1))
                on = sorted(rng.sample(range(number), need)) if step % 48 == 0 or need != len(on) else on
                supply, fan, speed = rng.uniform(7.0, 10.0), rng.uniform(0.4, 1.0), rng.uniform(0.65, 1.0)
            shown = self.readings(on, supply, fan, speed, load, wet)
            for point, value in shown.items():
                samples.setdefault(point, []).append(
                    (EPOCH + 300.0 * step + 150.0, _noisy(rng, point, value, noise))
                )
        until = EPOCH + days * DAY
        return MemoryHistory(model=area or self.area(), since=EPOCH, until=until, samples=samples)


def _noisy(rng: random.Random, point: str, value: Any, noise: float) -> Any:
    """Sensors of usual quality: 0.1 K, 1 % of power, 1.5 % of flow."""
    if isinstance(value, bool):
        return value
    if "temp" in point or "bulb" in point:
        return value + rng.gauss(0.0, 0.1 * noise)
    return value * (1.0 + rng.gauss(0.0, noise * (0.015 if "flow" in point else 0.01)))


def _set(one: Any, **settings: str) -> Any:
    from dataclasses import replace

    return replace(one, settings=settings)


def brute_force(
    plant: TruePlant,
    sets: Sequence[Sequence[int]],
    load: float,
    wet_bulb: float,
    spans: Mapping[str, tuple[float, float]],
) -> tuple[float, tuple[int, ...], tuple[float, float, float]]:
    """The plant's true optimum on a grid: kW, machines, (supply, fan, speed)."""
    best = (float("inf"), (), (0.0, 0.0, 0.0))
    for on in sets:
        for supply in _grid(spans["supply"], 7):
            for fan in _grid(spans["fan"], 11):
                for speed in _grid(spans["speed"], 8):
                    now = plant.at(on, supply, fan, speed, load, wet_bulb)
                    water = sum(plant.curves[at].condenser_flow for at in on)
                    able = now.short <= 0.002 * load and now.condenser >= 0.6 * water
                    if able and max(now.shares) <= 0.95 and now.total < best[0]:
                        best = (now.total, tuple(on), (supply, fan, speed))
    return best


def _grid(span: tuple[float, float], number: int) -> list[float]:
    return [span[0] + (span[1] - span[0]) * at / (number - 1) for at in range(number)]
