"""A day of YouTube's searches as the schedule makes them: shared out fairly, and never one too many."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from requests import PreparedRequest
from tests.fakes.quota import MemorySpendBook, make_quota
from tests.unit.platforms.sites import BASE, DATE, Limits, make_access

from airtide.domain.clock import SetClock
from airtide.domain.errors import QuotaSpent
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.platforms.youtube.search import YouTubeSearch

MIDNIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
"""Of the Pacific coast."""
TURN = timedelta(minutes=15)


class Day:
    """One day of a project's searches."""

    def __init__(self, web: responses.RequestsMock) -> None:
        self.clock = SetClock(MIDNIGHT)
        self.book = MemorySpendBook()
        self.queries: list[dict[str, str]] = []
        web.add_callback("GET", f"{BASE}/youtube/v3/search", self._answer)

    def run(self, *, by_hand: bool = False, limit: int = 100, **limits: Any) -> int:
        """Search once at the clock's instant, in a process of its own; return the calls made."""
        before = len(self.queries)
        quota = make_quota(self.clock, self.book, {Bucket.YOUTUBE_SEARCH: limit})
        search = YouTubeSearch(make_access(), Limits(**{"search_pages": 1, **limits}), quota)
        list(search.find_live_ids(at=self.clock.now(), tally=Tally(), by_hand=by_hand))
        return len(self.queries) - before

    def run_all(self, *, turns: int = 96, **limits: Any) -> list[int]:
        """Search at every turn up to the reset; return the calls of each."""
        calls = []
        for _ in range(turns):
            calls.append(self.run(**limits))
            self.clock.set(self.clock.now() + TURN)
        return calls

    def _answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.queries.append(request.params)  # type: ignore[attr-defined]  # responses adds it
        page = {"kind": "youtube#searchListResponse", "items": [], "nextPageToken": "more"}
        return 200, {"Date": DATE}, json.dumps(page)


@pytest.fixture
def day() -> Iterator[Day]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield Day(web)


def test_a_day_of_the_schedule_spends_ninety_of_a_hundred_evenly(day: Day) -> None:
    calls = day.run_all()
    assert sum(calls) == 90
    assert max(calls) == 1
    assert [sum(calls[start : start + 24]) for start in range(0, 96, 24)] == pytest.approx([22.5] * 4, abs=2)


def test_deep_searches_are_made_less_often_and_cost_no_more(day: Day) -> None:
    calls = day.run_all(search_pages=4)
    assert set(calls) == {0, 4}
    assert 84 <= sum(calls) <= 90


def test_searches_take_turns_over_orders_words_languages_categories_and_regions(day: Day) -> None:
    day.run_all(search_queries=("", "esports"), search_languages=("ko",), search_category_ids=("20",))
    asked = Counter((query["order"], query["regionCode"], query.get("q")) for query in day.queries)
    assert len(asked) == 8
    assert min(asked.values()) >= 9
    assert {(query["relevanceLanguage"], query["videoCategoryId"]) for query in day.queries} == {("ko", "20")}
    assert {query["maxResults"] for query in day.queries} == {"50"}


def test_what_is_left_over_from_the_schedule_is_for_runs_by_hand(day: Day) -> None:
    day.run_all()
    day.clock.set(MIDNIGHT + timedelta(hours=23, minutes=59))
    assert day.run() == 0
    assert [day.run(by_hand=True) for _ in range(10)] == [1] * 10
    with pytest.raises(QuotaSpent, match="100 of 100 are booked"):
        day.run(by_hand=True)
    assert len(day.queries) == 100


def test_runs_by_hand_in_the_morning_take_nothing_that_is_not_there_in_the_evening(day: Day) -> None:
    for _ in range(50):
        day.run(by_hand=True)
    assert sum(day.run_all()) + 50 == 90


def test_a_spent_day_is_told_and_costs_no_call(day: Day) -> None:
    for _ in range(3):
        day.run(by_hand=True, limit=3)
    with pytest.raises(QuotaSpent):
        day.run(limit=3)
    assert len(day.queries) == 3


def test_a_run_by_hand_reads_only_as_many_pages_as_are_left(day: Day) -> None:
    day.run(by_hand=True, limit=3, search_pages=2)
    assert day.run(by_hand=True, limit=3, search_pages=2) == 1
