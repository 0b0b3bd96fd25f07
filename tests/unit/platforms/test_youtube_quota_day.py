"""YouTube's quota day, told when it is spent: it ends at the midnight of the zone that the settings name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.fakes.quota import PACIFIC, MemorySpendBook, make_quota

from airtide.domain.clock import SetClock
from airtide.domain.errors import QuotaSpent
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, BucketLimit
from airtide.platforms.quota import Quota
from airtide.platforms.refusals import Refusal
from airtide.platforms.youtube.refusals import read_youtube_refusal

SPENT = b'{"error": {"errors": [{"reason": "quotaExceeded"}]}}'


def hear_of(moment: str, quota: Quota) -> QuotaSpent:
    """Return the error that calls end with when YouTube says at `moment` that the units are spent."""
    received_at = datetime.fromisoformat(moment)
    refusal = Refusal(
        platform=Platform.YOUTUBE,
        request="GET https://site.test/youtube/v3/videos",
        status=403,
        headers={},
        body=SPENT,
        received_at=received_at,
    )
    error = read_youtube_refusal(refusal)
    assert error is not None
    told = quota.book(Tally(), Bucket.YOUTUBE_UNITS).note_error(error, received_at)
    assert isinstance(told, QuotaSpent)
    return told


@pytest.mark.parametrize(
    ("moment", "reset"),
    [
        ("2026-11-20T12:00:00Z", "2026-11-21T08:00:00Z"),
        ("2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"),
        ("2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"),
        ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
        ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
    ],
    ids=["winter", "last second", "midnight itself", "summer", "day of 23 hours", "day of 25 hours"],
)
def test_the_reset_is_the_next_pacific_midnight(moment: str, reset: str) -> None:
    told = hear_of(moment, make_quota(SetClock(datetime.fromisoformat(moment))))
    assert told.resets_at == datetime.fromisoformat(reset)
    assert told.resets_at.tzinfo is UTC
    assert str(told).endswith(f"the day's quota of youtube.units is spent until {reset}")


def test_another_zone_of_the_settings_is_another_reset_told_and_booked() -> None:
    limits = {Bucket.YOUTUBE_UNITS: BucketLimit(10, "day", "Asia/Seoul")}
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    quota = Quota(limits, clock=SetClock(moment), spend_book=MemorySpendBook())
    told = hear_of(moment.isoformat(), quota)
    assert str(told).endswith("until 2026-11-20T15:00:00Z")
    assert told.resets_at == quota.read(Bucket.YOUTUBE_UNITS, moment).closed_until == moment.replace(hour=15)


@pytest.mark.parametrize("limits", [{}, {Bucket.YOUTUBE_UNITS: BucketLimit(10, "minute", PACIFIC)}], ids=repr)
def test_no_reset_is_made_up_for_a_bucket_that_has_no_day(limits: dict[Bucket, BucketLimit]) -> None:
    told = hear_of("2026-11-20T12:00:00Z", Quota(limits))
    assert told.resets_at is None
    assert str(told).endswith("the day's quota of youtube.units is spent")
