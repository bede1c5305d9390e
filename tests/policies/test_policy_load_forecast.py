"""policies.chiller_plant.load_forecast: better than last week and than yesterday on houses and weather it never saw, and honest about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

import numpy as np
import pytest

from agent.calc.columns import MemoryHistory
from agent.core.learning import DAY, NothingToLearnError, run_learner
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact
from hil.climates import load_climate
from hil.plant.building_load import Building, BuildingDesign
from hil.plant.coil import CoilDesign
from hil.plant.load import Outdoors
from hil.plant.weather_sun import Plane
from hil.plant.zone import Window, ZoneDesign
from policies.chiller_plant.load_forecast import LoadForecaster
from policies.chiller_plant.load_forecast_model import LEARNING, LoadForecast, Track, current_forecast
from tests.policies.snapshots import Bench, machine, model, snapshot

QUARTER = 900.0
START = datetime(2026, 6, 7, 16, 0, tzinfo=UTC).timestamp()  # Monday 8 June, midnight in China
AREA = model(
    machine(
        "loop",
        "loop",
        ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp", "expected_cooling"),
    ),
    machine("air", "weather", ("outdoor_dry_bulb", "outdoor_humidity")),
    machine("c1", "chiller", ("enable", "status"), capacity=1000.0),
)
DAYS = 40


def house(seed: int) -> Building:
    """Two zones with sizes, windows and hours of their own."""
    rng = np.random.default_rng(seed)
    zones = []
    for at in range(2):
        floor, coil = rng.uniform(4000.0, 9000.0), rng.uniform(700.0, 1300.0)
        glass = rng.uniform(500.0, 1800.0)
        zones.append(
            ZoneDesign(
                name=f"zone_{at}", floor=floor, coil=CoilDesign(capacity=coil, air=coil / 17.5, water=coil / 4.187 / 5.0),
                windows=(Window(area=glass, plane=Plane(90.0, rng.uniform(0.0, 360.0))),), glass=0.0025 * glass,
                wall=0.001 * glass, hours=(rng.choice((6.5, 7.0, 8.0)), rng.choice((19.0, 20.0, 21.0))),
                weekend=bool(at and rng.random() < 0.5), equipment=rng.uniform(0.008, 0.02),
            )
        )  # fmt: skip
    return Building(BuildingDesign(zones=tuple(zones), utc_offset=timedelta(hours=8)))


def lived(seed: int, city: str, days: int = DAYS) -> Any:
    """Rows of ten minutes: UTC, kW, dry bulb, humidity."""
    building, climate = house(seed), load_climate(city)
    flows = [one.flow for one in building.branches]
    rows = []
    for step in range(days * 144):
        utc = START + 600.0 * (step + 1)
        weather = climate.at(utc, seed)
        openings = building.openings(600.0, {}, Outdoors(utc, weather), flows)
        through = [
            flow * one.passage(x) for flow, one, x in zip(flows, building.branches, openings, strict=True)
        ]
        heat = sum(building.absorb(600.0, 7.0, through))
        rows.append((utc - 300.0, heat, weather.dry_bulb, weather.humidity))
    return np.array(rows)


def history(rows: Any, until: float, artefacts: Mapping[str, Artefact] | None = None) -> MemoryHistory:
    """What the sensors told up to `until`."""
    seen = rows[(rows[:, 0] < until) & (rows[:, 0] >= until - LEARNING.window)]
    seen = np.repeat(seen, 2, axis=0)  # the meters tell every five minutes
    seen[0::2, 0] -= 150.0
    seen[1::2, 0] += 150.0
    times = seen[:, 0].tolist()
    samples: dict[str, Any] = {
        "loop.chilled_water_flow": list(zip(times, (seen[:, 1] / 4.19 / 5.0).tolist(), strict=True)),
        "loop.chilled_water_supply_temp": [(one, 7.0) for one in times],
        "loop.chilled_water_return_temp": [(one, 12.0) for one in times],
        "air.outdoor_dry_bulb": list(zip(times, seen[:, 2].tolist(), strict=True)),
        "air.outdoor_humidity": list(zip(times, seen[:, 3].tolist(), strict=True)),
    }
    return MemoryHistory(
        model=AREA, since=until - LEARNING.window, until=until, samples=samples, artefacts=artefacts or {}
    )


def quarters_of(rows: Any) -> Any:
    """Means of quarter hours, by halves of ten minutes."""
    fine = np.repeat(rows[:, 1], 2)
    return fine[: len(fine) // 3 * 3].reshape(-1, 3).mean(axis=1)


def errors(rows: Any, origins: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Root mean squares over two days from each origin (day, hour): ours, same time last week, same time yesterday."""
    truth = quarters_of(rows)
    own, week, yesterday = [], [], []
    for day, hour in origins:
        until = START + day * DAY + hour * 3600.0
        told = LoadForecaster(name="f", calendar="weekly").learn(history(rows, until))
        at = round((told.start - START) / QUARTER)
        number = min(192, len(truth) - at)
        came = truth[at : at + number]
        own.append(np.array(told.kw[:number]) - came)
        week.append(truth[at - 672 : at - 672 + number] - came)
        yesterday.append(np.resize(truth[at - 96 : at], number) - came)
    return tuple(sqrt(float(np.mean(np.concatenate(one) ** 2))) for one in (own, week, yesterday))  # type: ignore[return-value]


def test_it_beats_last_week_and_yesterday_on_houses_and_weather_it_never_saw() -> None:
    ratios = []
    for seed, city in ((11, "shenzhen"), (12, "wuhan"), (13, "shenzhen"), (14, "beijing"), (15, "wuhan")):
        own, week, yesterday = errors(lived(seed, city), [(29, 0), (32, 9), (34, 14), (37, 6)])
        assert own < 1.02 * week, (seed, own, week)
        assert own < 0.5 * yesterday, (seed, own, yesterday)
        ratios.append(own / week)
    assert sum(ratios) / len(ratios) < 0.88, ratios


@pytest.fixture(scope="module")
def rows() -> Any:
    return lived(21, "shenzhen", 30)


def test_a_weather_forecast_is_used_where_there_is_one(rows: Any) -> None:
    until = START + 20.0 * DAY
    plain = LoadForecaster(name="f", calendar="weekly").learn(history(rows, until))
    hot = {"start": until - 3600.0, "step": 3600.0, "dry_bulb": [38.0] * 60, "wet_bulb": [30.0] * 60}
    artefact = Artefact("weather_forecast", 1, 0.0, "x", hot, until)
    warned = LoadForecaster(name="f", calendar="weekly").learn(history(rows, until, {"weather": artefact}))
    assert (plain.weather, warned.weather) == ("persistence", "forecast")
    assert sum(warned.kw) > 1.1 * sum(plain.kw)
    short = replace(artefact, content={**hot, "dry_bulb": [38.0] * 4, "wet_bulb": [30.0] * 4})
    assert (
        LoadForecaster(name="f", calendar="weekly").learn(history(rows, until, {"weather": short})).weather
        == "persistence"
    )


def test_it_keeps_the_score_of_its_own_forecasts(rows: Any) -> None:
    policy, artefacts = LoadForecaster(name="f", calendar="weekly"), {}
    for hours in (0, 24, 48, 72, 96):
        until = START + 18.0 * DAY + hours * 3600.0
        artefacts = {"f": run_learner(policy, history(rows, until, artefacts), 0.0)}
    last = from_plain(LoadForecast, artefacts["f"].content)
    assert last.track.hours == pytest.approx(96.0, abs=1.0)
    own, week = last.track.error(last.track.own), last.track.error(last.track.week)
    assert own is not None
    assert week is not None
    truth = quarters_of(rows)
    span = slice(18 * 96, 22 * 96)
    honest = sqrt(float(np.mean((truth[span] - truth[(11 * 96) : (15 * 96)]) ** 2))) / float(
        np.mean(truth[span])
    )
    assert week == pytest.approx(honest, rel=0.4)  # it forgets slowly: not quite the plain mean
    assert "same time last week" in last.track.words()


def test_forecasts_have_their_shape_and_the_same_past_gives_the_same(rows: Any) -> None:
    until = START + 15.0 * DAY
    one, other = (LoadForecaster(name="f", calendar="weekly").learn(history(rows, until)) for _ in range(2))
    assert one == other
    assert len(one.kw) == 192
    assert one.start == pytest.approx(until, abs=QUARTER)
    assert min(one.kw) >= 0.0
    assert max(one.kw) <= 1.3 * float(rows[:, 1].max())
    assert one.at(one.start + 10.0) == one.kw[0]
    assert one.at(one.start - 10.0) is None
    assert one.most(one.start, one.start + 3600.0) == max(one.kw[:5])


def test_too_little_past_is_no_forecast(rows: Any) -> None:
    with pytest.raises(NothingToLearnError, match="at least 5 days"):
        LoadForecaster(name="f", calendar="weekly").learn(history(rows, START + 3.0 * DAY))
    empty = MemoryHistory(model=AREA, since=START, until=START + DAY)
    with pytest.raises(NothingToLearnError):
        LoadForecaster(name="f", calendar="weekly").learn(empty)


def test_gaps_and_missing_weather_do_not_stop_it(rows: Any) -> None:
    until = START + 20.0 * DAY
    whole = history(rows, until)
    gap = {
        point: [one for one in seen if not 5.0 < (one[0] - START) / DAY < 7.0]
        for point, seen in whole.samples.items()
    }
    no_weather = {point: seen for point, seen in whole.samples.items() if not point.startswith("air")}
    full, holed, blind = (
        LoadForecaster(name="f", calendar="weekly").learn(replace(whole, samples=one))
        for one in (whole.samples, gap, no_weather)
    )
    assert blind.weather == "not measured"
    for one in (holed, blind):
        assert np.mean(np.abs(np.array(one.kw) - np.array(full.kw))) < 0.25 * np.mean(full.kw)


def test_it_shows_the_coming_hour_and_how_far_it_was_off() -> None:
    bench = Bench(LoadForecaster(name="f", calendar="weekly"), AREA, {})
    bench.run(10.0)
    assert bench.wishes["loop.expected_cooling"].value is None
    utc = 1.8e9 + bench.elapsed
    track = Track(
        hours=50.0,
        weight=10.0,
        load=5000.0,
        own=10.0 * 60.0**2,
        week=10.0 * 125.0**2,
        persistence=10.0 * 200.0**2,
    )
    forecast = {"start": utc, "kw": [300.0, 350.0, 420.0, 400.0, 390.0, 900.0], "track": vars_of(track)}
    artefact = Artefact(LEARNING.kind, LEARNING.version, bench.elapsed, "shown", forecast, utc)
    bench.run(10.0, artefacts={"f": artefact})
    wish = bench.wishes["loop.expected_cooling"]
    assert wish.value == 420.0
    assert "off by 12 % over 50 h; same time last week 25 %, yesterday 40 %" in wish.reason
    late = snapshot(AREA, {}, bench.elapsed + 4.0 * 3600.0, artefacts={"f": artefact})
    assert current_forecast(late) is None
    unsure = snapshot(AREA, {}, bench.elapsed, artefacts={"f": artefact}, utc_trusted=False)
    assert current_forecast(unsure) is None


def vars_of(track: Track) -> dict[str, float]:
    return {name: getattr(track, name) for name in ("hours", "weight", "load", "own", "week", "persistence")}


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="cn"):
        LoadForecaster(name="f", calendar="mars")
