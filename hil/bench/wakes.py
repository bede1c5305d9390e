"""Areas that wake on a sensor, at a coarse pace: read when the sensor changes, ticked finely as long as anything may follow.

A poller that asks a quiet radar five times a second finds nothing new; this finds the same without asking. A change is
read at the next time the site's own poll would have been, and the area then ticks at its own tick until the longest
hold of its policies has passed.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.app.build import Parts
from agent.control.loop import trigger_points
from agent.core.equipment import AreaModel
from agent.core.parameter import parameters
from agent.core.point import Value
from agent.core.policy import AnyPolicy
from agent.core.site import Site
from hil.bench.watched import WatchedPlant
from hil.servers.device import SimulatedDevice

LONGEST_HOLD = 900.0  # s; a policy whose times are longer gets the coarse pace in the end
SHORTEST = 0.01  # s between two looks, whatever the plant says
FAR = float("inf")


@dataclass(slots=True)
class _Sensor:
    device: SimulatedDevice
    point: str
    name: str
    poll: float
    last: Value | None = None
    due: float = FAR


@dataclass(slots=True)
class _Area:
    name: str
    tick: float
    hold: float
    sensors: list[_Sensor] = field(default_factory=list)
    busy_until: float = -1.0
    next_tick: float = FAR


class Wakes:
    """All such areas of a site. Times are elapsed site seconds."""

    def __init__(self, site: Site, parts: Parts, devices: Mapping[str, SimulatedDevice], pace: float) -> None:
        """`site`: as the installer wrote it, with its own ticks and polls."""
        self.event = FAR  # when the plant has to be stepped next
        self._parts = parts
        self._areas = [
            _area(site, model, site.policies.get(name, ()), devices)
            for name, model in site.areas.items()
            if model.area.wake_on and model.area.tick < pace
        ]

    def next_due(self, now: float, plant: WatchedPlant) -> float:
        """When to look next, at the latest. A plant that does not say when it changes is looked at every tick."""
        if not self._areas:
            return FAR
        ahead = plant.next_event() if plant.eventful else min(area.tick for area in self._areas)
        # the plant may stand at an instant before: ticks between two of its steps do not move what comes
        self.event = due = max(plant.elapsed + ahead, now + SHORTEST)
        for area in self._areas:
            due = min(due, area.next_tick, *(sensor.due for sensor in area.sensors))
        return due

    def look(self, now: float) -> None:
        """After a step of the plant: see what changed, read what is due, wake who has to think."""
        for area in self._areas:
            for sensor in area.sensors:
                self._see(area, sensor, now)
            if now >= area.next_tick - 1e-6:
                self._parts.loops[area.name].wake()
                area.next_tick = now + area.tick if now < area.busy_until else FAR

    def _see(self, area: _Area, sensor: _Sensor, now: float) -> None:
        value = sensor.device.read(sensor.name)
        if value != sensor.last and sensor.due == FAR:
            sensor.due = math.ceil(now / sensor.poll - 1e-6) * sensor.poll
        if now < sensor.due - 1e-6:
            return
        sensor.last, sensor.due = value, FAR
        _forget(self._parts.by_device[sensor.device.id].read_now(sensor.point))
        area.busy_until = now + area.hold
        area.next_tick = min(area.next_tick, now + area.tick)


def _area(
    site: Site, model: AreaModel, policies: tuple[AnyPolicy, ...], devices: Mapping[str, SimulatedDevice]
) -> _Area:
    area = _Area(model.area.id, model.area.tick, _longest_hold(policies) + 2.0 * model.area.tick)
    for id_ in trigger_points(model):
        device, _, name = id_.partition(".")
        profile = site.devices[device].profile
        area.sensors.append(_Sensor(devices[device], id_, name, profile.polls.get(name, profile.pacing.poll)))
    return area


def _longest_hold(policies: tuple[AnyPolicy, ...]) -> float:
    times = [
        float(getattr(policy, one.name))
        for policy in policies
        for one in parameters(type(policy))
        if one.unit == "s" and isinstance(getattr(policy, one.name), int | float)
    ]
    return min(max(times, default=60.0), LONGEST_HOLD)


def _forget(future: asyncio.Future[None]) -> None:
    """Whether it could be read shows in the table."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
