"""Weeks and months add up their days, count each channel and broadcast once, and say when they may still change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.sql.read_rows import DAY, HOUR_MS, TICK, give

from airtide.domain.models import Platform
from airtide.warehouse.queries.weeks import (
    find_month,
    find_week,
    read_category_spans,
    read_channel_span,
    read_language_spans,
    read_platform_spans,
    read_span_state,
)

WEEK = find_week("UTC", DAY)
TUESDAY = WEEK.first_day + timedelta(days=1)


def give_calendar(db, first_day, days):
    midnight = datetime.combine(first_day, datetime.min.time(), UTC)
    for step in range(days):
        starts_at = midnight + timedelta(days=step)
        give(
            db,
            "trends.zone_day",
            zone="UTC",
            day=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=1),
        )


def read_twitch(db, span=WEEK):
    return read_platform_spans(db, span, platforms=[Platform.TWITCH])


@pytest.mark.parametrize(
    ("find", "day", "first_day", "last_day"),
    [
        (find_week, "2026-03-09", "2026-03-09", "2026-03-15"),
        (find_week, "2026-03-15", "2026-03-09", "2026-03-15"),
        (find_week, "2027-01-01", "2026-12-28", "2027-01-03"),
        (find_month, "2026-02-28", "2026-02-01", "2026-02-28"),
        (find_month, "2028-02-01", "2028-02-01", "2028-02-29"),
        (find_month, "2026-12-31", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_week_begins_on_monday_and_a_month_on_its_first(find, day, first_day, last_day):
    span = find("UTC", date.fromisoformat(day))
    assert (span.first_day.isoformat(), span.last_day.isoformat()) == (first_day, last_day)


def test_nothing_rolled_up_is_no_row(db):
    assert read_twitch(db) == []
    assert read_channel_span(db, WEEK, channel_key=1) is None


def test_days_outside_of_it_other_zones_and_other_platforms_are_left_out(db):
    inside = {"viewer_ms": 5 * HOUR_MS}
    outside = {"viewer_ms": 100 * HOUR_MS}
    for values in (
        {"day": WEEK.first_day, **inside},
        {"day": WEEK.last_day, **inside},
        {"day": WEEK.first_day - timedelta(days=1), **outside},
        {"day": WEEK.last_day + timedelta(days=1), **outside},
        {"day": TUESDAY, "zone": "Asia/Seoul", **outside},
    ):
        give(db, "trends.platform_day", **values)
        give(db, "trends.channel_day", channel_key=1, platform="twitch", **values)
    give(db, "trends.platform_day", day=TUESDAY, platform="soop", **outside)
    give(db, "trends.channel_day", day=TUESDAY, platform="soop", channel_key=2, **outside)

    (twitch,) = read_twitch(db)
    channel = read_channel_span(db, WEEK, channel_key=1)

    assert (twitch.platform, twitch.days, twitch.hours_watched) == ("twitch", 2, 10.0)
    assert (channel.days, channel.hours_watched) == (2, 10.0)


def test_shares_and_averages_are_of_the_sums_and_of_peaks_the_earliest_of_the_largest_stays(db):
    first = {"viewer_ms": 90 * HOUR_MS, "airtime_ms": 9 * HOUR_MS, "known_airtime_ms": 9 * HOUR_MS}
    second = {"viewer_ms": 10 * HOUR_MS, "airtime_ms": HOUR_MS, "known_airtime_ms": HOUR_MS // 2}
    for step, values in ((0, first), (1, second), (2, second)):
        day = WEEK.first_day + timedelta(days=step)
        peak = {"peak_viewers": (5, 70, 70)[step], "peak_at": TICK + timedelta(days=step)}
        concurrent = {"peak_concurrent": (9, 4, 9)[step], "peak_concurrent_at": TICK + timedelta(days=step)}
        give(db, "trends.platform_day", day=day, live_ms=10 * HOUR_MS, **values, **peak, **concurrent)
        give(
            db, "trends.channel_day", day=day, channel_key=1, platform="twitch", live_ms=10 * HOUR_MS, **values, **peak
        )

    (twitch,) = read_twitch(db)
    channel = read_channel_span(db, WEEK, channel_key=1)

    for told in (twitch, channel):
        assert (told.hours_watched, told.average_viewers) == (110.0, 11.0)
        assert (told.airtime_hours, told.coverage, told.known_share) == (11.0, 11 / 30, 10 / 11)
        assert (told.peak_viewers, told.peak_at) == (70, TICK + timedelta(days=1))
    assert (twitch.peak_concurrent, twitch.peak_concurrent_at) == (9, TICK)


def test_the_largest_channels_are_those_of_the_whole_week_and_active_ones_count_once(db):
    give(db, "trends.platform_day", day=TUESDAY, viewer_ms=60 * HOUR_MS)
    give(db, "trends.platform_day", day=WEEK.last_day, viewer_ms=60 * HOUR_MS)
    # ten channels lead on one day each, and one that leads nowhere has the most of both days
    for key in range(1, 11):
        day = TUESDAY if key % 2 else WEEK.last_day
        give(db, "trends.channel_day", day=day, channel_key=key, platform="twitch", viewer_ms=10 * HOUR_MS)
    for day in (TUESDAY, WEEK.last_day):
        give(db, "trends.channel_day", day=day, channel_key=11, platform="twitch", viewer_ms=9 * HOUR_MS)
        give(db, "trends.channel_day", day=day, channel_key=12, platform="twitch", viewer_ms=HOUR_MS, samples=0)

    (twitch,) = read_twitch(db)

    assert (twitch.active_channels, twitch.top_10_share, twitch.top_100_share) == (11, 108 / 120, 1.0)


def test_a_week_that_nobody_watched_has_no_shares(db):
    give(db, "trends.platform_day", airtime_ms=0, known_airtime_ms=0, live_ms=0)
    give(db, "trends.channel_day", channel_key=1, platform="twitch", airtime_ms=0, known_airtime_ms=0, live_ms=0)

    (twitch,) = read_twitch(db)

    assert (twitch.average_viewers, twitch.coverage, twitch.known_share, twitch.top_10_share) == (None,) * 4


def test_a_broadcast_over_midnight_is_one_broadcast_of_the_week(db):
    for day in (TUESDAY, TUESDAY + timedelta(days=1)):
        give(db, "trends.channel_day", day=day, channel_key=1, platform="twitch")
        give(db, "trends.broadcast_day", day=day, channel_key=1, platform="twitch", broadcast_key=7)
    give(db, "trends.broadcast_day", day=TUESDAY, channel_key=1, platform="twitch", broadcast_key=8)

    assert read_channel_span(db, WEEK, channel_key=1).broadcasts == 2


def test_categories_of_a_week_come_the_most_watched_first_with_their_names_where_they_have_one(db):
    give(db, "live.category", category_key=5, platform="twitch", category_id="c5", name="Chess", observed_at=TICK)
    for day, viewer_ms, at_once in ((TUESDAY, 30, 9), (WEEK.last_day, 10, 12)):
        values = {"peak_concurrent": at_once, "peak_concurrent_at": TICK, "viewer_ms": viewer_ms * HOUR_MS}
        give(db, "trends.category_day", day=day, category_key=5, platform="twitch", **values)
    give(db, "trends.category_day", day=TUESDAY, category_key=0, platform="twitch", viewer_ms=99 * HOUR_MS)
    give(db, "trends.category_day", day=TUESDAY, category_key=5, platform="soop", viewer_ms=999 * HOUR_MS)
    give(db, "trends.category_day", day=WEEK.last_day + timedelta(days=1), category_key=6, platform="twitch")

    none, chess = read_category_spans(db, WEEK, platforms=[Platform.TWITCH], limit=5)

    assert (none.category_key, none.category_name, none.days, none.hours_watched) == (0, None, 1, 99.0)
    assert (chess.category_key, chess.category_name, chess.days, chess.hours_watched) == (5, "Chess", 2, 40.0)
    assert (chess.average_viewers, chess.airtime_hours, chess.peak_concurrent) == (20.0, 2.0, 12)
    assert read_category_spans(db, WEEK, platforms=[Platform.TWITCH], limit=1) == [none]


def test_languages_of_a_week_add_up_their_days(db):
    for day in (TUESDAY, WEEK.last_day):
        give(
            db, "trends.language_day", day=day, language="ko", platform="twitch", live_ms=2 * HOUR_MS, viewer_ms=HOUR_MS
        )
    give(db, "trends.language_day", day=TUESDAY, language="", platform="twitch", viewer_ms=9 * HOUR_MS)
    give(db, "trends.language_day", day=TUESDAY, zone="Asia/Seoul", language="en", platform="twitch")

    none, korean = read_language_spans(db, WEEK, platforms=[Platform.TWITCH], limit=5)

    assert (none.language, none.hours_watched, none.coverage) == ("", 9.0, 1.0)
    assert (korean.language, korean.days, korean.hours_watched, korean.coverage) == ("ko", 2, 2.0, 0.5)


@pytest.mark.parametrize(
    ("minutes_after_end", "is_waiting", "is_provisional"),
    [(-1, False, True), (59, False, True), (60, False, False), (600, True, True)],
)
def test_a_week_is_provisional_while_one_of_its_days_is(db, minutes_after_end, is_waiting, is_provisional):
    give_calendar(db, WEEK.first_day, 7)
    if is_waiting:
        give(db, "trends.dirty_day", platform="twitch", zone="UTC", day=TUESDAY)
    ends_at = datetime.combine(WEEK.last_day, datetime.min.time(), UTC) + timedelta(days=1)

    state = read_span_state(db, WEEK, now=ends_at + timedelta(minutes=minutes_after_end))

    assert (state.days, state.is_provisional) == (7, is_provisional)


def test_a_week_with_a_blocked_day_is_provisional(db):
    give_calendar(db, WEEK.first_day, 7)
    now = datetime.combine(WEEK.last_day, datetime.min.time(), UTC) + timedelta(days=9)
    check = {"platform": "twitch", "check_name": "duplicates", "severity": "block", "checked_at": now}
    give(db, "trends.quality_check", hour=TICK, observed=1, most=2, **check)
    assert not read_span_state(db, WEEK, now=now).is_provisional

    db.execute("UPDATE trends.quality_check SET observed = 3")

    state = read_span_state(db, WEEK, now=now)
    assert (state.is_provisional, state.blocked_platforms) == (True, ["twitch"])


def test_a_week_tells_its_bounds_and_the_oldest_version_and_latest_change_of_its_days(db):
    give_calendar(db, WEEK.first_day - timedelta(days=1), 9)
    for step, version in ((0, 2), (3, 1), (6, 2), (7, 0)):
        day = WEEK.first_day + timedelta(days=step)
        stamps = {"definitions_version": version, "computed_at": TICK + timedelta(days=step)}
        give(db, "trends.platform_day", day=day, **stamps)
    monday = datetime.combine(WEEK.first_day, datetime.min.time(), UTC)

    state = read_span_state(db, WEEK, now=monday + timedelta(days=6))

    assert (state.day, state.days, state.is_open, state.blocked_platforms) == (WEEK.first_day, 7, True, [])
    assert (state.starts_at, state.ends_at) == (monday, monday + timedelta(days=7))
    assert (state.definitions_version, state.computed_at) == (1, TICK + timedelta(days=6))


def test_a_week_that_the_calendar_lacks_is_provisional(db):
    state = read_span_state(db, WEEK, now=TICK)
    assert (state.days, state.is_open, state.is_provisional) == (0, True, True)
    assert (state.starts_at, state.computed_at, state.definitions_version) == (None, None, None)
