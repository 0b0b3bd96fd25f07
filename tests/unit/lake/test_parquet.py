"""Rows, their order, and their digest."""

from __future__ import annotations

import io
import random
from array import array
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.fakes.observations import TICK, make_sweep

from airtide.domain.batches import SnapshotColumns, SweepRecord
from airtide.domain.columns import CodedColumn
from airtide.lake.parquet import (
    SNAPSHOT_SCHEMA,
    SWEEP_SCHEMA,
    SnapshotTables,
    digest_file,
    digest_rows,
    snapshot_table,
    sweep_table,
    write_parquet,
)

TICK_MS = round(TICK.timestamp() * 1000)
FIRST_DIGEST = "9eb92ef8f2834c2f620c3718e940a446857bdc4758be5ebb141139e17edd67e3"
"""Of the columns made below, by the first version of the digest: objects and ledger rows name theirs for good."""


def make_columns(count: int = 40) -> SnapshotColumns:
    """Return snapshots with every kind of value, missing ones among them."""
    some = random.Random(5)
    columns = SnapshotColumns()
    for n in range(count):
        values = {
            "topic_partition": n % 4,
            "record_offset": n,
            "sweep_id": "s1",
            "sampled_at_ms": TICK_MS + some.randrange(3) * 300_000,
            "fetched_at_ms": TICK_MS + n,
            "broadcast_id": f"b{some.randrange(10)}",
            "channel_id": f"c{n}",
            "viewers": some.choice([None, 0, n]),
            "cadence_s": 300,
            "channel_handle": some.choice([None, "handle"]),
            "channel_name": "이름",
            "title": some.choice([None, "", '제목 \n\t" \\ 🎮']),
            "category_id": None,
            "category_name": None,
            "language": some.choice([None, "ko"]),
            "started_at_ms": some.choice([None, TICK_MS - n]),
            "ended_at_ms": None,
            "thumbnail_url": "https://pictures.example/1.jpg",
            "watch_url": None,
            "is_mature": some.choice([None, True, False]),
            "tags": some.choice([(), ("a",), ("가", "b")]),
            "flags": (),
        }
        for name, value in values.items():
            getattr(columns, name).append(value)
    return columns


def code_columns(columns: SnapshotColumns, kept: dict[str, list]) -> SnapshotColumns:
    """Return the columns with every row of some of them coded, their values behind those that are `kept` already."""
    coded = {}
    for name in ("title", "started_at_ms", "tags", "is_mature", "cadence_s"):
        values = kept.setdefault(name, [])
        told = getattr(columns, name)
        coded[name] = CodedColumn(values, array("q", range(len(values), len(values) + len(told))))
        values += told
    return replace(columns, **coded, record_offset=array("q", columns.record_offset))


def shuffled(columns: SnapshotColumns) -> SnapshotColumns:
    indexes = list(range(len(columns)))
    random.Random(1).shuffle(indexes)
    return columns.take(indexes)


def read_back(body: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(body))


def test_every_field_of_a_message_comes_back():
    columns = make_columns()
    rows = {row["record_offset"]: row for row in read_back(write_parquet(snapshot_table(columns), {})).to_pylist()}
    for i, offset in enumerate(columns.record_offset):
        for field in SNAPSHOT_SCHEMA:
            told = getattr(columns, f"{field.name}_ms" if field.name.endswith("_at") else field.name)[i]
            if field.name.endswith("_at") and told is not None:
                told = datetime.fromtimestamp(told // 1000, UTC) + timedelta(milliseconds=told % 1000)
            found = rows[offset][field.name]
            assert (tuple(found) if isinstance(told, tuple) else found) == told


def test_rows_of_a_broadcast_stand_together_in_time_order():
    rows = snapshot_table(make_columns()).to_pylist()
    keys = [(r["broadcast_id"], r["sampled_at"], r["topic_partition"], r["record_offset"]) for r in rows]
    assert keys == sorted(keys)


def test_the_order_of_reading_changes_nothing():
    one, other = snapshot_table(make_columns()), snapshot_table(shuffled(make_columns()))
    assert digest_rows(one) == digest_rows(other)
    assert write_parquet(one, {}) == write_parquet(other, {})


def test_the_digest_is_of_the_rows_and_not_of_the_file():
    table = snapshot_table(make_columns())
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="gzip", row_group_size=7, use_dictionary=False)
    assert digest_rows(read_back(sink.getvalue())) == digest_rows(table)
    assert digest_rows(read_back(write_parquet(table, {"some": "thing"}))) == digest_rows(table)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("viewers", 123_456),
        ("viewers", None),
        ("title", "other"),
        ("title", None),
        ("tags", ("a", "b", "c")),
        ("is_mature", None),
        ("started_at_ms", TICK_MS - 77),
        ("fetched_at_ms", TICK_MS + 1),
    ],
)
def test_any_other_value_is_another_digest(field, value):
    columns = make_columns()
    before = digest_rows(snapshot_table(columns))
    index = next(i for i, told in enumerate(getattr(columns, field)) if told is not None and told != value)
    getattr(columns, field)[index] = value
    assert digest_rows(snapshot_table(columns)) != before


def test_text_cannot_run_into_its_neighbour_unnoticed():
    def digest(*titles: str) -> str:
        return digest_rows(pa.table({"title": list(titles)}))

    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("", "abc")}) == 4


def test_a_sweep_keeps_what_it_was_told():
    sweep = make_sweep(spend={"units": 3}, absent=("b9",), error="page 4: timed out", end_offsets={1: 7, 0: 5})
    table = sweep_table([SweepRecord(topic_partition=0, record_offset=9, sweep=sweep)])
    assert table.schema == SWEEP_SCHEMA
    [row] = read_back(write_parquet(table, {})).to_pylist()
    assert (row["sweep_id"], row["sampled_at"], row["record_offset"]) == (sweep.sweep_id, TICK, 9)
    assert (row["absent"], row["error"]) == (["b9"], "page 4: timed out")
    assert (row["spend"], row["end_offsets"]) == ('{"units": 3}', '{"0": 5, "1": 7}')


def test_metadata_stands_in_the_file():
    body = write_parquet(snapshot_table(make_columns()), {"airtide.ranges": "[]"})
    assert pq.read_metadata(io.BytesIO(body)).metadata[b"airtide.ranges"] == b"[]"


@pytest.mark.parametrize("rows_each", [1, 7, 40])
def test_the_digest_of_a_file_is_that_of_its_rows_however_they_are_cut(rows_each):
    table = snapshot_table(make_columns())
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=rows_each)
    assert digest_file(pq.ParquetFile(file)) == digest_rows(table)


def test_the_digest_of_a_file_without_rows_is_that_of_no_rows():
    table = snapshot_table(make_columns(0))
    file = io.BytesIO()
    pq.write_table(table, file)
    assert digest_file(pq.ParquetFile(file)) == digest_rows(table)


def test_coded_columns_make_the_same_rows_as_lists_in_every_batch_of_a_run():
    tables, shared = SnapshotTables(), {}
    for count in (10, 40, 25):
        plain = make_columns(count)
        coded = code_columns(plain, shared)
        assert tables.make(coded).equals(snapshot_table(plain))
        assert digest_rows(tables.make(coded)) == digest_rows(snapshot_table(plain))


def test_the_digest_is_that_of_the_first_objects():
    assert digest_rows(snapshot_table(make_columns(40))) == FIRST_DIGEST
