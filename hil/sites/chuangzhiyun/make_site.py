"""Writes site.yaml of this folder: `python -m hil.sites.chuangzhiyun.make_site`. The same words give the same file.

Chuangzhiyun Center, Shenzhen, is reported with 557 metering points at minute resolution and 550 lighting panels under
remote, scheduled and sensor control, all at one edge centre. How they are wired is not published. Here: 20 risers with a
gateway for 24 meters each and four old serial lines with the other 77; panels are channels of dimmers on 12 gateways, and each floor has
an input module with its motion sensors. People and the cloud stand above the sensors, the schedule below them.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
METERS, PANELS = 557, 550  # reported
RISERS, ON_RISER, LINES = 20, 24, 4
GATEWAYS, CHANNELS, INPUTS = 12, 4, 6  # of the panels; channels of a dimmer, inputs of an I/O module
FLOORS = 22  # 25 panels each
GARAGES = 2  # the lowest floors: dimmed by the tide where nobody is, the others by sun and clock
HEAD = """\
# Chuangzhiyun Center. Written by make_site.py: 557 meters behind 20 gateways and on 4 serial lines, 550 lighting panels.
version: 1
site: {name: Chuangzhiyun Center (simulated), latitude: 22.56, longitude: 113.9, timezone: Asia/Shanghai, currency: CNY}
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where buses lie: TCP ports of risers and panel gateways, the folder of the serial lines; and the page's port."""

    ports: tuple[int, ...] = tuple(range(15300, 15300 + RISERS + GATEWAYS))
    lines: str = "."
    web: int = 8080


def site_text(places: Places | None = None) -> str:
    places = places or Places()
    parts = [HEAD, *_buses(places), "", *_devices(), "", *_areas(), "", *_equipment(), "", *_policies(), ""]
    web = f"web: {{port: {places.web}, socket: plantroom.sock}}\nstore: {{path: plantroom.db}}"
    return "\n".join([*parts, web]) + "\n"


def _buses(places: Places) -> Iterator[str]:
    yield "buses:"
    for riser in range(1, RISERS + 1):
        port = places.ports[riser - 1]
        yield f"  riser_{riser}: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}"
    for line in range(1, LINES + 1):
        yield f"  line_{line}: {{kind: modbus-rtu, port: {places.lines}/line-{line}, baudrate: 9600, parity: even}}"
    for gateway in range(1, GATEWAYS + 1):
        port = places.ports[RISERS + gateway - 1]
        yield f"  panels_{gateway}: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}"


def _devices() -> Iterator[str]:
    yield "devices:"
    for meter in range(METERS):
        bus, unit = _place(meter)
        yield f"  m{meter + 1}: {{profile: {_make(meter)}, bus: {bus}, unit: {unit}, poll: 60 s}}"
    for dimmer in range(-(-PANELS // CHANNELS)):
        bus, unit = f"panels_{dimmer % GATEWAYS + 1}", dimmer // GATEWAYS + 1
        yield f"  p{dimmer + 1}: {{profile: wirenboard_led, bus: {bus}, unit: {unit}, poll: 5 s}}"
    for floor in range(1, FLOORS + 1):
        bus, unit = f"panels_{(floor - 1) % GATEWAYS + 1}", 100 + (floor - 1) // GATEWAYS
        yield f"  radars_{floor}: {{profile: wirenboard_mr6c, bus: {bus}, unit: {unit}, poll: 1 s}}"


def _place(meter: int) -> tuple[str, int]:
    """Bus and unit of a meter: the risers first, the rest on the lines."""
    if meter < RISERS * ON_RISER:
        return f"riser_{meter // ON_RISER + 1}", meter % ON_RISER + 1
    old = meter - RISERS * ON_RISER
    return f"line_{old % LINES + 1}", old // LINES + 1


def _make(meter: int) -> str:
    """Every tenth meter is a main with all phases, three are sub-mains, the rest single circuits."""
    if meter % 10 == 0:
        return "eastron_sdm630"
    return "acrel_adw300" if meter % 10 <= 3 else "eastron_sdm120"


def _areas() -> Iterator[str]:
    yield "areas:"
    yield "  metering: {tick: 60 s}"
    for floor in range(1, FLOORS + 1):
        yield f"  floor_{floor}: {{tick: 5 s, authority: agent, wake_on: [presence]}}"


def _equipment() -> Iterator[str]:
    yield "equipment: # change_over: safety action and time-out are set in the dimmers"
    for meter in range(1, METERS + 1):
        yield f"  meter_{meter}: {{kind: meter, area: metering, device: m{meter}}}"
    for panel in range(PANELS):
        floor = panel * FLOORS // PANELS + 1
        dimmer, channel = divmod(panel, CHANNELS)
        yield (
            f"  panel_{panel + 1}: {{kind: lamp_group, area: floor_{floor}, device: p{dimmer + 1}, group: {channel + 1}, "
            f"presence: radars_{floor}.input_{panel % INPUTS + 1}, change_over: true}}"
        )


def _policies() -> Iterator[str]:
    yield "policies:"
    for floor in range(1, FLOORS + 1):
        dim = "" if floor <= GARAGES else ", dim_level: 0 %"  # upstairs the schedule may say dark
        yield f"  radar_{floor}: {{kind: lighting.radar, area: floor_{floor}, yields: true{dim}}}"
        if floor <= GARAGES:
            yield f"  tide_{floor}: {{kind: lighting.tidal, area: floor_{floor}}}"
        else:
            yield (
                f"  sun_{floor}: {{kind: lighting.astronomical, area: floor_{floor}, "
                'curfew_from: "23:00", curfew_to: "06:00", curfew_level: 10 %}'
            )


def main() -> None:
    (FOLDER / "site.yaml").write_text(site_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
