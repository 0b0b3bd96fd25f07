"""Periods of buckets: days of the Pacific coast through both changes of its clocks, whole minutes, and what is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.quota import Allowance, Bucket, BucketLimit, Call

PACIFIC_DAY = BucketLimit(10_000, "day", "America/Los_Angeles")
MINUTE = BucketLimit(800, "minute")

instants = st.integers(1_577_836_800_000_000, 2_051_222_400_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
limits = st.one_of(
    st.just(MINUTE),
    st.sampled_from(
        ["America/Los_Angeles", "Asia/Seoul", "UTC", "America/Havana", "Africa/Cairo", "Asia/Kathmandu"]
    ).map(lambda zone: BucketLimit(100, "day", zone)),
)


def allow(spent: int, limit: int = 100, *, closed: bool = False) -> Allowance:
    starts_at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    resets_at = starts_at + timedelta(days=1)
    return Allowance(
        bucket=Bucket.YOUTUBE_SEARCH,
        spent=spent,
        limit=limit,
        starts_at=starts_at,
        resets_at=resets_at,
        closed_until=resets_at if closed else None,
    )


@pytest.mark.parametrize(
    ("at", "starts_at", "hours"),
    [
        (datetime(2026, 11, 20, 7, 59, 59, tzinfo=UTC), datetime(2026, 11, 19, 8, tzinfo=UTC), 24),
        (datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC), 24),
        (datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC), 23),
        (datetime(2026, 3, 9, 6, 59, 59, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC), 23),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC), 24),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC), 25),
        (datetime(2026, 11, 2, 7, 59, 59, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC), 25),
    ],
    ids=["before midnight", "at midnight", "spring", "end of spring", "summer", "autumn", "end of autumn"],
)
def test_a_day_lasts_from_midnight_to_midnight_of_the_pacific_coast(at, starts_at, hours):
    period = PACIFIC_DAY.find_period(at)
    assert period.starts_at == starts_at
    assert period.resets_at - period.starts_at == timedelta(hours=hours)
    assert period.starts_at.tzinfo is UTC


def test_a_minute_is_a_whole_one_of_utc_wherever_the_instant_is_told():
    seoul = timezone(timedelta(hours=9))
    period = MINUTE.find_period(datetime(2026, 11, 20, 21, 3, 59, 999_999, tzinfo=seoul))
    assert period.starts_at == datetime(2026, 11, 20, 12, 3, tzinfo=UTC)
    assert period.resets_at == datetime(2026, 11, 20, 12, 4, tzinfo=UTC)


@given(at=instants, limit=limits)
def test_periods_tile_time(at: datetime, limit: BucketLimit) -> None:
    period = limit.find_period(at)
    assert period.starts_at <= at < period.resets_at
    assert limit.find_period(period.starts_at) == period
    assert limit.find_period(period.resets_at - timedelta(microseconds=1)) == period
    assert limit.find_period(period.resets_at).starts_at == period.resets_at
    assert limit.find_period(period.starts_at - timedelta(microseconds=1)).resets_at == period.starts_at


@pytest.mark.parametrize(("spent", "left"), [(0, 100), (99, 1), (100, 0), (120, 0)])
def test_what_is_left_is_never_less_than_nothing(spent, left):
    assert allow(spent).left == left


def test_nothing_is_left_of_a_bucket_that_the_site_has_closed():
    closed = allow(3, closed=True)
    assert closed.left == 0
    assert closed.project(closed.starts_at + timedelta(hours=12)) == 3


@pytest.mark.parametrize(
    ("spent", "after", "projected"),
    [
        (5, timedelta(minutes=59, seconds=59), None),
        (5, timedelta(hours=1), 120),
        (50, timedelta(hours=12), 100),
        (10, timedelta(hours=7), 35),
        (0, timedelta(hours=7), 0),
        (90, timedelta(days=1), 90),
        (90, timedelta(days=2), 90),
    ],
    ids=["too early", "first hour", "half", "rounded up", "nothing", "at the reset", "after it"],
)
def test_the_rest_of_a_period_is_taken_to_be_like_its_beginning(spent, after, projected):
    allowance = allow(spent)
    assert allowance.project(allowance.starts_at + after) == projected


@given(spent=st.integers(0, 10_000), us=st.integers(3_600_000_000, 86_400_000_000))
def test_a_projection_is_never_less_than_what_is_spent(spent: int, us: int) -> None:
    allowance = allow(spent)
    projected = allowance.project(allowance.starts_at + timedelta(microseconds=us))
    assert projected is not None
    assert spent <= projected <= 24 * spent


def test_a_call_costs_one_unless_the_settings_say_otherwise():
    limit = BucketLimit(10_000, "day", costs={Call.VIDEOS_LIST: 3})
    assert limit.cost_of(Call.VIDEOS_LIST) == 3
    assert limit.cost_of(Call.SEARCH_LIST) == 1


def test_every_bucket_says_whose_it_is():
    assert {bucket.platform for bucket in Bucket} <= {"youtube", "twitch", "soop", "chzzk", "kick"}
