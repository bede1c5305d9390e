"""Where pumps, machines and consumers meet: the quasi-static flows of one water circuit, in kPa and l/s.

Every element is a square law, flow = conductance * sqrt(pressure difference). Pumps feed machines either each its own
(`dedicated`) or all of them from a common header; behind the machines lies the header whose pressure the consumers
see. That leaves one unknown pressure, in which flow in less flow out only falls: found by a bracketed secant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from hil.plant.pump import GRAVITY, PumpCurve

_SHUT = 1e-9  # l/s per square root of kPa: less is no way at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What hangs between the headers. `static` kPa to overcome first (an open tower)."""

    conductance: float
    static: float = 0.0
    charge: float = 0.0  # l/s a controlled valve takes as long as the pressure suffices
    charge_conductance: float = 0.0
    discharge: float = 0.0  # l/s a controlled pump adds as long as it can
    discharge_pump: PumpCurve | None = None

    @property
    def open(self) -> bool:
        """Whether water has any way to go."""
        return self.conductance > _SHUT or self.charge > 0.0

    @property
    def lowest(self) -> float:
        """Pressure below which nothing is taken."""
        return 0.0 if self.charge > 0.0 else self.static

    def taken(self, pressure: float) -> float:
        """l/s at this header pressure difference."""
        flow = self.conductance * sqrt(max(pressure - self.static, 0.0))
        return flow + self.charged(pressure) if self.charge > 0.0 else flow

    def charged(self, pressure: float) -> float:
        return min(self.charge, self.charge_conductance * sqrt(max(pressure, 0.0)))

    def discharged(self, pressure: float) -> float:
        if self.discharge_pump is None or self.discharge <= 0.0:
            return 0.0
        return min(self.discharge, self.discharge_pump.flow(pressure / GRAVITY, 1.0))


@dataclass(frozen=True, slots=True)
class Flows:
    """The solution: header pressure difference (kPa), l/s by machine, l/s and m of head by pump."""

    pressure: float
    machines: tuple[float, ...]
    pumps: tuple[float, ...]
    heads: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.machines)


def solve(
    pumps: Sequence[PumpCurve],
    speeds: Sequence[float],
    machines: Sequence[float],
    demand: Demand,
    *,
    dedicated: bool,
) -> Flows:
    """Flows of one circuit. `machines`: conductance of each with its valve as it stands, 0 when shut."""
    steps = _dedicated if dedicated else _headered
    return steps(pumps, speeds, machines, demand)


def _dedicated(
    pumps: Sequence[PumpCurve], speeds: Sequence[float], machines: Sequence[float], demand: Demand
) -> Flows:
    live = [
        (place, speed * speed * pump.top, pump.slope + 1.0 / (conductance * conductance))
        for place, (pump, speed, conductance) in enumerate(zip(pumps, speeds, machines, strict=True))
        if speed > 0.0 and conductance > 0.0
    ]

    def pumped(pressure: float) -> float:
        return sum(sqrt((top - pressure) / slope) for _, top, slope in live if top > pressure)

    paths = [(top, slope) for _, top, slope in live]
    pressure = _meet(pumped, paths, demand, 0.0)
    flows, heads = [0.0] * len(pumps), [0.0] * len(pumps)
    for place, top, slope in live:
        if top > pressure:
            flow = flows[place] = sqrt((top - pressure) / slope)
            heads[place] = (top - pumps[place].slope * flow * flow) / GRAVITY
    return Flows(pressure, tuple(flows), tuple(flows), tuple(heads))


def _headered(
    pumps: Sequence[PumpCurve], speeds: Sequence[float], machines: Sequence[float], demand: Demand
) -> Flows:
    through = sum(machines)
    loss = 1.0 / (through * through) if through > 0.0 else inf
    live = [
        (place, speed * speed * pump.top, pump.slope)
        for place, (pump, speed) in enumerate(zip(pumps, speeds, strict=True))
        if speed > 0.0 and through > 0.0
    ]
    paths = [(top, slope) for _, top, slope in live]
    if len({*paths}) <= 1:
        pumped = _combined(paths, loss)
        pressure = _meet(pumped, paths, demand, loss)
        total = pumped(pressure)
        head = pressure + loss * total * total if total > 0.0 else inf
    else:
        head, pressure, total = _unequal(paths, loss, demand)
    flows, heads = [0.0] * len(pumps), [0.0] * len(pumps)
    for place, top, slope in live:
        if top > head:
            flows[place] = sqrt((top - head) / slope)
            heads[place] = head / GRAVITY
    shares = tuple(total * one / through for one in machines) if through > 0.0 else (0.0,) * len(machines)
    return Flows(pressure, shares, tuple(flows), tuple(heads))


def _combined(paths: Sequence[tuple[float, float]], loss: float) -> Callable[[float], float]:
    """Equal pumps in parallel with a common loss behind them are one pump."""
    if not paths:
        return lambda _: 0.0
    top, slope = paths[0]
    whole = slope / len(paths) ** 2 + loss
    return lambda pressure: sqrt((top - pressure) / whole) if top > pressure else 0.0


def _unequal(paths: Sequence[tuple[float, float]], loss: float, demand: Demand) -> tuple[float, float, float]:
    """Head before the machines (kPa), pressure behind them, flow: different pumps on one header."""

    def pumped(head: float) -> float:
        return sum(sqrt((top - head) / slope) for top, slope in paths if top > head)

    def surplus(head: float) -> float:
        flow = pumped(head)
        pressure = head - loss * flow * flow
        return flow + demand.discharged(pressure) - demand.taken(pressure)

    highest = max(top for top, _ in paths)
    alone = _meet(lambda _: 0.0, (), demand, 0.0) if demand.discharge > 0.0 else demand.lowest
    if highest <= alone or not demand.open:
        return inf, max(alone, highest), 0.0
    head = _falling_root(surplus, demand.lowest, highest)
    total = pumped(head)
    return head, head - loss * total * total, total


def _meet(
    pumped: Callable[[float], float], paths: Sequence[tuple[float, float]], demand: Demand, loss: float
) -> float:
    """The header pressure at which what comes in goes out."""
    highest = max((top for top, _ in paths), default=0.0)
    if demand.discharge > 0.0 and demand.discharge_pump is not None:
        highest = max(highest, demand.discharge_pump.top)
    if highest <= demand.lowest or not demand.open:
        return max(highest, 0.0)
    if demand.charge <= 0.0 and demand.discharge <= 0.0 and len({*paths}) == 1:
        top, slope = paths[0]
        whole = slope / len(paths) ** 2 + loss
        flow_squared = (top - demand.static) / (whole + 1.0 / demand.conductance**2)
        return top - whole * flow_squared

    def surplus(pressure: float) -> float:
        return pumped(pressure) + demand.discharged(pressure) - demand.taken(pressure)

    return _falling_root(surplus, demand.lowest, highest)


def _falling_root(surplus: Callable[[float], float], low: float, high: float) -> float:
    """Illinois variant of the false position (Dowell and Jarratt 1971), helped by halving where it crawls."""
    above, below = surplus(low), surplus(high)
    if above <= 0.0:
        return low
    if below >= 0.0:
        return high
    side = 0
    for turn in range(100):
        middle = (low * below - high * above) / (below - above)
        if turn > 12 and turn % 2:  # a corner of the curves: halve
            middle = 0.5 * (low + high)
        value = surplus(middle)
        if abs(value) < 1e-7 or high - low < 1e-9 * high:
            return middle
        if value > 0.0:
            low, above = middle, value
            below *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            high, below = middle, value
            above *= 0.5 if side < 0 else 1.0
            side = -1
    return 0.5 * (low + high)
