"""A site whose daily quota is spent, through the real client: one call at most, and every tick a gap on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import responses
from tests.fakes.polling import CollectingSink, MemoryCandidates
from tests.fakes.quota import PACIFIC, SITE_LIMITS, MemorySpendBook
from tests.unit.platforms.sites import BASE, TICK, Limits, answer, make_access

from airtide.domain.clock import SetClock
from airtide.domain.errors import QuotaSpent
from airtide.domain.models import Outcome, Platform, Sweep
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, BucketLimit
from airtide.pipeline.asking import Asking
from airtide.pipeline.discover import discover
from airtide.pipeline.poll import poll_platform
from airtide.platforms.quota import Quota
from airtide.platforms.youtube.client import YouTubeSource
from airtide.platforms.youtube.search import YouTubeSearch

RESET = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
VIDEOS = f"{BASE}/youtube/v3/videos"
CATEGORIES = f"{BASE}/youtube/v3/videoCategories"
SEARCH = f"{BASE}/youtube/v3/search"
UNITS_SPENT = {"error": {"message": "spent", "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded"}]}}
SEARCHES_SPENT = {
    "error": {
        "message": "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day'",
        "errors": [{"reason": "rateLimitExceeded"}],
    }
}
NOTHING_FOUND = {"kind": "youtube#searchListResponse", "items": []}
NO_CATEGORIES = {"kind": "youtube#videoCategoryListResponse", "items": []}
NO_VIDEOS = {"kind": "youtube#videoListResponse", "items": []}


class Project:
    """One project's quota at YouTube, and the processes that draw from it."""

    def __init__(self, units: int = 10_000, searches: int = 100) -> None:
        self.clock = SetClock(TICK)
        self.spend_book = MemorySpendBook()
        self.sink = CollectingSink()
        self.refusals: list[tuple[str, datetime | None]] = []
        self.candidates = MemoryCandidates()
        self.candidates.add_ids(Platform.YOUTUBE, ["a"], found_at=TICK)
        self._limits = {
            Bucket.YOUTUBE_UNITS: BucketLimit(units, "day", PACIFIC),
            Bucket.YOUTUBE_SEARCH: BucketLimit(searches, "day", PACIFIC),
        }

    def quota(self) -> Quota:
        """Return the quota of a new process."""
        return Quota(self._limits, clock=self.clock, spend_book=self.spend_book)

    def poll(self, tick: datetime = TICK) -> Sweep:
        """Poll in a process of its own and return the sweep on record."""
        self.clock.set(tick)
        source = YouTubeSource(make_access(), Limits(), self.clock, self.quota())
        try:
            poll_platform(source, self.sink, self.clock, tick=tick, asking=Asking(self.candidates))
        except QuotaSpent as spent:
            self.refusals.append((spent.bucket, spent.resets_at))
        return self.sink.sweeps[-1]

    def search(self) -> None:
        """Search in a process of its own."""
        search = YouTubeSearch(make_access(), Limits(), self.quota())
        discover([search], self.candidates, self.clock, by_hand=True)


@pytest.fixture
def project() -> Project:
    return Project()


def test_after_the_site_said_spent_every_tick_is_a_gap_on_record_without_a_call(
    web: responses.RequestsMock, project: Project
) -> None:
    answer(web, CATEGORIES, UNITS_SPENT, status=403)
    first = project.poll()
    assert (first.outcome, first.requests, first.spend) == (Outcome.FAILED, 1, {"youtube.units": 1})
    for number in (1, 2, 3):
        later = project.poll(TICK + number * timedelta(minutes=5))
        assert (later.outcome, later.requests, later.spend) == (Outcome.FAILED, 0, {})
        assert later.error == (
            "youtube: GET https://site.test/youtube/v3/videos: "
            "the day's quota of youtube.units is spent until 2026-11-21T08:00:00Z: the site says so; "
            "no call was made (page 1)"
        )
    assert project.refusals == 4 * [("youtube.units", RESET)]
    assert len(project.sink.sweeps) == 4
    assert len(web.calls) == 1


def test_the_last_unit_is_drawn_and_not_one_more(web: responses.RequestsMock) -> None:
    project = Project(units=2)
    answer(web, CATEGORIES, NO_CATEGORIES)
    answer(web, VIDEOS, NO_VIDEOS)
    assert project.poll().spend == {"youtube.units": 2}
    sweep = project.poll(TICK + timedelta(minutes=15))
    assert (sweep.outcome, sweep.requests) == (Outcome.FAILED, 0)
    assert sweep.error is not None
    assert "2 of 2 are booked" in sweep.error


def test_a_retry_draws_like_a_first_try(web: responses.RequestsMock) -> None:
    project = Project(units=2)
    answer(web, CATEGORIES, NO_CATEGORIES)
    answer(web, VIDEOS, {}, status=500)
    sweep = project.poll()
    assert (sweep.requests, sweep.spend) == (2, {"youtube.units": 2})
    assert sweep.outcome is Outcome.FAILED
    assert "2 of 2 are booked" in str(sweep.error)


def test_a_request_that_the_site_finds_invalid_has_cost_a_unit(web: responses.RequestsMock, project: Project) -> None:
    answer(web, SEARCH, {"error": {"errors": [{"reason": "invalidPageToken"}]}}, status=400)
    with pytest.raises(Exception, match="does not take this request"):
        project.search()
    assert project.quota().read(Bucket.YOUTUBE_SEARCH, TICK).spent == 1


def test_spent_searches_stop_searches_alone(web: responses.RequestsMock, project: Project) -> None:
    answer(web, SEARCH, SEARCHES_SPENT, status=429)
    answer(web, CATEGORIES, NO_CATEGORIES)
    answer(web, VIDEOS, NO_VIDEOS)
    for _ in range(3):
        with pytest.raises(QuotaSpent) as caught:
            project.search()
        assert (caught.value.bucket, caught.value.resets_at) == ("youtube.search", RESET)
    assert project.poll().outcome is Outcome.COMPLETE
    assert len(web.calls) == 3


def test_spent_units_stop_units_alone(web: responses.RequestsMock, project: Project) -> None:
    answer(web, CATEGORIES, UNITS_SPENT, status=403)
    answer(web, SEARCH, NOTHING_FOUND)
    project.poll()
    project.search()
    allowance = project.quota().read(Bucket.YOUTUBE_SEARCH, TICK)
    assert (allowance.spent, allowance.left) == (1, SITE_LIMITS[Bucket.YOUTUBE_SEARCH].limit - 1)


def test_a_burst_closes_nothing(web: responses.RequestsMock, project: Project) -> None:
    answer(web, SEARCH, {"error": {"message": "slow down", "errors": [{"reason": "rateLimitExceeded"}]}}, status=429)
    answer(web, SEARCH, NOTHING_FOUND)
    with pytest.raises(Exception, match="too many requests"):
        project.search()
    project.search()
    assert project.quota().read(Bucket.YOUTUBE_SEARCH, TICK).closed_until is None


def test_calls_go_on_with_the_reset(web: responses.RequestsMock, project: Project) -> None:
    answer(web, CATEGORIES, UNITS_SPENT, status=403)
    project.poll()
    book = project.quota().book(Tally(), Bucket.YOUTUBE_UNITS)
    project.clock.set(RESET - timedelta(seconds=1))
    with pytest.raises(QuotaSpent):
        book()
    project.clock.set(RESET)
    book()
