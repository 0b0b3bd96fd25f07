"""How a landing stands is told, and whatever goes wrong with that changes nothing of the landing."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from tests.fakes.landing_book import MemoryLandingBook
from tests.fakes.observations import TICK

from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable, TooManyBadRecords
from airtide.domain.lags import PartitionLag
from airtide.domain.models import Platform
from airtide.pipeline.land import LandingOutcome, LandingStatus
from airtide.pipeline.watch_landing import Watch, watch_landing

SOOP = Platform.SOOP
LANDED = LandingOutcome(platform=SOOP, status=LandingStatus.LANDED, batches=2, messages=500, samples=400)


def lag(number: int, next_offset: int, end_offset: int, waits_s: float | None = None) -> PartitionLag:
    return PartitionLag(
        topic="airtide.snapshots.soop.v1",
        topic_partition=number,
        low_offset=0,
        next_offset=next_offset,
        end_offset=end_offset,
        waiting_since=None if waits_s is None else TICK - timedelta(seconds=waits_s),
    )


class Watched:
    """A landing that takes five seconds, and who learns of it."""

    def __init__(self) -> None:
        self.clock = SetClock(TICK)
        self.book = MemoryLandingBook()
        self.told = []
        self.lags: list[PartitionLag] | Exception = [lag(0, 5, 9, waits_s=30), lag(1, 7, 7)]

    def land(self, ends: LandingOutcome | BaseException = LANDED) -> LandingOutcome:
        def run() -> LandingOutcome:
            self.clock.sleep(5)
            if isinstance(ends, BaseException):
                raise ends
            return ends

        def measure(_platform: Platform) -> list[PartitionLag]:
            if isinstance(self.lags, Exception):
                raise self.lags
            return self.lags

        watch = Watch(measure=measure, book=self.book, tell=self.told.append, clock=self.clock)
        return watch_landing(SOOP, run, watch)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_failure_is_on_record_with_what_waits_and_is_raised_as_it_was(watched):
    failure = TooManyBadRecords("batch 7 of soop: the first is not_json")
    with pytest.raises(TooManyBadRecords) as caught:
        watched.land(failure)
    assert caught.value is failure
    landing = watched.book.landing(SOOP)
    assert (landing.error, landing.lag_messages, landing.landed_at) == (str(failure), 4, None)
    assert [figures.error for figures in watched.told] == [str(failure)]


def test_a_warehouse_that_is_down_hides_no_failure(watched, caplog):
    watched.book.failure = PartUnreachable("PostgreSQL does not answer")
    watched.lags = PartUnreachable("PostgreSQL does not answer either")
    with pytest.raises(PartUnreachable, match=r"^Kafka does not answer$"):
        watched.land(PartUnreachable("Kafka does not answer"))
    assert "figures platform=soop are not on record: PostgreSQL does not answer" in caplog.text
    assert "lag platform=soop is not known: PostgreSQL does not answer either" in caplog.text


def test_an_error_that_nobody_foresaw_shows_its_kind_and_not_what_it_holds(watched):
    with pytest.raises(ValueError, match="secret"):
        watched.land(ValueError("password=secret"))
    assert watched.book.landing(SOOP).error == "ValueError: see the task's log"


def test_what_ends_the_process_asks_nobody_any_more(watched):
    with pytest.raises(KeyboardInterrupt):
        watched.land(KeyboardInterrupt())
    assert (watched.told, watched.book.landing(SOOP)) == ([], None)


def test_metrics_that_fail_fail_no_landing(watched, caplog):
    class Broken:
        def append(self, _figures: object) -> None:
            raise OSError("no route to 10.0.0.7")

    watched.told = Broken()
    assert watched.land() is LANDED
    assert watched.book.landing(SOOP).messages == 500
    assert "OSError" in caplog.text


def test_figures_are_told_in_one_line_with_keys(watched, caplog):
    caplog.set_level(logging.INFO)
    assert watched.land() is LANDED
    assert [record.getMessage() for record in caplog.records] == [
        "stands platform=soop status=landed batches=2 messages=500 samples=400 seconds=5.0 messages_per_s=100 "
        "lag_messages=4 lag_s=35"
    ]
    [figures] = watched.told
    assert (figures.messages_per_s, figures.lag_messages, figures.lag_s) == (100, 4, 35)


def test_lag_that_cannot_be_measured_is_unknown_and_not_none(watched, caplog):
    caplog.set_level(logging.INFO)
    watched.lags = PartUnreachable("Kafka does not answer")
    watched.land()
    assert watched.told[0].lag_messages is None
    assert "lag_messages=unknown lag_s=unknown" in caplog.text


def test_an_idle_run_has_no_rate(watched):
    watched.lags = []
    watched.land(LandingOutcome(platform=SOOP, status=LandingStatus.NOTHING_TO_LAND))
    assert (watched.told[0].messages_per_s, watched.told[0].lag_s) == (None, 0)
