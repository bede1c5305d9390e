"""One decision to be made: what is carried, what may run, between which limits, and what a choice would draw.

`Problem.power` is called some hundred times a decision; it is written for speed and holds no rule but the physics and the limits.
A choice that breaks a limit costs more the further it breaks it, so that a search finds its way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.calc.cooling import WATER
from policies.chiller_plant.machine_curve import ENTERING, REJECTED, RISE, SUPPLY, MachineCurve
from policies.chiller_plant.optimiser_coil import CoilSide
from policies.chiller_plant.pump_model import PressurePumps, SpeedPumps
from policies.chiller_plant.tower_model import AirSide, TowerModel

FULLEST = 0.95  # of present capacity: what a machine is trusted with that has not shown what it can do
BREAK = 10.0  # a limit that is missed by all of it makes a choice so many times dearer
KELVIN = 0.08  # the same for a kelvin beyond a temperature limit

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """One machine that may run, told apart by identity: sets of them are keys. l/s; `extra` kW: what starting it, or its hours, weigh against it."""

    id: str
    curve: MachineCurve
    chilled_flow: float
    least_chilled: float
    condenser_flow: float
    least_condenser: float
    correction: float = 1.0  # its meter against its curve
    fullest: float = FULLEST  # of present capacity
    running: bool = False
    must_stay: bool = False  # its minimum run is not over, or somebody holds it on
    must_rest: bool = False  # its minimum rest is not over
    start_cost: float = 0.0
    wear: float = 0.0
    own_setpoint: bool = True  # can be given a set-point of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Spans that a choice keeps to: supply in degC, fan and condenser-pump speed as shares."""

    supply: Span
    fan: Span
    speed: Span
    lift: float = 4.0  # K between leaving condenser and leaving chilled water, at least
    coldest: float = 16.0  # degC of condenser water entering
    hottest: float = 40.0  # and leaving
    spread: float = 0.0  # K by which machines' set-points may differ


@dataclass(frozen=True, slots=True)
class Settings:
    """The continuous part of a choice. `offsets`: K by machine on top of `supply`, where they differ."""

    supply: float
    fan: float
    speed: float
    offsets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which machines, how, and what it comes to: kW drawn, and kW with what a change costs."""

    machines: tuple[str, ...]
    settings: Settings
    power: float
    cost: float
    share: float  # load over capacity of these machines at the present temperatures


@dataclass(slots=True)
class _Known:
    """Design flows of one set of machines (l/s), and what its last look came to: kW of compression, degC."""

    chilled: float
    least: float
    condenser: float
    compression: float
    cold: float


@dataclass(slots=True, kw_only=True)
class Problem:
    """`wet_bulb` None or no tower model: the condenser water stays as cold as it is (`entering`)."""

    load: float  # kW
    secured: float  # kW that must be within reach: now and until another machine could be there
    candidates: Sequence[Candidate]
    limits: Limits
    coils: CoilSide
    entering: float  # degC of condenser water now
    tower: TowerModel | None = None
    air: AirSide | None = None
    cells: int = 1
    condenser: SpeedPumps | None = None
    chilled: PressurePumps | None = None
    headered: bool = False  # chilled-water pumps on a header: their number follows the flow
    least_units: int = 1
    spare: int = 0
    evaluated: int = 0
    rounds: int = 1  # of the towers' equations; 2 for the last word
    _known: dict[tuple[Candidate, ...], _Known] = field(default_factory=dict)

    def power(self, machines: tuple[Candidate, ...], at: Settings) -> float:
        """Drawn by the whole plant, kW, with what broken limits weigh."""
        self.evaluated += 1
        load, number = self.load, len(machines)
        known = self._known.get(machines) or self._summed(machines)
        compression, cold = known.compression, known.cold
        flow = load / (WATER * (self.coils.back(load, at.supply) - at.supply))
        flow = max(flow, known.least)  # the bypass makes up
        water, fans = known.condenser, 0.0
        if self.condenser is not None:
            water = number * self.condenser.each(at.speed, number)
        if self.tower is not None and self.air is not None:
            for _ in range(self.rounds):
                cold = self.tower.cold(self.air, load + compression, water, at.fan, self.cells, cold)
            fans = self.tower.draws(at.fan, self.cells)
        broken = KELVIN * max(self.limits.coldest - cold, 0.0)
        drawn = 0.0
        rate, share, chilled = WATER * flow / known.chilled, water / known.condenser, known.chilled
        for one, offset in zip(machines, at.offsets or (0.0,) * number, strict=True):
            own = (load / chilled - offset * rate) * one.chilled_flow
            power, missed = self._machine(one, own, at.supply + offset, cold, share * one.condenser_flow)
            drawn += power
            broken += missed
        known.compression, known.cold = min(drawn, load), cold
        pumps = 0.0 if self.condenser is None else self.condenser.draws(at.speed, number)
        if self.chilled is not None:
            running = self.chilled.needed(flow) if self.headered else number
            pumps += self.chilled.draws(flow, running)
        return (drawn + pumps + fans) * (1.0 + broken)

    def _machine(
        self, one: Candidate, load: float, supply: float, cold: float, flow: float
    ) -> tuple[float, float]:
        """What one machine draws (kW), and what its broken limits weigh. `flow` l/s of condenser water at `cold` degC."""
        limits, curve = self.limits, one.curve
        rise = REJECTED * load / (WATER * flow)
        x, y = supply - SUPPLY, cold - ENTERING + curve.mix * (rise - RISE)
        hot, broken = cold + rise, 0.0
        over = load / curve.available(x, y) - one.fullest
        if over > 0.0:
            broken += BREAK * over
        if flow < one.least_condenser:
            broken += 1.0 - flow / one.least_condenser
        if hot > limits.hottest:
            broken += KELVIN * (hot - limits.hottest)
        if hot - supply < limits.lift:
            broken += KELVIN * (limits.lift - hot + supply)
        return curve.draws(load, x, y) * one.correction, broken

    def _summed(self, machines: tuple[Candidate, ...]) -> _Known:
        found = self._known[machines] = _Known(
            sum(one.chilled_flow for one in machines),
            sum(one.least_chilled for one in machines),
            sum(one.condenser_flow for one in machines),
            0.18 * self.load,
            self.entering,
        )
        return found

    def cost(self, machines: Sequence[Candidate]) -> float:
        """What starting and wear add, kW."""
        return sum(one.wear + (0.0 if one.running else one.start_cost) for one in machines)

    def able(self, machines: Sequence[Candidate]) -> bool:
        """Whether these could carry what must be secured, with so many spare."""
        if len(machines) < self.least_units:
            return False
        y = self.entering - 30.0
        x = self.limits.supply[0] - SUPPLY
        capacities = sorted(one.fullest * one.curve.available(x, y) for one in machines)
        left = capacities[: len(capacities) - self.spare] if self.spare else capacities
        return sum(left) >= self.secured

    def capacity(self, machines: Sequence[Candidate], supply: float) -> float:
        y = self.entering - 30.0
        return sum(one.curve.available(supply - SUPPLY, y) for one in machines)
