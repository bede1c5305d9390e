"""A given load in kW behind coils that obey the laws of heat exchangers: for plants without a modelled building."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp

from hil.plant.load import BranchDesign, Outdoors, heat_of
from hil.plant.variables import Inputs, Outputs, outputs_of


@dataclass(frozen=True, kw_only=True)
class Emission:
    """How the heat of a cooling coil follows water flow and temperatures: effectiveness-NTU, counterflow.

    The wet air side counts as a stream of equivalent capacity equal to the water's at design; the water film is 0.3
    of the resistance at design and falls with flow**0.8 (Incropera, Fundamentals of Heat and Mass Transfer, 11.4 and
    8.5). So heat = design heat * temperature ratio * share(flow ratio).
    """

    supply: float = 7.0  # degC at design
    back: float = 12.0
    air: float = 25.0  # equivalent entering air
    film: float = 0.3

    @cached_property
    def curve(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Flow ratios and the shares of the design heat they carry; both rising."""
        design = (self.back - self.supply) / (self.air - self.supply)
        units = design / (1.0 - design)  # counterflow with equal streams: e = N / (1 + N)
        flows = (0.0, *(2.0 * (place / 80) ** 1.5 for place in range(1, 81)))
        return flows, (0.0, *(self._effectiveness(flow, units) * flow / design for flow in flows[1:]))

    def _effectiveness(self, flow: float, units: float) -> float:
        """Of the water stream, at a flow ratio; `units` is NTU at design."""
        transfer: float = units / (1.0 - self.film + self.film * flow**-0.8) / flow
        if abs(flow - 1.0) < 1e-9:
            return transfer / (1.0 + transfer)
        decay = exp(-transfer * (1.0 - flow))
        return (1.0 - decay) / (1.0 - flow * decay)

    def heat(self, flow: float, supply: float) -> float:
        """Share of the design heat at a flow ratio and a supply temperature."""
        flows, shares = self.curve
        return _between(flows, shares, flow) * max(self.air - supply, 0.0) / (self.air - self.supply)

    def flow(self, heat: float, supply: float) -> float:
        """Flow ratio that carries this share of the design heat; the table's end where none does."""
        flows, shares = self.curve
        drive = max(self.air - supply, 0.01) / (self.air - self.supply)
        return _between(shares, flows, heat / drive)


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    if x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    place = bisect_left(xs, x)
    low, high = xs[place - 1], xs[place]
    return ys[place - 1] + (ys[place] - ys[place - 1]) * (x - low) / (high - low)


Series = Callable[[float], float]
"""kW of cooling wanted at an instant (UTC seconds)."""


class ProfileLoad:
    """A given load in kW, shared out over branches by their design flow. What was not delivered stays wanted."""

    def __init__(
        self, wanted: Series, branches: Sequence[BranchDesign], emission: Emission | None = None
    ) -> None:
        """At design the branches carry their flow times the rise of `emission`."""
        self.branches = tuple(branches)
        self.behind = 0.0  # kWh wanted and not yet delivered
        self.undelivered = (
            0.0  # kWh by which the load ran behind, summed over time in kWh h: 0 in a plant that copes
        )
        self._wanted = wanted
        self._emission = emission or _usual()
        total = sum(branch.flow for branch in self.branches)
        self._design = heat_of(total, self._emission.supply, self._emission.back)
        self._shares = tuple(branch.flow / total for branch in self.branches)
        self._now = 0.0
        self._delivered = 0.0
        self._supply = self._emission.supply

    def openings(
        self, dt: float, _inputs: Inputs, outdoors: Outdoors, offered: Sequence[float]
    ) -> Sequence[float]:
        self._now = max(self._wanted(outdoors.utc), 0.0)
        catch_up = max(self.behind, 0.0) * 3600.0 / max(dt, 900.0)  # over a quarter of an hour
        heat = (self._now + catch_up) / self._design
        ratio = self._emission.flow(heat, self._supply)
        return [
            branch.opening(ratio * branch.flow / flow) if flow > 0.0 else float(ratio > 0.0)
            for branch, flow in zip(self.branches, offered, strict=True)
        ]

    def absorb(self, dt: float, supply: float, flows: Sequence[float]) -> Sequence[float]:
        self._supply = supply
        heats = [
            self._design * share * self._emission.heat(flow / branch.flow, supply)
            for branch, share, flow in zip(self.branches, self._shares, flows, strict=True)
        ]
        hours = dt / 3600.0
        self._delivered = sum(heats)
        self.behind += (self._now - self._delivered) * hours
        self.undelivered += max(self.behind, 0.0) * hours
        return heats

    def outputs(self) -> Outputs:
        return outputs_of(
            "load",
            {
                "wanted": self._now,
                "cooling": self._delivered,
                "behind": self.behind,
                "undelivered": self.undelivered,
            },
        )

    def commands(self) -> Sequence[str]:
        return ()


@lru_cache(maxsize=1)
def _usual() -> Emission:
    return Emission()
