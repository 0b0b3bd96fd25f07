"""Pacing: never more than a limit in any 60 seconds, nor more than a site's headers leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.clock import SetClock
from airtide.domain.errors import RateLimited
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, BucketLimit
from airtide.platforms.pace import MINUTE, Pace
from airtide.platforms.quota import Quota

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def draw_all(quota: Quota, clock: SetClock, calls: int, bucket: Bucket = Bucket.KICK_REQUESTS) -> list[datetime]:
    """Draw `calls` times and return when each was drawn."""
    tally, drawn = Tally(), []
    for _ in range(calls):
        quota.book(tally, bucket)()
        drawn.append(clock.now())
    assert tally.requests == calls
    return drawn


def limited(limit: int, clock: SetClock) -> Quota:
    return Quota({Bucket.KICK_REQUESTS: BucketLimit(limit, "minute")}, clock=clock)


def test_calls_beyond_the_limit_wait_until_the_first_ones_are_a_minute_old():
    clock = SetClock(NOW)
    assert draw_all(limited(3, clock), clock, 7) == [NOW] * 3 + [NOW + MINUTE] * 3 + [NOW + 2 * MINUTE]


@given(
    steps=st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 9)), min_size=1, max_size=60),
    limit=st.integers(1, 20),
)
def test_no_minute_holds_more_than_the_limit(steps: list[tuple[int, int]], limit: int) -> None:
    clock = SetClock(NOW)
    quota, drawn = limited(limit, clock), []
    for pause_ms, cost in steps:
        clock.sleep(pause_ms / 1000)
        quota.book(Tally(), Bucket.KICK_REQUESTS, min(cost, limit))()
        drawn.append((clock.now(), min(cost, limit)))
    for first_at, _ in drawn:
        assert sum(cost for at, cost in drawn if first_at <= at < first_at + MINUTE) <= limit


def test_a_wait_that_ends_after_the_sweep_is_not_begun():
    clock = SetClock(NOW)
    quota, tally = limited(1, clock), Tally(read_until=NOW + MINUTE - SECOND)
    quota.book(tally, Bucket.KICK_REQUESTS)()
    with pytest.raises(RateLimited, match=r"kick\.requests is spent for now: full again in 60 s") as caught:
        quota.book(tally, Bucket.KICK_REQUESTS)()
    assert caught.value.retry_after_s == 60
    assert (clock.now(), tally.requests, tally.spend) == (NOW, 1, {"kick.requests": 1})


def test_a_wait_that_ends_with_the_sweep_is_waited_for():
    clock = SetClock(NOW)
    quota, tally = limited(1, clock), Tally(read_until=NOW + MINUTE)
    quota.book(tally, Bucket.KICK_REQUESTS)()
    quota.book(tally, Bucket.KICK_REQUESTS)()
    assert clock.now() == NOW + MINUTE


def test_a_call_dearer_than_the_limit_waits_for_an_empty_minute_and_not_for_ever():
    clock = SetClock(NOW)
    quota = limited(3, clock)
    quota.book(Tally(), Bucket.KICK_REQUESTS)()
    quota.book(Tally(), Bucket.KICK_REQUESTS, 5)()
    assert clock.now() == NOW + MINUTE


def test_a_clock_that_is_set_back_keeps_what_was_drawn():
    clock = SetClock(NOW)
    quota = limited(2, clock)
    draw_all(quota, clock, 2)
    clock.set(NOW - timedelta(hours=1))
    assert draw_all(quota, clock, 1) == [NOW - timedelta(hours=1) + MINUTE]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(NOW.timestamp()) + 12)}, 12 * SECOND),
        ({"Ratelimit-Remaining": "0", "Ratelimit-Reset": "12"}, 12 * SECOND),
        ({"Ratelimit-Remaining": "2", "Ratelimit-Reset": "12"}, 12 * SECOND),
        ({"Ratelimit-Remaining": "3", "Ratelimit-Reset": "12"}, timedelta()),
        ({"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(NOW.timestamp()) - 5)}, timedelta()),
        ({"X-Ratelimit-Remaining": "0"}, MINUTE),
        ({"X-Ratelimit-Remaining": "7"}, timedelta()),
        ({"Ratelimit-Remaining": "0", "Ratelimit-Reset": "9" * 9}, timedelta(days=1)),
        ({"Ratelimit-Remaining": "0", "Ratelimit-Reset": "9" * 5000}, timedelta(days=1)),
        ({"Ratelimit-Remaining": "9" * 5000}, timedelta()),
        ({"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "7"}, 7 * SECOND),
        ({"Ratelimit-Remaining": "none", "Ratelimit-Reset": "12"}, timedelta()),
        ({"Ratelimit-Remaining": "-1"}, timedelta()),
        ({}, timedelta()),
    ],
    ids=str,
)
def test_the_sites_own_count_is_followed(headers, wait):
    pace = Pace(800)
    pace.follow(headers, received_at=NOW, now=NOW)
    assert pace.find_wait(3, NOW) == wait


def test_what_is_drawn_is_taken_off_the_sites_count_and_a_reset_ends_it():
    pace = Pace(800)
    pace.follow({"Ratelimit-Remaining": "5", "Ratelimit-Reset": "30"}, received_at=NOW, now=NOW)
    pace.draw(4, NOW)
    assert pace.find_wait(2, NOW) == 30 * SECOND
    assert pace.find_wait(2, NOW + 30 * SECOND) == timedelta()
    assert pace.find_wait(700, NOW + 30 * SECOND) == timedelta()


def test_the_reset_is_counted_by_the_sites_clock_and_waited_by_ours():
    pace = Pace(800)
    site_time = NOW + timedelta(hours=5)
    headers = {"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(site_time.timestamp()) + 20)}
    pace.follow(headers, received_at=site_time, now=NOW)
    assert pace.find_wait(1, NOW + 5 * SECOND) == 15 * SECOND


def test_a_minute_bucket_stands_as_this_process_knows_it():
    clock = SetClock(NOW)
    quota = limited(10, clock)
    draw_all(quota, clock, 2)
    clock.sleep(30)
    draw_all(quota, clock, 1)
    allowance = quota.read(Bucket.KICK_REQUESTS, clock.now())
    assert (allowance.spent, allowance.left) == (1, 9)
    assert allowance.starts_at == datetime(2026, 11, 20, 12, 1, tzinfo=UTC)
