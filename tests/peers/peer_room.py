"""A site of strangers: a controller of libmodbus, a BMS of node-opcua, mosquitto, and our agent in between."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hil.ports import free_port
from tests.telemetry.certificates import Certificates

SITE = """\
version: 1
site: {{name: Among strangers, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}}
buses:
  field: {{kind: modbus-tcp, host: 127.0.0.1, port: {modbus}}}
  bms:
    kind: opcua
    url: {opcua}
    security: Basic256Sha256
    user: plantroom
    password: {{secret: bms}}
    pki: {folder}/pki{trust}
devices:
  plc:
    bus: field
    unit: 1
    poll: 200 ms
    points:
      input_42: {{table: input, address: 42}}
      level: {{table: holding, address: 60, scale: 0.01, unit: "%", role: lamp_level, access: read_write,
               low: 0, high: 100, release: {{value: 100}}, persistence: ram}}
  weather:
    bus: bms
    points:
      temp: {{node: "ns=1;s=Plant.Temp", unit: degC, role: outdoor_dry_bulb}}
      run: {{node: "ns=1;s=Plant.Run", type: Boolean, kind: switch, role: lamp_switch, access: read_write,
             release: {{value: false}}, persistence: ram}}
areas:
  hall: {{tick: 500 ms, authority: agent}}
equipment:
  lamps: {{kind: lamp_group, area: hall, lamp_level: plc.level, lamp_switch: weather.run}}
uplinks:
  cloud: {{kind: mqtt, url: "mqtts://127.0.0.1:{mqtt}", ca: {ca}, certificate: {client}, compress_above: 100000}}
store: {{path: {folder}/data/plantroom.db}}
web: {{host: 127.0.0.1, port: {web}, socket: {folder}/data/plantroom.sock}}
"""

# unit 1, addresses as on the wire, holding registers, one of them, once, without a banner
WHERE = ("-a", "1", "-0", "-t", "4", "-c", "1", "-1", "-q")


class Plc:
    """The libmodbus server, and mbpoll as the second pair of eyes on it."""

    def __init__(self, folder: Path) -> None:
        for tool in ("gcc", "mbpoll"):
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed (apt-get install gcc libmodbus-dev mbpoll)")
        program = folder / "peer_plc"
        source = Path(__file__).with_name("peer_plc.c")
        command = ["gcc", "-O1", "-I/usr/include/modbus", str(source), "-o", str(program), "-lmodbus"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            pytest.skip(f"libmodbus-dev is missing: {built.stderr[:200]}")
        self._process = subprocess.Popen([str(program)], stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())

    def holding(self, address: int) -> int:
        """What mbpoll reads there."""
        read = subprocess.run(
            ["mbpoll", "-m", "tcp", "-p", str(self.port), *WHERE, "-r", str(address), "127.0.0.1"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        line = next(line for line in read.stdout.splitlines() if line.startswith(f"[{address}]"))
        return int(line.split(":")[1].split()[0])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._process.stdout.close()


def lay_out(folder: Path, plc: Plc, opcua: str, mqtt: int, papers: Certificates) -> Path:
    """The site file as an installer first writes it: the BMS's fingerprint is not known yet."""
    (folder / "secrets").mkdir()
    secret = folder / "secrets" / "bms"
    secret.write_text("geheim\n")
    secret.chmod(0o600)
    path = folder / "site.yaml"
    text = SITE.format(
        modbus=plc.port,
        opcua=opcua,
        mqtt=mqtt,
        folder=folder,
        ca=f"{{file: {papers.ca}}}",
        client=f"{{file: {papers.client}}}",
        web=free_port(),
        trust="",
    )
    path.write_text(text)
    return path


def trust(site: Path, fingerprint: str) -> None:
    """What the installer adds after a look at the first refusal."""
    text = site.read_text()
    site.write_text(text.replace("/pki\n", f'/pki\n    trust: "{fingerprint}"\n', 1))
