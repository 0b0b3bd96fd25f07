"""What an object tells an audit: whose messages its rows are, in small objects and in those of a whole day."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.observations import TICK, make_batch, make_snapshot, make_sweep

from airtide.bus.topics import snapshots_topic
from airtide.domain.audited import NONE, ListedObject, Place, Run
from airtide.domain.errors import ObjectConflict, ObjectMissing
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake import audit
from airtide.lake.audit import LakeAudit
from airtide.lake.lake import SnapshotLake
from airtide.lake.parquet import digest_rows, write_parquet

POLLED = Platform.CHZZK
SNAPSHOTS = snapshots_topic(POLLED)
EVER = TICK - timedelta(days=30)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def write(store: MemoryStore, *snapshots, sweeps=()) -> list[ListedObject]:
    """Land the messages of a broker of two partitions into objects, and return how they are listed."""
    broker = MemoryBroker([POLLED], snapshot_partitions=2)
    log, sink = MemoryLog(broker), MemorySink(broker)
    before = log.describe_topics(POLLED)
    sink.publish_snapshots(POLLED, snapshots)
    for sweep in sweeps:
        sink.publish_sweep(sweep)
    batch = make_batch(before, log.describe_topics(POLLED))
    read = log.read_batch(batch)
    lake = SnapshotLake(store)
    return [
        list_object(told.object_key, told.kind, told.rows, told.sha256)
        for told in [*lake.write_snapshots(batch, read.snapshots), *lake.write_sweeps(batch, read.sweeps)]
    ]


def list_object(key: str, kind: str, rows: int, sha256: str) -> ListedObject:
    return ListedObject(
        object_key=key,
        kind=kind,
        batch_id=1,
        starts_at=TICK,
        is_of_day=False,
        rows=rows,
        sha256=sha256,
        is_retired=False,
    )


def write_day(store: MemoryStore, parts: list[tuple[str, dict[int, int]]]) -> ListedObject:
    """Write the messages of several topic ids, a number of them in each partition, as one object of a day."""
    rows, ranges, start = [], [], 0
    [told] = write(store, make_snapshot("b1"))
    [row] = pq.read_table(io.BytesIO(store.get(told.object_key))).to_pylist()
    schema = pq.read_schema(io.BytesIO(store.get(told.object_key))).remove_metadata()
    for topic_id, counts in parts:
        slices = []
        for number, count in counts.items():
            rows += [{**row, "topic_partition": number, "record_offset": start + n} for n in range(count)]
            slices.append({"topic_partition": number, "start_offset": start, "end_offset": start + count})
        ranges.append({"topic": SNAPSHOTS, "topic_id": topic_id, "ranges": slices})
        start += max(counts.values())
    table = pa.Table.from_pylist(rows, schema=schema)
    sha256 = digest_rows(table)
    key = f"compacted/v1/platform={POLLED}/day=2026-01-31/d.parquet"
    store.put_if_absent(key, write_parquet(table, {"airtide.ranges": json.dumps(ranges)}), sha256=sha256)
    return list_object(key, "compacted", len(rows), sha256)


def test_an_object_that_is_gone_is_missing(store):
    [told] = write(store, make_snapshot())
    store.delete(told.object_key)
    with pytest.raises(ObjectMissing, match=re.escape(told.object_key)):
        LakeAudit(store).read_object(POLLED, told, from_at=EVER)


def test_rows_other_than_those_listed_are_a_conflict(store):
    [told] = write(store, make_snapshot())
    for key, rows, sha256, says in (
        (told.object_key, 2, told.sha256, "holds 1 rows, and is listed with 2"),
        (told.object_key, 1, "other", "listed with other"),
    ):
        with pytest.raises(ObjectConflict, match=says):
            LakeAudit(store).read_object(POLLED, list_object(key, "snapshots", rows, sha256), from_at=EVER)


@pytest.mark.parametrize("body", [b"", b"PAR1", b"no Parquet at all"], ids=["empty", "cut", "other"])
def test_what_is_no_parquet_is_a_conflict(store, body):
    store.put_if_absent("snapshots/x", body, sha256="d")
    with pytest.raises(ObjectConflict, match="cannot be read"):
        LakeAudit(store).read_object(POLLED, list_object("snapshots/x", "snapshots", 1, "d"), from_at=EVER)


def test_snapshots_are_told_with_their_places_and_those_with_an_end_are_no_samples(store):
    [told, _] = write(
        store,
        *(make_snapshot(f"b{n}", viewers=n or None) for n in range(6)),
        make_snapshot("b1", ended_at=TICK),
        sweeps=[make_sweep()],
    )
    held = LakeAudit(store).read_object(POLLED, told, from_at=EVER)
    assert sorted(held.places) == [Place(SNAPSHOTS, "topic-1", 0), Place(SNAPSHOTS, "topic-1", 1)]
    assert sum(run.end_offset - run.start_offset for _, run in held.runs) == 7
    assert dict(zip(held.samples.broadcast_key.tolist(), held.samples.viewers.tolist(), strict=True)) == {
        hash_id(POLLED, f"b{n}"): n or NONE for n in range(6)
    }


def test_an_object_of_very_many_rows_is_read_a_column_at_a_time_and_tells_the_same(store, monkeypatch):
    told = write_day(store, [("old", {0: 3, 1: 2})])
    at_once = LakeAudit(store).read_object(POLLED, told, from_at=EVER)
    monkeypatch.setattr(audit, "_WHOLE_UP_TO", 1)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.read", read_named_columns)
    by_column = LakeAudit(store).read_object(POLLED, told, from_at=EVER)
    assert (by_column.runs, by_column.places) == (at_once.runs, at_once.places)
    assert by_column.samples.record_offset.tolist() == at_once.samples.record_offset.tolist()


def read_named_columns(file, columns=None, read=pq.ParquetFile.read):
    assert columns is not None, "a large file is never read whole"
    return read(file, columns=columns)


def test_sweeps_have_places_and_no_samples(store):
    [told] = write(store, sweeps=[make_sweep(), make_sweep(sweep_id="second")])
    held = LakeAudit(store).read_object(POLLED, told, from_at=EVER)
    assert ([run for _, run in held.runs], held.samples) == ([Run(0, 2)], None)


def test_rows_before_the_audited_hours_are_left_out(store):
    [told] = write(store, make_snapshot("b1"), make_snapshot("b1", sampled_at=TICK + timedelta(minutes=30)))
    held = LakeAudit(store).read_object(POLLED, told, from_at=TICK + timedelta(minutes=1))
    assert ([run for _, run in held.runs], len(held.samples.viewers)) == ([Run(1, 2)], 1)


def test_each_row_of_a_day_is_of_the_topic_id_whose_range_holds_it(store):
    told = write_day(store, [("old", {0: 3, 1: 2}), ("new", {0: 2})])
    held = LakeAudit(store).read_object(POLLED, told, from_at=EVER)
    assert dict(held.runs) == {
        Place(SNAPSHOTS, "old", 0): Run(0, 3),
        Place(SNAPSHOTS, "old", 1): Run(0, 2),
        Place(SNAPSHOTS, "new", 0): Run(3, 5),
    }
    of_place = [held.places[number] for number in held.samples.place.tolist()]
    assert [(place.topic_id, place.topic_partition) for place in of_place] == [
        *[("old", 0)] * 3,
        *[("old", 1)] * 2,
        *[("new", 0)] * 2,
    ]


def test_a_row_outside_of_every_range_is_a_conflict(store):
    told = write_day(store, [("old", {0: 3})])
    body, sha256 = store.objects[told.object_key]
    table = pq.read_table(io.BytesIO(body)).replace_schema_metadata(None)
    ranges = [
        {"topic": SNAPSHOTS, "topic_id": "old", "ranges": [{"topic_partition": 0, "start_offset": 0, "end_offset": 2}]}
    ]
    store.objects[told.object_key] = (write_parquet(table, {"airtide.ranges": json.dumps(ranges)}), sha256)
    with pytest.raises(ObjectConflict, match="1 of its rows lie in none of the ranges"):
        LakeAudit(store).read_object(POLLED, told, from_at=EVER)
