"""The site: everything a configuration says, built and checked, in the types of this dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.device_profile import Device
from agent.core.driver import DriverKind
from agent.core.equipment import AreaModel, Equipment, Place
from agent.core.interlock import Interlock
from agent.core.parameter import parameter
from agent.core.point import Point
from agent.core.policy import AnyPolicy
from agent.core.tuning import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """One line or socket: its driver kind and that driver's settings."""

    id: str
    kind: str
    settings: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """One way to a cloud endpoint: `kind` (mqtt, https) and the settings dataclass of that kind."""

    id: str
    kind: str
    settings: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where data lie and how much of it is kept."""

    path: str = "plantroom-data/plantroom.db"
    max_bytes: int = 1_000_000_000
    keep_days: float = 90.0
    commit_interval: float = 1.0  # real seconds between group commits
    audit_max_bytes: int = 200_000_000  # a quota of its own: samples never push audit records out


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where the page is served. Control needs a login whatever the address."""

    host: str = "127.0.0.1"
    port: int = 8080
    socket: str = (
        "plantroom-data/plantroom.sock"  # UNIX socket of the command line, guarded by file mode 0600
    )
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSettings:
    """Of several boxes on one plant the one that holds this register acts."""

    point: str = parameter(help="spare register of a device that all boxes reach; keeps a whole number")
    box: int = parameter(low=1, high=60, help="number of this box, its own")
    expires: float = parameter(
        60.0, unit="s", low=60.0, high=3600.0, help="a box that does not renew it so long is passed over"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All of a site. Built by agent.config, used by agent.app and agent.release."""

    place: Place
    buses: Mapping[str, Bus] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)
    equipment: Mapping[str, Equipment] = field(default_factory=dict)
    areas: Mapping[str, AreaModel] = field(default_factory=dict)
    policies: Mapping[str, tuple[AnyPolicy, ...]] = field(default_factory=dict)  # by area
    modes: Mapping[str, Mapping[str, Mode]] = field(default_factory=dict)  # by area and name
    interlocks: tuple[Interlock, ...] = ()
    uplinks: Mapping[str, Uplink] = field(default_factory=dict)
    store: StoreSettings = StoreSettings()
    web: WebSettings = WebSettings()
    lease: LeaseSettings | None = None
    file: str = ""  # where it was read from
    twin: str = ""  # plant file of its simulated twin, for previews; empty: it has none
    digest: str = ""  # of the configuration text, kept with every audit record


@dataclass(frozen=True, slots=True)
class UplinkKind:
    """What the catalogue knows of an uplink without importing its client library."""

    kind: str
    settings: type
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What this installation can do, found by agent.plugins and handed to agent.config."""

    drivers: Mapping[str, DriverKind]
    policies: Mapping[str, type]  # "chiller_plant.load_shedding" -> the policy's dataclass
    uplinks: Mapping[str, UplinkKind]
    profile_folders: tuple[str, ...]
