"""policies.comfort.zone: hours by the calendar, a start that is learned, an early stop, set-back, requests, protection."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.core.command import Command, Priority
from agent.core.decision import Decision
from policies.comfort.zone import ZoneSchedule
from tests.policies.snapshots import Bench, bad, machine, model

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROLES = ("enable", "zone_setpoint", "zone_temp", "status", "keep_on")


class ZoneBench:
    """One zone `z`, with a wall clock of its own. Its unit runs as it is told."""

    def __init__(self, when: datetime, temperature: float = 25.0, tick: float = 60.0, **parameters) -> None:
        policy = ZoneSchedule(name="zones", **parameters)
        area = model(machine("z", "zone", ROLES), tick=tick)
        self.bench = Bench(policy, area, {"z.zone_temp": temperature, "z.keep_on": False, "z.status": False})
        self.utc = when.timestamp()
        self.tick = tick
        self.warms = 0.5

    def go(self, minutes: float = 1.0, rate: float = 0.0, **more) -> bool:
        """`rate` K an hour while it runs, down to the set-point; while it stands the zone warms by `self.warms` K an hour."""
        for _ in range(max(1, round(minutes * 60.0 / self.tick))):
            self.utc += self.tick
            self.bench.elapsed += self.tick
            values, told = self.bench.values, self.told
            values["z.status"] = told
            if rate and not hasattr(values["z.zone_temp"], "quality"):
                moved = values["z.zone_temp"] + self.tick / 3600.0 * (rate if told else self.warms)
                values["z.zone_temp"] = max(moved, 26.0) if told else moved
            self.bench.tick(utc=self.utc, **more)
        return self.told

    @property
    def told(self) -> bool:
        return bool(self.bench.wishes) and self.bench.wishes["z.enable"].value is True

    @property
    def why(self) -> str:
        return self.bench.reason("z.enable")

    def setpoint(self) -> float | None:
        wish = self.bench.wishes.get("z.zone_setpoint")
        return None if wish is None else float(wish.value)

    def until(self, when: datetime, rate: float = 0.0) -> None:
        self.go((when.timestamp() - self.utc) / 60.0, rate)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """China time of 2025."""
    return datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI)


ROWS = [
    (at(7, 16, 7, 0), False, "working day, closed until 08:00"),  # 25 degC: nothing to cool down
    (at(7, 16, 8, 0), True, "working day, in use until 18:00"),
    (at(7, 16, 17, 58), True, "in use"),
    (at(7, 16, 18, 0), False, "closed until 2025-07-17 08:00"),
    (at(7, 19, 10, 0), False, "day off, closed until 2025-07-21 08:00"),  # a Saturday
    (at(10, 1, 10, 0), False, "closed until 2025-10-09 08:00"),  # National Day: eight days
    (at(10, 11, 10, 0), True, "working day"),  # a Saturday that makes up for it
]


@pytest.mark.parametrize(("when", "told", "words"), ROWS, ids=str)
def test_table(when, told, words):
    zone = ZoneBench(when)
    assert zone.go() is told
    assert words in zone.why


def test_hours_of_days_off():
    zone = ZoneBench(at(7, 19, 10, 0), rest_start="09:00", rest_end="12:00")
    assert zone.go()
    assert "day off, in use until 12:00" in zone.why


def test_an_untrusted_clock_leaves_it_on():
    zone = ZoneBench(at(7, 19, 3, 0))
    assert zone.go(utc_trusted=False)
    assert "not trusted" in zone.why


def morning(zone: ZoneBench, day: int, rate: float) -> tuple[str, float]:
    """One whole day from 29 degC: local time at which the unit started, and how warm it was when use began."""
    zone.until(at(7, day, 4, 0))
    zone.bench.values["z.zone_temp"], zone.warms = 29.0, 0.0
    while not zone.go(1.0, rate):
        assert zone.utc < at(7, day, 8, 30).timestamp()
    began = datetime.fromtimestamp(zone.utc, SHANGHAI).strftime("%H:%M")
    zone.until(at(7, day, 8, 0), rate)
    warm = zone.bench.values["z.zone_temp"]
    zone.until(at(7, day, 13, 0), rate)
    zone.until(at(7, day, 18, 30))
    return began, warm


@pytest.mark.parametrize(
    ("rate", "began"),
    [(-6.0, "07:31"), (-0.5, "05:00")],  # K an hour; the last would take six hours
)
def test_it_learns_from_three_mornings_when_to_start(rate, began):
    zone = ZoneBench(at(7, 14, 0, 0))
    days = [morning(zone, day, rate) for day in (14, 15, 16, 17)]
    assert [one for one, _ in days[:3]] == ["07:00"] * 3  # the fixed lead
    assert days[3][0] == began
    assert days[3][1] <= max(26.0, 29.0 + 3.0 * rate) + 0.35


def test_a_set_point_that_a_limit_has_moved_is_the_one_it_learns_by():
    """22 degC are wished for, 26 are let through: the room comes to 26, and not a minute earlier for the rest."""
    zone = ZoneBench(at(7, 14, 0, 0), cooling_setpoint=22.0)
    wish = Command(point="z.zone_setpoint", priority=16, source="zones", reason="", value=22.0)
    zone.bench.decisions = {wish.point: Decision(point=wish.point, value=26.0, winner=wish)}
    days = [morning(zone, day, -6.0) for day in (14, 15, 16, 17)]
    assert days[3] == ("07:31", pytest.approx(26.1, abs=0.3))


def test_what_has_started_early_goes_on_though_it_is_there():
    zone = ZoneBench(at(7, 16, 6, 58), temperature=28.0)
    zone.go(5.0)
    assert zone.told
    zone.bench.values["z.zone_temp"] = 25.0
    assert zone.go(10.0)
    assert "early for 08:00" in zone.why


def test_without_a_temperature_the_fixed_lead_holds():
    zone = ZoneBench(at(7, 16, 6, 50))
    zone.bench.values["z.zone_temp"] = bad()
    assert not zone.go(5.0)
    assert zone.go(10.0)


def test_a_month_that_is_neither_cooled_nor_heated_has_no_lead_and_no_setpoint():
    zone = ZoneBench(at(4, 16, 7, 30), temperature=29.0)
    assert not zone.go()
    assert zone.setpoint() is None
    assert ZoneBench(at(4, 16, 8, 0)).go()


def test_heating_months_count_from_below():
    zone = ZoneBench(at(1, 15, 7, 10), temperature=12.0)
    assert zone.go()
    assert zone.setpoint() == 18.0
    assert not ZoneBench(at(1, 15, 7, 10), temperature=19.0).go()


def test_it_stops_early_once_its_evenings_are_known():
    zone = ZoneBench(at(7, 14, 12, 0), temperature=26.0)
    ends = []
    for day in (14, 15, 16, 17):
        zone.until(at(7, day, 17, 0))
        zone.bench.values["z.zone_temp"] = 26.0
        while zone.go(1.0, -0.01):
            assert zone.utc < at(7, day, 18, 5).timestamp()
        ends.append(datetime.fromtimestamp(zone.utc, SHANGHAI).strftime("%H:%M"))
        zone.until(at(7, day, 20, 0), -0.01)
    assert ends[:3] == ["18:00"] * 3
    assert ends[3] == "17:30"  # half an hour costs 0.25 K
    zone.until(at(7, 18, 17, 0))
    zone.bench.values["z.zone_temp"] = 26.4
    zone.until(at(7, 18, 17, 40))
    assert zone.told  # 0.4 K warm already
    zone.until(at(7, 18, 17, 55))
    assert not zone.told
    assert "holds by itself until 18:00" in zone.why


def test_somebody_keeps_it_on_for_two_hours():
    zone = ZoneBench(at(7, 16, 19, 0))
    assert not zone.go()
    zone.bench.values["z.keep_on"] = True
    assert zone.go()
    assert "somebody asked for it: on for 120 min" in zone.why
    assert zone.go(118.0)
    assert not zone.go(5.0)  # held down it counts once
    zone.bench.values["z.keep_on"] = False
    zone.go()
    zone.bench.values["z.keep_on"] = True
    assert zone.go()


def test_set_back_in_place_of_off():
    zone = ZoneBench(at(7, 16, 19, 0), after_hours="set_back")
    assert zone.go()
    assert zone.setpoint() == 30.0
    assert "set back" in zone.why
    zone.until(at(7, 17, 8, 5))
    assert zone.setpoint() == 26.0


@pytest.mark.parametrize(
    ("month", "temperature", "told", "priority"),
    [
        (1, 7.9, True, Priority.CRITICAL_SERVICE),
        (1, 8.1, False, Priority.SCHEDULE),
        (7, 38.1, True, Priority.SCHEDULE),
        (7, 37.9, False, Priority.SCHEDULE),
    ],
)
def test_a_closed_zone_is_kept_from_frost_and_heat(month, temperature, told, priority):
    zone = ZoneBench(at(month, 16, 1, 0), temperature=temperature)
    assert zone.go() is told
    assert zone.bench.wishes["z.enable"].priority == priority
    if told:
        zone.bench.values["z.zone_temp"] += 1.0 if month == 1 else -1.0
        assert zone.go()  # a little is not enough


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"calendar": "moon"}, "calendar must be"),
        ({"start": "8"}, "HH:MM"),
        ({"start": "19:00"}, "lies after the start"),
        ({"rest_start": "09:00"}, "HH:MM"),
        ({"heating_months": (5,)}, "a month is in"),
        ({"set_back_cooling": 24.0}, "asks for more"),
        ({"lead": 14000.0}, "lead lies above"),
        ({"after_hours": "sleep"}, "sleep"),
    ],
)
def test_wrong_words_are_told(wrong, words):
    with pytest.raises(ValueError, match=words):
        ZoneSchedule(name="zones", **wrong)
