"""Discovery on fakes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from tests.fakes.polling import TICK, MemoryCandidates

from airtide.domain.candidates import CandidateAnswer
from airtide.domain.clock import SetClock
from airtide.domain.errors import AirtideError, PartUnreachable, QuotaSpent
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.pipeline.discover import Discovery, discover


class MemorySearch:
    """Pages of ids, after which it may raise."""

    platform = Platform.YOUTUBE

    def __init__(self, *pages: Sequence[str], raises: AirtideError | None = None) -> None:
        self._pages = pages
        self._raises = raises

    def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
        """Yield the pages."""
        for page in self._pages:
            tally.requests += 1
            tally.spend["youtube.search"] = tally.spend.get("youtube.search", 0) + 1
            yield page
        if self._raises is not None:
            raise self._raises


def due_ids(candidates: MemoryCandidates) -> list[str]:
    return [one.broadcast_id for one in candidates.read_candidates(Platform.YOUTUBE, due_until=TICK)]


def test_pages_before_a_spent_quota_are_remembered_and_the_error_raised() -> None:
    candidates = MemoryCandidates()
    search = MemorySearch(["a", "b"], raises=QuotaSpent("spent", bucket="youtube.search"))
    with pytest.raises(QuotaSpent):
        discover([search], candidates, SetClock(TICK))
    assert due_ids(candidates) == ["a", "b"]


def test_a_warehouse_that_is_down_fails_the_search() -> None:
    class Down(MemoryCandidates):
        def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
            raise PartUnreachable("PostgreSQL")

    with pytest.raises(PartUnreachable):
        discover([MemorySearch(["a"])], Down(), SetClock(TICK))


def test_found_and_new_broadcasts_are_counted_apart() -> None:
    candidates = MemoryCandidates()
    candidates.add_ids(Platform.YOUTUBE, ["a"], found_at=TICK)
    assert discover([MemorySearch(["a", "b"], ["c"])], candidates, SetClock(TICK)) == Discovery(
        pages=2, found=3, new=2, failed_parts=0, requests=2, spend={"youtube.search": 2}
    )


def test_an_ended_broadcast_that_a_search_still_lists_is_not_asked_for_again() -> None:
    candidates = MemoryCandidates()
    candidates.add_ids(Platform.YOUTUBE, ["a"], found_at=TICK)
    answer = CandidateAnswer(broadcast_id="a", due_at=TICK, ended_at=TICK)
    candidates.note_answers(Platform.YOUTUBE, asked_at=TICK, answers=[answer])
    assert discover([MemorySearch(["a"])], candidates, SetClock(TICK)).new == 0
    assert due_ids(candidates) == []


def test_one_source_that_fails_does_not_keep_the_next_from_being_asked() -> None:
    candidates = MemoryCandidates()
    sources = [
        MemorySearch(raises=PartUnreachable("the first")),
        MemorySearch(["a"], raises=QuotaSpent("2", bucket="b")),
    ]
    with pytest.raises(PartUnreachable, match="the first"):
        discover(sources, candidates, SetClock(TICK))
    assert due_ids(candidates) == ["a"]


def test_parts_that_failed_are_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(MemorySearch):
        def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
            tally.failed_parts.append("the feed of channel UCx cannot be had: HTTP 404")
            yield ["a"]

    found = discover([Failing()], MemoryCandidates(), SetClock(TICK))
    assert (found.failed_parts, found.new) == (1, 1)
    assert "HTTP 404" in caplog.text


@pytest.mark.parametrize(
    ("turn_s", "by_hand", "read_s", "cut_s"),
    [(60, False, 40, 45), (300, False, 240, 255), (900, False, 480, 510), (60, True, 480, 510)],
)
def test_discovery_ends_before_its_next_turn_and_before_its_task_is_ended(
    turn_s: int, by_hand: bool, read_s: int, cut_s: int
) -> None:
    seen: list[Tally] = []

    class WatchedSearch(MemorySearch):
        def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
            seen.append(tally)
            return super().find_live_ids(at=at, tally=tally, by_hand=by_hand)

    began = time.monotonic()
    discover([WatchedSearch(["a"])], MemoryCandidates(), SetClock(TICK), turn_s=turn_s, by_hand=by_hand)
    assert seen[0].read_until == TICK + timedelta(seconds=read_s)
    assert seen[0].cut_at - began == pytest.approx(cut_s, abs=5)


def test_pages_found_when_the_time_is_over_are_remembered_and_no_further_one_is_asked_for() -> None:
    clock, candidates = SetClock(TICK), MemoryCandidates()

    class SlowSearch(MemorySearch):
        def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
            for page in super().find_live_ids(at=at, tally=tally, by_hand=by_hand):
                clock.sleep(130)
                yield page

    found = discover([SlowSearch(["a"], ["b"], ["c"])], candidates, clock, turn_s=300)
    remembered = candidates.read_candidates(Platform.YOUTUBE, due_until=clock.now())
    assert [one.broadcast_id for one in remembered] == ["a", "b"]
    assert (found.pages, found.requests, found.failed_parts) == (2, 2, 1)
