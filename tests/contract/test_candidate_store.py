"""What every store of candidates promises, held by the fake in memory and by the warehouse."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.polling import CollectingSink, MemoryCandidates, MemorySource
from tests.services import Warehouse, free_port

from airtide.domain.candidates import Candidate, CandidateAnswer
from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Outcome, Platform, Scope
from airtide.domain.volatility import Motion
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform
from airtide.pipeline.ports import CandidateStore
from airtide.warehouse.candidates import WarehouseCandidates
from airtide.warehouse.connect import connect

SITE = Platform.YOUTUBE
TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NEXT = TICK + timedelta(minutes=5)


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def candidates(request: pytest.FixtureRequest) -> Iterator[CandidateStore]:
    """Each store in turn, empty."""
    if request.param == "memory":
        yield MemoryCandidates()
        return
    warehouse: Warehouse = request.getfixturevalue("warehouse")
    with closing(WarehouseCandidates(warehouse.address)) as store:
        yield store


def read_due(candidates: CandidateStore, at: datetime = NEXT) -> list[str]:
    return [one.broadcast_id for one in candidates.read_candidates(SITE, due_until=at)]


def tell(
    candidates: CandidateStore,
    at: datetime,
    *,
    live: Sequence[str] = (),
    ended: Mapping[str, datetime] = {},
    missing: Sequence[str] = (),
    every: timedelta = timedelta(minutes=5),
) -> None:
    """Note the answers of one sweep; each is due again after `every`."""
    answers = [CandidateAnswer(broadcast_id=one, due_at=at + every, seen_at=at) for one in live]
    answers += [CandidateAnswer(broadcast_id=one, due_at=at, ended_at=ended_at) for one, ended_at in ended.items()]
    answers += [CandidateAnswer(broadcast_id=one, due_at=at + every, is_resting=True) for one in missing]
    candidates.note_answers(SITE, asked_at=at, answers=answers)


def test_nothing_is_due_where_nothing_is_known(candidates: CandidateStore) -> None:
    assert read_due(candidates) == []


def test_adding_counts_only_what_is_new(candidates: CandidateStore) -> None:
    assert candidates.add_ids(SITE, ["a", "b", "a"], found_at=TICK) == 2
    assert candidates.add_ids(SITE, ["b", "c"], found_at=NEXT) == 1
    assert candidates.add_ids(SITE, [], found_at=NEXT) == 0
    assert read_due(candidates) == ["a", "b", "c"]


def test_each_platform_has_its_own(candidates: CandidateStore) -> None:
    candidates.add_ids(Platform.KICK, ["a"], found_at=TICK)
    assert read_due(candidates) == []


def test_what_was_found_later_is_not_due_yet(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=NEXT)
    assert read_due(candidates, at=TICK) == []


def test_what_was_found_is_due_at_once_and_nothing_is_known_of_it(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    [one] = candidates.read_candidates(SITE, due_until=TICK)
    assert one == Candidate(broadcast_id="a", due_at=TICK, seen_at=TICK)
    assert not one.is_resting


def test_an_answer_is_kept_with_its_counts_and_its_next_turn(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    motion = Motion(volatility=12.5, viewers=400, counted_at=TICK)
    later = TICK + timedelta(minutes=25)
    answer = CandidateAnswer(broadcast_id="a", due_at=later, seen_at=NEXT, motion=motion)
    for _ in range(2):
        candidates.note_answers(SITE, asked_at=NEXT, answers=[answer])
    assert read_due(candidates, later - timedelta(seconds=1)) == []
    [one] = candidates.read_candidates(SITE, due_until=later)
    assert one == Candidate(broadcast_id="a", due_at=later, asked_at=NEXT, seen_at=NEXT, motion=motion)


def test_an_older_sweep_changes_nothing(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    tell(candidates, NEXT, live=["a"])
    tell(candidates, TICK, missing=["a"], every=timedelta(hours=5))
    [one] = candidates.read_candidates(SITE, due_until=NEXT + timedelta(minutes=5))
    assert (one.asked_at, one.is_resting) == (NEXT, False)


def test_what_is_not_told_live_rests(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["announced", "missing"], found_at=TICK)
    start = TICK + timedelta(hours=3)
    waiting = CandidateAnswer(broadcast_id="announced", due_at=start, seen_at=start, is_resting=True)
    missing = CandidateAnswer(broadcast_id="missing", due_at=NEXT, is_resting=True)
    candidates.note_answers(SITE, asked_at=TICK, answers=[waiting, missing])
    known = candidates.read_candidates(SITE, due_until=start)
    assert [(one.broadcast_id, one.due_at, one.is_resting) for one in known] == [
        ("announced", start, True),
        ("missing", NEXT, True),
    ]


def test_a_broadcast_that_was_announced_has_an_hour_from_its_start(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    start = TICK + timedelta(hours=3)
    answer = CandidateAnswer(broadcast_id="a", due_at=start, seen_at=start, is_resting=True)
    candidates.note_answers(SITE, asked_at=TICK, answers=[answer])
    tell(candidates, start + timedelta(minutes=60), missing=["a"])
    assert read_due(candidates, start + timedelta(minutes=65)) == ["a"]
    tell(candidates, start + timedelta(minutes=65), missing=["a"])
    assert read_due(candidates, start + timedelta(hours=9)) == []


def test_what_has_ended_is_not_asked_for_again_even_when_found_again(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b"], found_at=TICK)
    for _ in range(2):
        tell(candidates, TICK, live=["b"], ended={"a": TICK})
    assert candidates.add_ids(SITE, ["a"], found_at=NEXT) == 0
    assert read_due(candidates) == ["b"]


def test_what_is_missing_is_asked_for_again_for_an_hour(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b"], found_at=TICK)
    later = TICK + timedelta(minutes=40)
    tell(candidates, later, live=["b"], missing=["a"])
    tell(candidates, TICK + timedelta(minutes=60), missing=["a", "b"])
    assert read_due(candidates, at=TICK + timedelta(minutes=65)) == ["a", "b"]
    tell(candidates, TICK + timedelta(minutes=65), missing=["a", "b"])
    assert read_due(candidates, at=TICK + timedelta(minutes=70)) == ["b"]


def test_what_was_forgotten_can_be_found_anew(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    later = TICK + timedelta(hours=2)
    tell(candidates, later, missing=["a"])
    assert candidates.add_ids(SITE, ["a"], found_at=later) == 1
    assert read_due(candidates, at=later) == ["a"]


def test_an_end_is_forgotten_after_a_day(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    tell(candidates, TICK, ended={"a": TICK})
    later = TICK + timedelta(hours=25)
    tell(candidates, later)
    assert candidates.add_ids(SITE, ["a"], found_at=later) == 1


def test_an_end_is_remembered_as_long_as_the_broadcast_is_found_again(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b"], found_at=TICK)
    tell(candidates, TICK, ended={"a": TICK - timedelta(days=40), "b": TICK - timedelta(days=40)})
    assert candidates.add_ids(SITE, ["a"], found_at=TICK + timedelta(hours=20)) == 0
    tell(candidates, TICK + timedelta(hours=25))
    assert candidates.add_ids(SITE, ["a", "b"], found_at=TICK + timedelta(hours=26)) == 1
    assert read_due(candidates, TICK + timedelta(hours=26)) == ["b"]


def test_twenty_thousand_are_read_and_noted_at_once(candidates: CandidateStore) -> None:
    ids = [f"v{number:05}" for number in range(20_000)]
    candidates.add_ids(SITE, ids, found_at=TICK)
    tell(candidates, TICK, live=ids[:1700])
    assert len(read_due(candidates)) == 20_000


def test_answers_of_what_is_not_known_add_nothing(candidates: CandidateStore) -> None:
    tell(candidates, TICK, live=["a"], ended={"b": TICK}, missing=["c"])
    assert read_due(candidates) == []


@pytest.mark.integration
def test_a_warehouse_that_is_down_is_unreachable(warehouse: Warehouse) -> None:
    candidates = WarehouseCandidates(replace(warehouse.address, port=free_port()))
    with pytest.raises(PartUnreachable, match="PostgreSQL"):
        read_due(candidates)


@pytest.mark.integration
def test_a_connection_that_died_is_opened_anew_at_the_next_call(warehouse: Warehouse) -> None:
    with closing(WarehouseCandidates(warehouse.address)) as candidates:
        candidates.add_ids(SITE, ["a"], found_at=TICK)
        with connect(warehouse.superuser, None) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'airtide'")
        with pytest.raises(PartUnreachable):
            read_due(candidates)
        assert read_due(candidates) == ["a"]


@pytest.mark.integration
def test_a_warehouse_that_hangs_is_a_failed_sweep_on_record_within_seconds(warehouse: Warehouse) -> None:
    source, sink = MemorySource([[]], platform=SITE, scope=Scope.BY_ID), CollectingSink()
    with closing(WarehouseCandidates(warehouse.address)) as candidates:
        candidates.add_ids(SITE, ["a"], found_at=TICK)
        with connect(warehouse.superuser, None) as connection:
            (process,) = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'airtide ingest'"
            ).fetchone() or (0,)
        os.kill(process, signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(PartUnreachable, match="no answer within 6 s"):
                poll_platform(source, sink, SetClock(TICK), tick=TICK, asking=Asking(candidates))
        finally:
            os.kill(process, signal.SIGCONT)
        assert time.monotonic() - began < 30
    assert [one.outcome for one in sink.sweeps] == [Outcome.FAILED]
