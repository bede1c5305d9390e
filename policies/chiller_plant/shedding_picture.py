"""All that the shedding rule looks at in one tick, and what it remembers from tick to tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.calc.timers import slope, smoothed
from policies.chiller_plant.load_profile import Outlook
from policies.chiller_plant.plant_load import PlantLoad, Supply
from policies.chiller_plant.staging import Choice, choose_stop, secured
from policies.chiller_plant.unit_stance import Stance, UnitState
from policies.chiller_plant.units import Unit

LOAD_LAG = 120.0  # s: rides through the dip when a machine trips, and through noise
SUPPLY_LAG = 300.0  # s: the trend is taken over about this long


@dataclass(frozen=True, slots=True, kw_only=True)
class SheddingState:
    """Timers in seconds lived through, filters in the unit of their reading."""

    elapsed: float | None = None
    units: Mapping[str, UnitState] = field(default_factory=dict)
    idle: Mapping[str, float] = field(default_factory=dict)  # per pump or tower
    below: float = 0.0  # load low enough to shed
    above: float = 0.0  # load too high for what runs
    lost: float = 0.0  # supply temperature going or gone
    fault: float = 0.0  # a required input missing
    since_change: float = 0.0  # since the last start or stop of ours
    since_start: float = 0.0  # since the last start, or its proof
    load: float | None = None  # kW, lagged
    supply: float | None = None  # degC, lagged


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The plant now, judged. `load` is the larger of the measured and the lagged one, kW."""

    units: Mapping[str, Unit]
    load: float | None
    source: str
    supply: Supply
    trend: float  # K/s
    fault: str
    outlook: Outlook | None = None

    def expected(self, ahead: float) -> float:
        """The most that is carried from now to `ahead` seconds on, kW: what is carried now, and the rise that was learned."""
        return (self.load or 0.0) + (0.0 if self.outlook is None else self.outlook.rise(ahead))

    def running(self, states: Mapping[str, UnitState], start_time: float) -> tuple[Choice, ...]:
        """The machines that run, are wanted and can be counted on. `start_time`: s from the wish to their cooling."""
        return tuple(
            Choice(
                id=id_,
                capacity=unit.capacity,
                rested=states[id_].running >= unit.minimum_on and not unit.forced,
                coming=self.expected(unit.minimum_off + start_time),
            )
            for id_, unit in self.units.items()
            if states[id_].stance is Stance.ON and unit.running and unit.dependable and unit.capacity
        )

    def warm(self, above: float) -> str:
        """How warm the supply is, when it is more than `above` K over its set-point; else empty."""
        temperature, setpoint = self.supply.temperature, self.supply.setpoint
        if temperature is None or temperature <= setpoint + above:
            return ""
        return f"supply {temperature:.1f} degC, set-point {setpoint:.1f}"

    def warming(self, above: float, ahead: float) -> str:
        """How warm it is going to be, when the trend passes `above` K within `ahead` s; else empty."""
        temperature, setpoint = self.supply.temperature, self.supply.setpoint
        if temperature is None or temperature + self.trend * ahead <= setpoint + above:
            return ""
        coming = temperature + self.trend * ahead
        minutes = f"{ahead / 60.0:g} min"
        return (
            f"supply {temperature:.1f} degC, {coming:.1f} in {minutes} by its trend, set-point {setpoint:.1f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The parameters: shares of one, seconds, kelvin."""

    shed_below: float
    remaining: float
    restart_above: float
    hysteresis: float
    dwell: float
    minimum: int
    spare: int
    deviation: float
    look_ahead: float
    restart_delay: float
    settle: float
    fault_delay: float
    start_spacing: float
    start_time: float  # from a reason to start until the machine cools

    def stop(self, running: Sequence[Choice], load: float) -> Choice | None:
        """The machine that may go now, and would not be wanted back before it could be there."""
        return choose_stop(
            running,
            load,
            limit=self.remaining,
            spare=self.spare,
            minimum=self.minimum,
            back_above=self.restart_above,
        )

    def at_risk(self, picture: Picture) -> str:
        """Why the supply temperature forbids taking a machine away; empty when it does not."""
        return picture.warm(self.deviation / 2.0) or picture.warming(self.deviation, self.look_ahead)

    def losing(self, picture: Picture) -> str:
        """Why the supply temperature needs a machine more; empty when it does not."""
        gone = picture.warm(self.deviation)
        going = picture.warm(self.deviation / 2.0) and picture.warming(self.deviation, self.look_ahead)
        return gone or going


def judge(
    units: Mapping[str, Unit],
    load: PlantLoad,
    supply: Supply,
    outlook: Outlook | None,
    before: SheddingState,
    seconds: float,
) -> tuple[Picture, SheddingState]:
    """The picture, and the state with its filters moved on."""
    lagged = before.load if load.kw is None else smoothed(before.load, load.kw, seconds, LOAD_LAG)
    temperature = supply.temperature
    warm = before.supply if temperature is None else smoothed(before.supply, temperature, seconds, SUPPLY_LAG)
    unknown = next((id_ for id_, unit in units.items() if unit.running is None), None)
    fault = load.fault or supply.fault or (f"run status of {unknown} not readable" if unknown else "")
    picture = Picture(
        units=units,
        load=None if load.kw is None or lagged is None else max(load.kw, lagged),
        source=load.source,
        supply=supply,
        trend=0.0 if temperature is None or warm is None else slope(temperature, warm, SUPPLY_LAG),
        fault=fault,
        outlook=outlook,
    )
    return picture, replace(before, load=lagged, supply=warm)


def share_of(load: float, running: tuple[Choice, ...], spare: int = 0) -> float:
    """Load as a share of what these machines can carry; infinite when they can carry nothing."""
    capacity = secured([one.capacity for one in running], spare)
    return load / capacity if capacity > 0.0 else float("inf")
