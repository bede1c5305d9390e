"""A plate heat exchanger between two waters: free cooling from the tower (waterside economiser), heat recovery."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from hil.plant.variables import LITRE_MASS, WATER_CP


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """Counterflow plates sized by `approach`: K between cold water entering and warm water leaving, at design flows.

    Effectiveness-NTU (Incropera, Fundamentals of Heat and Mass Transfer, ch. 11); both films share the resistance
    equally and follow flow**0.7, usual for chevron plates (Martin 1996, Chem. Eng. Process. 35).
    """

    warm_flow: float  # l/s at design: the water to be cooled
    cold_flow: float
    approach: float = 1.5
    difference: float = 8.0  # K between both waters entering, at design

    @property
    def conductance(self) -> float:
        """UA at design, kW/K."""
        warm, cold = self.warm_flow * LITRE_MASS * WATER_CP, self.cold_flow * LITRE_MASS * WATER_CP
        smaller, ratio = min(warm, cold), min(warm, cold) / max(warm, cold)
        effectiveness = warm * (self.difference - self.approach) / (smaller * self.difference)
        if not 0.0 < effectiveness < 1.0:
            raise ValueError(f"no plates reach an approach of {self.approach} K with these flows")
        if ratio > 1.0 - 1e-9:
            return smaller * effectiveness / (1.0 - effectiveness)
        units: float = log((1.0 - effectiveness * ratio) / (1.0 - effectiveness)) / (1.0 - ratio)
        return smaller * units

    def heat(self, warm_in: float, warm: float, cold_in: float, cold: float) -> float:
        """The kW that pass from `warm` l/s at `warm_in` degC to `cold` l/s at `cold_in`; 0 where it would be back."""
        if warm <= 0.0 or cold <= 0.0 or warm_in <= cold_in:
            return 0.0
        films: float = 0.5 * (self.warm_flow / warm) ** 0.7 + 0.5 * (self.cold_flow / cold) ** 0.7
        rates = warm * LITRE_MASS * WATER_CP, cold * LITRE_MASS * WATER_CP
        smaller, ratio = min(rates), min(rates) / max(rates)
        units = self.conductance / films / smaller
        if ratio > 1.0 - 1e-9:
            effectiveness = units / (1.0 + units)
        else:
            decay = exp(-units * (1.0 - ratio))
            effectiveness = (1.0 - decay) / (1.0 - ratio * decay)
        return effectiveness * smaller * (warm_in - cold_in)
