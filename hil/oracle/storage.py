"""The least bill of a plant with a tank, when all of a month is known beforehand: `storage_bound`, a linear program.

Every hour the plant is a mixture of ways to run (supply temperature and load: the convex bound of production), the tank is
a set of compartments of one temperature each that share its volume, coils get their heat at one of the supply
temperatures from chillers and tank. So cold water is dear to make and small to keep, warmer water the other way round.

Warm water in the tank is a mixture of what came back: its mean over the month by flow, and one standard deviation more.

Why it is a bound: everything that binds a real plant is left out or made convex (starts, part hours, heat gain and mixing in
the tank, its valve), demand is the mean of an hour, the month ends with what it began with and may choose how much that is.
One thing is held: water from the tank serves coils at its own temperature or warmer, not by mixing with colder water.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog  # type: ignore[import-untyped]
from scipy.sparse import coo_array  # type: ignore[import-untyped]

from hil.oracle.axes import Axes
from hil.oracle.bound import axes_for
from hil.oracle.grids import Array, look_up, places
from hil.oracle.needs import Need
from hil.oracle.power_table import PlantSide
from hil.oracle.production import distribution, production
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from hil.plant.chiller_curves import heat_rate

PARTS = ("charge", "discharge", "filled", "content", "volume")
MEASURED = 3  # days on which a finer mesh is tried
LONGEST = 600.0  # s that the solver may take


@dataclass(frozen=True, slots=True)
class Mesh:
    """How many supply temperatures and loads an hour is a mixture of, and where its variables lie."""

    levels: int = 6
    nodes: int = 16

    @property
    def ways(self) -> int:
        return self.levels * self.nodes

    @property
    def width(self) -> int:
        return self.ways + len(PARTS) * self.levels

    def column(self, window: int, part: str, level: int) -> int:
        return window * self.width + self.ways + PARTS.index(part) * self.levels + level


USUAL = Mesh()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageBound:
    """One month. `power` in kW and `stored` in kWh by window."""

    kwh: float
    cost: float
    peak_kw: float
    cooling: float
    power: Array
    stored: Array


def storage_bound(
    design: CentralDesign,
    trace: Trace,
    need: Need,
    price: Callable[[float], float],
    *,
    demand_price: float = 0.0,
    use_tank: bool = True,
    mesh: Mesh = USUAL,
) -> StorageBound:
    """`trace`: windows of a month at most as long as the tariff's periods; `demand_price` per kW of its highest window.

    Raises ValueError when the plant has no tank, RuntimeError when the program has no solution.
    """
    program = _Program(design, trace, need, mesh)
    return program.solve(price, demand_price, use_tank=use_tank)


def mixture_error(design: CentralDesign, trace: Trace, need_of: Callable[[Trace], Need]) -> float:
    """Share by which a mixture of few ways raises the bound: by a finer mesh, on the days of most cooling of an hourly trace."""
    day = np.floor(trace.utc / 86_400.0)
    days, place = np.unique(day, return_inverse=True)
    busiest = np.argsort(np.bincount(place, trace.cooling * trace.hours))[-MEASURED:]
    part = trace.part(np.isin(day, days[busiest]).astype(np.float64))
    if part.delivered <= 0.0:
        return 0.0
    usual, fine = (
        storage_bound(design, part, need_of(part), lambda _: 1.0, mesh=mesh).kwh
        for mesh in (USUAL, Mesh(2 * USUAL.levels, 2 * USUAL.nodes))
    )
    return 4.0 / 3.0 * max(1.0 - fine / usual, 0.0)


class _Program:
    """The variables by window: shares of ways [level, node], then each of `PARTS` by level; last of all the peak.

    `content` is the cold in kWh that a compartment holds, `volume` its water in kWh/K: both go in and out with the water.
    """

    def __init__(self, design: CentralDesign, trace: Trace, need: Need, mesh: Mesh) -> None:
        storage = design.storage
        if storage is None:
            raise ValueError("this plant has no tank")
        self.mesh = mesh
        wide = axes_for(design, trace)
        coldest = max(min(storage.tank.cold, float(wide.supplies[0])), 3.0)
        wet_bulbs = (float(trace.wet_bulb.min()), float(trace.wet_bulb.max()) + 1e-3)
        axes = Axes.of(design, (coldest, float(wide.supplies[-1])), wet_bulbs)
        side = PlantSide(design, axes)
        self.trace = trace
        self.levels = np.linspace(float(axes.supplies[0]), float(axes.supplies[-1]), self.mesh.levels)
        self.nodes = axes.loads[np.linspace(0, len(axes.loads) - 1, self.mesh.nodes).round().astype(int)]
        sent = distribution(design, side.circuits, trace, need, self.levels)
        self.rises = np.maximum(sent.rise, 1.0)  # [window, level]: what comes back is so much warmer
        weights = np.maximum(trace.cooling[:, None] / self.rises, 1e-9)
        mean = np.average(self.rises, axis=0, weights=weights)
        spread = np.sqrt(np.average((self.rises - mean) ** 2, axis=0, weights=weights))
        most = mean + spread
        made = look_up(
            production(side, np.interp(axes.supplies, self.levels, most)),
            np.broadcast_arrays(
                places(axes.wet_bulbs, trace.wet_bulb)[:, None, None],
                places(axes.loads, self.nodes)[None, None, :],
                places(axes.supplies, self.levels)[None, :, None],
            ),
        )
        self.warmest = most
        self.power = made + sent.power[:, :, None]  # [window, level, node]
        self.wanted = trace.cooling[:, None] + sent.to_water  # [window, level]
        self.volume = storage.tank.volume * 1e3 * heat_rate(1.0) / 3600.0  # kWh/K
        self.passing = heat_rate(storage.pump.design_flow)  # kW/K

    def solve(self, price: Callable[[float], float], demand_price: float, *, use_tank: bool) -> StorageBound:
        trace, count = self.trace, len(self.trace.cooling)
        total = count * self.mesh.width + 1
        hours = trace.hours
        prices = np.array([price(float(one)) for one in trace.utc + 1800.0 * hours])
        cost = np.zeros((count, self.mesh.width))
        cost[:, : self.mesh.ways] = self.power.reshape(count, self.mesh.ways) * (prices * hours)[:, None]
        upper = np.full(total, np.inf)
        if not use_tank:
            upper[:-1].reshape(count, self.mesh.width)[:, self.mesh.ways :] = 0.0
        rows = _Rows(total)
        for window in range(count):
            self._plant(rows, window)
            self._tank(rows, window)
            self._limits(rows, window)
        solved = linprog(
            np.append(cost.ravel(), demand_price),
            A_ub=rows.matrix(equal=False),
            b_ub=rows.right(equal=False),
            A_eq=rows.matrix(equal=True),
            b_eq=rows.right(equal=True),
            bounds=np.stack([np.zeros(total), upper], axis=1),
            method="highs-ipm",
            options={"time_limit": LONGEST},
        )
        if solved.x is None or solved.status != 0:
            raise RuntimeError(f"no bound found: {solved.message}")
        found = solved.x[:-1].reshape(count, self.mesh.width)
        power = (found[:, : self.mesh.ways] * self.power.reshape(count, self.mesh.ways)).sum(axis=1)
        content = self.mesh.column(0, "content", 0)
        return StorageBound(
            kwh=float(power @ hours),
            cost=float(solved.fun),
            peak_kw=float(power.max(initial=0.0)),
            cooling=trace.delivered,
            power=power,
            stored=found[:, content : content + self.mesh.levels].sum(axis=1),
        )

    def _plant(self, rows: _Rows, window: int) -> None:
        """It is one mixture of ways; what it makes is what coils and tank take; its power is below the peak."""
        at = window * self.mesh.width
        rows.add({at + way: 1.0 for way in range(self.mesh.ways)}, 1.0, equal=True)
        made = np.tile(self.nodes, self.mesh.levels) - np.repeat(self.wanted[window], self.mesh.nodes)
        whole = {at + way: float(made[way]) for way in range(self.mesh.ways)}
        for level in range(self.mesh.levels):
            whole[self.mesh.column(window, "charge", level)] = -1.0
            whole[self.mesh.column(window, "discharge", level)] = 1.0
        rows.add(whole, 0.0, equal=True)
        flat = self.power[window].ravel()
        rows.add({at + way: float(flat[way]) for way in range(self.mesh.ways)} | {rows.last: -1.0}, 0.0)

    def _tank(self, rows: _Rows, window: int) -> None:
        """What goes in and out of each compartment, until the next window; the last leads back to the first."""
        later = window + 1 if self._follows(window) else self._first(window)
        hours = float(self.trace.hours[window])
        for level in range(self.mesh.levels):
            rise = float(self.rises[window, level])
            for content, more, less, share in (
                ("content", "charge", "discharge", 1.0),
                ("volume", "filled", "discharge", 1.0 / rise),
            ):
                row = {
                    self.mesh.column(window, more, level): -hours,
                    self.mesh.column(window, less, level): hours * share,
                }
                if later != window:
                    row |= {
                        self.mesh.column(later, content, level): 1.0,
                        self.mesh.column(window, content, level): -1.0,
                    }
                rows.add(row, 0.0, equal=True)
            warmest = float(self.warmest[level])
            for cold, water in (("charge", "filled"), ("content", "volume")):
                rows.add(
                    {
                        self.mesh.column(window, cold, level): 1.0,
                        self.mesh.column(window, water, level): -warmest,
                    },
                    0.0,
                )

    def _limits(self, rows: _Rows, window: int) -> None:
        """Volume and pump of the tank; no colder water is stored than made; coils take water no warmer than theirs."""
        at = window * self.mesh.width
        every = range(self.mesh.levels)
        rows.add({self.mesh.column(window, "volume", level): 1.0 for level in every}, self.volume)
        rows.add({self.mesh.column(window, "filled", level): 1.0 for level in every}, self.passing)
        rises = self.rises[window]
        rows.add(
            {self.mesh.column(window, "discharge", level): 1.0 / float(rises[level]) for level in every},
            self.passing,
        )
        for level in every:
            ways = {
                at + level * self.mesh.nodes + node: -float(self.nodes[node])
                for node in range(self.mesh.nodes)
            }
            rows.add(ways | {self.mesh.column(window, "charge", level): 1.0}, 0.0)
            warmer = {
                at + other * self.mesh.nodes + node: -float(self.wanted[window, other])
                for other in range(level, self.mesh.levels)
                for node in range(self.mesh.nodes)
            }
            rows.add(
                warmer
                | {
                    self.mesh.column(window, "discharge", other): 1.0
                    for other in range(level, self.mesh.levels)
                },
                0.0,
            )

    def _follows(self, window: int) -> bool:
        """Whether the next window begins where this one ends."""
        utc = self.trace.utc
        return window + 1 < len(utc) and bool(utc[window + 1] - utc[window] < 1.5 * self._length)

    @property
    def _length(self) -> float:
        return float(self.trace.hours.max() * 3600.0)

    def _first(self, window: int) -> int:
        """The first window of the unbroken run that ends here."""
        while window > 0 and self._follows(window - 1):
            window -= 1
        return window


class _Rows:
    """Rows of a sparse program, gathered one by one."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.last = width - 1  # the column of the peak
        self._entries: dict[bool, list[tuple[int, int, float]]] = {False: [], True: []}
        self._right: dict[bool, list[float]] = {False: [], True: []}

    def add(self, row: dict[int, float], right: float, *, equal: bool = False) -> None:
        """The row's sum is at most `right`, or equal to it."""
        number = len(self._right[equal])
        self._entries[equal].extend((number, column, value) for column, value in row.items())
        self._right[equal].append(right)

    def matrix(self, *, equal: bool) -> coo_array:
        lines, columns, values = zip(*self._entries[equal], strict=True)
        return coo_array((values, (lines, columns)), shape=(len(self._right[equal]), self._width))

    def right(self, *, equal: bool) -> list[float]:
        return self._right[equal]
