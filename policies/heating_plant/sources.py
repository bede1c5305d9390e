"""Every source of heat as the picture of this tick shows it: does it run, what can it give, what does its heat cost now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.heating_plant.heat_pump_figures import (
    Learned,
    present_capacity,
    rated_performance,
    source_kind,
)

KINDS = ("heat_pump", "boiler", "electric_heater", "district_heat")
BOILER_EFFICIENCY, HEATER_EFFICIENCY = 0.92, 0.99  # where the nameplate has no `efficiency`
LOCKED_OUT_BAND = 1.0  # K above `lowest_source_temp` before a machine is let back
_HEALTH = (
    ("alarm", True, "in alarm"),
    ("local_mode", True, "switched to local at its panel"),
    ("available", False, "reporting not ready"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FuelPrices:
    """Currency a kWh of electricity, fuel or bought heat; kg of carbon dioxide a kWh of each; currency a kg of it."""

    electricity: float = 1.0
    feed_in: float = 0.0
    gas: float = 0.0
    district: float = 0.0
    carbon: float = 0.0
    electricity_carbon: float = 0.0
    gas_carbon: float = 0.0
    district_carbon: float = 0.0
    district_renewable: float = 0.0  # share


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source now. kW; currency a kWh of heat."""

    id: str
    name: str
    equipment: Equipment
    capacity: float
    performance: float  # heat over what is paid for
    rated: float  # the nameplate's performance now, of a heat pump
    highest: float  # degC it can give
    running: bool | None
    barred: str = ""  # why it may not run
    locked: str = ""  # why it had better not: given up where it would freeze
    backup: bool = False
    heating: float | None = None
    power: float | None = None
    least: float = 1.0  # share of capacity to which it can go down; 1: on and off only
    hours: float = 0.0  # run so far
    cost: float = 0.0
    renewable: float = 0.0  # share of its heat
    surplus: float = 0.0  # share of its electricity that would be sold otherwise
    carbon: float = 0.0  # currency a kWh of electricity from the grid
    dear: float = 1.0  # its cost is multiplied by this, so that the ground is spared

    @property
    def electric(self) -> bool:
        return self.equipment.kind in ("heat_pump", "electric_heater")

    @property
    def usable(self) -> bool:
        return not self.barred and not self.locked

    def cost_at(self, price: float) -> float:
        """At another price of electricity, all of it from the grid."""
        return self.dear * (price + self.carbon) / self.performance if self.electric else self.cost


def read_sources(
    snapshot: Snapshot,
    supply: float,
    outdoor: float | None,
    learned: Mapping[str, Learned],
    locked: Mapping[str, bool],
) -> tuple[Source, ...]:
    """All that can be switched, in the order of the site file. `locked`: who was locked out by its source before."""
    return tuple(
        _read(snapshot, one, supply, outdoor, learned.get(one.id, Learned()), locked.get(one.id, False))
        for one in equipment_of(snapshot)
    )


def equipment_of(snapshot: Snapshot) -> Iterator[Equipment]:
    """Machines of the area that give heat and can be switched."""
    return (one for one in snapshot.model.equipment.values() if one.kind in KINDS and "enable" in one.roles)


def _read(
    snapshot: Snapshot, one: Equipment, supply: float, outdoor: float | None, seen: Learned, locked: bool
) -> Source:
    status = snapshot.value(one, "status")
    pump = one.kind == "heat_pump"
    source = _source_temperature(snapshot, one, outdoor) if pump else None
    rated = rated_performance(one, source, supply) if pump else _efficiency(one)
    return Source(
        id=one.id,
        name=one.name or one.id.replace("_", " "),
        equipment=one,
        capacity=present_capacity(one, source) if pump else one.nameplate.get("capacity", 0.0),
        performance=max(rated * seen.ratio, 0.5) if pump else rated,
        rated=rated,
        highest=highest_of(one),
        running=None if status is None or isinstance(status, str) else bool(status),
        barred=_health(snapshot, one),
        locked=(_too_cold(one, source, locked) if pump else "") or _too_low(one, supply),
        backup=one.settings.get("backup") == "true" or one.kind == "electric_heater",
        heating=snapshot.number_of(one, "heating"),
        power=snapshot.number_of(one, "power"),
        least=min(max(one.nameplate.get("minimum_load", 100.0 if pump else 20.0) / 100.0, 0.05), 1.0),
        hours=snapshot.number_of(one, "runtime") or 0.0,
    )


def _source_temperature(snapshot: Snapshot, one: Equipment, outdoor: float | None) -> float | None:
    found = snapshot.number_of(one, "source_entering_temp")
    return outdoor if found is None and source_kind(one) == "air" else found


def _efficiency(one: Equipment) -> float:
    if one.kind == "district_heat":
        return 1.0
    usual = BOILER_EFFICIENCY if one.kind == "boiler" else HEATER_EFFICIENCY
    return max(one.nameplate.get("efficiency", usual), 0.1)


def _health(snapshot: Snapshot, one: Equipment) -> str:
    if one.id in snapshot.locked_out:
        return "locked out for maintenance"
    if one.nameplate.get("capacity", 0.0) <= 0.0:
        return "without a capacity on its nameplate"
    for role, bad, words in _HEALTH:
        value = snapshot.value(one, role)
        if value is not None and bool(value) is bad:
            return words
    return ""


def _too_cold(one: Equipment, source: float | None, before: bool) -> str:
    """An air machine below its limit, brine near freezing."""
    lowest = one.nameplate.get("lowest_source_temp")
    if lowest is None or source is None or source >= lowest + (LOCKED_OUT_BAND if before else 0.0):
        return ""
    return f"its source is at {source:.1f} degC, below {lowest:g}"


def highest_of(one: Equipment) -> float:
    """Temperature in degC of the warmest water it can give."""
    return one.nameplate.get("highest_supply_temp", 55.0 if one.kind == "heat_pump" else 85.0)


def _too_low(one: Equipment, supply: float) -> str:
    """A machine that cannot give water as warm as is wanted would only cool it."""
    highest = highest_of(one)
    return "" if highest >= supply - 1.0 else f"gives {highest:g} degC at most, {supply:.0f} are wanted"


def priced(
    sources: Sequence[Source], prices: FuelPrices, surplus: float, dear: Mapping[str, float]
) -> tuple[Source, ...]:
    """With what their heat costs now. `surplus` kW of electricity would be sold: the best machines get it first."""
    left = surplus
    free: dict[str, float] = {}
    for one in sorted(sources, key=lambda each: -each.performance):
        if one.electric and one.usable and one.capacity > 0.0:
            drawn = one.capacity / one.performance
            free[one.id] = min(max(left, 0.0) / drawn, 1.0)
            left -= drawn
    return tuple(_priced(one, prices, free.get(one.id, 0.0), dear.get(one.id, 1.0)) for one in sources)


def _priced(one: Source, prices: FuelPrices, free: float, dear: float) -> Source:
    if one.electric:
        carbon = prices.carbon * prices.electricity_carbon
        price = free * prices.feed_in + (1.0 - free) * (prices.electricity + carbon)
        renewable = max(1.0 - (1.0 - free) / one.performance, 0.0)
    else:
        gas = one.equipment.kind == "boiler"
        bought = (prices.gas, prices.gas_carbon) if gas else (prices.district, prices.district_carbon)
        carbon = 0.0
        price = bought[0] + prices.carbon * bought[1]
        renewable = 0.0 if gas else prices.district_renewable
    cost = dear * price / one.performance
    return replace(one, cost=cost, renewable=renewable, surplus=free, carbon=carbon, dear=dear)


def surplus_of(snapshot: Snapshot, sources: Sequence[Source]) -> tuple[float, float | None]:
    """Electricity in kW that would be sold if no source ran, and what the grid gives now (negative: takes), None unmetered."""
    meter = next(snapshot.equipment("grid_meter"), None)
    grid = None if meter is None else snapshot.number_of(meter, "power")
    if grid is None:
        return 0.0, None
    drawn = sum(_drawn(one) for one in sources if one.electric)
    return max(drawn - grid, 0.0), grid


def _drawn(one: Source) -> float:
    if one.power is not None:
        return max(one.power, 0.0)
    return one.capacity / one.performance if one.running else 0.0
