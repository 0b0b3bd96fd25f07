"""Compaction of the objects that landings wrote, in memory and on S3: each message stays in one listed object."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from tempfile import TemporaryFile

import pyarrow.parquet as pq
import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.objects import MemoryObjects
from tests.fakes.observations import TICK, make_batch, make_snapshot, make_sweep

from airtide.domain.batches import SNAPSHOTS, SWEEPS
from airtide.domain.clock import SetClock
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.compacting import Compactor, read_ranges
from airtide.lake.lake import SnapshotLake
from airtide.lake.parquet import digest_rows
from airtide.lake.s3_store import S3Store
from airtide.lake.stores import ObjectStore
from airtide.pipeline.compact import compact_lake

POLLED = Platform.CHZZK
CADENCE = timedelta(minutes=5)
DAY = "2026-01-31"
NEXT_DAY = TICK + timedelta(days=1)


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    if request.param == "memory":
        return MemoryStore()
    return S3Store(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


class Day:
    """A day's landings, and what the ledger lists of them."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.lake = SnapshotLake(store)
        self.ledger = MemoryObjects()
        self.clock = SetClock(NEXT_DAY)
        self.broker = MemoryBroker([POLLED])

    def land(self, *ticks: int) -> None:
        """Land each tick as a batch of its own."""
        log, sink = MemoryLog(self.broker), MemorySink(self.broker)
        for number in ticks:
            tick = TICK + number * CADENCE
            before = log.describe_topics(POLLED)
            snapshots = [make_snapshot(f"b{n}", sampled_at=tick, viewers=number) for n in range(12)]
            sink.publish_snapshots(POLLED, [*snapshots, make_snapshot("gone", sampled_at=tick, ended_at=tick)])
            sink.publish_sweep(make_sweep(sweep_id=f"s{number}", sampled_at=tick))
            batch = make_batch(before, log.describe_topics(POLLED))
            read = log.read_batch(batch)
            self.ledger.list_objects(*self.lake.write_snapshots(batch, read.snapshots))
            self.ledger.list_objects(*self.lake.write_sweeps(batch, read.sweeps))

    def compact(self, compactor: Compactor | None = None):
        return compact_lake(
            [POLLED],
            lake=compactor or Compactor(self.store, rows_at_once=20),
            ledger=self.ledger,
            clock=self.clock,
            closed_after=timedelta(hours=2),
        )

    def messages(self, kind: str = SNAPSHOTS) -> Counter[tuple[object, ...]]:
        """Return how often each message stands in the listed objects, with the topic id that these tell of it."""
        counted: Counter[tuple[object, ...]] = Counter()
        for stored in self.ledger.counting():
            if stored.kind == kind:
                told, rows = read_object(self.store, stored.object_key)
                counted.update((find_topic_id(told, row), *map(str, row.values())) for row in rows)
        return counted


def read_object(store: ObjectStore, key: str):
    with TemporaryFile() as file:
        store.copy_to(key, file)
        parquet = pq.ParquetFile(file)
        return read_ranges(parquet), parquet.read().to_pylist()


def find_topic_id(told, row) -> str:
    [topic_id] = {
        entry["topic_id"]
        for entry in told
        for part in entry["ranges"]
        if part["topic_partition"] == row["topic_partition"]
        and part["start_offset"] <= row["record_offset"] < part["end_offset"]
    }
    return topic_id


@pytest.fixture
def day(store: ObjectStore) -> Day:
    return Day(store)


def test_a_day_becomes_one_object_of_each_kind_that_holds_every_message_once(day):
    day.land(*range(6), 20)
    before = {kind: day.messages(kind) for kind in (SNAPSHOTS, SWEEPS)}
    outcome = day.compact()
    assert sorted((o.kind, o.hour, o.rows) for o in day.ledger.counting()) == [
        ("snapshots", None, 91),
        ("sweeps", None, 7),
    ]
    assert {kind: day.messages(kind) for kind in (SNAPSHOTS, SWEEPS)} == before
    assert set(before[SNAPSHOTS].values()) == {1}
    assert (outcome.objects_before, outcome.objects_after, outcome.rows, outcome.overtaken) == (14, 2, 98, 0)


def test_rows_are_sorted_by_broadcast_and_time_over_all_row_groups(day):
    day.land(*random.Random(3).sample(range(40), 9))
    day.compact()
    [compacted] = [stored for stored in day.ledger.counting() if stored.kind == SNAPSHOTS]
    with TemporaryFile() as file:
        day.store.copy_to(compacted.object_key, file)
        parquet = pq.ParquetFile(file)
        assert parquet.num_row_groups > 1
        table = parquet.read()
        assert compacted.sha256 == digest_rows(table)
        rows = table.to_pylist()
    order = [
        (hash_id(POLLED, r["broadcast_id"]), r["sampled_at"], r["topic_partition"], r["record_offset"]) for r in rows
    ]
    assert order == sorted(order)
    assert (compacted.min_sampled_at, compacted.max_sampled_at) == (
        min(r["sampled_at"] for r in rows),
        max(r["sampled_at"] for r in rows),
    )


def test_compacting_again_finds_nothing_to_do(day):
    day.land(0, 1)
    day.compact()
    assert day.compact().to_dict() == dict.fromkeys(day.compact().to_dict(), 0)


def test_what_lands_late_is_merged_by_the_next_run(day):
    day.land(0, 1, 2)
    day.compact()
    day.land(3)
    before = day.messages()
    outcome = day.compact()
    assert day.messages() == before
    assert len(day.ledger.counting()) == 2
    assert outcome.objects_before == 4
    [compacted] = [stored for stored in day.ledger.counting() if stored.kind == SNAPSHOTS]
    told, _ = read_object(day.store, compacted.object_key)
    assert len(told) == 4


def test_a_topic_that_was_made_anew_has_an_object_of_its_own(day):
    day.land(0, 1)
    day.broker.make_topics(POLLED)
    day.land(2, 3)
    before = day.messages()
    day.compact()
    assert day.messages() == before
    assert sorted(stored.kind for stored in day.ledger.counting()) == [SNAPSHOTS, SNAPSHOTS, SWEEPS, SWEEPS]
    assert day.compact().objects_after == 0


def test_a_crash_before_the_swap_leaves_the_small_objects_and_the_next_run_writes_the_same(day):
    day.land(0, 1, 2)
    before = day.messages()
    listed = day.ledger.list_day(POLLED, TICK.date(), SNAPSHOTS)
    [written] = Compactor(day.store).compact(POLLED, DAY, SNAPSHOTS, listed)
    assert day.messages() == before
    [again] = Compactor(day.store).compact(POLLED, DAY, SNAPSHOTS, list(reversed(listed)))
    assert again.compacted == written.compacted
    day.compact(Compactor(day.store))
    assert written.compacted in day.ledger.counting()
    assert day.messages() == before


def test_objects_that_something_else_replaced_meanwhile_are_left_alone(day):
    day.land(0, 1, 2)
    before = day.messages()

    class Overtaken(Compactor):
        def compact(self, platform, day_, kind, listed: Sequence):
            made = super().compact(platform, day_, kind, listed)
            assert day.ledger.swap(made[0], now=NEXT_DAY)
            return made

    outcome = day.compact(Overtaken(day.store))
    assert (outcome.overtaken, outcome.objects_after) == (2, 0)
    assert day.messages() == before


def test_replaced_objects_are_still_there_for_who_listed_them_before(day):
    day.land(0, 1)
    listed = day.ledger.counting()
    day.compact()
    for stored in listed:
        _, rows = read_object(day.store, stored.object_key)
        assert len(rows) == stored.rows


@pytest.mark.parametrize(
    "now",
    [TICK + timedelta(hours=13, minutes=59), TICK + timedelta(days=29, hours=12, milliseconds=1)],
    ids=["the day is not over for long enough", "its first samples have begun to expire"],
)
def test_a_day_that_is_open_or_sealed_is_left_alone(day, now):
    day.land(0, 1)
    day.clock.set(now)
    assert day.compact().objects_after == 0


def test_what_lives_too_short_is_left_by_the_hour(day):
    day.land(0, 1)
    day.ledger.raw_age = timedelta(days=2)
    assert day.compact().objects_after == 0


def test_a_file_tells_the_ranges_of_all_that_it_replaced(day):
    day.land(0, 1)
    told_before = [
        entry
        for stored in day.ledger.counting()
        if stored.kind == SNAPSHOTS
        for entry in read_object(day.store, stored.object_key)[0]
    ]
    day.compact()
    [compacted] = [stored for stored in day.ledger.counting() if stored.kind == SNAPSHOTS]
    told, _ = read_object(day.store, compacted.object_key)
    assert sorted(map(json.dumps, told)) == sorted(json.dumps(entry, sort_keys=True) for entry in told_before)
