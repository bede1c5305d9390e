"""The bench with hardware in it: some buses lead to real devices, the rest to faces; the agent does not see the difference.

Between the agent and every bus stands a tap that captures all traffic on one time base, and before every real bus the
envelope. `abort` is the one stop for all: no new value leaves, what stood there before is put back, the taps are cut.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.core.clock import Clock
from agent.core.point import Value
from agent.core.site import Bus, Catalogue, Site
from hil.bench.envelope import Bounds, Envelope, enveloped
from hil.bench.taps import SerialTap, TcpTap
from hil.bench.traffic import Traffic

log = logging.getLogger("plantroom.hil")


@dataclass(frozen=True, slots=True, kw_only=True)
class RigPlan:
    """Which buses are real and where (`port`, or `host` and `port`, or `url`), and what may be written to them."""

    buses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    envelope: Mapping[str, Bounds] = field(default_factory=dict)

    def on_hardware(self, site: Site) -> Site:
        """The site with the addresses of the hardware."""
        return replace(
            site,
            buses={
                name: replace(bus, settings=replace(bus.settings, **self.buses.get(name, {})))
                for name, bus in site.buses.items()
            },
        )


class Rig:
    """What stands between the agent and the buses. Fulfils `hil.bench.live.Between`."""

    def __init__(self, plan: RigPlan, folder: Path, clock: Clock) -> None:
        """`folder`: where the traffic is kept. Raises OSError."""
        self.real = frozenset(plan.buses)
        self.traffic = Traffic(folder, clock.utc())
        self.envelope = Envelope(plan.envelope, lambda: clock.elapsed() / clock.speed, self._refused)
        self.refused: list[tuple[str, Value, str]] = []
        self.aborted = ""
        self._taps: list[TcpTap | SerialTap] = []
        self._buses: Mapping[str, str] = {}  # of each device

    async def start(self, site: Site, catalogue: Catalogue, folder: Path) -> tuple[Site, Catalogue]:
        """The site and the catalogue that the agent gets. Raises OSError when a port cannot be had."""
        self._buses = {device.id: device.bus for device in site.devices.values()}
        buses = {name: await self._tapped(bus, folder) for name, bus in site.buses.items()}
        return replace(site, buses=buses), enveloped(catalogue, self.real, self.envelope)

    def abort(self, reason: str) -> None:
        """From now on nothing new is written. Whoever runs the bench leaves it, and everything is put back."""
        if self.aborted:
            return
        self.aborted = reason
        self.envelope.closed = True
        self.traffic.note("*", f"aborted: {reason}")
        log.error("rig aborted: %s", reason)

    async def stop(self) -> None:
        """Cuts every line and closes the capture."""
        for tap in self._taps:
            if isinstance(tap, SerialTap):
                tap.stop()
            else:
                await tap.stop()
        self._taps.clear()
        self.traffic.close()

    async def _tapped(self, bus: Bus, folder: Path) -> Bus:
        settings: Any = bus.settings
        if hasattr(settings, "baudrate"):
            link = folder / f"tap-{bus.id}"
            line = SerialTap(bus.id, self.traffic, settings.port, link)
            line.start(settings.baudrate, str(settings.parity), settings.stopbits)
            self._taps.append(line)
            return replace(bus, settings=replace(settings, port=str(link)))
        url = urlsplit(getattr(settings, "url", "")) if hasattr(settings, "url") else None
        host, port = (url.hostname, url.port or 4840) if url else (settings.host, settings.port)
        tap = TcpTap(bus.id, self.traffic, host or "127.0.0.1", port)
        here = await tap.start()
        self._taps.append(tap)
        if url is None:
            return replace(bus, settings=replace(settings, host="127.0.0.1", port=here))
        return replace(bus, settings=replace(settings, url=f"opc.tcp://127.0.0.1:{here}{url.path}"))

    def _refused(self, point: str, value: Value, why: str) -> None:
        self.refused.append((point, value, why))
        bus = self._buses.get(point.partition(".")[0], "*")
        self.traffic.note(bus, f"refused by the envelope: {point} = {value}: {why}")
