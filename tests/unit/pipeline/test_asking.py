"""Asking by id on fakes: who is asked for within the allowance, and what the answers make of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.fakes.polling import TICK, CollectingSink, MemoryCandidates, MemorySource, make_snapshot
from tests.fakes.quota import MemorySpendBook, make_quota

from airtide.domain.candidates import Candidate
from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable, QuotaSpent
from airtide.domain.models import Outcome, Platform, Scope, Snapshot
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.domain.volatility import Motion
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform

SITE = Platform.YOUTUBE
RESET = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def make_asking(candidates: MemoryCandidates, *, units: int = 10_000, **changes: float) -> Asking:
    """Return questions on an allowance of `units`."""
    quota = make_quota(SetClock(TICK), MemorySpendBook(), {Bucket.YOUTUBE_UNITS: units})
    return Asking(candidates, lambda at: quota.read(Bucket.YOUTUBE_UNITS, at), **changes)  # type: ignore[arg-type]


def make_source(*broadcast_ids: str, **changes: object) -> MemorySource:
    page = [make_snapshot(one) for one in broadcast_ids]
    values = {"platform": SITE, "scope": Scope.BY_ID, "id_capacity": 5_000, **changes}
    return MemorySource([page], **values)  # type: ignore[arg-type]


def known(*broadcast_ids: str) -> MemoryCandidates:
    candidates = MemoryCandidates()
    candidates.add_ids(SITE, broadcast_ids, found_at=TICK)
    return candidates


def note(candidates: MemoryCandidates, tally: Tally, snapshots: Sequence[Snapshot] = ()) -> Candidate:
    """Plan and note one sweep; return the only candidate that is left."""
    asking = make_asking(candidates)
    asking.plan(make_source(), TICK)
    asking.note(SITE, snapshots, tally, TICK)
    [one] = candidates.read_candidates(SITE, due_until=TICK + timedelta(days=99))
    return one


def test_a_spent_quota_is_a_gap_on_record_that_names_the_reset() -> None:
    sink = CollectingSink()
    asking = make_asking(known("a"), units=0)
    with pytest.raises(QuotaSpent, match="spent until 2026-11-21T08:00:00Z; nobody was asked for") as caught:
        poll_platform(make_source("a"), sink, SetClock(TICK), tick=TICK, asking=asking)
    assert (caught.value.bucket, caught.value.resets_at) == ("youtube.units", RESET)
    assert [one.outcome for one in sink.sweeps] == [Outcome.FAILED]


def test_a_spent_quota_that_nobody_needs_is_no_failure() -> None:
    assert make_asking(MemoryCandidates(), units=0).plan(make_source(), TICK) == {}


def test_a_ledger_that_does_not_answer_fails_the_sweep() -> None:
    book = MemorySpendBook(raises=PartUnreachable("PostgreSQL"))
    quota = make_quota(SetClock(TICK), book)
    asking = Asking(known("a"), lambda at: quota.read(Bucket.YOUTUBE_UNITS, at))
    with pytest.raises(PartUnreachable, match="PostgreSQL"):
        asking.plan(make_source("a"), TICK)


def test_units_are_spent_evenly_until_the_reset() -> None:
    # 20 hours are left, 240 ticks
    candidates = known(*(f"v{number:04}" for number in range(500)))
    assert len(make_asking(candidates, units=480).plan(make_source(), TICK)) <= 4 * 50
    assert len(make_asking(candidates, units=2400).plan(make_source(), TICK)) == 500


def test_calls_that_cost_more_are_fewer() -> None:
    candidates = known(*(f"v{number:04}" for number in range(500)))
    dear = make_asking(candidates, units=2400, call_cost=5)
    assert len(dear.plan(make_source(), TICK)) <= 4 * 50
    with pytest.raises(QuotaSpent):
        make_asking(candidates, units=4, call_cost=5).plan(make_source(), TICK)


def test_too_many_for_the_units_are_told_and_asked_for_in_turn(caplog: pytest.LogCaptureFixture) -> None:
    candidates = known(*(f"v{number:04}" for number in range(900)))
    with caplog.at_level(logging.WARNING):
        make_asking(candidates, units=300).plan(make_source(), TICK)
    assert "units do not suffice to ask for each of 900 broadcasts within 30 min" in caplog.text


def test_the_promise_stands_in_the_snapshot_and_is_when_it_is_due_again() -> None:
    candidates, sink = known("a"), CollectingSink()
    poll_platform(make_source("a"), sink, SetClock(TICK), tick=TICK, asking=make_asking(candidates))
    [snapshot] = sink.published
    [one] = candidates.read_candidates(SITE, due_until=TICK + timedelta(hours=1))
    assert isinstance(snapshot, Snapshot)
    assert one.due_at == TICK + timedelta(seconds=snapshot.cadence_s) == TICK + timedelta(minutes=5)
    assert one.motion == Motion(volatility=pytest.approx(0.21), viewers=7, counted_at=TICK)


def test_a_hidden_count_leaves_the_motion_as_it_was() -> None:
    candidates = known("a")
    motion = Motion(volatility=9, viewers=90, counted_at=TICK - timedelta(minutes=5))
    candidates.known[SITE, "a"] = replace(candidates.known[SITE, "a"], motion=motion)
    one = note(candidates, Tally(), [make_snapshot("a", viewers=None)])
    assert (one.motion, one.asked_at, one.is_resting) == (motion, TICK, False)


def test_what_is_missing_is_asked_for_rarely() -> None:
    one = note(known("a"), Tally(absent=["a"]))
    assert (one.due_at, one.is_resting) == (TICK + timedelta(minutes=15), True)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (timedelta(minutes=12), timedelta(minutes=12)),
        (timedelta(days=400), timedelta(hours=6)),
        (timedelta(minutes=-3), timedelta(minutes=15)),
    ],
    ids=["soon", "in a year", "late"],
)
def test_an_announced_broadcast_is_asked_for_at_its_start(start: timedelta, due: timedelta) -> None:
    one = note(known("a"), Tally(not_live=["a"], announced={"a": TICK + start}))
    assert (one.due_at, one.is_resting) == (TICK + due, True)


def test_a_plain_video_is_never_asked_for_again() -> None:
    candidates = known("a", "b")
    one = note(candidates, Tally(not_live=["a"], never_live=["a"], absent=["b"]))
    assert one.broadcast_id == "b"
    assert candidates.add_ids(SITE, ["a"], found_at=TICK) == 0


def test_ids_of_a_page_that_failed_stay_due() -> None:
    one = note(known("a"), Tally())
    assert (one.due_at, one.asked_at) == (TICK, None)


def test_an_answer_for_somebody_who_was_not_asked_for_is_left_alone() -> None:
    candidates = known("a")
    note(candidates, Tally(absent=["stranger"]), [make_snapshot("another")])
    assert list(candidates.known) == [(SITE, "a")]


def test_two_polls_at_once_never_draw_more_than_there_is() -> None:
    # both plan by the same allowance before either draws, at each of the last ten ticks of the day
    book, candidates = MemorySpendBook(), known(*(f"v{number:04}" for number in range(400)))
    drawn = refused = 0
    for number in range(10):
        clock = SetClock(RESET - timedelta(minutes=5 * (10 - number)))
        quota = make_quota(clock, book, {Bucket.YOUTUBE_UNITS: 45})
        polls = [Asking(candidates, partial(quota.read, Bucket.YOUTUBE_UNITS)) for _ in range(2)]
        for asked in [list(poll.plan(make_source(), clock.now())) for poll in polls if drawn < 45]:
            for _ in range(-(-len(asked) // 50)):
                try:
                    quota.book(Tally(), Bucket.YOUTUBE_UNITS)()
                    drawn += 1
                except QuotaSpent:
                    refused += 1
    assert (drawn, refused > 0) == (45, True)
