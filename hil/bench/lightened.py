"""A site as the virtual-time bench needs it: its buses in memory, read at the bench's pace, without what nobody looks at.

What decides stays untouched: points, equipment, guards, policies and interlocks are those of the site file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from agent.control.loop import AreaSetup, points_read
from agent.core.device_profile import Device
from agent.core.site import Bus, Site
from drivers.memory import MemoryBus


def lightened(site: Site, pace: float, memories: Mapping[str, str], more: Collection[str] = ()) -> Site:
    """The site on memory buses. `memories`: name of the memory by bus; `more`: further points to read."""
    wanted = set(more)
    for name, model in site.areas.items():
        setup = AreaSetup(model=model, policies=site.policies.get(name, ()), interlocks=site.interlocks)
        wanted.update(points_read(setup))
    return replace(
        site,
        buses={
            name: Bus(id=name, kind="memory", settings=MemoryBus(memory=memories[name]))
            for name in site.buses
        },
        devices={name: _slow(device, pace, wanted) for name, device in site.devices.items()},
        areas={name: replace(model, area=model.area.slowed(pace)) for name, model in site.areas.items()},
        uplinks={},
    )


def _slow(device: Device, pace: float, wanted: Collection[str]) -> Device:
    profile = device.profile
    beat = "" if profile.heartbeat is None else profile.heartbeat.point
    points = {name: point for name, point in device.points.items() if point.id in wanted or name == beat}
    polls = {name: max(pace, profile.polls.get(name, profile.pacing.poll)) for name in points}
    pacing = replace(profile.pacing, poll=max(pace, profile.pacing.poll))
    return replace(device, profile=replace(profile, polls=polls, pacing=pacing), points=points)
