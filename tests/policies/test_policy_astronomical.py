"""policies.lighting.astronomical: a table of instants, restarts, clocks that lie, far latitudes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calc.sun import SunEvent
from agent.core.command import Priority
from agent.core.equipment import Place
from policies.lighting.astronomical import Astronomical
from tests.policies.snapshots import SHENZHEN, Bench, machine, model, snapshot

STREET = machine("street", "lamp_group", ("lamp_switch",))
FACADE = machine("facade", "lamp_group", ("lamp_switch", "lamp_level"))
TROMSO = Place(name="Tromso", latitude=69.65, longitude=18.96, timezone="Europe/Oslo")
PETERSBURG = Place(name="St Petersburg", latitude=59.94, longitude=30.31, timezone="Europe/Moscow")
NEW_YORK = Place(name="New York", latitude=40.71, longitude=-74.01, timezone="America/New_York")


def lit(policy: Astronomical, local: str, place: Place = SHENZHEN) -> tuple[bool, str]:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(place.timezone))
    area = model(STREET, place=place)
    commands, _ = policy.decide(snapshot(area, {}, utc=moment.timestamp()), policy.initial_state())
    (command,) = commands
    assert command.priority == Priority.SCHEDULE
    assert isinstance(command.value, bool)
    return command.value, command.reason


SUN: dict[str, Any] = {}
EARLY: dict[str, Any] = {"on_offset": -600.0, "off_offset": 600.0}
TWILIGHT: dict[str, Any] = {"on_at": SunEvent.DUSK, "off_at": SunEvent.DAWN}
CURFEW: dict[str, Any] = {"curfew_from": "23:30", "curfew_to": "05:00"}

# Shenzhen, 2026-11-22: dawn 06:16:52, sunrise 06:40:44, sunset 17:38:38, dusk 18:02:31 (23rd: 06:17:30, 06:41:25)
TABLE = [
    (SUN, "2026-11-22 12:00", False, "on at 17:38 (sunset)"),
    (SUN, "2026-11-22 17:38:30", False, "on at 17:38"),
    (SUN, "2026-11-22 17:38:45", True, "on since 17:38 (sunset), off at 06:41 (sunrise)"),
    (SUN, "2026-11-23 00:00", True, "night"),
    (SUN, "2026-11-23 06:41:15", True, "night"),
    (SUN, "2026-11-23 06:41:35", False, "day"),
    (EARLY, "2026-11-22 17:28:30", False, "on at 17:28 (sunset - 10 min)"),
    (EARLY, "2026-11-22 17:28:45", True, "on since 17:28 (sunset - 10 min), off at 06:51 (sunrise + 10 min)"),
    (EARLY, "2026-11-23 06:51:15", True, "night"),
    (EARLY, "2026-11-23 06:51:35", False, "day"),
    (TWILIGHT, "2026-11-22 17:50", False, "on at 18:02 (dusk)"),
    (TWILIGHT, "2026-11-22 18:02:40", True, "dusk"),
    (TWILIGHT, "2026-11-23 06:17:40", False, "day"),
    (CURFEW, "2026-11-22 23:29", True, "night"),
    (CURFEW, "2026-11-22 23:30", False, "curfew 23:30-05:00: 0 %"),
    (CURFEW, "2026-11-23 04:59", False, "curfew"),
    (CURFEW, "2026-11-23 05:00", True, "night"),
    (CURFEW, "2026-11-23 12:00", False, "day"),
]


@pytest.mark.parametrize(("parameters", "local", "on", "word"), TABLE, ids=lambda value: str(value)[:20])
def test_table(parameters: dict[str, Any], local: str, on: bool, word: str) -> None:
    value, reason = lit(Astronomical(name="sun", **parameters), local)
    assert value is on, reason
    assert word in reason


def test_a_clock_that_is_not_trusted_lights_the_lamps_at_noon() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    policy = Astronomical(name="sun", **CURFEW)
    commands, _ = policy.decide(
        snapshot(model(STREET), {}, utc=noon, utc_trusted=False), policy.initial_state()
    )
    assert [(one.value, one.reason) for one in commands] == [
        (True, "the clock is not trusted: lit to be safe")
    ]


def test_switch_and_level_of_chosen_groups_only() -> None:
    policy = Astronomical(name="sun", groups=("facade",), level=80.0, curfew_level=25.0, **CURFEW)
    bench = Bench(policy, model(STREET, FACADE), {})
    night = datetime(2026, 11, 22, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    assert bench.run(utc=night) == {"facade.lamp_switch": True, "facade.lamp_level": 80.0}
    assert bench.run(utc=night + 4 * 3600) == {"facade.lamp_switch": True, "facade.lamp_level": 25.0}
    assert bench.run(utc=night - 8 * 3600) == {"facade.lamp_switch": False, "facade.lamp_level": 0.0}


@pytest.mark.parametrize(
    ("place", "local", "parameters", "on", "word"),
    [
        (TROMSO, "2026-12-21 12:00", {}, True, "the sun does not rise today"),
        (TROMSO, "2026-06-21 00:30", {}, False, "does not get as low"),
        (TROMSO, "2026-12-21 11:50", {"on_at": SunEvent.DUSK, "off_at": SunEvent.DAWN}, False, "on at"),
        (PETERSBURG, "2026-06-21 00:30", {}, True, "on since 22:25"),
        (PETERSBURG, "2026-06-21 00:30", {"on_at": SunEvent.DUSK}, True, "on since 00:10"),
        (PETERSBURG, "2026-06-21 00:05", {"on_at": SunEvent.DUSK}, False, "on at 00:10"),
        (NEW_YORK, "2026-03-08 06:30", {}, True, "off at 07:18"),  # clocks went forward in this night
        (NEW_YORK, "2026-11-01 06:40", {}, False, "day"),  # and back in this one
    ],
)
def test_far_places(place: Place, local: str, parameters: dict[str, Any], on: bool, word: str) -> None:
    value, reason = lit(Astronomical(name="sun", **parameters), local, place)
    assert value is on, reason
    assert word in reason


def test_lamps_off_at_civil_dawn_go_off_in_a_night_without_one() -> None:
    """60 degrees north, June: neither civil twilight ends; the lamps must not burn through the summer."""
    place = Place(name="Northern", latitude=62.0, longitude=25.0, timezone="Europe/Helsinki")
    policy = Astronomical(name="sun", on_at=SunEvent.SUNSET, off_at=SunEvent.DAWN)
    assert lit(policy, "2026-06-22 01:00", place)[0] is True
    assert lit(policy, "2026-06-22 06:00", place)[0] is False


@pytest.mark.parametrize(
    "parameters",
    [
        {"on_at": SunEvent.DAWN},
        {"off_at": SunEvent.DUSK},
        {"curfew_from": "23:30"},
        {"curfew_from": "half past", "curfew_to": "05:00"},
        {"curfew_from": "05:00", "curfew_to": "05:00"},
    ],
    ids=str,
)
def test_settings_that_mean_nothing_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"on_at|curfew"):
        Astronomical(name="sun", **parameters)


def test_events_may_be_given_by_their_names() -> None:
    assert Astronomical(on_at="dusk", off_at="dawn") == Astronomical(
        on_at=SunEvent.DUSK, off_at=SunEvent.DAWN
    )  # type: ignore[arg-type]


@settings(max_examples=60)
@given(
    utc=st.floats(7.9e8, 2.36e9),
    minutes=st.integers(0, 2880),
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    on_at=st.sampled_from([SunEvent.SUNSET, SunEvent.DUSK]),
    off_at=st.sampled_from([SunEvent.DAWN, SunEvent.SUNRISE]),
    offset=st.floats(-3600, 3600),
)
def test_a_restart_at_any_minute_gives_the_state_it_would_have_had(
    utc: float,
    minutes: int,
    latitude: float,
    longitude: float,
    on_at: SunEvent,
    off_at: SunEvent,
    offset: float,
) -> None:
    """Ran since `utc` or started just now: the same, and no exception anywhere on earth."""
    place = Place(name="somewhere", latitude=latitude, longitude=longitude, timezone="Asia/Shanghai")
    area = model(STREET, place=place)
    policy = Astronomical(name="sun", on_at=on_at, off_at=off_at, on_offset=offset, off_offset=-offset)
    state = policy.initial_state()
    for step in range(0, minutes, 480):
        _, state = policy.decide(snapshot(area, {}, utc=utc + step * 60), state)
    then = utc + minutes * 60
    ran, _ = policy.decide(snapshot(area, {}, utc=then), state)
    fresh, _ = policy.decide(snapshot(area, {}, utc=then, elapsed=5.0), policy.initial_state())
    assert list(ran) == list(fresh)
