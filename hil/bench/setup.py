"""What is put on a bench: a site, the plant behind it, how the two are wired, and when the story begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.core.site import Catalogue, Site
from hil.plant.variables import Plant
from hil.sensors import SensorKinds
from hil.servers.device import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSetup:
    """Everything a bench is made of; the same setup gives the same story on every bench."""

    site: Site
    catalogue: Catalogue
    plant: Plant  # warmed up: it stands at `start`
    wiring: Mapping[str, Wiring] = field(default_factory=dict)
    start: float = 0.0  # UTC seconds
    seed: int = 1
    sensors: SensorKinds | None = None  # None: the devices show the truth
