"""Pictures of yesterday's ranking: each is asked for as of its own time, and none twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes.pictures import DrawnPictures, MemoryPictures, MemoryShelf, PlainCodec, make_wish

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.local.demo_pictures import DAYS_BACK, PastPictures, PastWishes
from airtide.pipeline.capture import capture_pictures
from airtide.pipeline.capturing import CaptureLimits, CaptureStatus, Studio

NOW = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
YESTERDAY = datetime(2026, 3, 9, 20, 0, tzinfo=UTC)
LIMITS = CaptureLimits(
    every={platform: timedelta(minutes=30) for platform in Platform},
    at_once=2,
    stale_after=DAYS_BACK,
    placeholder_channels=8,
)


def test_each_picture_is_of_the_time_that_it_is_wanted_of():
    wishes = [
        make_wish(1, sampled_at=YESTERDAY, picture_url="https://liveimg.sooplive.com/m/1"),
        make_wish(2, sampled_at=YESTERDAY + timedelta(hours=2), picture_url="https://liveimg.sooplive.com/m/2"),
    ]
    book = MemoryPictures()
    studio = Studio(
        source=PastPictures(DrawnPictures(SetClock(NOW)), wishes), codec=PlainCodec(), shelf=MemoryShelf(), book=book
    )
    outcome = capture_pictures(PastWishes(wishes), studio, SetClock(NOW), LIMITS)

    assert (outcome.status, outcome.rows, outcome.stale) == (CaptureStatus.CAUGHT_UP, 2, 0)
    assert {row.broadcast_key: row.captured_at for row in book.rows} == {
        wish.broadcast_key: wish.sampled_at for wish in wishes
    }


def test_where_nothing_is_wanted_nothing_is_asked():
    studio = Studio(
        source=PastPictures(DrawnPictures(SetClock(NOW)), []),
        codec=PlainCodec(),
        shelf=MemoryShelf(),
        book=MemoryPictures(),
    )
    outcome = capture_pictures(PastWishes([]), studio, SetClock(NOW), LIMITS)

    assert (outcome.status, outcome.rows) == (CaptureStatus.CAUGHT_UP, 0)
