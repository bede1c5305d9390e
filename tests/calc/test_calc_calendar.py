"""Working days against the notices, and calendars of one's own."""

from datetime import date, timedelta

import pytest

from agent.calc.calendar import CALENDARS, CalendarDay, WorkCalendar

CHINA = CALENDARS["cn"]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2024-02-09", CalendarDay.WORKING),  # new year's eve was worked in 2024
        ("2024-02-10", CalendarDay.HOLIDAY),
        ("2024-02-18", CalendarDay.MADE_UP),  # a Sunday
        ("2024-10-12", CalendarDay.MADE_UP),
        ("2024-10-13", CalendarDay.WEEKEND),
        ("2025-01-26", CalendarDay.MADE_UP),
        ("2025-10-08", CalendarDay.HOLIDAY),
        ("2025-10-09", CalendarDay.WORKING),
        ("2026-02-14", CalendarDay.MADE_UP),
        ("2026-02-23", CalendarDay.HOLIDAY),
        ("2026-02-24", CalendarDay.WORKING),
        ("2026-09-25", CalendarDay.HOLIDAY),
        ("2022-12-31", CalendarDay.HOLIDAY),  # announced with the year after
    ],
)
def test_days_of_the_notices(day: str, kind: CalendarDay) -> None:
    assert CHINA.kind(date.fromisoformat(day)) is kind


@pytest.mark.parametrize(("year", "worked"), [(2019, 250), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)])  # fmt: skip
def test_number_of_working_days_of_a_year(year: int, worked: int) -> None:
    # 365 less weekends and 11 statutory days (13 from 2025 on); made-up days keep the sum
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365 + (year % 4 == 0))]
    statutory = 13 if year >= 2025 else 11
    weekends = sum(day.weekday() >= 5 for day in days)
    assert sum(CHINA.working(day) for day in days) == pytest.approx(len(days) - weekends - statutory, abs=2)
    assert sum(CHINA.working(day) for day in days) == worked


def test_made_up_days_are_weekend_days_that_are_worked() -> None:
    assert all(day.weekday() >= 5 and CHINA.working(day) for day in CHINA.made_up)
    assert not set(CHINA.made_up) & set(CHINA.holidays)


def test_a_year_nobody_announced_has_its_fixed_days_and_says_so() -> None:
    day = date(2031, 10, 2)
    assert not CHINA.known(day)
    assert (CHINA.kind(day), CHINA.holiday(day)) == (CalendarDay.HOLIDAY, "National Day")
    assert CHINA.kind(date(2027, 2, 8)) is CalendarDay.HOLIDAY
    assert CHINA.known(date(2026, 1, 1))


def test_the_next_working_day_jumps_the_whole_festival() -> None:
    assert CHINA.next_working(date(2026, 2, 14)) == date(2026, 2, 24)
    with pytest.raises(ValueError, match="no working day"):
        WorkCalendar(name="never", weekend=frozenset(range(7))).next_working(date(2026, 1, 1))


def test_a_calendar_of_ones_own() -> None:
    own = WorkCalendar.from_mapping(
        "plant",
        {"weekend": ["fri", "saturday"], "holidays": ["2026-12-24/2026-12-26"], "made_up": ["2026-12-19"]},
    )
    kinds = [own.kind(date(2026, 12, day)) for day in (18, 19, 20, 24, 26, 27)]
    assert kinds == [
        CalendarDay.WEEKEND, CalendarDay.MADE_UP, CalendarDay.WORKING, CalendarDay.HOLIDAY, CalendarDay.HOLIDAY, CalendarDay.WORKING,
    ]  # fmt: skip
    assert not own.working(date(2026, 12, 26))


@pytest.mark.parametrize(
    "data", [{"weekend": ["noday"]}, {"weekend": [7]}, {"holidays": ["2026-13-01"]}, {"holidays": ["2026-02-02/2026-02-01"]}]
)  # fmt: skip
def test_what_is_no_day_is_refused(data: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"."):
        WorkCalendar.from_mapping("x", data)


def test_calendars_without_holidays() -> None:
    sunday = date(2026, 10, 4)
    assert not CALENDARS["weekly"].working(sunday)
    assert CALENDARS["daily"].working(sunday)
    assert CALENDARS["weekly"].working(date(2026, 10, 1))
