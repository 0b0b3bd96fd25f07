"""What every store of candidates promises, held by the fake in memory and by the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.polling import MemoryCandidates
from tests.services import Warehouse, free_port

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
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


def read_due(candidates: CandidateStore, at: datetime = NEXT, limit: int = 9) -> list[str]:
    return list(candidates.read_due_ids(SITE, at=at, limit=limit))


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


def test_those_asked_longest_ago_come_first(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b", "c"], found_at=TICK)
    candidates.note_answers(SITE, asked_at=NEXT, live=["a"], ended={}, missing=[])
    candidates.note_answers(SITE, asked_at=TICK, live=["b"], ended={}, missing=[])
    assert read_due(candidates) == ["c", "b", "a"]
    assert read_due(candidates, limit=2) == ["c", "b"]


def test_what_has_ended_is_not_asked_for_again_even_when_found_again(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b"], found_at=TICK)
    for _ in range(2):
        candidates.note_answers(SITE, asked_at=TICK, live=["b"], ended={"a": TICK}, missing=[])
    assert candidates.add_ids(SITE, ["a"], found_at=NEXT) == 0
    assert read_due(candidates) == ["b"]


def test_what_is_missing_is_asked_for_again_for_an_hour(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a", "b"], found_at=TICK)
    later = TICK + timedelta(minutes=40)
    candidates.note_answers(SITE, asked_at=later, live=["b"], ended={}, missing=["a"])
    candidates.note_answers(SITE, asked_at=TICK + timedelta(minutes=60), live=[], ended={}, missing=["a", "b"])
    assert sorted(read_due(candidates, at=later)) == ["a", "b"]
    candidates.note_answers(SITE, asked_at=TICK + timedelta(minutes=65), live=[], ended={}, missing=["a", "b"])
    assert read_due(candidates, at=later) == ["b"]


def test_what_was_forgotten_can_be_found_anew(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    later = TICK + timedelta(hours=2)
    candidates.note_answers(SITE, asked_at=later, live=[], ended={}, missing=["a"])
    assert candidates.add_ids(SITE, ["a"], found_at=later) == 1
    assert read_due(candidates, at=later) == ["a"]


def test_an_end_is_forgotten_after_a_day(candidates: CandidateStore) -> None:
    candidates.add_ids(SITE, ["a"], found_at=TICK)
    candidates.note_answers(SITE, asked_at=TICK, live=[], ended={"a": TICK}, missing=[])
    later = TICK + timedelta(hours=25)
    candidates.note_answers(SITE, asked_at=later, live=[], ended={}, missing=[])
    assert candidates.add_ids(SITE, ["a"], found_at=later) == 1


def test_answers_of_what_is_not_known_add_nothing(candidates: CandidateStore) -> None:
    candidates.note_answers(SITE, asked_at=TICK, live=["a"], ended={"b": TICK}, missing=["c"])
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
