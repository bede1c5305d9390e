"""Weather files as they are found in the world: odd headers, quarter hours, several years, other people's codes, any zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.climates import find_climate, load_climate, load_epw, located, moved, standard_time
from hil.plant.epw import EpwClimate, parse_epw
from hil.ready_site.factory import make_plant
from tests.hil.plant.weather_lines import HEADER, line, march, text

DAY = [line(3, 20, hour) for hour in range(1, 25)]


def header(location: str) -> str:
    return location + HEADER[HEADER.index("\n") :]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_byte_marks_change_nothing(tmp_path: Path, ending: str, start: str) -> None:
    path = tmp_path / "odd.EPW"
    path.write_bytes((start + text(DAY, 31.0, 121.0, 8.0).replace("\n", ending) + ending + "\x1a").encode())
    assert load_epw(path).at(march(20, 7.0, 8.0)).dry_bulb == pytest.approx(7.0)


def test_a_city_in_quotation_marks_and_an_old_code_page(tmp_path: Path) -> None:
    where = header('LOCATION,"Washington, D.C.",VA,USA,TMY3,724030,38.98,-77.47,-5.0,82.0,,,')
    assert parse_epw(where + "\n".join(DAY)).place.longitude == -77.47
    path = tmp_path / "z.epw"
    path.write_bytes(
        (header("LOCATION,Z\u00fcrich,-,CHE,X,1,47.4,8.5,1.0,430.0") + "\n".join(DAY)).encode("latin-1")
    )
    assert load_epw(path).file.name == "Z\u00fcrich"


@pytest.mark.parametrize(("zone", "hours"), [("5,5", 5.5), ("5.75", 5.75), ("-3.5", -3.5), ("9,5", 9.5)])
def test_zones_of_half_hours_however_they_are_written(zone: str, hours: float) -> None:
    # "5,5" is how a file of Ahmedabad has it that is handed around
    place = parse_epw(
        header(f"LOCATION,Somewhere,-,-,MN8,999,23.015,72.592,{zone},49") + "\n".join(DAY)
    ).place
    assert place.utc_offset == timedelta(hours=hours)
    assert place.altitude == 49.0


@pytest.mark.parametrize(
    ("where", "said"),
    [("122.5,38.0,8.0,10.0", "latitude of 122.5"), ("22.5,338.0,8.0,10.0", "longitude of 338"), ("22.5,114.0,480,10.0", "time zone of 480")],
)  # fmt: skip
def test_a_place_that_is_not_on_earth_is_refused(where: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"line 1: a {said}"):
        parse_epw(header(f"LOCATION,Nowhere,-,-,X,1,{where}") + "\n".join(DAY))


@pytest.mark.parametrize(
    "changed", [{"dry": "-9999"}, {"dry": "999.9"}, {"dew": "-9999.0"}, {"humidity": "-99"}, {"total": "-9999"}, {"wind": "-1"}]
)  # fmt: skip
def test_the_codes_of_others_for_what_is_missing_are_not_taken_for_weather(changed: dict[str, str]) -> None:
    rows = [line(3, 20, hour, **(changed if hour == 12 else {})) for hour in range(1, 25)]
    noon = EpwClimate(parse_epw(text(rows))).at(march(20, 12.0))
    assert noon.dry_bulb == pytest.approx(12.0)
    assert noon.dew_point == pytest.approx(7.0, abs=0.6)
    assert noon.irradiance > 100.0
    assert noon.wind == pytest.approx(3.0)


def test_a_file_without_temperatures_or_humidity_is_no_weather() -> None:
    for changed, said in (
        ({"dry": "99.9"}, "no temperatures"),
        ({"dew": "99.9", "humidity": "999"}, "neither dew points"),
    ):
        with pytest.raises(ValueError, match=said):
            parse_epw(text([line(3, 20, hour, **changed) for hour in range(1, 25)]))


def test_quarter_hours_end_in_their_hour_and_share_its_sun() -> None:
    rows = []
    for hour in range(1, 25):
        for quarter, minute in enumerate((15, 30, 45, 60)):
            one = line(
                3,
                20,
                hour,
                dry=f"{hour - 1 + (quarter + 1) / 4}",
                total=f"{450 + 100 * quarter}",
                beam="9999",
            )
            rows.append(one.replace(f",{hour},60,", f",{hour},{minute},"))
    climate = EpwClimate(parse_epw(text(rows)))
    assert climate.at(march(20, 9.0)).dry_bulb == pytest.approx(9.0)
    whole = EpwClimate(
        parse_epw(text([line(3, 20, hour, total="600", beam="9999") for hour in range(1, 25)]))
    )
    assert climate.at(march(20, 12.5)).irradiance == pytest.approx(whole.at(march(20, 12.5)).irradiance)


def test_of_several_years_the_first_plays() -> None:
    later = [line(3, 20, hour, dry="40.0").replace("1999,", "2000,", 1) for hour in range(1, 25)]
    assert EpwClimate(parse_epw(text(DAY + later))).at(march(20, 9.0)).dry_bulb == pytest.approx(9.0)


def test_what_a_file_lacks_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "short.epw"
    path.write_text(
        text([line(7, 1, hour, total="9999", beam="9999") for hour in range(1, 25)]), encoding="utf-8"
    )
    find_climate(str(path))
    assert "short.epw lacks 364 days of a year" in caplog.text
    assert "sunshine" in caplog.text


FIELDS = st.sampled_from(["", "99.9", "9999", "-9999", "nan", "inf", "1e9", "0", "-3.5", "25", "110"])


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 24), st.lists(FIELDS, min_size=16, max_size=16)), min_size=1, max_size=30
    )
)
def test_whatever_the_fields_hold_the_weather_is_possible_or_refused(
    rows: list[tuple[int, list[str]]],
) -> None:
    lines = [",".join(["1999", "3", "20", str(hour), "60", "?", *fields, "1", "1"]) for hour, fields in rows]
    try:
        climate = EpwClimate(parse_epw(text([*lines, line(3, 21, 1)])))
    except ValueError:
        return
    for hour in range(0, 48, 3):
        assert_possible(climate.at(march(20, float(hour))))


def assert_possible(now: Any) -> None:
    assert -70.0 <= now.dew_point <= now.dry_bulb <= 70.0
    assert 0.0 <= now.humidity <= 100.0
    assert now.dew_point - 1.0 <= now.wet_bulb <= now.dry_bulb
    assert 0.0 <= now.irradiance <= 1500.0
    assert 0.0 <= now.cloud <= 1.0
    assert 300.0 <= now.pressure <= 1200.0


@pytest.mark.parametrize("latitude", [-33.9, -77.8, 0.0, 60.0, 89.0])
def test_the_sun_of_either_hemisphere_and_of_the_poles(latitude: float) -> None:
    file = text([line(month, 20, hour) for month in (6, 12) for hour in range(1, 25)], latitude, 151.2, 10.0)
    climate = EpwClimate(parse_epw(file))
    june, december = (
        max(climate.at(datetime(2027, month, 20, tzinfo=UTC).timestamp() + 3600.0 * (hour - 10)).sun.altitude for hour in range(24))
        for month in (6, 12)
    )  # fmt: skip
    assert june == pytest.approx(90.0 - abs(latitude - 23.4), abs=1.5)
    assert december == pytest.approx(90.0 - abs(latitude + 23.4), abs=1.5)


def test_standard_time_knows_no_summer() -> None:
    zones = {
        "Asia/Shanghai": 8.0,
        "America/Chicago": -6.0,
        "Australia/Sydney": 10.0,
        "Asia/Kolkata": 5.5,
        "Europe/Dublin": 0.0,
    }
    assert {zone: standard_time(zone) / timedelta(hours=1) for zone in zones} == zones


def test_weather_of_another_zone_goes_by_the_site_s_clock() -> None:
    chicago = EpwClimate(parse_epw(text(DAY, 41.98, -87.9, -6.0)))
    here = moved(chicago, timedelta(hours=8))
    assert here.local(march(20, 14.0, 8.0)).hour == 14
    for hour in (3.0, 9.5, 14.0, 21.25):
        there, brought = chicago.at(march(20, hour, -6.0)), here.at(march(20, hour, 8.0))
        assert brought.dry_bulb == pytest.approx(there.dry_bulb)
        assert brought.irradiance == pytest.approx(there.irradiance, abs=6.0)  # 14 h of the sun's year
        assert brought.sun.altitude == pytest.approx(there.sun.altitude, abs=0.3)
    beijing = moved(load_climate("beijing"), timedelta(hours=1))
    assert (
        beijing.at(march(20, 12.0, 1.0), 4).dry_bulb
        == load_climate("beijing").at(march(20, 12.0, 8.0), 4).dry_bulb
    )
    assert moved(chicago, timedelta(hours=-6)) is chicago


def test_a_site_s_own_weather_file_goes_by_the_clock_of_its_site_file(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "version: 1\nsite: {name: X, timezone: Asia/Shanghai}\n", encoding="utf-8"
    )
    (tmp_path / "tampa.epw").write_text(text(DAY, 27.97, -82.53, -5.0), encoding="utf-8")
    sizes = located({"climate": "tampa.epw"}, tmp_path)
    assert sizes == {"climate": str(tmp_path / "tampa.epw"), "utc_offset": 8 * 3600.0}
    assert located({"climate": "tampa.epw", "utc_offset": "1 h"}, tmp_path)["utc_offset"] == "1 h"
    assert "utc_offset" not in located({"climate": "tampa.epw"}, tmp_path / "elsewhere")
    plant = make_plant(
        {
            **sizes, "chillers": [{"machine": "York YT 1055kW/5.96COP/Vanes"}], "chilled": {"rise": "5 K", "head": "30 m"},
            "condenser": {"rise": "5 K", "head": "25 m"}, "towers": {"cells": 1, "fan_power": 0.035},
            "halls": {
                "count": 1, "load": "600 kW", "low": "60 %", "high": "70 %", "cold": "23 degC", "warm": "35 degC",
                "entering": "7 degC", "leaving": "12 degC",
            },
        },
        march(20, 14.0, 8.0),
        1,
    )  # fmt: skip
    assert plant.climate.utc_offset == timedelta(hours=8)
    assert plant.step(60.0, {})["outdoor_air.outdoor_dry_bulb"] == pytest.approx(14.0, abs=0.1)
