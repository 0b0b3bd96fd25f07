"""What every `Lake` promises to a landing."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.observations import TICK, make_batch, make_snapshot, make_sweep

from airtide.domain.batches import Batch, ReadBatch
from airtide.domain.errors import ObjectConflict
from airtide.domain.models import Platform
from airtide.lake.lake import SnapshotLake
from airtide.lake.parquet import digest_rows
from airtide.lake.s3_store import S3Store
from airtide.lake.stores import ObjectStore

POLLED = Platform.CHZZK


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    if request.param == "memory":
        return MemoryStore()
    return S3Store(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


def read(*snapshots, sweeps=()) -> tuple[Batch, ReadBatch]:
    """Publish to a broker in memory and return the batch that holds it all, and its messages."""
    broker = MemoryBroker([POLLED])
    log, sink = MemoryLog(broker), MemorySink(broker)
    before = log.describe_topics(POLLED)
    sink.publish_snapshots(POLLED, snapshots)
    for sweep in sweeps:
        sink.publish_sweep(sweep)
    batch = make_batch(before, log.describe_topics(POLLED))
    return batch, log.read_batch(batch)


def test_no_rows_are_no_object(store):
    batch, messages = read()
    lake = SnapshotLake(store)
    assert [*lake.write_snapshots(batch, messages.snapshots), *lake.write_sweeps(batch, messages.sweeps)] == []
    assert list(store.list("")) == []


def test_a_batch_is_one_object_for_each_hour_it_touches(store):
    batch, messages = read(
        make_snapshot("b1"),
        make_snapshot("b2", sampled_at=TICK + timedelta(minutes=55)),
        make_snapshot("b3", sampled_at=TICK + timedelta(hours=12)),
        sweeps=[make_sweep(), make_sweep(sweep_id="later", sampled_at=TICK + timedelta(hours=12))],
    )
    lake = SnapshotLake(store)
    snapshots = lake.write_snapshots(batch, messages.snapshots)
    assert [(found.day, found.hour, found.rows) for found in snapshots] == [("2026-01-31", 12, 2), ("2026-02-01", 0, 1)]
    assert [found.min_sampled_at for found in snapshots] == [TICK, TICK + timedelta(hours=12)]
    assert [found.max_sampled_at for found in snapshots] == [
        TICK + timedelta(minutes=55),
        TICK + timedelta(hours=12),
    ]
    sweeps = lake.write_sweeps(batch, messages.sweeps)
    assert [(found.kind, found.day, found.hour, found.rows) for found in sweeps] == [
        ("sweeps", "2026-01-31", 12, 1),
        ("sweeps", "2026-02-01", 0, 1),
    ]
    assert {stored.key for stored in store.list("")} == {found.object_key for found in [*snapshots, *sweeps]}


def test_an_object_tells_the_truth_about_itself(store):
    batch, messages = read(make_snapshot("b1"), make_snapshot("b2"))
    [told] = SnapshotLake(store).write_snapshots(batch, messages.snapshots)
    body = store.get(told.object_key)
    table = pq.read_table(io.BytesIO(body))
    assert (told.rows, told.bytes, told.sha256) == (table.num_rows, len(body), digest_rows(table))
    ranges = json.loads(table.schema.metadata[b"airtide.ranges"])
    topic = ranges.pop("topic")
    assert [{"topic": topic, **part} for part in ranges["ranges"]] == [
        {
            "topic": part.topic,
            "topic_partition": part.topic_partition,
            "start_offset": part.start_offset,
            "end_offset": part.end_offset,
        }
        for part in batch.ranges
        if part.topic == topic
    ]


def test_writing_a_batch_again_is_the_same_write(store):
    batch, messages = read(make_snapshot("b1"), sweeps=[make_sweep()])
    lake = SnapshotLake(store)
    once = [*lake.write_snapshots(batch, messages.snapshots), *lake.write_sweeps(batch, messages.sweeps)]
    again = [*lake.write_snapshots(batch, messages.snapshots), *lake.write_sweeps(batch, messages.sweeps)]
    assert once == again
    assert len(list(store.list(""))) == 2


def test_other_rows_of_the_same_batch_are_refused(store):
    batch, messages = read(make_snapshot("b1"), make_snapshot("b2"))
    lake = SnapshotLake(store)
    lake.write_snapshots(batch, messages.snapshots)
    with pytest.raises(ObjectConflict):
        lake.write_snapshots(batch, messages.snapshots.take([0]))
