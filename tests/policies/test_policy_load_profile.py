"""policies.chiller_plant.load_profile: what is learned from the past, and how load shedding looks ahead by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.calc.columns import MemoryHistory
from agent.calc.day_kind import QUARTERS, DayKind, local_day
from agent.core.equipment import AreaModel
from agent.core.learning import DAY, NothingToLearnError, run_learner
from agent.core.point import Value, ValueKind
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact
from policies.chiller_plant.load_profile import LEARNING, LoadProfile, Outlook, learn_profile
from policies.chiller_plant.load_shedding import LoadShedding
from tests.policies.plant_bench import PlantBench, plant

TWO = {"a": 1000.0, "b": 1000.0}
MONDAY = datetime(2026, 8, 2, 16, 0, tzinfo=UTC).timestamp()  # Monday 3 August, midnight in Shenzhen
HOUR = 3600.0
RESTS = {"minimum_on": 300.0, "minimum_off": 1800.0}


def office(utc: float) -> float:
    """300 kW at night and at weekends, from 08:00 to 08:30 up to 1500 kW, back at 18:00."""
    hour = (utc - MONDAY) % DAY / HOUR
    if local_day(utc, "Asia/Shanghai")[1] is DayKind.REST_DAY or not 8.0 <= hour < 18.0:
        return 300.0
    return min(300.0 + 1200.0 * (hour - 8.0) / 0.5, 1500.0)


def past(days: int, area: AreaModel, load: Any = office, **more: Any) -> MemoryHistory:
    """The loop's three sensors every five minutes for so many days before MONDAY."""
    since = MONDAY - days * DAY
    samples: dict[str, list[tuple[float, Value | None]]] = {
        "loop.chilled_water_flow": [],
        "loop.chilled_water_supply_temp": [(since, 7.0)],
        "loop.chilled_water_return_temp": [],
    }
    for number in range(int((MONDAY - since) / 300.0)):
        time = since + number * 300.0 + 150.0
        samples["loop.chilled_water_flow"].append((time, load(time) / 4.19 / 5.0))
        samples["loop.chilled_water_return_temp"].append((time, 12.0))
        if number % 6 == 0:
            samples["loop.chilled_water_supply_temp"].append((time, 7.0))
    return MemoryHistory(model=area, since=MONDAY - LEARNING.window, until=MONDAY, samples=samples, **more)


@pytest.fixture(scope="module")
def learned() -> Artefact:
    bench = plant(TWO)
    return run_learner(LoadShedding(name="shed"), past(28, bench.area), 1000.0)


def at(profile: LoadProfile, day: int, hour: float) -> float | None:
    return profile.at(MONDAY + day * DAY + hour * HOUR, "Asia/Shanghai")


def test_the_profile_of_an_office(learned: Artefact) -> None:
    profile = from_plain(LoadProfile, learned.content)
    assert profile.days == {DayKind.WORKDAY: 20, DayKind.REST_DAY: 8}
    assert all(len(profile.kw[kind]) == QUARTERS for kind in DayKind)
    for day, hour, load in ((0, 3.0, 300), (0, 8.25, 900), (4, 12.0, 1500), (5, 12.0, 300), (6, 23.99, 300)):
        assert at(profile, day, hour) == pytest.approx(load, abs=5.0), (day, hour)
    assert (learned.kind, learned.version, learned.made) == ("load_profile", 1, 1000.0)


def test_the_same_past_gives_the_same_artefact(learned: Artefact) -> None:
    assert run_learner(LoadShedding(name="shed"), past(28, plant(TWO).area), 1000.0) == learned


def test_a_day_off_a_heat_wave_and_a_broken_meter_do_not_move_it(learned: Artefact) -> None:
    def odd(utc: float) -> float:
        day = int((utc - MONDAY) // DAY)
        return {-3: 300.0, -10: 2900.0, -12: float("nan")}.get(day, office(utc))

    profile = from_plain(LoadProfile, learned.content)
    found = learn_profile(past(28, plant(TWO).area, odd), 7.0)
    assert found.days[DayKind.WORKDAY] == 19
    assert found.kw == profile.kw


def test_too_few_days_are_no_profile_and_no_fault() -> None:
    with pytest.raises(NothingToLearnError, match="4 of at least 5 days"):
        learn_profile(past(4, plant(TWO).area), 7.0)
    with pytest.raises(NothingToLearnError, match="0 of at least 5 days"):
        learn_profile(replace(past(4, plant(TWO).area), samples={}), 7.0)
    week = learn_profile(past(7, plant(TWO).area), 7.0)  # two rest days are too few for a median
    assert at(week, 0, 12.0) == pytest.approx(1500.0)
    assert at(week, 5, 12.0) is None


def test_without_a_loop_the_machines_own_load_is_learned() -> None:
    bench = plant(TWO, loop=())
    points = {
        id_: replace(one, kind=ValueKind.SWITCH) if id_.endswith(".status") else one
        for id_, one in bench.area.points.items()
    }
    area = replace(bench.area, points=points)
    times = [MONDAY - 6 * DAY + n * 300.0 for n in range(6 * 288)]
    samples: dict[str, list[tuple[float, Value | None]]] = {
        "a.status": [(time, True) for time in times],
        "a.load": [(time, 40.0) for time in times],
        "b.status": [(time + late, late == 0.0) for time in times for late in (0.0, 100.0, 200.0)],
        "b.load": [
            (time, 30.0) for time in times
        ],  # what it showed while it ran; most of the time it did not
    }
    found = learn_profile(MemoryHistory(model=area, since=times[0], until=MONDAY, samples=samples), 7.0)
    assert at(found, 0, 12.0) == pytest.approx(400.0)


@pytest.mark.parametrize(
    ("hour", "ahead", "rise"),
    [
        (3.0, 1800.0, 0.0),
        (7.5, 1200.0, 0.0),  # up to 07:50
        (7.75, 1800.0, 600.0),  # up to 08:15
        (7.9, 3600.0, 1200.0),
        (12.0, 3600.0, 0.0),
        (17.9, 1800.0, 0.0),  # a fall is no rise
        (18.5, 86400.0, 1200.0),
    ],
)
def test_the_rise_that_is_ahead(learned: Artefact, hour: float, ahead: float, rise: float) -> None:
    profile = from_plain(LoadProfile, learned.content)
    outlook = Outlook(profile=profile, utc=MONDAY + hour * HOUR, timezone="Asia/Shanghai")
    assert outlook.rise(ahead) == pytest.approx(rise, abs=45.0)
    assert outlook.source() == "learned from 20 workdays"


def test_where_nothing_is_known_nothing_rises() -> None:
    assert Outlook(profile=LoadProfile(), utc=MONDAY, timezone="UTC").rise(3600.0) == 0.0


class Morning:
    """The bench with the wall clock of a day, and the load that belongs to it."""

    def __init__(self, bench: PlantBench, day: float = 0.0, **more: Any) -> None:
        self.bench = bench
        self.day = day
        self.more = more

    def until(self, hour: float, load: Any = office) -> Iterator[float]:
        """Tick by tick up to this hour; yields the hour."""
        while (now := self.hour) < hour - 1e-6:
            utc = MONDAY + self.day * DAY + now * HOUR
            self.bench.carry(load(utc))
            self.bench.run(utc=utc, **self.more)
            yield now

    @property
    def hour(self) -> float:
        return (self.bench.elapsed - 1000.0) / HOUR + self.start

    start = 0.0


def running(bench: PlantBench) -> int:
    return sum(bench.values[f"{one.id}.status"] is True for one in bench.chillers())


def first_hour_with(morning: Morning, machines: int, *, begin: float, end: float) -> tuple[float | None, str]:
    """When so many machines are on for the first time, and why the last one came."""
    morning.start = begin
    for hour in morning.until(end):
        if running(morning.bench) >= machines:
            reasons = [morning.bench.reason(f"{one}.enable") for one in TWO]
            return hour, next((why for why in reasons if "started" in why or "waits" in why), reasons[0])
    return None, ""


def test_a_machine_is_back_before_the_morning_rise(learned: Artefact) -> None:
    seeing = Morning(plant(TWO, running="b"), artefacts={"shed": learned})
    ahead, _ = first_hour_with(seeing, 2, begin=7.5, end=9.0)
    blind, _ = first_hour_with(Morning(plant(TWO, running="b")), 2, begin=7.5, end=9.0)
    assert ahead is not None
    assert blind is not None
    assert blind - ahead > 0.08  # five minutes and more
    assert ahead > 8.0 - 0.15  # and not long before it begins


def test_the_reason_of_an_early_start_names_what_was_learned(learned: Artefact) -> None:
    bench = plant(TWO, running="b")
    morning = Morning(bench, artefacts={"shed": learned})
    morning.start = 7.5
    said = [bench.reason("a.enable") for _ in morning.until(8.5)]
    started = next(one for one in said if one.startswith("started"))
    assert "expected within 8 min (learned from 20 workdays), which is above 95% of the 1000 kW" in started


@pytest.mark.parametrize(
    ("artefacts", "more", "sheds"),
    [
        ("learned", {}, False),
        ("", {}, True),  # nothing learned: by what is seen
        ("old", {}, True),
        ("other_version", {}, True),
        ("learned", {"utc_trusted": False}, True),
    ],
)
def test_no_machine_goes_that_the_rise_will_want_back(
    learned: Artefact, artefacts: str, more: dict[str, Any], sheds: bool
) -> None:
    known = {
        "learned": {"shed": learned},
        "": {},
        "old": {"shed": replace(learned, made=-LEARNING.window, utc=0.0)},
        "other_version": {"shed": replace(learned, version=0)},
    }[artefacts]
    bench = plant(TWO, guards=RESTS)
    morning = Morning(bench, artefacts=known, **more)
    morning.start = 7.55
    counts = [running(bench) for _ in morning.until(8.05)]  # low for more than half an hour
    assert (min(counts) == 1) is sheds
    if not sheds:
        assert "no shedding: " in bench.reason("a.enable")
        assert "kW expected within 38 min (learned from 20 workdays)" in bench.reason("a.enable")


def test_it_can_be_told_not_to_look_ahead(learned: Artefact) -> None:
    bench = plant(TWO, guards=RESTS, by_profile=False)
    morning = Morning(bench, artefacts={"shed": learned})
    morning.start = 7.55
    assert min(running(bench) for _ in morning.until(8.05)) == 1


def test_at_night_the_redundant_machine_goes_as_ever(learned: Artefact) -> None:
    bench = plant(TWO, guards=RESTS)
    morning = Morning(bench, artefacts={"shed": learned})
    morning.start = 2.0
    assert min(running(bench) for _ in morning.until(2.5)) == 1


def test_on_a_day_off_the_rise_alone_starts_nothing(learned: Artefact) -> None:
    """Monday is a holiday: what was learned says how much more, not how much."""
    bench = plant(TWO, running="b", guards=RESTS)
    morning = Morning(bench, artefacts={"shed": learned})
    morning.start = 7.0
    assert {running(bench) for _ in morning.until(11.0, lambda _: 300.0)} == {1}


def test_on_a_day_off_a_machine_held_for_the_rise_goes_when_it_is_over(learned: Artefact) -> None:
    bench = plant(TWO, guards=RESTS)
    morning = Morning(bench, artefacts={"shed": learned})
    morning.start = 7.55
    counts = [(hour, running(bench)) for hour in morning.until(9.5, lambda _: 300.0)]
    assert {count for hour, count in counts if hour < 8.0} == {2}
    assert {count for hour, count in counts if hour > 9.0} == {1}


def test_a_morning_by_what_was_learned_never_lacks_capacity_and_starts_no_more(learned: Artefact) -> None:
    def day(**more: Any) -> tuple[float, int]:
        bench = plant(TWO, guards=RESTS)
        morning = Morning(bench, day=1.0, **more)
        morning.start = 5.0
        lacking, starts, before = 0.0, 0, 2
        for hour in morning.until(11.0):
            now = running(bench)
            lacking += max(0.0, office(MONDAY + DAY + hour * HOUR) - now * 1000.0) * 10.0 / HOUR
            starts += now > before
            before = now
        return lacking, starts

    seeing, starts = day(artefacts={"shed": learned})
    blind, blind_starts = day()
    assert seeing == 0.0
    assert blind > 0.0
    assert starts == blind_starts == 1
