"""One chiller as a machine: what a start, a ramp, a trip look like around its curves.

Flow must be proven, the start takes its time, capacity is ramped, protections trip. All times are accounted for by
fractions of a step, so that a step of a minute gives the same energy as sixty of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum

from hil.plant.chiller_curves import ChillerCurves, OperatingPoint, heat_rate, operating_point

_CLOSE = 1.0 / 16_000.0  # of what is wanted: how well a machine below its set-point is found
_ROUNDS = 30


class Phase(Enum):
    """Where the machine is in its start sequence."""

    OFF = 0
    STARTING = 1
    RUNNING = 2
    TRIPPED = 3


class Cause(IntEnum):
    """Why the machine tripped: its alarm code."""

    NONE = 0
    NO_FLOW = 1
    FREEZING = 2
    HIGH_HEAD = 3
    LOW_HEAD = 4
    FAULT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerTiming:
    """A machine's own times (s) and protections. Own choices within what makers' manuals of centrifugals state."""

    start: float = 60.0  # from enable to rotating: pre-lubrication and vane closure
    ramp: float = 100.0 / 240.0  # % of capacity per s while loading after a start
    flow_wait: float = 120.0  # without flow while starting before it trips
    flow_trip: float = 3.0  # without flow while running before it trips
    stop_to_start: float = 120.0  # anti-recycle: a start waits until so long after the last stop
    minimum_flow: float = 0.4  # of the reference flow makes the flow switch
    freezing: float = 3.0  # degC leaving water that trips at once
    hot: float = 44.0  # degC leaving condenser water that trips at once
    minimum_lift: float = (
        4.0  # K between leaving waters: less for `low_head` s, and oil or refrigerant stays away
    )
    low_head: float = 600.0
    standing: float = 0.6  # kW of oil heater and panel while standing


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerInputs:
    """What reaches the machine: commands and water. Temperatures degC, flows l/s."""

    enable: bool
    setpoint: float
    chilled_entering: float
    chilled_flow: float
    condenser_entering: float
    condenser_flow: float
    demand_limit: float = 100.0
    powered: bool = True  # false: the supply has dipped


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerOutputs:
    """What the machine does with it, mean over the step; `rejected` and `cooling` in kW of heat."""

    phase: Phase
    cooling: float
    power: float
    rejected: float
    available: float
    chilled_leaving: float
    condenser_leaving: float
    extrapolated: bool

    @property
    def running(self) -> bool:
        return self.phase is Phase.RUNNING

    @property
    def heat_of_compression(self) -> float:
        """Power that ends up in the condenser water, kW."""
        return self.rejected - self.cooling


class Chiller:
    """One machine with its start sequence.

    Trips stand until the command is taken away or a person resets them; want of water flow resets itself when the water
    flows again, as makers' tables of diagnostics have it (latching and non-latching ones).
    """

    def __init__(
        self, curves: ChillerCurves, *, running: bool = False, timing: ChillerTiming | None = None
    ) -> None:
        self.curves = curves
        self.timing = timing or ChillerTiming()
        self.phase = Phase.RUNNING if running else Phase.OFF
        self.cause = Cause.NONE
        self.broken = False  # a fault of the machine itself: it trips and stays tripped
        self.fouling = 0.0  # K of condensing temperature at the reference load
        self.starts = 0
        self.running_hours = 0.0
        self._wait = 0.0  # s until rotating, while starting
        self._stopped = 1e9  # s since it last ran
        self._no_flow = 0.0
        self._low_lift = 0.0
        self._loading = 100.0 if running else 0.0

    def flow_proven(self, chilled_flow: float, condenser_flow: float) -> bool:
        least = self.timing.minimum_flow
        return (
            chilled_flow >= least * self.curves.chilled_flow
            and condenser_flow >= least * self.curves.condenser_flow
        )

    def step(self, dt: float, inputs: ChillerInputs) -> ChillerOutputs:
        share = self._sequence(dt, inputs)
        if share <= 0.0:
            return self.idle(inputs)
        self.running_hours += share * dt / 3600.0
        limit = min(self._ramp(share * dt), inputs.demand_limit) / 100.0
        rate = heat_rate(inputs.chilled_flow)
        wanted = max(rate * (inputs.chilled_entering - inputs.setpoint), 0.0)
        cap = min(limit, self.curves.maximum_part_load)
        point = self._point(wanted, inputs.setpoint, inputs)
        cooling, leaving = wanted, inputs.setpoint
        if wanted > cap * point.available:
            cooling, leaving, point = self._saturated(wanted, cap, rate, inputs)
        elif wanted <= 0.0:
            leaving = inputs.chilled_entering
            point = self._point(0.0, leaving, inputs)
        self._protect(dt, leaving, point.condenser_leaving)
        mean, power = cooling * share, point.power * share
        rejected = mean + power
        return ChillerOutputs(
            phase=self.phase,
            cooling=mean,
            power=power + (1.0 - share) * self.timing.standing,
            rejected=rejected,
            available=point.available,
            chilled_leaving=inputs.chilled_entering - mean / rate,
            condenser_leaving=inputs.condenser_entering + rejected / heat_rate(inputs.condenser_flow),
            extrapolated=point.extrapolated,
        )

    def trip(self, cause: Cause = Cause.FAULT) -> None:
        """Cleared by taking the enable away, unless the machine is `broken`."""
        if self.phase is Phase.RUNNING:
            self._stopped = 0.0
        self.phase = Phase.TRIPPED
        self.cause = cause
        self._no_flow = self._low_lift = self._loading = 0.0

    def reset(self) -> None:
        """What a person does at the panel after a trip: the machine may start again after its rest."""
        if self.phase is Phase.TRIPPED:
            self.phase, self.cause = Phase.OFF, Cause.NONE

    def _saturated(
        self, wanted: float, cap: float, rate: float, inputs: ChillerInputs
    ) -> tuple[float, float, OperatingPoint]:
        """Cooling, leaving temperature and point of a machine that cannot meet its set-point.

        The warmer the water it leaves, the more it can. So what it can less what that water asks for only rises, and the
        root is bracketed: simple substitution swings where capacity rises steeply, and would give cold for nothing.
        """

        def spare(cooling: float) -> float:
            leaving = inputs.chilled_entering - cooling / rate
            return cap * self._point(cooling, leaving, inputs).available - cooling

        low = _falling_root(spare, wanted, _CLOSE * wanted)
        leaving = inputs.chilled_entering - low / rate
        return low, leaving, self._point(low, leaving, inputs)

    def _point(self, cooling: float, leaving: float, inputs: ChillerInputs) -> OperatingPoint:
        return operating_point(
            self.curves,
            cooling,
            leaving,
            inputs.condenser_entering,
            inputs.condenser_flow,
            fouling=self.fouling,
        )

    def _sequence(self, dt: float, inputs: ChillerInputs) -> float:
        """The share of this step in which the machine cools."""
        self._stopped += dt
        proven = self.flow_proven(inputs.chilled_flow, inputs.condenser_flow)
        self._no_flow = 0.0 if proven else self._no_flow + dt
        if self.cause is Cause.NO_FLOW and proven:
            self.reset()
        if self.broken and self.phase is not Phase.TRIPPED:
            self.trip()
        elif not (inputs.enable and inputs.powered):
            self._stop(dt, cleared=not self.broken)
        elif self.phase is Phase.OFF:
            self.phase = Phase.STARTING
            self._no_flow = 0.0 if proven else dt
            self._wait = max(self.timing.start, self.timing.stop_to_start - self._stopped + dt)
        if self.phase is Phase.STARTING:
            return self._start(dt, proven=proven)
        if self.phase is not Phase.RUNNING or proven:
            return float(self.phase is Phase.RUNNING)
        self._loading = 0.0  # no water, no cooling, while the flow switch still makes up its mind
        if self._no_flow > self.timing.flow_trip:
            self.trip(Cause.NO_FLOW)
        return 0.0

    def _start(self, dt: float, *, proven: bool) -> float:
        self._wait -= dt
        if self._no_flow > self.timing.flow_wait:
            self.trip(Cause.NO_FLOW)
        elif proven and self._wait <= 0.0:
            self.phase = Phase.RUNNING
            self.starts += 1
            return min(-self._wait / dt, 1.0)
        return 0.0

    def _stop(self, dt: float, *, cleared: bool) -> None:
        if self.phase is Phase.RUNNING:
            self._stopped = dt
        if self.phase is not Phase.OFF and cleared:
            self.phase = Phase.OFF
            self.cause = Cause.NONE
            self._no_flow = self._low_lift = self._loading = 0.0

    def _ramp(self, running: float) -> float:
        """Mean permitted loading in % over `running` s, and what it has come to at their end."""
        begin = self._loading
        if begin >= 100.0:
            return 100.0
        rising = min((100.0 - begin) / self.timing.ramp, running)
        self._loading = min(begin + self.timing.ramp * running, 100.0)
        return ((begin + 0.5 * self.timing.ramp * rising) * rising + 100.0 * (running - rising)) / running

    def _protect(self, dt: float, leaving: float, condenser_leaving: float) -> None:
        low = condenser_leaving - leaving < self.timing.minimum_lift
        self._low_lift = self._low_lift + dt if low else 0.0
        if leaving < self.timing.freezing:
            self.trip(Cause.FREEZING)
        elif condenser_leaving > self.timing.hot:
            self.trip(Cause.HIGH_HEAD)
        elif self._low_lift > self.timing.low_head:
            self.trip(Cause.LOW_HEAD)

    def idle(self, inputs: ChillerInputs) -> ChillerOutputs:
        """What it gives while it does not cool."""
        entering = inputs.condenser_entering
        return ChillerOutputs(
            phase=self.phase,
            cooling=0.0,
            power=self.timing.standing if inputs.powered else 0.0,
            rejected=0.0,
            available=self.curves.capacity * self.curves.capacity_curve.at(inputs.setpoint, entering),
            chilled_leaving=inputs.chilled_entering,
            condenser_leaving=entering,
            extrapolated=False,
        )


def _falling_root(spare: Callable[[float], float], high: float, close: float) -> float:
    """Where `spare`, positive at 0 and negative at `high`, crosses zero; from below, at most `close` too low.

    Regula falsi with the Illinois weights: an end that stays counts half (Dowell and Jarratt 1971).
    """
    low, above, below = 0.0, spare(0.0), spare(high)
    side = 0
    for _ in range(_ROUNDS):
        if high - low <= close or above <= 0.0:
            break
        middle = (low * below - high * above) / (below - above)
        found = spare(middle)
        if 0.0 <= found <= close:
            return middle
        if found > 0.0:
            low, above, below, side = middle, found, below * (0.5 if side > 0 else 1.0), 1
        else:
            high, below, above, side = middle, found, above * (0.5 if side < 0 else 1.0), -1
    return low
