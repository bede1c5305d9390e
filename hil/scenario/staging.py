"""What a scenario is told on: the site it names, the plant behind it, when and where it begins.

`site: demo` is the demonstration. Any other word is a folder of `hil/sites`, any path a folder of one's own: a site file
as an installer writes it (`site.yaml`) and `plant.yaml`, whose `factory: package.module:make_plant` is called with the
rest of that file, the start (UTC seconds) and the seed.
"""

from __future__ import annotations

import datetime as dt
import importlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from agent.config.document import read_document
from agent.config.load import load_site
from agent.config.names import nearest
from agent.core.equipment import Place
from agent.core.errors import ConfigurationError, Problem
from agent.core.site import Catalogue, Site
from agent.plugins import find_catalogue
from hil.bench.setup import BenchSetup
from hil.climates import find_climate, located, moved, standard_time
from hil.demo_folder import Ports, lay_out
from hil.demo_plant import demo_plant, demo_wiring
from hil.plant.variables import Failing, Plant, VariableInfo
from hil.scenario.reader import Section
from hil.sensors import SensorKinds
from hil.servers.device import Wiring
from hil.wiring import automatic_wiring

SITES = Path(__file__).parent.parent / "sites"
WARM_UP = 3600.0
WARM_STEP = 60.0
FIRST_STEP = 1e-3  # s
NOWHERE = Ports(plant=15020, bms=14840, mqtt=18883, https=18443, web=8080)

MakePlant = Callable[[float, int], Plant]
"""(UTC seconds at which it begins, seed) -> plant"""
Wire = Callable[[Site, Mapping[str, VariableInfo]], Mapping[str, Wiring]]
"""(site, the plant's variables) -> wiring by device"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """A site with its plant, not yet warmed up."""

    site: Site
    catalogue: Catalogue
    wiring: Mapping[str, Wiring]
    make_plant: MakePlant
    variables: Mapping[str, VariableInfo]
    failures: Mapping[str, str]  # faults of the plant itself, with what each means
    start: float  # UTC seconds
    seed: int
    warm_up: float
    sensors: SensorKinds | None
    made: list[
        Plant
    ]  # one that was made to see its variables, for the first run; making one may take a while

    @property
    def start_of_day(self) -> float:
        """Seconds since local midnight at the start."""
        local = dt.datetime.fromtimestamp(self.start, ZoneInfo(self.site.place.timezone))
        return local.hour * 3600.0 + local.minute * 60.0 + local.second

    def setup(self) -> BenchSetup:
        """Everything a bench needs, the plant warmed up under its own control."""
        plant = self.made.pop() if self.made else self.make_plant(self.start - self.warm_up, self.seed)
        left = self.warm_up
        while left > 0.0:
            plant.step(min(left, WARM_STEP), {})
            left -= WARM_STEP
        return BenchSetup(
            site=self.site,
            catalogue=self.catalogue,
            plant=plant,
            wiring=self.wiring,
            start=self.start,
            seed=self.seed,
            sensors=self.sensors,
        )


def stage(root: Section, folder: Path) -> Staging | None:
    """The stage a scenario names; None with the problem noted. Raises ConfigurationError for a bad site file."""
    name = root.text("site", "demo")
    catalogue = find_catalogue()
    weather = _weather(root, folder)
    found = _demo(catalogue, weather) if name == "demo" else _folder(root, name, folder, catalogue, weather)
    if found is None:
        return None
    whole, wire, make_plant = found
    site = _only(whole, root)
    start, seed = _start(root, site.place), int(root.number("seed", "", 1.0))
    warm_up = root.number("warm_up", "s", WARM_UP)
    plant = make_plant(start - warm_up, seed)
    variables = _variables(plant)
    return Staging(
        site=site,
        catalogue=catalogue,
        wiring=wire(whole, variables),
        make_plant=make_plant,
        variables=variables,
        failures=plant.failures() if isinstance(plant, Failing) else {},
        start=start,
        seed=seed,
        warm_up=warm_up,
        sensors=_sensors(root),
        made=[plant],
    )


def _only(site: Site, root: Section) -> Site:
    """`areas: [plant]` leaves the other areas to their own control: the agent of this story does not know them."""
    written = root.data.get("areas")
    if written is None:
        return site
    wanted = [str(one) for one in written] if isinstance(written, list) else [str(written)]
    for one in wanted:
        if one not in site.areas:
            root.wrong("areas", f"there is no area '{one}'", nearest(one, site.areas))
    return replace(
        site,
        areas={name: model for name, model in site.areas.items() if name in wanted},
        policies={name: policies for name, policies in site.policies.items() if name in wanted},
        equipment={name: one for name, one in site.equipment.items() if one.area in wanted},
    )


def _variables(plant: Plant) -> Mapping[str, VariableInfo]:
    """All of them: what a plant shows may be known only after its first step."""
    shown = plant.step(FIRST_STEP, {})
    return {**dict.fromkeys(shown, VariableInfo()), **plant.variables()}


def _demo(catalogue: Catalogue, weather: str) -> tuple[Site, Wire, MakePlant]:
    with tempfile.TemporaryDirectory(prefix="plantroom-") as folder:
        site = load_site(lay_out(Path(folder), NOWHERE, 1.0).site, catalogue)
    climate = moved(find_climate(weather), standard_time(site.place.timezone)) if weather else None
    return site, demo_wiring, lambda start, seed: demo_plant(start, seed, climate)


def _folder(
    root: Section, name: str, folder: Path, catalogue: Catalogue, weather: str
) -> tuple[Site, Wire, MakePlant] | None:
    place = next((one for one in (folder / name, SITES / name) if (one / "site.yaml").is_file()), None)
    if place is None:
        ready = ["demo", *(one.parent.name for one in SITES.glob("*/site.yaml"))]
        root.wrong("site", f"there is no site '{name}'", nearest(name, ready))
        return None
    site = load_site(place / "site.yaml", catalogue)
    return site, _by_name, plant_of(place / "plant.yaml", {"climate": weather} if weather else {})


def _by_name(site: Site, variables: Mapping[str, VariableInfo]) -> Mapping[str, Wiring]:
    return automatic_wiring(site, variables).devices


def plant_of(path: Path, changes: Mapping[str, Any] = MappingProxyType({})) -> MakePlant:
    """The plant a `plant.yaml` describes, with `changes` to it. Raises ConfigurationError."""
    document = read_document(path)
    written = document.data if isinstance(document.data, dict) else {}
    data = located({**written, **changes}, path.parent)
    module, _, factory = str(data.pop("factory", "")).partition(":")
    try:
        make: Callable[[Mapping[str, Any], float, int], Plant] = getattr(
            importlib.import_module(module), factory
        )
    except (ImportError, AttributeError, ValueError) as error:
        mend = "write factory: package.module:make_plant"
        problem = Problem(str(path), 1, 1, f"no plant can be made: {error}", mend)
        raise ConfigurationError((*document.problems, problem)) from error
    return lambda start, seed: make(data, start, seed)


def _weather(root: Section, folder: Path) -> str:
    """Where it is to be: a place that comes along, or the full path of a weather file."""
    written = root.text("weather", "")
    if not written:
        return ""
    known = str((folder / written).absolute()) if written.lower().endswith(".epw") else written
    try:
        find_climate(known)
    except ValueError as error:
        root.wrong("weather", str(error))
        return ""
    return known


def _sensors(root: Section) -> SensorKinds | None:
    """`sensors: false` lets the devices show the truth; a section changes single kinds."""
    written = root.data.get("sensors", True)
    if written is False:
        return None
    try:
        return SensorKinds(written if isinstance(written, dict) else None)
    except ValueError as error:
        root.wrong("sensors", str(error))
        return None


def _start(root: Section, place: Place) -> float:
    text = root.text("start", "2026-07-15 00:00")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        root.wrong("start", f"'{text}' is not a date and time", "write start: 2026-07-15 14:00")
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(place.timezone))).timestamp()
