"""Which node stands for which point: fixed when the driver is made, found anew in every session. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.core.device_profile import Device
from agent.core.driver import ReadItem
from agent.core.point import Access, Point
from agent.core.reading import Quality
from agent.core.register import Node
from drivers.opcua.settings import OpcUaDevice
from drivers.opcua.values import Decoded, Decoder, decoder, severity

PULSE = 1.0  # site seconds: how often the poller looks whether the session still lives (nothing is sent)


@dataclass(frozen=True, slots=True)
class Binding:
    """One point and its node. `handle` is its number in this driver and comes back with every notification."""

    handle: int
    device: str
    point: Point
    node: Node
    prefix: str
    poll: float  # site seconds between reads where there is no subscription
    decode: Decoder

    @property
    def readable(self) -> bool:
        return self.point.access is not Access.WRITE


def bind(devices: Sequence[Device]) -> tuple[Binding, ...]:
    """All points of all devices of one bus, in order. Points whose source is no node are left out."""
    bindings: list[Binding] = []
    for device in devices:
        settings = device.settings
        prefix = settings.path if isinstance(settings, OpcUaDevice) else ""
        for name, point in device.points.items():
            node = device.profile.sources.get(name)
            if isinstance(node, Node):
                poll = device.profile.polls.get(name, device.profile.pacing.poll)
                bindings.append(
                    Binding(len(bindings), device.id, point, node, prefix, poll, decoder(point, node))
                )
    return tuple(bindings)


def judge(binding: Binding, raw: Any, status: int, name_of_status: str) -> Decoded:
    """A raw value with a status that is not plain good."""
    quality = severity(status)
    if quality is Quality.BAD:
        return None, quality, name_of_status
    value, decoded, reason = binding.decode(raw)
    if quality is Quality.UNCERTAIN and decoded is Quality.GOOD:
        return value, quality, name_of_status
    return value, decoded, reason


def read_plan(
    bindings: Sequence[Binding], watched: set[int], refresh: float, at_once: int
) -> tuple[ReadItem, ...]:
    """One item a device and pace, at most `at_once` nodes each.

    Points that are watched by a subscription are read at the slow pace of `refresh`. With any of those there is also
    an item without points: the poller's frequent look whether the session still lives.
    """
    paced: dict[tuple[str, float], list[Binding]] = {}
    for binding in bindings:
        if binding.readable:
            period = max(refresh, binding.poll) if binding.handle in watched else binding.poll
            paced.setdefault((binding.device, period), []).append(binding)
    items: list[ReadItem] = []
    if watched:
        items.append(ReadItem(bindings[0].device, (), PULSE))
    for (device, period), members in paced.items():
        for begin in range(0, len(members), at_once):
            part = members[begin : begin + at_once]
            points = tuple(binding.point.id for binding in part)
            items.append(ReadItem(device, points, period, tuple(binding.handle for binding in part)))
    return tuple(items)
