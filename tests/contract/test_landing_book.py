"""What every `LandingBook` keeps of how landings went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.landing_book import MemoryLandingBook
from tests.fakes.observations import TICK

from airtide.domain.lags import LandingFigures, PartitionLag
from airtide.domain.models import Platform

MINUTE = timedelta(minutes=1)
LAG = PartitionLag(
    topic="airtide.snapshots.soop.v1",
    topic_partition=2,
    low_offset=5,
    next_offset=3,
    end_offset=10,
    waiting_since=TICK - MINUTE,
)
LANDED = LandingFigures(platform=Platform.SOOP, at=TICK, seconds=2.5, batches=2, messages=500, samples=400, lags=[LAG])
IDLE = LandingFigures(platform=Platform.SOOP, at=TICK + MINUTE, seconds=0.1, lags=[])
FAILED = LandingFigures(platform=Platform.SOOP, at=TICK + MINUTE, seconds=0.1, error="<b>bad</b>")


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def book(request: pytest.FixtureRequest) -> Iterator[tuple[object, Callable]]:
    """A book, and what can be read of one platform in it."""
    if request.param == "memory":
        memory = MemoryLandingBook()
        yield memory, memory.landing
        return
    from airtide.warehouse.connect import Role, connect
    from airtide.warehouse.landing_book import WarehouseLandingBook
    from airtide.warehouse.queries.collection import read_landings

    address = request.getfixturevalue("warehouse").address

    def read(platform):
        with connect(address, Role.READER) as connection:
            return next(iter(read_landings(connection, [platform])), None)

    yield WarehouseLandingBook(address), read


def test_an_error_stands_from_its_first_time_until_a_landing_ends_well(book):
    landings, read = book
    landings.note_landing(FAILED)
    landings.note_landing(replace(FAILED, at=TICK + 5 * MINUTE, error="worse"))
    assert (read(Platform.SOOP).error, read(Platform.SOOP).failing_since) == ("worse", TICK + MINUTE)
    landings.note_landing(replace(IDLE, at=TICK + 6 * MINUTE))
    assert (read(Platform.SOOP).error, read(Platform.SOOP).failing_since) == (None, None)
    landings.note_landing(replace(FAILED, at=TICK + 7 * MINUTE))
    assert read(Platform.SOOP).failing_since == TICK + 7 * MINUTE


def test_what_a_run_did_not_measure_or_land_stays_as_it_was(book):
    landings, read = book
    landings.note_landing(LANDED)
    before = read(Platform.SOOP)
    landings.note_landing(FAILED)
    assert read(Platform.SOOP) == replace(before, error="<b>bad</b>", failing_since=TICK + MINUTE)


def test_lag_and_rate_are_read_back(book):
    landings, read = book
    landings.note_landing(LANDED)
    landing = read(Platform.SOOP)
    assert (landing.lag_messages, landing.waiting_since, landing.messages_per_s) == (7, TICK - MINUTE, 200)
    assert (landing.landed_at, landing.batches, landing.samples) == (TICK, 2, 400)
    assert (landing.lags[0]["topic_partition"], landing.lags[0]["lost"]) == (2, 2)
    landings.note_landing(IDLE)
    landing = read(Platform.SOOP)
    assert (landing.lag_messages, landing.waiting_since, landing.landed_at) == (0, None, TICK)


def test_a_platform_whose_landing_has_never_run_has_no_figures(book):
    landings, read = book
    landings.note_landing(replace(FAILED, platform=Platform.KICK))
    assert read(Platform.SOOP) is None
    landing = read(Platform.KICK)
    assert (landing.lag_messages, landing.messages_per_s, landing.landed_at) == (None, None, None)
