"""The bench's site file: N Modbus TCP devices of 100 registers each, policies ticking, MQTT uplink, page on."""

from __future__ import annotations

from pathlib import Path

from hil.speed.farm import address

PROFILE = """id: bench_unit
vendor: Plantroom
model: unit of the bench's device farm
kind: farm
protocols: [modbus-tcp]
document: own map of hil/speed/farm.py
confidence: own
pacing: {{poll: {period} s}}
limits: {{max_registers: 125, max_hole: 16}}
points:
{points}
"""
GROUPS = 8


def write_site(folder: Path, farm: int, broker: int, devices: int, period: float) -> Path:
    """Write the site and its profile into `folder`; returns the site file."""
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    points = "\n".join(f"  r{n}: {{table: holding, address: {n}, type: uint16}}" for n in range(100))
    (folder / "profiles/bench_unit.yaml").write_text(PROFILE.format(period=period, points=points))
    lines = [
        "version: 1",
        "site: {name: bench, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}",
        "buses:",
        *(f"  b{n}: {{kind: modbus-tcp, host: {address(n)}, port: {farm}}}" for n in range(devices)),
        "  lamps: {kind: memory}",
        "devices:",
        *(f"  d{n}: {{profile: bench_unit, bus: b{n}, unit: 1}}" for n in range(devices)),
        "  lamps:",
        "    bus: lamps",
        "    points:",
        *(_lamp(n) for n in range(GROUPS)),
        "areas:",
        "  garage: {tick: 1 s, authority: agent, wake_on: [presence]}",
        "equipment:",
        *(
            f"  group_{n}: {{kind: lamp_group, area: garage, change_over: true, {_roles(n)}}}"
            for n in range(GROUPS)
        ),
        "policies:",
        "  lights: {kind: lighting.radar, area: garage}",
        "  nights: {kind: lighting.astronomical, area: garage, groups: [group_0]}",
        "uplinks:",
        f'  cloud: {{kind: mqtt, url: "mqtt://127.0.0.1:{broker}"}}',
        "store: {path: data/plantroom.db}",
        "web: {host: 127.0.0.1, port: 0, socket: data/plantroom.sock}",
    ]
    site = folder / "site.yaml"
    site.write_text("\n".join(lines) + "\n")
    return site


def _lamp(number: int) -> str:
    level = f"level_{number}: {{initial: 100, unit: '%', access: read_write, persistence: ram, release: {{value: 100}}}}"
    switch = f"switch_{number}: {{initial: true, access: read_write, persistence: ram, kind: switch, release: {{value: true}}}}"
    seen = f"presence_{number}: {{initial: false, kind: switch}}"
    return "\n".join(f"      {line}" for line in (level, switch, seen))


def _roles(number: int) -> str:
    return f"lamp_level: lamps.level_{number}, lamp_switch: lamps.switch_{number}, presence: lamps.presence_{number}"
