"""Writes site.yaml of this folder from the map in plant.yaml: `python -m hil.sites.boen_garage.make_site`."""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, dist
from pathlib import Path

from agent.config.document import read_document
from hil.plant.garage_map import GarageMap, LampPlan, Point
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
STEP, TURNS = (
    0.1,
    10,
)  # % that a gateway's register takes; with a luxmeter from group to group until nothing changes


def site_text(plan: GarageMap) -> str:
    parts = [HEAD, *_buses(plan), "", *_devices(plan), "", *_equipment(plan)]
    return "\n".join(parts) + "\n" + TAIL + _policy(plan) + "\n"


def _policy(plan: GarageMap) -> str:
    outside = (*plan.gates, *plan.doors)
    doors = [one.name for one in plan.groups if outside_of(one.path, outside)]
    return f"  lights: {{kind: lighting.radar, area: garage, dim_level: 5 %, sight: 2.5 m, entrances: [{', '.join(doors)}]}}"


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
    lit, beside = lit_levels(plan), shared_levels(plan)
    for place, group in enumerate(plan.groups):
        gateway, channel = divmod(place, CHANNELS)
        device, n = f"gw_{gateway + 1}", channel + 1
        less = beside[place] < lit[place]
        together = f"lit_level_beside: {beside[place]:g} %, " if less else ""
        yield (
            f"  {group.name}: {{kind: lamp_group, area: garage, lamp_level: {device}.level_{n}, "
            f"presence: {device}.presence_{n}, length: {group.length:g} m, lit_level: {lit[place]:g} %, "
            f"{together}next_to: [{', '.join(plan.next_to(group.name))}]}}"
        )


def lit_levels(plan: GarageMap) -> list[float]:
    """% that the limit takes in each group: what its commissioning with a luxmeter finds."""
    return _commissioned(plan, [set() for _ in plan.groups])


def shared_levels(plan: GarageMap) -> list[float]:
    """The same where a lane and its rows of bays are lit together."""
    return _commissioned(plan, [_together(plan, group) for group in plan.groups])


def _together(plan: GarageMap, group: LampPlan) -> set[int]:
    """The rows of a lane; the lane of a row."""
    return {
        n for n, other in enumerate(plan.groups) if group.name == other.beside or other.name == group.beside
    }


def _commissioned(plan: GarageMap, lit_as_well: Sequence[set[int]]) -> list[float]:
    """Level by level, with `lit_as_well` at what was found for them the turn before; in the steps that a gateway takes."""
    found = [100.0] * len(plan.groups)
    light = LightMap(plan, LED_16W.flux).mean
    for _ in range(TURNS):
        levels = []
        for place, parts in enumerate(light):
            own = sum(lux for group, lux in parts if group == place)
            lit = lit_as_well[place]
            others = [lux * (found[n] / 100.0 if n in lit else FLOOR) for n, lux in parts if n != place]
            levels.append(min(ceil(100.0 * (LIMIT - sum(others)) / own / STEP - 1e-9) * STEP, 100.0))
        found = [round(level, 1) for level in levels]
    return found


def main() -> None:
    plan = garage_map(read_document(FOLDER / "plant.yaml").data)
    (FOLDER / "site.yaml").write_text(site_text(plan), encoding="utf-8")


if __name__ == "__main__":
    main()
