"""A catalogue of fakes and a whole site text, so that configuration is tested without drivers and policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agent.core.driver import DriverKind
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.register import Node, Register, Slot
from agent.core.site import Catalogue, UplinkKind

LIBRARY = Path(__file__).parents[2] / "drivers" / "profiles"


class Parity(StrEnum):
    NONE = "none"
    EVEN = "even"


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpBus:
    host: str = parameter(help="name or address")
    port: int = parameter(502, low=1, high=65535)
    timeout: float = parameter(1.0, unit="s", low=0.01, high=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialBus:
    port: str = parameter(help="serial port")
    baudrate: int = parameter(9600, unit="baud", low=300)
    parity: Parity = parameter(Parity.EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class UaBus:
    url: str = parameter()
    user: str | None = parameter(None)
    password: str | None = parameter(None)
    trust: str | None = parameter(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBus:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    unit: int = parameter(1, low=0, high=247)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSettings:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mqtt:
    url: str = parameter()
    certificate: str | None = parameter(None)


class _Deciding:
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1

    def initial_state(self) -> None:
        return None

    def decide(self, _snapshot: Any, state: Any) -> Any:
        return (), state


@dataclass(frozen=True, kw_only=True)
class Shedding(_Deciding):
    kind: ClassVar[str] = "chiller_plant.shedding"
    reads: ClassVar[tuple[RoleNeed, ...]] = (RoleNeed("chilled_water_supply_temp", "chiller"),)
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("enable", "chiller", 13),)
    name: str = parameter()
    shed_below: float = parameter(60.0, unit="%", low=0, high=100)
    dwell: float = parameter(300.0, unit="s", low=0)
    minimum_units: int = parameter(1, low=0)


@dataclass(frozen=True, kw_only=True)
class Radar(_Deciding):
    kind: ClassVar[str] = "lighting.radar"
    reads: ClassVar[tuple[RoleNeed, ...]] = (RoleNeed("presence", "lamp_group"),)
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", 15),)
    name: str = parameter()
    hold: float = parameter(30.0, unit="s", low=0, high=3600)
    dim_level: float = parameter(10.0, unit="%", low=0, high=100)
    groups: tuple[str, ...] = parameter(())

    def __post_init__(self) -> None:
        if self.dim_level > 80 and self.hold < 5:
            raise ValueError("dim level and hold do not go together")


@dataclass(frozen=True, kw_only=True)
class Greedy(_Deciding):
    kind: ClassVar[str] = "lighting.greedy"
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", 6),)
    name: str = parameter()


def _no_driver(*_: Any) -> Any:
    raise AssertionError("configuration must not make drivers")


def _driver(kind: str, bus: type, device: type, source: type, *, shared: bool = False) -> DriverKind:
    return DriverKind(
        kind=kind,
        bus_settings=bus,
        device_settings=device,
        source=source,
        create=_no_driver,
        shared_line=shared,
    )


SITE = """\
version: 1
site: {name: Cloud City, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai, currency: CNY}
buses:
  plant: {kind: tcp, host: 10.0.0.20}
  line: {kind: serial, port: /dev/ttyUSB0, baudrate: 19200, parity: even}
  bms: {kind: ua, url: "opc.tcp://10.0.0.5:4840", user: plantroom, password: {secret: bms}}
devices:
  ch1: {profile: trane_rthd_pic, bus: plant, unit: 1, name: Chiller 1}
  ch2: {profile: trane_rthd_pic, bus: plant, unit: 2, points: {chilled_water_setpoint: {low: 41 degF}}}
  io: {profile: plantroom_plant_io, bus: plant, unit: 3, poll: 5 s}
  pm1: {profile: eastron_sdm630, bus: line, unit: 11}
  lamps: {profile: plantroom_lamp_gateway, bus: line, unit: 20}
  oat: {bus: bms, points: {outdoor_temp: {node: "ns=2;s=Weather.OAT", unit: degC, role: outdoor_dry_bulb}}}
areas:
  plant: {tick: 10 s, authority: shadow, minimum_running: {chiller: 1}}
  garage: {tick: 1 s, wake_on: [presence]}
equipment:
  chiller_1:
    kind: chiller
    area: plant
    device: ch1
    capacity: 1163 kW
    power: pm1.power
    guards: {minimum_off: 5 min, starts_per_hour: 4, proof_of_flow: io.chiller_flow_switch_1}
  chiller_2: {kind: chiller, area: plant, device: ch2, capacity: 1.163 MW, change_over: true, refrigerant: R134a}
  loop: {kind: loop, area: plant, device: io, design_flow: 180 m3/h}
  weather: {kind: weather, area: plant, device: oat}
  aisle_a: {kind: lamp_group, area: garage, device: lamps, group: 1}
  aisle_b: {kind: lamp_group, area: garage, device: lamps, group: 2, next_to: [aisle_a]}
policies:
  shed: {kind: chiller_plant.shedding, area: plant, shed_below: 60 %, dwell: 5 min}
  lights: {kind: lighting.radar, area: garage, hold: 30 s, dim_level: 10 %}
interlocks:
  - id: freeze
    point: chiller_1.enable
    value: false
    when: "ch1.chilled_water_supply_temp < 3 degC"
    reason: water close to freezing
uplinks:
  cloud: {kind: mqtt, url: "mqtts://cloud.example:8883", certificate: {file: box.pem}}
store: {path: data/plant.db, max_bytes: 2 GB, keep_days: 30}
web: {port: 8090}
virtual:
  budget: {unit: kW, label: Demand budget}
"""


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(
        drivers={
            "tcp": _driver("tcp", TcpBus, Unit, Register),
            "serial": _driver("serial", SerialBus, Unit, Register, shared=True),
            "ua": _driver("ua", UaBus, NoSettings, Node),
            "memory": _driver("memory", MemoryBus, NoSettings, Slot),
        },
        policies={policy.kind: policy for policy in (Shedding, Radar, Greedy)},
        uplinks={"mqtt": UplinkKind("mqtt", Mqtt)},
        profile_folders=(str(LIBRARY),),
    )


@pytest.fixture
def site_text() -> str:
    return SITE


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes a site file with its secret and certificate beside it."""
    (tmp_path / "secrets").mkdir()
    secret = tmp_path / "secrets" / "bms"
    secret.write_text("hush\n")
    secret.chmod(0o600)
    (tmp_path / "box.pem").write_text("certificate")

    def write(text: str | bytes) -> Path:
        path = tmp_path / "site.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write
