"""A weather file comes out as it went in, with all the gaps that real files have."""

from datetime import UTC, date, datetime, timedelta
from statistics import mean

import pytest

from hil.climates import load_climate
from hil.plant.epw import EpwClimate, parse_epw
from tests.hil.plant.weather_lines import line, march, text


def two_days(**changed: str) -> str:
    return text([line(3, day, hour, **changed) for day in (20, 21) for hour in range(1, 25)])


def test_temperatures_stand_at_full_hours_and_run_straight_between() -> None:
    climate = EpwClimate(parse_epw(two_days()))
    assert climate.at(march(21, 7.0)).dry_bulb == pytest.approx(7.0)
    assert climate.at(march(21, 7.25)).dry_bulb == pytest.approx(7.25)
    assert climate.at(march(21, 0.5)).dry_bulb == pytest.approx(12.5), (
        "hour 24 of the day before, then hour 1"
    )
    assert climate.at(march(21, 15.0)).dew_point == pytest.approx(10.0)


def test_midnight_belongs_to_the_last_hour_of_the_day_before() -> None:
    rows = [line(3, day, hour, dry=f"{day}.0") for day in (20, 21) for hour in range(1, 25)]
    climate = EpwClimate(parse_epw(text(rows)))
    assert [climate.at(march(21, hour)).dry_bulb for hour in (0.0, 0.5, 1.0)] == pytest.approx(
        [20.0, 20.5, 21.0]
    )


def test_a_steady_hour_keeps_its_energy_and_noon_is_where_the_sun_is() -> None:
    climate = EpwClimate(parse_epw(two_days()))
    minutes = [climate.at(march(21, 12.0) + 60.0 * minute) for minute in range(60)]
    assert mean(one.irradiance for one in minutes) == pytest.approx(600.0, rel=0.02)
    assert mean(one.beam for one in minutes) == pytest.approx(500.0, rel=0.02)
    assert climate.at(march(21, 0.0)).irradiance == 0.0


def test_time_zones_of_half_hours_and_the_west() -> None:
    file = parse_epw(text([line(3, 20, hour) for hour in range(1, 25)], 20.0, 82.5, 5.5))
    climate = EpwClimate(file)
    noon = climate.at(march(21, 12.1, 5.5))
    assert noon.sun.altitude == pytest.approx(70.0, abs=0.5)
    assert climate.local(march(21, 12.0, 5.5)).hour == 12
    west = EpwClimate(parse_epw(text([line(3, 20, hour) for hour in range(1, 25)], 40.0, -105.0, -7.0)))
    assert west.at(march(21, 12.1, -7.0)).sun.altitude == pytest.approx(50.0, abs=0.5)


@pytest.mark.parametrize(
    "changed",
    [
        {"dry": "99.9"}, {"dew": "99.9"}, {"humidity": "999"}, {"total": "9999"}, {"beam": "9999"},
        {"diffuse": "9999"}, {"beam": "9999", "diffuse": "9999"}, {"wind": "999"}, {"cloud": "99"}, {"pressure": "999999"},
    ],
)  # fmt: skip
def test_a_missing_hour_is_filled_from_what_is_known(changed: dict[str, str]) -> None:
    rows = [line(3, 20, hour, **(changed if hour == 12 else {})) for hour in range(1, 25)]
    whole = EpwClimate(parse_epw(text([line(3, 20, hour) for hour in range(1, 25)]))).at(march(20, 12.0))
    patched = EpwClimate(parse_epw(text(rows))).at(march(20, 12.0))
    assert patched.dry_bulb == pytest.approx(whole.dry_bulb, abs=0.01)
    assert patched.dew_point == pytest.approx(whole.dew_point, abs=0.6)
    assert patched.irradiance == pytest.approx(whole.irradiance, rel=0.1)
    assert patched.pressure == pytest.approx(whole.pressure, rel=0.01)
    assert patched.wind == pytest.approx(whole.wind)


def test_a_file_without_any_sunshine_or_wind_still_plays() -> None:
    climate = EpwClimate(
        parse_epw(two_days(total="9999", beam="9999", diffuse="9999", wind="999", cloud="99"))
    )
    noon = climate.at(march(21, 12.0))
    assert (noon.irradiance, noon.beam, noon.cloud) == (0.0, 0.0, 0.5)


def test_a_leap_day_the_file_lacks_is_the_day_before() -> None:
    rows = [line(2, 28, hour, dry="3.0") for hour in range(1, 25)]
    rows += [line(3, 1, hour, dry="9.0") for hour in range(1, 25)]
    climate = EpwClimate(parse_epw(text(rows)))
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC).timestamp()
    assert climate.at(leap).dry_bulb == pytest.approx(3.0)
    assert climate.at(leap + 86400.0).dry_bulb == pytest.approx(9.0)


def test_a_leap_day_the_file_has_is_used() -> None:
    rows = [line(2, day, hour, dry=f"{day}.0") for day in (28, 29) for hour in range(1, 25)]
    climate = EpwClimate(parse_epw(text(rows)))
    assert climate.at(datetime(2028, 2, 29, 12, tzinfo=UTC).timestamp()).dry_bulb == pytest.approx(29.0)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ("nothing", "line 1"),
        (text([line(3, 20, 1)]).replace("0.0,0.0,0.0,100.0", "north,0,0,0"), "line 1"),
        (text([line(3, 20, 1), "1999,3,20,x,60"]), "line 10"),
        (text([line(13, 20, 1)]), "line 9"),
        (text([]), "no hours"),
        (two_days().replace("DATA PERIODS", "DATES"), "DATA PERIODS"),
    ],
)  # fmt: skip
def test_what_is_no_weather_file_is_told_by_line(spoilt: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_epw(spoilt)


def test_a_year_keeps_the_sums_of_its_columns() -> None:
    """A whole file: means and sums of its own columns are those of what was played, three times an hour."""
    made = load_climate("shenzhen")
    start = datetime(2026, 12, 31, 16, tzinfo=UTC).timestamp()
    rows, dry, totals = [], [], []
    for number in range(8760):
        end = made.at(start + 3600.0 * (number + 1), 1)
        sun = made.at(start + 3600.0 * number + 1800.0, 1)
        columns = {
            "dry": end.dry_bulb,
            "dew": end.dew_point,
            "total": sun.irradiance,
            "beam": sun.beam,
            "diffuse": sun.diffuse,
        }
        day = date(2027, 1, 1) + timedelta(days=number // 24)
        written = {name: f"{value:.1f}" for name, value in columns.items()}
        rows.append(line(day.month, day.day, number % 24 + 1, **written))
        dry.append(end.dry_bulb)
        totals.append((sun.irradiance, sun.beam, sun.diffuse))
    place = made.place
    file = text(rows, place.latitude, place.longitude, 8.0)
    climate = EpwClimate(parse_epw(file))
    year = [climate.at(start + 1200.0 * number) for number in range(365 * 72)]
    assert mean(one.dry_bulb for one in year) == pytest.approx(mean(dry), abs=0.05)
    for name, column in zip(("irradiance", "beam", "diffuse"), zip(*totals, strict=True), strict=True):
        assert sum(getattr(one, name) for one in year) / 3.0 == pytest.approx(sum(column), rel=0.02), name
