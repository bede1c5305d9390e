"""One arm over its days: the agent with the arm's policies on the bench of virtual time, key figures from the truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from agent.calc.tariff import Tariff
from agent.config.load import sorted_problems
from agent.core.errors import ConfigurationError
from agent.core.site import Site
from hil.bench.setup import BenchSetup
from hil.bench.sim import SimBench
from hil.bench.watched import Moment
from hil.compare.days import Block
from hil.compare.spending import Month, Spending, hottest_of, joined
from hil.compare.trace import Trace, Tracing, traced_names
from hil.compare.wellness import Wellness
from hil.kpi_counting import Counting, default_counting, read_counting
from hil.kpis import Figures, Kpis
from hil.plant.served_plant import ServedPlant
from hil.plant.variables import Plant, VariableInfo
from hil.ready_site.ready_site import ReadySite, hil_catalogue
from hil.sensors import SensorKinds
from hil.virtual_time import run_virtual
from hil.wiring import automatic_wiring

PACE = 60.0  # s
WARM_UP = (
    86_400.0  # s under the arm's own control before each block: a day, so that rooms and tank are its own
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run of every arm."""

    blocks: tuple[Block, ...]
    seed: int = 1
    warm_up: float = WARM_UP
    pace: float = PACE

    @property
    def days(self) -> int:
        return sum(block.days for block in self.blocks)

    @property
    def simulated(self) -> float:
        """Days, warm-up included."""
        return self.days + self.warm_up / 86_400.0 * len(self.blocks)


@dataclass(slots=True)
class ArmRun:
    """What came of it, added up over all blocks."""

    arm: str
    days: int
    figures: dict[str, float | None]
    months: dict[int, Month]
    tariff: Tariff | None = None
    chillers: int = 0
    plant: tuple[str, ...] = ()  # counted machines within the boundary of EER-sys
    stored_change: float | None = None  # kWh of cold, end less begin
    failed_ticks: int = 0
    policy_faults: dict[str, int] = field(default_factory=dict)
    trips: int = 0
    wall: float = 0.0  # s
    simulated: float = 0.0  # days, warm-up included
    mixed: bool = False  # fuel or sold electricity is in the bill: kWh say little of what heat or cold costs
    traces: list[Trace] = field(default_factory=list)


def run_arm(ready: ReadySite, arm: str, plan: Plan, far: Callable[[float], None] | None = None) -> ArmRun:
    """All blocks of the plan, one after the other; `far` is told the days that are done. Raises ConfigurationError."""
    began = time.perf_counter()
    site = ready.site(arm)
    plan = ready_plan(ready, plan)
    following = _Following(far)
    parts = []
    for block in plan.blocks:
        parts.append(_run_block(ready, arm, site, block, plan, following))
        following.before += block.days + plan.warm_up / 86_400.0
    result = parts[0]
    result.months = joined([one.months for one in parts])
    for one in parts[1:]:
        result.figures = _added(result.figures, one.figures)
        if result.stored_change is not None and one.stored_change is not None:
            result.stored_change += one.stored_change
        result.failed_ticks += one.failed_ticks
        result.trips += one.trips
        for name, count in one.policy_faults.items():
            result.policy_faults[name] = result.policy_faults.get(name, 0) + count
        result.traces += one.traces
    result.days = plan.days
    result.simulated = plan.simulated
    result.wall = time.perf_counter() - began
    return result


def ready_plan(ready: ReadySite, plan: Plan) -> Plan:
    """With the warm-up and the pace that the site wants."""
    warm_up = plan.warm_up if ready.warm_up is None else ready.warm_up
    return replace(plan, warm_up=warm_up, pace=plan.pace if ready.pace is None else ready.pace)


def counting_of(ready: ReadySite, site: Site, variables: Mapping[str, VariableInfo]) -> Counting:
    """What is counted, as `arms.yaml` changes it. Raises ConfigurationError."""
    counting = default_counting(site, variables)
    counting = read_counting(ready.about, ready.about.data.get("counting"), counting, variables)
    if ready.about.problems:
        raise ConfigurationError(sorted_problems(ready.about))
    return counting


def setup_of(
    ready: ReadySite, arm: str, site: Site, start: float, seed: int
) -> tuple[BenchSetup, Mapping[str, VariableInfo]]:
    """The plant at that moment behind sensors as bought, and all it shows. Raises ConfigurationError."""
    plant = ready.make_plant(arm, start, seed)
    # a plant may know only after its first step what it shows
    variables = {**dict.fromkeys(plant.step(0.1, {}), VariableInfo()), **plant.variables()}
    setup = BenchSetup(
        site=site,
        catalogue=hil_catalogue(),
        plant=plant,
        wiring=automatic_wiring(site, variables).devices,
        start=start,
        seed=seed,
        sensors=SensorKinds(),
    )
    return setup, variables


def spending_of(counting: Counting, plant: Plant, timezone: str, seed: int) -> Spending:
    """What the counted machines cost by months, with the hottest of each day where the plant knows its weather."""
    spending = Spending(
        tuple(counting.machines.values()),
        counting.cooling,
        timezone,
        counting.tariff,
        feed_in=counting.feed_in,
        fuels=counting.fuels,
    )
    if isinstance(plant, ServedPlant):
        spending.hottest = hottest_of(lambda utc: plant.climate.at(utc, seed).dry_bulb, timezone)
    return spending


def cools(site: Site, name: str) -> bool:
    """Whether a machine is cold-source equipment: rooms, lamps and other meters are not."""
    one = site.equipment.get(name)
    return one is None or one.kind not in ("zone", "lamp_group", "meter")


def _run_block(
    ready: ReadySite, arm: str, site: Site, block: Block, plan: Plan, following: _Following
) -> ArmRun:
    start = block.start(site.place.timezone) - plan.warm_up
    setup, variables = setup_of(ready, arm, site, start, plan.seed)
    watching = _Watching(setup, counting_of(ready, site, variables), variables)
    return run_virtual(watching.tell(arm, block, plan, following))


@dataclass(slots=True)
class _Following:
    """Watches how far an arm is, from the first step of its warm-up on."""

    far: Callable[[float], None] | None
    before: float = 0.0  # days of the blocks that are done

    def stepped(self, moment: Moment) -> None:
        if self.far is not None:
            self.far(self.before + moment.elapsed / 86_400.0)


class _Watching:
    """Who watches one block."""

    def __init__(self, setup: BenchSetup, counting: Counting, variables: Mapping[str, VariableInfo]) -> None:
        timezone = setup.site.place.timezone
        self._setup = setup
        self._kpis = Kpis(replace(counting, tariff=None), timezone)  # cost by parts of months: Spending
        self._spending = spending_of(counting, setup.plant, timezone, setup.seed)
        self._tracing = Tracing(traced_names(variables, counting.machines.values()))

    async def tell(self, arm: str, block: Block, plan: Plan, following: _Following) -> ArmRun:
        setup = self._setup
        async with SimBench(setup, plan.pace) as bench:
            bench.plant.watchers.append(following)
            await bench.run_until(plan.warm_up)
            wellness = Wellness(bench.parts, tuple(setup.site.equipment.values()))
            bench.plant.watchers.extend((self._kpis, self._spending, self._tracing, wellness))
            self._kpis.see_stored(setup.plant)
            await bench.run_until(plan.warm_up + block.seconds)
            self._kpis.see_stored(setup.plant)
        figures = self._kpis.figures()
        return ArmRun(
            arm=arm,
            days=block.days,
            figures=dict(figures),
            months=dict(self._spending.months),
            tariff=self._spending.tariff,
            plant=tuple(name for name in self._kpis.counting.machines if cools(setup.site, name)),
            chillers=sum(one.kind == "chiller" for one in setup.site.equipment.values()),
            stored_change=figures["stored_kwh_change"],
            mixed=bool(self._spending.fuels) or self._spending.feed_in is not None,
            failed_ticks=wellness.failed_ticks,
            policy_faults=dict(wellness.faults),
            trips=wellness.trips,
            traces=[self._tracing.trace],
        )


_HIGHEST = ("peak_kw",)
_SHORTEST = ("shortest_on_s", "shortest_off_s")


def _added(one: Mapping[str, float | None], other: Figures) -> dict[str, float | None]:
    """Sums, but for what is a peak, a shortest time or a quotient."""
    result: dict[str, float | None] = {}
    for name, value in one.items():
        more = other.get(name)
        if value is None or more is None:
            result[name] = more if value is None else value
        elif name in _HIGHEST:
            result[name] = max(value, more)
        elif name.startswith(_SHORTEST):
            result[name] = min(value, more)
        else:
            result[name] = value + more
    kwh, cooling = result.get("kwh"), result.get("cooling_kwh_th")
    result["eer_sys"] = cooling / kwh if kwh and cooling is not None else None
    return result
