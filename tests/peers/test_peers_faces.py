"""Masters that are none of ours at the faces of `plantroom hil serve`: a libmodbus poller, mbpoll, node-opcua's client."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.web.ui.build import find_node
from hil.ports import free_ports
from tests.drivers.opcua.test_opcua_node_peer import _package

pytestmark = pytest.mark.integration

BUSES, UNITS = 5, 100
METER = """
id: many_meter
vendor: Plantroom
model: meter of the test with many units
kind: electricity_meter
protocols: [modbus-tcp]
document: own map of the test
confidence: own
points:
"""


class Bench:
    """`plantroom hil serve` in a process of its own."""

    def __init__(self, folder: Path, site: str, *words: str) -> None:
        (folder / "site.yaml").write_text(site)
        self.folder = folder
        self.log = folder / "serve.log"
        command = [sys.executable, "-m", "agent.cli", "hil", "serve", "site.yaml", "--data", "data", *words]
        root = str(Path(__file__).parents[2])
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": root}
            )
        end = time.monotonic() + 30
        while "Ctrl-C" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0, self.log.read_text()
        assert "Traceback" not in self.log.read_text()


def run(*command: str, code: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_five_hundred_units_polled_every_second_by_libmodbus(tmp_path: Path) -> None:
    ports = free_ports((0,) * BUSES)
    (tmp_path / "profiles").mkdir()
    lines = [
        f"  v{n}: {{table: input, address: {2 * n}, type: float32, unit: kW{', role: power' if n == 0 else ''}}}"
        for n in range(25)
    ]
    (tmp_path / "profiles/many_meter.yaml").write_text(METER + "\n".join(lines) + "\n")
    site = ["version: 1", "site: {name: s, latitude: 0, longitude: 0, timezone: UTC}", "buses:"]
    site += [f"  b{n}: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}" for n, port in enumerate(ports)]
    site += ["devices:"]
    site += [
        f"  d{bus}_{unit}: {{profile: many_meter, bus: b{bus}, unit: {unit}}}"
        for bus in range(BUSES)
        for unit in range(1, UNITS + 1)
    ]
    program = tmp_path / "poller"
    source = Path(__file__).with_name("peer_poller.c")
    run("gcc", "-O1", "-I/usr/include/modbus", str(source), "-o", str(program), "-lmodbus", "-lpthread")
    bench = Bench(tmp_path, "\n".join(site) + "\n")
    try:
        before, begun = bench.cpu(), time.monotonic()
        said = run(str(program), "4", str(UNITS), "50", *map(str, ports)).splitlines()
        used = (bench.cpu() - before) / (time.monotonic() - begun)
    finally:
        bench.stop()
    sys.stdout.write(f"{said}, {used:.0%} of one core\n")
    assert [line.split()[0] for line in said[:4]] == [str(BUSES * UNITS)] * 4
    assert float(said[4].split()[1]) < 1000.0, f"a round takes longer than its second: {said}"


QUIRKY = """
version: 1
site: {{name: s, latitude: 0, longitude: 0, timezone: UTC}}
buses:
  plant: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}
  bms: {{kind: opcua, url: "opc.tcp://127.0.0.1:{bms}/plantroom/", security: Basic256Sha256, user: plantroom,
         password: {{secret: bms}}}}
devices:
  drive:
    bus: plant
    unit: 7
    points:
      speed: {{table: holding, address: 0, scale: 0.01, unit: "%"}}
      hidden: {{table: holding, address: 1, unit: "%"}}
      wanted: {{table: holding, address: 2, scale: 0.1, unit: "%", access: read_write, low: 0, high: 100}}
      mode: {{table: holding, address: 3, codes: {{0: "off", 1: auto}}, write_codes: {{2: "off", 1: auto}},
              access: read_write, release: {{value: auto}}}}
  weather: {{bus: bms, points: {{oat: {{node: "ns=2;s=OAT", unit: degC}}}}}}
"""
FACES = """
quirks:
  drive: {max_registers: 1, refused: [1, 1], eeprom_endurance: 2}
"""


@pytest.fixture(scope="module")
def quirky(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quirky")
    port, bms = free_ports((0, 0))
    (folder / "secrets").mkdir()
    (folder / "secrets" / "bms").write_text("geheim\n")
    (folder / "secrets" / "bms").chmod(0o600)
    (folder / "faces.yaml").write_text(FACES)
    bench = Bench(folder, QUIRKY.format(port=port, bms=bms), "--faces", "faces.yaml")
    yield bench, str(port), f"opc.tcp://127.0.0.1:{bms}/plantroom/"
    bench.stop()


def mbpoll(port: str, address: int, *words: str, count: int = 1, code: int = 0) -> str:
    where = ("-m", "tcp", "-p", port, "-a", "7", "-0", "-1", "-q", "-t", "4", "-r", str(address))
    return run("mbpoll", *where, *(() if words else ("-c", str(count))), "127.0.0.1", *words, code=code)


def test_mbpoll_meets_the_quirks(quirky):
    _, port, _ = quirky
    assert "[0]" in mbpoll(port, 0)
    assert "Illegal data value" in mbpoll(port, 0, count=2, code=1)
    assert "Illegal data address" in mbpoll(port, 1, code=1)
    mbpoll(port, 2, "455")
    assert "455" in mbpoll(port, 2)
    mbpoll(port, 2, "460")
    assert "Illegal data value" in mbpoll(port, 2, "470", code=1)
    assert "460" in mbpoll(port, 2)
    mbpoll(port, 3, "2")
    assert "0" in mbpoll(port, 3).rpartition(":")[2], "off is written as 2 and shown as 0"


def test_mbpoll_meets_a_fault_that_is_thrown_by_hand(quirky):
    bench, port, _ = quirky
    fault = (sys.executable, "-m", "agent.cli", "hil", "fault")
    where = ("--socket", str(bench.folder / "data/hil.sock"))
    run(*fault, "throw", "device:drive", "exception", "--amount", "6", *where)
    assert "Slave device or server is busy" in mbpoll(port, 0, code=1)
    run(*fault, "mend", "*", *where)
    assert "[0]" in mbpoll(port, 0)


CLIENT = """
const opcua = require("node-opcua");
(async () => {
  const client = opcua.OPCUAClient.create({
    endpointMustExist: false, securityMode: opcua.MessageSecurityMode.SignAndEncrypt,
    securityPolicy: opcua.SecurityPolicy.Basic256Sha256, connectionStrategy: { maxRetry: 0 },
    clientCertificateManager: new opcua.OPCUACertificateManager({
      rootFolder: process.argv[3], automaticallyAcceptUnknownCertificate: true }),
  });
  try {
    await client.connect(process.argv[2]);
    const session = await client.createSession({
      type: opcua.UserTokenType.UserName, userName: "plantroom", password: process.argv[4] });
    const value = await session.read({ nodeId: "ns=2;s=OAT", attributeId: opcua.AttributeIds.Value });
    console.log("value", value.value.value, value.statusCode.name);
    await session.close();
    await client.disconnect();
  } catch (error) {
    console.log("refused", String(error.message).split("\\n")[0]);
  }
  process.exit(0);
})();
"""


def node_client(folder: Path, url: str, password: str) -> str:
    script = folder / "client.cjs"
    script.write_text(CLIENT)
    done = subprocess.run(
        [find_node()[0], str(script), url, str(folder / "node-pki"), password],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=os.environ | {"NODE_PATH": str(_package() / "node_modules"), "NODEOPCUA_QUIET": "1"},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("value", "refused"))]
    assert lines, done.stdout[-500:] + done.stderr[-500:]
    return lines[-1]


def test_node_opcua_reads_with_key_and_password_and_not_without(quirky, tmp_path):
    _, _, url = quirky
    assert node_client(tmp_path, url, "geheim") == "value 24 Good"
    assert node_client(tmp_path, url, "falsch").startswith("refused")


def test_the_certificate_of_the_opcua_face_expires(quirky, tmp_path):
    bench, _, url = quirky
    fault = (sys.executable, "-m", "agent.cli", "hil", "fault")
    where = ("--socket", str(bench.folder / "data/hil.sock"))
    run(*fault, "throw", "device:weather", "certificate_expired", *where)
    end = time.monotonic() + 60
    while (said := node_client(tmp_path, url, "geheim")).startswith("value") or "ECONNREFUSED" in said:
        assert time.monotonic() < end, said
    run(*fault, "mend", "*", *where)
    assert "certificate" in said.lower() or "BadCertificate" in said, said
