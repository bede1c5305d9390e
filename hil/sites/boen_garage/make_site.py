"""Writes site.yaml of this folder from the map in plant.yaml: `python -m hil.sites.boen_garage.make_site`."""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, dist
from pathlib import Path

from agent.config.document import read_document
from hil.plant.garage_map import GarageMap, Point
from hil.plant.lamp import LED_16W
from hil.plant.lighting_map import LightMap
from hil.ready_site.garage import garage_map

FOLDER = Path(__file__).parent
CHANNELS = 8  # lamp groups of one gateway
FIRST_PORT = 15200

HEAD = """\
# Boen garage. Written by make_site.py from the map in plant.yaml: 116 lamp groups on 15 gateways, one meter.
version: 1
site: {name: Boen garage (simulated), latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai, currency: CNY}
"""
TAIL = """
virtual:
  radar_doubt: {kind: switch, label: A radar that cannot be trusted}

policies:
"""
LIMIT, FLOOR = (
    65.5,
    0.05,
)  # lx on the floor of each group while it is lit and its neighbours are dimmed to that share


def site_text(plan: GarageMap) -> str:
    parts = [HEAD, *_buses(plan), "", *_devices(plan), "", *_equipment(plan)]
    return "\n".join(parts) + "\n" + TAIL + _policy(plan) + "\n"


def _policy(plan: GarageMap) -> str:
    outside = (*plan.gates, *plan.doors)
    doors = [one.name for one in plan.groups if outside_of(one.path, outside)]
    return (
        f"  lights: {{kind: lighting.radar, area: garage, dim_level: 5 %, entrances: [{', '.join(doors)}]}}"
    )


def outside_of(path: tuple[Point, ...], outside: tuple[Point, ...]) -> bool:
    """Whether one of these gates and doors lies at an end of the group's line."""
    return any(dist(end, one) < 0.01 for end in (path[0], path[-1]) for one in outside)


def _gateways(plan: GarageMap) -> range:
    return range(1, -(-len(plan.groups) // CHANNELS) + 1)


def _buses(plan: GarageMap) -> Iterator[str]:
    yield "buses:"
    for gateway in _gateways(plan):
        yield f"  lamps_{gateway}: {{kind: modbus-tcp, host: 127.0.0.1, port: {FIRST_PORT + gateway}}}"
    yield f"  meters: {{kind: modbus-tcp, host: 127.0.0.1, port: {FIRST_PORT}}}"


def _devices(plan: GarageMap) -> Iterator[str]:
    yield "devices:"
    for gateway in _gateways(plan):
        yield f"  gw_{gateway}: {{profile: plantroom_lamp_gateway, bus: lamps_{gateway}, unit: 1}}"
    yield "  em: {profile: eastron_sdm630, bus: meters, unit: 1, name: Meter of the garage lighting}"


def _equipment(plan: GarageMap) -> Iterator[str]:
    yield "areas:"
    yield "  garage: {tick: 1 s, authority: agent, wake_on: [presence]}"
    yield "  meters: {tick: 60 s, authority: agent}"
    yield ""
    yield "equipment:"
    yield "  garage: {kind: meter, area: meters, power: em.power, energy: em.energy}"
    yield "  radars: {kind: lamp_watch, area: garage, name: Radars of the garage, alarm: virtual.radar_doubt}"
    lit = lit_levels(plan)
    for place, group in enumerate(plan.groups):
        gateway, channel = divmod(place, CHANNELS)
        device, n = f"gw_{gateway + 1}", channel + 1
        beside = ", ".join(plan.next_to(group.name))
        yield (
            f"  {group.name}: {{kind: lamp_group, area: garage, lamp_level: {device}.level_{n}, "
            f"presence: {device}.presence_{n}, length: {group.length:g} m, lit_level: {lit[place]} %, next_to: [{beside}]}}"
        )


def lit_levels(plan: GarageMap) -> list[int]:
    """Whole % that the limit takes in each group: what its commissioning with a luxmeter finds."""
    found = []
    for place, parts in enumerate(LightMap(plan, LED_16W.flux).mean):
        own = sum(lux for group, lux in parts if group == place)
        others = sum(lux for group, lux in parts if group != place)
        found.append(min(ceil(100.0 * (LIMIT - FLOOR * others) / own), 100))
    return found


def main() -> None:
    plan = garage_map(read_document(FOLDER / "plant.yaml").data)
    (FOLDER / "site.yaml").write_text(site_text(plan), encoding="utf-8")


if __name__ == "__main__":
    main()
