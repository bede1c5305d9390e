"""A ready site: a folder with `site.yaml` as an installer writes it, `plant.yaml` with the sizes, `arms.yaml`.

An arm is a way to run the site: its policies take the place of the site file's. `policy` is the site file as it is.
Folders may lie anywhere; one without `arms.yaml` is given the plain baselines.

    arms:
      weak: {policies: {before: {kind: baseline.all_on, area: plant}}, plant: {...}}   # plant: changes to the sizes
    measure: cost              # what a saving is counted in; kwh where nothing is said
    counting: {...}            # as in a scenario
    reported: {saving: 17.13, of: kwh, arm: reported, why: ...}
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from agent.config.document import Document, read_document
from agent.config.load import load_site, sorted_problems
from agent.config.names import nearest
from agent.config.quantities import quantity
from agent.core.errors import ConfigurationError, Problem
from agent.core.site import Catalogue, Site
from agent.plugins import find_catalogue
from hil.baselines.catalogue import baseline_policies
from hil.climates import located
from hil.plant.variables import Plant

SITES = Path(__file__).parent.parent / "sites"
WEAK, COMPETENT, REPORTED, POLICY, ORACLE = "weak", "competent", "reported", "policy", "oracle"
ARMS = (WEAK, COMPETENT, REPORTED, POLICY, ORACLE)
"""In the order in which they are shown; a site may have more of its own."""
ARM_KEYS = ("arms", "measure", "counting", "reported", "help", "warm_up", "pace")
_PLAIN: Mapping[str, Any] = {
    WEAK: {"policies": {"before": {"kind": "baseline.all_on", "area": "plant"}}},
    COMPETENT: {"policies": {"before": {"kind": "baseline.sequential", "area": "plant"}}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadySite:
    """What there is to run on a site. `sizes` are the plant file's, changed by variant and hold-out."""

    name: str
    folder: Path
    sizes: Mapping[str, Any]
    arms: Mapping[str, Any]
    about: Document  # arms.yaml, for counting, and where mistakes stand
    variant: str = ""
    hold_out: bool = False

    @property
    def measure(self) -> str:
        """What savings are counted in: kwh or cost."""
        return str(self.about.data.get("measure", "kwh"))

    @property
    def warm_up(self) -> float | None:
        """Seconds each arm runs before it is counted; None: as long as plants with rooms and tanks need."""
        value = self.about.data.get("warm_up")
        return None if value is None else quantity(value, "s")

    @property
    def pace(self) -> float | None:
        """Seconds between readings and ticks; None: a minute. Lamps that must not be seen to move need a quicker one."""
        value = self.about.data.get("pace")
        return None if value is None else quantity(value, "s")

    @property
    def reported(self) -> Mapping[str, Any] | None:
        """What the project says it saved."""
        return cast("Mapping[str, Any] | None", self.about.data.get("reported"))

    def site(self, arm: str) -> Site:
        """The site with the arm's policies. Raises ConfigurationError."""
        if arm == POLICY:
            return load_site(self.folder / "site.yaml", hil_catalogue())
        return _with_policies(self.folder, self.arms[arm].get("policies", {}))

    def make_plant(self, arm: str, start: float, seed: int) -> Plant:
        """The plant as this arm finds it, at `start` (UTC seconds). Raises ConfigurationError."""
        sizes = located(merged(self.sizes, self.arms.get(arm, {}).get("plant", {})), self.folder)
        return _factory(str(sizes.pop("factory", "")), self.folder)(sizes, start, seed)


Factory = Callable[[Mapping[str, Any], float, int], Plant]


@cache
def hil_catalogue() -> Catalogue:
    """The installation's, with the baselines among its policies."""
    catalogue = find_catalogue()
    return replace(catalogue, policies={**catalogue.policies, **baseline_policies()})


def load_ready_site(place: str | Path, *, variant: str = "", hold_out: bool = False) -> ReadySite:
    """By its name among the ready ones, or by its folder. Raises ConfigurationError."""
    folder = _folder(place)
    plant = _read(folder / "plant.yaml")
    sizes: Mapping[str, Any] = {**plant.data}
    variants = sizes.get("variants") or {}
    if variant:
        if variant not in variants:
            mend = nearest(variant, variants) if variants else "it has none"
            raise _wrong(plant, ("variants",), f"there is no variant '{variant}'", mend)
        sizes = merged(sizes, variants[variant])
    if hold_out:
        if not isinstance(sizes.get("hold_out"), Mapping):
            raise _wrong(plant, (), "names no machines to hold out", "add hold_out: {role: machine}")
        sizes = {**sizes, "machines": {**(sizes.get("machines") or {}), **sizes["hold_out"]}}
    sizes = {key: value for key, value in sizes.items() if key not in ("variants", "hold_out")}
    arms = folder / "arms.yaml"
    about = _read(arms) if arms.is_file() else Document(str(arms), {"arms": dict(_PLAIN)})
    for key in about.data:
        if key not in ARM_KEYS:
            raise _wrong(about, (key,), f"'{key}' is not a section known here", nearest(key, ARM_KEYS))
    return ReadySite(
        name=folder.name,
        folder=folder,
        sizes=sizes,
        arms=about.data.get("arms") or {},
        about=about,
        variant=variant,
        hold_out=hold_out,
    )


def ready_names() -> list[str]:
    """The sites that come along and can be compared."""
    return sorted(one.parent.name for one in SITES.glob("*/plant.yaml"))


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sections into sections; anything else takes the place of what was there."""
    result = dict(base)
    for key, value in changes.items():
        before = result.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[key] = merged(before, value) if both else value  # type: ignore[arg-type]
    return result


def _folder(place: str | Path) -> Path:
    for one in (SITES / place, Path(place)):
        if (one / "site.yaml").is_file() and (one / "plant.yaml").is_file():
            return one.absolute()
    message = f"there is no ready site '{place}'"
    if (SITES / place / "site.yaml").is_file():
        message = f"the site '{place}' has no plant that could be compared"
    mend = f"{nearest(str(place), ready_names())}, or a folder with site.yaml and plant.yaml"
    raise ConfigurationError((Problem(str(place), 1, 1, message, mend),))


def _read(path: Path) -> Document:
    document = read_document(path)
    if not isinstance(document.data, dict):
        document.add((), "a file of sections is wanted here")
    if document.problems:
        raise ConfigurationError(sorted_problems(document))
    return document


def _wrong(document: Document, where: tuple[str | int, ...], message: str, mend: str) -> ConfigurationError:
    return ConfigurationError((document.problem(where, message, mend),))


def _with_policies(folder: Path, policies: Mapping[str, Any]) -> Site:
    """The folder's site file with other policies, read by the product's own reader. Modes go with the policies they tune.

    It is written out beside links to all the folder holds, so that the files it names are found.
    """
    document = _read(folder / "site.yaml")
    text = StringIO()
    areas = {
        name: {key: value for key, value in (area or {}).items() if key != "modes"}
        for name, area in document.data.get("areas", {}).items()
    }
    changed = {**document.data, "areas": areas, "policies": dict(policies)}
    YAML(typ="safe", pure=True).dump(changed, text)
    with tempfile.TemporaryDirectory(prefix="plantroom-arm-") as made:
        for one in folder.iterdir():
            if one.name != "site.yaml":
                (Path(made) / one.name).symlink_to(one)
        path = Path(made) / "site.yaml"
        path.write_text(text.getvalue(), encoding="utf-8")
        return load_site(path, hil_catalogue())


def _factory(name: str, folder: Path) -> Factory:
    module, _, function = name.partition(":")
    try:
        return cast("Factory", getattr(importlib.import_module(module), function))
    except (ImportError, AttributeError, ValueError) as error:
        problem = Problem(
            str(folder / "plant.yaml"),
            1,
            1,
            f"no plant can be made: {error}",
            "write factory: package.module:make_plant",
        )
        raise ConfigurationError((problem,)) from error
