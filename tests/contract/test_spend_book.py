"""What every book of daily spend promises, held by the fake in memory and by the warehouse."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import pytest
from tests.fakes.quota import PACIFIC, MemorySpendBook
from tests.services import Warehouse, free_port

from airtide.domain.errors import PartUnreachable
from airtide.domain.quota import Bucket, BucketLimit, QuotaPeriod
from airtide.platforms.quota import SpendBook
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.quota_spend import KEPT_FOR, WarehouseSpendBook

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = BucketLimit(100, "day", PACIFIC)
TODAY = DAY.find_period(NOW)
TOMORROW = DAY.find_period(TODAY.resets_at)
UNITS = Bucket.YOUTUBE_UNITS
POLLERS = 2
THREADS_OF_A_POLLER = 3
HAMMERED_LIMIT = 500


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def book(request: pytest.FixtureRequest) -> Iterator[SpendBook]:
    """Each book in turn, empty."""
    if request.param == "memory":
        yield MemorySpendBook()
        return
    warehouse: Warehouse = request.getfixturevalue("warehouse")
    with closing(WarehouseSpendBook(lambda: warehouse.address)) as spend_book:
        yield spend_book


def draw(book: SpendBook, cost: int, period: QuotaPeriod = TODAY, bucket: Bucket = UNITS, limit: int = 10) -> bool:
    return book.book(bucket, period, cost=cost, limit=limit, at=NOW)


def test_nothing_is_spent_where_nothing_was_drawn(book: SpendBook) -> None:
    assert book.read_spent(UNITS, TODAY) == (0, False)


def test_a_draw_that_would_pass_the_limit_takes_nothing(book: SpendBook) -> None:
    assert draw(book, 7)
    assert not draw(book, 4)
    assert book.read_spent(UNITS, TODAY) == (7, False)
    assert draw(book, 3)
    assert not draw(book, 1)
    assert book.read_spent(UNITS, TODAY) == (10, False)


def test_a_first_draw_dearer_than_the_whole_limit_takes_nothing(book: SpendBook) -> None:
    assert not draw(book, 11)
    assert book.read_spent(UNITS, TODAY) == (0, False)


def test_a_limit_that_was_lowered_holds_at_once_and_a_raised_one_too(book: SpendBook) -> None:
    assert draw(book, 8)
    assert not draw(book, 1, limit=5)
    assert draw(book, 4, limit=12)


def test_each_bucket_and_each_day_has_its_own(book: SpendBook) -> None:
    assert draw(book, 10)
    assert draw(book, 10, bucket=Bucket.YOUTUBE_SEARCH)
    assert draw(book, 10, period=TOMORROW)
    assert book.read_spent(Bucket.YOUTUBE_SEARCH, TOMORROW) == (0, False)


@pytest.mark.parametrize("drawn", [0, 3])
def test_a_closed_bucket_gives_nothing_more_in_its_day(book: SpendBook, drawn: int) -> None:
    if drawn:
        assert draw(book, drawn)
    for _ in range(2):
        book.close_bucket(UNITS, TODAY, at=NOW)
    assert not draw(book, 1)
    assert book.read_spent(UNITS, TODAY) == (drawn, True)
    assert draw(book, 1, bucket=Bucket.YOUTUBE_SEARCH)
    assert draw(book, 1, period=TOMORROW)


def draw_until_refused(address: PostgresAddress) -> int:
    """Draw one by one over a connection of its own and return how often that went well."""
    with closing(WarehouseSpendBook(lambda: address)) as book:
        drawn = 0
        while draw(book, 1, limit=HAMMERED_LIMIT):
            drawn += 1
        return drawn


def wait_for_others(barrier: Barrier) -> None:
    """Let each process of a pool begin its work when all are there: one alone would have drawn everything by then."""
    barrier.wait()


def poll_until_refused(address: PostgresAddress) -> int:
    """Draw in several threads; runs in a process of its own."""
    with ThreadPoolExecutor(THREADS_OF_A_POLLER) as pool:
        return sum(pool.map(draw_until_refused, [address] * THREADS_OF_A_POLLER))


def test_pollers_at_once_never_draw_one_unit_more_than_there_is(warehouse: Warehouse) -> None:
    spawning = multiprocessing.get_context("spawn")
    begin = (spawning.Barrier(POLLERS),)
    with ProcessPoolExecutor(POLLERS, spawning, initializer=wait_for_others, initargs=begin) as pool:
        drawn = list(pool.map(poll_until_refused, [warehouse.address] * POLLERS))
    assert sum(drawn) == HAMMERED_LIMIT
    assert min(drawn) > 0
    with closing(WarehouseSpendBook(lambda: warehouse.address)) as book:
        assert book.read_spent(UNITS, TODAY) == (HAMMERED_LIMIT, False)


def test_days_long_over_go_with_the_next_draw_and_no_other_buckets(warehouse: Warehouse) -> None:
    over = DAY.find_period(NOW - KEPT_FOR - timedelta(days=2))
    kept = DAY.find_period(NOW - KEPT_FOR)
    with closing(WarehouseSpendBook(lambda: warehouse.address)) as book:
        for period in (over, kept):
            for bucket in (UNITS, Bucket.YOUTUBE_SEARCH):
                book.book(bucket, period, cost=1, limit=1, at=period.starts_at)
        draw(book, 1)
    with connect(warehouse.address, Role.READER) as connection:
        left = connection.execute("SELECT bucket, starts_at FROM ingest.quota_spend").fetchall()
    assert sorted(left) == sorted(
        [
            ("youtube.search", over.starts_at),
            ("youtube.search", kept.starts_at),
            ("youtube.units", kept.starts_at),
            ("youtube.units", TODAY.starts_at),
        ]
    )


@pytest.mark.integration
def test_a_warehouse_that_is_down_is_unreachable(warehouse: Warehouse) -> None:
    book = WarehouseSpendBook(lambda: replace(warehouse.address, port=free_port()))
    with pytest.raises(PartUnreachable, match="PostgreSQL"):
        draw(book, 1)


@pytest.mark.integration
def test_a_connection_that_died_is_opened_anew_at_the_next_call(warehouse: Warehouse) -> None:
    with closing(WarehouseSpendBook(lambda: warehouse.address)) as book:
        assert draw(book, 1)
        with connect(warehouse.superuser, None) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'airtide'")
        with pytest.raises(PartUnreachable):
            draw(book, 1)
        assert draw(book, 1)
        assert book.read_spent(UNITS, TODAY) == (2, False)
