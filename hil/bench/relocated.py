"""A site as the live bench needs it: every bus at a free place of this machine, data in a folder of the run.

What decides stays untouched, as on the bench of virtual time. Polls are no faster than a line can answer in real time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.core.device_profile import Device
from agent.core.site import Bus, Site
from hil.ports import free_ports

FASTEST_POLL = 0.05  # real seconds


def relocated(site: Site, folder: Path, speed: float, kept: Collection[str] = ()) -> Site:
    """The site on loopback ports and pseudo-terminals. `kept`: buses that stay where they are, because they are real."""
    ports = iter(free_ports((0,) * (len(site.buses) + 1)))
    return replace(
        site,
        buses={
            name: bus if name in kept else _moved(bus, next(ports), folder)
            for name, bus in site.buses.items()
        },
        devices={name: _answerable(device, speed) for name, device in site.devices.items()},
        uplinks={},
        store=replace(site.store, path=str(folder / "data" / "plantroom.db")),
        web=replace(
            site.web,
            host="127.0.0.1",
            port=next(ports),
            socket=str(folder / "data" / "plantroom.sock"),
            certificate=None,
            key=None,
        ),
    )


def _moved(bus: Bus, port: int, folder: Path) -> Bus:
    settings: Any = bus.settings
    if hasattr(settings, "url"):  # OPC UA in the clear: identities are the affair of other tests
        clear = {"certificate": None, "private_key": None, "user_certificate": None, "user_key": None}
        address = f"opc.tcp://127.0.0.1:{port}/plantroom/"
        return replace(
            bus,
            settings=replace(
                settings,
                url=address,
                security="None",
                trust=None,
                timestamps="local",
                user=None,
                password=None,
                **clear,
            ),
        )
    if hasattr(settings, "host"):
        return replace(bus, settings=replace(settings, host="127.0.0.1", port=port))
    if hasattr(settings, "port"):
        return replace(bus, settings=replace(settings, port=str(folder / f"line-{bus.id}")))
    return bus


def _answerable(device: Device, speed: float) -> Device:
    profile = device.profile
    fastest = FASTEST_POLL * speed
    polls = {name: max(poll, fastest) for name, poll in profile.polls.items()}
    pacing = replace(profile.pacing, poll=max(profile.pacing.poll, fastest))
    return replace(device, profile=replace(profile, polls=polls, pacing=pacing))
