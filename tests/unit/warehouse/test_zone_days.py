"""Where the days of a zone begin and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.periods import HOUR_MS, ZoneDay
from airtide.warehouse.zone_days import find_zone_days


def hours_of(day: ZoneDay) -> int:
    return (day.period.end_ms - day.period.start_ms) // HOUR_MS


def starts_at(day: ZoneDay) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=day.period.start_ms)


def only_day(zone: str, day: date) -> ZoneDay:
    (found,) = find_zone_days(zone, day, day)
    return found


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "Australia/Lord_Howe"])
def test_a_zone_that_cuts_hours_is_refused_by_name(zone: str) -> None:
    with pytest.raises(MisconfiguredError, match=zone):
        find_zone_days(zone, date(2026, 7, 1), date(2026, 7, 2))


def test_a_zone_that_cuts_hours_for_half_the_year_is_refused_for_a_whole_one() -> None:
    assert len(find_zone_days("Australia/Lord_Howe", date(2026, 1, 1), date(2026, 1, 31))) == 31
    with pytest.raises(MisconfiguredError, match="10:30:00"):
        find_zone_days("Australia/Lord_Howe", date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("zone", ["Asia/Soul", "Asia", "", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(MisconfiguredError, match="no time zone"):
        find_zone_days(zone, date(2026, 1, 1), date(2026, 1, 2))


def test_utc_days_begin_at_midnight() -> None:
    day = only_day("UTC", date(2026, 3, 8))
    assert (starts_at(day), hours_of(day)) == (datetime(2026, 3, 8, tzinfo=UTC), 24)


def test_a_day_in_seoul_begins_nine_hours_earlier() -> None:
    assert starts_at(only_day("Asia/Seoul", date(2026, 3, 8))) == datetime(2026, 3, 7, 15, tzinfo=UTC)


def test_days_of_clock_changes_have_23_and_25_hours() -> None:
    assert hours_of(only_day("America/New_York", date(2026, 3, 8))) == 23
    assert hours_of(only_day("America/New_York", date(2026, 11, 1))) == 25


def test_a_day_whose_midnight_comes_twice_begins_with_the_first() -> None:
    day = only_day("America/Havana", date(2026, 11, 1))
    assert (starts_at(day), hours_of(day)) == (datetime(2026, 11, 1, 4, tzinfo=UTC), 25)


def test_a_day_whose_midnight_is_skipped_begins_an_hour_after_it() -> None:
    day = only_day("America/Havana", date(2026, 3, 8))
    assert (starts_at(day), hours_of(day)) == (datetime(2026, 3, 8, 5, tzinfo=UTC), 23)


def test_a_date_that_a_zone_skipped_has_no_day() -> None:
    days = find_zone_days("Pacific/Apia", date(2011, 12, 29), date(2011, 12, 31))
    assert [day.day for day in days] == ["2011-12-29", "2011-12-31"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/Havana", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_days_follow_one_another_without_a_hole(zone: str) -> None:
    days = find_zone_days(zone, date(2026, 1, 1), date(2026, 12, 31))
    assert [day.day for day in days] == [str(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)]
    assert all(day.period.end_ms == following.period.start_ms for day, following in pairwise(days))
