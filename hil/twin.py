"""A site's simulated twin, for previews: the same days, weather and load under today's parameters and under others.

The agent finds it through the entry point group `plantroom.twins` and runs it in the preview process, never in its own. Days,
weather and people are the twin's, not those that were recorded: what counts is the difference of the two runs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.document import Document, read_document
from agent.config.load import load_site, sorted_problems
from agent.control.preview_job import TwinArm, TwinJob, TwinResult
from agent.core.equipment import Authority
from agent.core.errors import ConfigurationError
from agent.core.site import Site
from agent.core.tuning import Layer, Tuning, Values, effective
from agent.preview.bootstrap import over_days
from hil.bench.setup import BenchSetup
from hil.bench.sim import SimBench
from hil.bench.watched import Moment, Watcher
from hil.compare.arm import counting_of, setup_of
from hil.kpis import Kpis
from hil.ready_site.ready_site import ReadySite, hil_catalogue
from hil.virtual_time import run_virtual

DAY = 86_400.0
WARM_UP = DAY  # s under the arm's own parameters before it is counted
PACE = 60.0  # s
SEED = 1
FEWEST_DAYS = 2  # under an interval
FIGURES = (
    "kwh",
    "cost",
    "cooling_kwh_th",
    "eer_sys",
    "peak_kw",
    "degree_hours",
    "lux_minutes_below",
    "starts",
)
"""Key figures that are handed on; the rest is by machine."""


def run_twin(job: TwinJob) -> TwinResult:
    """Both runs. Raises ConfigurationError, and whatever a plant raises."""
    ready = _ready(Path(job.plant))
    arms = tuple(
        _run(ready, _site(job, values), name, job)
        for name, values in (("present", job.present), ("changed", job.changed))
    )
    one, other = (arm.daily_kwh for arm in arms)
    saved = [before - after for before, after in zip(one, other, strict=True)]
    site = load_site(Path(job.site), hil_catalogue())
    return TwinResult(
        arms=arms,
        days=job.days,
        currency=site.place.currency,
        saving=over_days(saved) if len(saved) >= FEWEST_DAYS else None,
        note="weather, load and people are the twin's, the same in both runs",
    )


@dataclass(slots=True)
class _Daily:
    """kWh of the counted machines by local day."""

    machines: tuple[str, ...]
    zone: ZoneInfo
    kwh: dict[dt.date, float] = field(default_factory=lambda: defaultdict(float))

    def stepped(self, moment: Moment) -> None:
        day = dt.datetime.fromtimestamp(moment.utc - 0.5 * moment.dt, self.zone).date()
        self.kwh[day] += sum(moment.truth[name] for name in self.machines) * moment.dt / 3600.0


def _run(ready: ReadySite, site: Site, name: str, job: TwinJob) -> TwinArm:
    zone = ZoneInfo(site.place.timezone)
    first = dt.datetime.combine(dt.date.fromisoformat(job.first), dt.time(), zone).timestamp()
    start = first - WARM_UP
    setup, variables = setup_of(ready, name, site, start, SEED)
    counting = counting_of(ready, site, variables)
    kpis = Kpis(counting, site.place.timezone)
    daily = _Daily(tuple(counting.machines.values()), zone)
    run_virtual(_tell(setup, (kpis, daily), job.days * DAY))
    figures = kpis.figures()
    return TwinArm(
        name=name,
        figures={key: figures.get(key) for key in FIGURES},
        daily_kwh=tuple(daily.kwh[day] for day in sorted(daily.kwh)),
    )


async def _tell(setup: BenchSetup, watchers: Sequence[Watcher], seconds: float) -> None:
    async with SimBench(setup, PACE) as bench:
        await bench.run_until(WARM_UP)
        bench.plant.watchers.extend(watchers)
        await bench.run_until(WARM_UP + seconds)


def _site(job: TwinJob, values: Mapping[str, Values]) -> Site:
    """The site with these parameters and every area in the agent's hands."""
    site = load_site(Path(job.site), hil_catalogue())
    layer = Tuning(id="twin", layer=Layer.TUNED, area=job.area, values=values)
    changed = {
        area: tuple(effective(policy, (layer,)).policy for policy in policies)
        for area, policies in site.policies.items()
    }
    areas = {
        name: replace(model, area=replace(model.area, authority=Authority.AGENT))
        for name, model in site.areas.items()
    }
    return replace(site, policies=changed, areas=areas, modes={})


def _ready(plant: Path) -> ReadySite:
    """The plant file as a ready site without arms. Raises ConfigurationError."""
    document = read_document(plant)
    if document.problems or not isinstance(document.data, dict):
        raise ConfigurationError(sorted_problems(document))
    sizes = {key: value for key, value in document.data.items() if key not in ("variants", "hold_out")}
    arms = plant.with_name("arms.yaml")
    about = read_document(arms) if arms.is_file() else Document(str(arms), {})
    return ReadySite(name=plant.parent.name, folder=plant.parent, sizes=sizes, arms={}, about=about)
