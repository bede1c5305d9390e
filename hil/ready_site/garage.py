"""From the sizes of a plant file to a parking hall: `factory: hil.ready_site.garage:make_garage`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent.calc.calendar import CALENDARS
from hil.plant.garage import Garage, GarageDesign
from hil.plant.garage_map import GarageMap
from hil.plant.garage_sites import HallDesign, hall_map
from hil.plant.lamp import Lamp
from hil.plant.radar import RadarDesign
from hil.plant.traffic import TrafficDesign
from hil.ready_site.sizes import Sizes, wrong

KEYS = (
    "factory", "about", "calendar", "utc_offset", "hall", "lamp_count", "lamps", "traffic", "radar", "light", "variants",
)  # fmt: skip
SPARE_DAYS = 400  # whose holidays are looked up beyond the start: a run of a year and its warm-up


def make_garage(data: Mapping[str, Any], start: float, seed: int) -> Garage:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(KEYS)
    offset = timedelta(seconds=sizes.number("utc_offset", "s", 8 * 3600.0))
    light = sizes.part("light")
    light.allow(("limit", "floor", "worst_place"))
    design = GarageDesign(
        plan=garage_map(data),
        lamp=_lamp(sizes.part("lamps")),
        traffic=_traffic(sizes, (datetime.fromtimestamp(start, UTC) + offset).date()),
        radar=_radar(sizes.part("radar")),
        limit=light.number("limit", "lx", 65.0),
        floor=light.number("floor", "%", 5.0),
        worst_place=light.flag("worst_place", default=False),
    )
    return Garage(design, start, utc_offset=offset, seed=seed)


def garage_map(data: Mapping[str, Any]) -> GarageMap:
    """The map alone, for whoever writes the site file. Raises ConfigurationError."""
    sizes = Sizes(data)
    hall = sizes.part("hall")
    names = {one.name: one.default for one in fields(HallDesign)}
    hall.allow(names)
    given: dict[str, Any] = {
        name: hall.number(name, "m") if isinstance(default, float) else int(hall.number(name))
        for name, default in names.items()
        if hall.has(name)
    }
    plan = hall_map(HallDesign(**given))
    wanted = sizes.number("lamp_count", "", float(plan.lamp_count))
    if wanted != plan.lamp_count:
        raise wrong("lamp_count", f"the hall has {plan.lamp_count} lamps, not {wanted:g}")
    return plan


def _lamp(part: Sizes) -> Lamp:
    part.allow(("full", "flux", "standby", "dimmable", "fade"))
    return Lamp(
        full=1e3 * part.number("full", "kW"),
        flux=part.number("flux"),
        standby=1e3 * part.number("standby", "kW", 0.0),
        dimmable=part.flag("dimmable", default=True),
        fade=part.number("fade", "s", 0.0),
    )


def _traffic(sizes: Sizes, first: date) -> TrafficDesign:
    part = sizes.part("traffic")
    part.allow(("cars", "wanderers", "weekend"))
    calendar = CALENDARS.get(sizes.text("calendar", "cn"))
    if calendar is None:
        raise wrong("calendar", f"is none of {', '.join(CALENDARS)}")
    days = [first + timedelta(days=n) for n in range(-2, SPARE_DAYS)]
    return TrafficDesign(
        cars=part.number("cars"),
        wanderers=part.number("wanderers", "", 24.0),
        weekend=part.number("weekend", "%", 80.0) / 100.0,
        holidays=frozenset(day for day in days if day.weekday() < 5 and not calendar.working(day)),
        worked=frozenset(day for day in days if day.weekday() >= 5 and calendar.working(day)),
    )


def _radar(part: Sizes) -> RadarDesign:
    part.allow(("misses", "false_alarms", "hold", "latency", "dead"))
    usual = RadarDesign()
    return RadarDesign(
        misses=part.number("misses", "%", 100.0 * usual.misses) / 100.0,
        false_alarms=part.number("false_alarms", "", usual.false_alarms),
        hold=part.number("hold", "s", usual.hold),
        latency=part.number("latency", "s", usual.latency),
        dead=part.number("dead", "%", 100.0 * usual.dead) / 100.0,
    )
