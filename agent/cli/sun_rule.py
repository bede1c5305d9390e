"""Whose lamps `plantroom sun` speaks of: read from its options, or from a policy of a site file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.calc.calendar import WorkCalendar
from agent.calc.lamp_hours import BySun, LampHours, Written, late_spans, site_calendar
from agent.calc.lamp_year import LampPlace
from agent.calc.skyline import make_skyline
from agent.calc.sun import SunEvent
from agent.calc.sun_solver import Spot
from agent.cli.exits import Exit, leave
from agent.core.equipment import Equipment
from agent.core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options as they were typed."""

    latitude: float | None
    longitude: float | None
    timezone: str | None
    on: str
    off: str
    on_offset: float  # minutes
    off_offset: float
    curfew: str
    curfew_level: float
    dim: str
    dim_level: float
    horizon: str
    ridge: str
    calendar: str
    config: Path | None
    policy: str
    group: str


def lamp_place(wanted: Wanted) -> LampPlace:
    """Ends the command with a sentence where the options mean nothing."""
    try:
        return _of_site(wanted) if wanted.config is not None else _of_options(wanted)
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    except ValueError as error:
        leave(Exit.BAD_INPUT, str(error))


def _of_options(wanted: Wanted) -> LampPlace:
    if wanted.latitude is None or wanted.longitude is None or wanted.timezone is None:
        raise ValueError("give --latitude, --longitude and --timezone, or a site file with --config")
    try:
        ZoneInfo(wanted.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {wanted.timezone!r}; write a name such as Asia/Shanghai"
        ) from None
    rule = LampHours(
        on_at=SunEvent(wanted.on),
        off_at=SunEvent(wanted.off),
        on_offset=60.0 * wanted.on_offset,
        off_offset=60.0 * wanted.off_offset,
        skyline=make_skyline(
            tuple((one[0], one[1]) for one in _numbers(wanted.horizon, 2, "--horizon", "90:4,120:7")),
            tuple((one[0], one[1], one[2]) for one in _numbers(wanted.ridge, 3, "--ridge", "90:300:4000")),
        ),
        late=late_spans(
            _span(wanted.curfew, wanted.curfew_level, "--curfew"),
            dim=_span(wanted.dim, wanted.dim_level, "--dim"),
        ),
    )
    return LampPlace(
        name="",
        spot=Spot(wanted.latitude, wanted.longitude),
        timezone=wanted.timezone,
        rule=rule,
        calendar=site_calendar(wanted.calendar),
    )


def _of_site(wanted: Wanted) -> LampPlace:
    from agent.config.load import load_site
    from agent.plugins import find_catalogue

    assert wanted.config is not None  # noqa: S101 - asked by the caller
    site = load_site(wanted.config, find_catalogue())
    policies = {one.name: one for area in site.policies.values() for one in area if isinstance(one, BySun)}
    if not policies:
        raise ValueError(f"{wanted.config}: no policy there goes by the sun")
    name = wanted.policy or next(iter(policies))
    if name not in policies:
        raise ValueError(f"no policy '{name}' goes by the sun; there is {', '.join(policies)}")
    rule, calendar = _asked(policies[name], wanted.group, site.equipment.get(wanted.group))
    place = site.place
    spot = Spot(place.latitude, place.longitude)
    return LampPlace(
        name=f"{place.name}, {wanted.group or name}",
        spot=spot,
        timezone=place.timezone,
        rule=rule,
        calendar=calendar,
    )


def _asked(policy: BySun, group: str, found: Equipment | None) -> tuple[LampHours, WorkCalendar]:
    if group and found is None:
        raise ValueError(f"there is no equipment '{group}'")
    return policy.hours(found), policy.days()


def _numbers(text: str, count: int, option: str, example: str) -> list[tuple[float, ...]]:
    """`90:4,120:7` as numbers."""
    if not text:
        return []
    try:
        found = [tuple(float(part) for part in one.split(":")) for one in text.split(",")]
    except ValueError:
        found = [()]
    if any(len(one) != count for one in found):
        raise ValueError(f"{option} {text!r}: write {example}")
    return found


def _span(text: str, level: float, option: str) -> Written:
    """`23:00-05:00`."""
    begin, dash, end = text.partition("-")
    if text and not dash:
        raise ValueError(f"{option} {text!r}: write 23:00-05:00")
    return begin.strip(), end.strip(), level
