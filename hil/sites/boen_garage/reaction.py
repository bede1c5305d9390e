"""From the last byte of a radar's reply to the first byte of the lamp command, seen on the wire.

`python -m hil.sites.boen_garage.reaction` runs the whole agent on the live bench: 458 lamps behind 15 gateways on TCP, or one gateway
on a serial line of 9,600 baud (`--serial`). Taps before each bus keep the times. On a serial line the exchange that is in
flight when the reply has come cannot be called back: what is left after its last byte is told as well.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agent.config.load import load_site
from agent.core.site import Site
from hil.bench.live import LiveBench
from hil.bench.rig import Rig, RigPlan
from hil.bench.setup import BenchSetup
from hil.plant.variables import Inputs, Outputs, VariableInfo, describe
from hil.ready_site.ready_site import hil_catalogue, load_ready_site
from hil.sites.boen_garage.wire import LampWire
from hil.wiring import automatic_wiring

if TYPE_CHECKING:
    from hil.bench.traffic import Traffic

START = 1.75e9
SETTLE = 4.0  # s after which nothing of the start is left
EVERY, SEEN = 0.31, 0.7  # s between two flashes of presence, and how long each lasts: longer than a poll
STRIDE = 37  # groups from one flash to the next: not next door
SERIAL = """\
version: 1
site: {name: One gateway, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses:
  line: {kind: modbus-rtu, port: line, baudrate: 9600, parity: even}
devices:
  gw: {profile: plantroom_lamp_gateway, bus: line, unit: 1}
areas:
  garage: {tick: 1 s, authority: agent, wake_on: [presence]}
equipment:
"""


@dataclass(frozen=True, slots=True)
class Reaction:
    """Milliseconds. `after_frame`: without the exchange that was in flight; `lag`: how late the machine itself wakes."""

    lamps: str
    poll: float  # s between two looks at the radars
    flashes: int
    answered: int
    p50: float
    p99: float
    after_frame_p50: float
    after_frame_p99: float
    lag_p99: float


class Flashes:
    """Presence here and there in turn; lamps that do as they are told."""

    def __init__(self, groups: tuple[str, ...], every: float) -> None:
        self._groups = groups
        self._every = every
        self._now = 0.0
        self.count = 0

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        self._now += dt
        lit = {self._order(n) for n in range(self._flash(self._now - SEEN) + 1, self._flash(self._now) + 1)}
        self.count = max(self._flash(self._now), 0)
        out: Outputs = {}
        for place, name in enumerate(self._groups):
            out[f"{name}.presence"] = place in lit
            out[f"{name}.lamp_level"] = out[f"{name}.lamp_level_status"] = inputs.get(
                f"{name}.lamp_level", 100.0
            )
        return out

    def variables(self) -> dict[str, VariableInfo]:
        return dict(describe(tuple(self.step(0.0, {})), ("lamp_level",)))

    def _flash(self, now: float) -> int:
        return int((now - SETTLE) // self._every) if now > SETTLE else 0

    def _order(self, number: int) -> int:
        return number * STRIDE % len(self._groups)


def serial_site(folder: Path) -> Site:
    """Eight groups behind one gateway on a line. Raises ConfigurationError."""
    groups = "".join(f"  g{n}: {{kind: lamp_group, area: garage, lamp_level: gw.level_{n}, presence: gw.presence_{n}}}\n" for n in range(1, 9))  # fmt: skip
    path = folder / "line.yaml"
    path.write_text(
        SERIAL + groups + "policies:\n  lights: {kind: lighting.radar, area: garage, dim_level: 5 %}\n",
        encoding="utf-8",
    )
    return load_site(path, hil_catalogue())


async def react(site: Site, seconds: float, every: float, folder: Path) -> Reaction:
    """Run the agent for so long and look at the wire."""
    policy: Any = site.policies["garage"][0]
    quick = replace(policy, hold=0.5, lost_hold=0.5, left_hold=0.0, entrances=())
    site = replace(site, policies={**site.policies, "garage": (quick,)})
    groups = tuple(one.id for one in site.areas["garage"].equipment.values() if one.kind == "lamp_group")
    plant = Flashes(groups, every)
    setup = BenchSetup(
        site=site,
        catalogue=hil_catalogue(),
        plant=plant,
        wiring=automatic_wiring(site, plant.variables()).devices,
        start=START,
    )
    wire = LampWire(serial=any(hasattr(bus.settings, "baudrate") for bus in site.buses.values()))

    def between(clock: Any) -> Rig:
        rig = Rig(RigPlan(), folder, clock)
        rig.traffic.close()
        rig.traffic = cast("Traffic", wire)
        return rig

    async with LiveBench(setup, 1.0, between) as bench:
        lags = asyncio.ensure_future(_lags(SETTLE + seconds))
        await bench.run_until(SETTLE + seconds)
        late = await lags
    polls = {one.profile.polls.get("presence_1") for one in site.devices.values()} - {None}
    whole = sorted(1e3 * one.whole for one in wire.reactions)
    rest = sorted(1e3 * one.after_frame for one in wire.reactions)
    return Reaction(
        lamps=f"{len(groups)} groups on {len(site.buses)} lines",
        poll=max(one for one in polls if one is not None),
        flashes=plant.count,
        answered=len(whole),
        p50=_share(whole, 0.5),
        p99=_share(whole, 0.99),
        after_frame_p50=_share(rest, 0.5),
        after_frame_p99=_share(rest, 0.99),
        lag_p99=_share(sorted(1e3 * one for one in late), 0.99),
    )


async def _lags(seconds: float) -> list[float]:
    """How much later than wanted this process wakes: its own loop is busy, or the machine is."""
    found, end = [], time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        await asyncio.sleep(0.01)
        found.append(time.monotonic() - now - 0.01)
    return found


def _share(values: list[float], share: float) -> float:
    return round(values[min(int(share * len(values)), len(values) - 1)], 1) if values else float("nan")


def measure(seconds: float, *, serial: bool) -> Reaction:
    """One run in a folder of its own. Raises ConfigurationError."""
    with tempfile.TemporaryDirectory(prefix="plantroom-") as folder:
        site = serial_site(Path(folder)) if serial else load_ready_site("boen_garage").site("policy")
        return asyncio.run(react(site, seconds, 1.3 if serial else EVERY, Path(folder) / "wire"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--serial", action="store_true", help="one gateway on a line of 9,600 baud")
    options = parser.parse_args()
    print(json.dumps(asdict(measure(options.seconds, serial=options.serial))))


if __name__ == "__main__":
    main()
