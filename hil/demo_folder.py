"""The working folder of the demonstration: keys, certificates, passwords, and the site file with real ports."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hil.certificates import Authority, Pair, application_certificate, write_secret
from hil.cloud import CloudKeys
from hil.ports import free_ports
from hil.servers.opcua_face import SERVER_URI

PRESENCE_POLL = 0.2  # s, of the radars at the speed of life


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where everything listens on loopback."""

    plant: int
    bms: int
    mqtt: int
    https: int
    web: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """What has been laid out: the site file, the keys of the building system and of the cloud."""

    site: Path
    bms: Pair
    cloud: CloudKeys
    ports: Ports

    @property
    def socket(self) -> Path:
        return self.site.parent / "data" / "plantroom.sock"


def choose_ports(web: int) -> Ports:
    """The usual ones where they are free, else whichever is. `web` 0: any free ones for everything."""
    usual = (15020, 14840, 18883, 18443, web)
    plant, bms, mqtt, https, page = free_ports(usual if web else (0,) * 5)
    return Ports(plant=plant, bms=bms, mqtt=mqtt, https=https, web=page)


def lay_out(folder: Path, ports: Ports, speed: float) -> DemoFolder:
    """Makes or renews the folder. Data of an earlier run stay. Raises OSError where it cannot be written."""
    folder = folder.absolute()
    for part in ("pki", "secrets", "data"):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    words = {name: secrets.token_urlsafe(18) for name in ("bms", "cloud")}
    for name, word in words.items():
        write_secret(folder / "secrets" / name, word.encode())
    authority = Authority(folder / "pki")
    cloud = CloudKeys(
        identity=authority.server("cloud"),
        authority=str(authority.certificate),
        user="plantroom",
        password=words["cloud"],
    )
    authority.client("box")
    bms = application_certificate(folder / "pki", "bms", SERVER_URI)
    site = folder / "site.yaml"
    _render(site, folder, ports, speed)
    return DemoFolder(site=site, bms=bms, cloud=cloud, ports=ports)


def _render(path: Path, folder: Path, ports: Ports, speed: float) -> None:
    yaml = YAML()
    yaml.width = 400
    yaml.preserve_quotes = True
    site: Any = yaml.load(files("hil").joinpath("sites", "demo.yaml").read_text(encoding="utf-8"))
    site["buses"]["plant"]["port"] = ports.plant
    site["buses"]["meters"]["port"] = str(folder / "line-meters")
    site["buses"]["bms"]["url"] = f"opc.tcp://127.0.0.1:{ports.bms}/plantroom/"
    site["buses"]["bms"]["pki"] = str(folder / "pki" / "opcua")
    site["uplinks"]["cloud"]["url"] = f"mqtts://localhost:{ports.mqtt}"
    site["uplinks"]["archive"]["url"] = f"https://localhost:{ports.https}"
    site["web"]["port"] = ports.web
    if speed > 2.0:  # no line answers hundreds of times a second: the radars are asked at a pace it can keep
        pace = f"{max(PRESENCE_POLL, speed * 0.05):g} s"
        site["devices"]["lamps"]["points"] = {f"presence_{n}": {"poll": pace} for n in range(1, 9)}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(site, file)
