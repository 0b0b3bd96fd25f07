"""Drawing from buckets: booked before the call, never over a limit, and one kind of call apart from the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.quota import PACIFIC, SITE_LIMITS, MemorySpendBook

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError, PartUnreachable, QuotaSpent, RateLimited
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, BucketLimit, Call
from airtide.platforms.quota import Quota

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RESET = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SEARCHES_LEFT = 2


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def spend_book() -> MemorySpendBook:
    return MemorySpendBook()


@pytest.fixture
def quota(clock: SetClock, spend_book: MemorySpendBook) -> Quota:
    """A day with two searches and ten units."""
    limits = {
        Bucket.YOUTUBE_SEARCH: BucketLimit(SEARCHES_LEFT, "day", PACIFIC),
        Bucket.YOUTUBE_UNITS: BucketLimit(10, "day", PACIFIC, {Call.VIDEOS_LIST: 4}),
    }
    return Quota(limits, clock=clock, spend_book=spend_book)


def test_an_attempt_beyond_the_limit_is_refused_and_not_counted(quota):
    tally = Tally()
    book = quota.book(tally, Bucket.YOUTUBE_SEARCH)
    book()
    book()
    with pytest.raises(QuotaSpent, match=r"youtube\.search is spent until 2026-11-21T08:00:00Z: 2 of 2") as caught:
        book()
    assert (caught.value.bucket, caught.value.resets_at) == ("youtube.search", RESET)
    assert (tally.requests, tally.spend) == (2, {"youtube.search": 2})


def test_a_call_that_costs_more_than_is_left_takes_nothing(quota):
    tally = Tally()
    quota.book(tally, Bucket.YOUTUBE_UNITS, 7)()
    with pytest.raises(QuotaSpent):
        quota.book(tally, Bucket.YOUTUBE_UNITS, call=Call.VIDEOS_LIST)()
    quota.book(tally, Bucket.YOUTUBE_UNITS, 3)()
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).left == 0


def test_a_spent_bucket_leaves_the_other_one_alone(quota):
    tally = Tally()
    for _ in range(SEARCHES_LEFT):
        quota.book(tally, Bucket.YOUTUBE_SEARCH)()
    quota.book(tally, Bucket.YOUTUBE_UNITS)()
    assert quota.read(Bucket.YOUTUBE_SEARCH, NOW).left == 0
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).left == 9


def test_a_new_day_fills_the_bucket(quota, clock):
    for _ in range(SEARCHES_LEFT):
        quota.book(Tally(), Bucket.YOUTUBE_SEARCH)()
    clock.set(RESET - timedelta(seconds=1))
    with pytest.raises(QuotaSpent):
        quota.book(Tally(), Bucket.YOUTUBE_SEARCH)()
    clock.set(RESET)
    quota.book(Tally(), Bucket.YOUTUBE_SEARCH)()
    assert quota.read(Bucket.YOUTUBE_SEARCH, RESET).spent == 1


def test_a_bucket_that_the_site_has_closed_gives_nothing(quota, spend_book, clock):
    period = BucketLimit(1, "day", PACIFIC).find_period(NOW)
    spend_book.close_bucket(Bucket.YOUTUBE_UNITS, period, at=NOW)
    with pytest.raises(QuotaSpent, match="the site says so"):
        quota.book(Tally(), Bucket.YOUTUBE_UNITS)()
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).closed_until == RESET


def test_nothing_is_called_while_the_book_does_not_answer(quota, spend_book):
    spend_book.raises = PartUnreachable("no answer")
    tally = Tally()
    with pytest.raises(PartUnreachable):
        quota.book(tally, Bucket.YOUTUBE_UNITS)()
    assert tally.requests == 0


@given(costs=st.lists(st.integers(1, 5), max_size=60), limit=st.integers(1, 40))
def test_whatever_is_asked_for_no_bucket_is_overdrawn(costs: list[int], limit: int) -> None:
    limits = {Bucket.YOUTUBE_UNITS: BucketLimit(limit, "day", PACIFIC)}
    quota = Quota(limits, clock=SetClock(NOW), spend_book=MemorySpendBook())
    tally = Tally()
    for cost in costs:
        fits = tally.spend.get("youtube.units", 0) + cost <= limit
        try:
            quota.book(tally, Bucket.YOUTUBE_UNITS, cost)()
        except QuotaSpent:
            assert not fits
        else:
            assert fits
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).spent == tally.spend.get("youtube.units", 0) <= limit


def test_a_bucket_without_a_limit_is_only_counted():
    tally = Tally()
    Quota().book(tally, Bucket.SOOP_REQUESTS, 3)()
    assert (tally.requests, tally.spend) == (1, {"soop.requests": 3})


def test_of_a_bucket_without_a_limit_nothing_is_known():
    with pytest.raises(MisconfiguredError, match=r"set quotas\.youtube\.units"):
        Quota().read(Bucket.YOUTUBE_UNITS, NOW)


def test_a_daily_bucket_without_a_book_is_never_drawn_from():
    with pytest.raises(MisconfiguredError, match=r"youtube\.units is a daily bucket, which no book was opened for"):
        Quota(SITE_LIMITS, clock=SetClock(NOW)).book(Tally(), Bucket.YOUTUBE_UNITS)()


def test_a_refusal_by_the_site_closes_the_day_in_which_it_was_said(quota, spend_book):
    spent = QuotaSpent("spent", bucket="youtube.units", resets_at=RESET)
    quota.book(Tally(), Bucket.YOUTUBE_UNITS).note_error(spent, NOW - timedelta(days=1))
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).left == 10
    quota.book(Tally(), Bucket.YOUTUBE_UNITS).note_error(spent, NOW)
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).left == 0
    assert quota.read(Bucket.YOUTUBE_SEARCH, NOW).left == SEARCHES_LEFT


def test_only_a_spent_quota_closes_a_bucket(quota):
    book = quota.book(Tally(), Bucket.YOUTUBE_UNITS)
    book.note_error(RateLimited("too fast"), NOW)
    assert quota.read(Bucket.YOUTUBE_UNITS, NOW).left == 10


def test_a_book_that_does_not_answer_leaves_the_sites_refusal_as_it_is(quota, spend_book, caplog):
    spend_book.raises = PartUnreachable("no answer")
    spent = QuotaSpent("spent", bucket="youtube.units", resets_at=RESET)
    quota.book(Tally(), Bucket.YOUTUBE_UNITS).note_error(spent, NOW)
    assert "could not be put on record: no answer" in caplog.text
