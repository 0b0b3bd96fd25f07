"""Snapshots and sweeps as Parquet: one row a message, in an order of its own, with a digest of what the rows say."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtide.domain.batches import SnapshotColumns, SweepRecord
from airtide.domain.columns import CodedColumn

_INSTANT = pa.timestamp("ms", tz="UTC")
_TEXTS = pa.list_(pa.string())

SNAPSHOT_SCHEMA = pa.schema(
    [
        pa.field("topic_partition", pa.int32(), nullable=False),
        pa.field("record_offset", pa.int64(), nullable=False),
        pa.field("sweep_id", pa.string(), nullable=False),
        pa.field("sampled_at", _INSTANT, nullable=False),
        pa.field("fetched_at", _INSTANT, nullable=False),
        pa.field("broadcast_id", pa.string(), nullable=False),
        pa.field("channel_id", pa.string(), nullable=False),
        pa.field("viewers", pa.int32()),
        pa.field("cadence_s", pa.int32(), nullable=False),
        pa.field("channel_handle", pa.string()),
        pa.field("channel_name", pa.string()),
        pa.field("title", pa.string()),
        pa.field("category_id", pa.string()),
        pa.field("category_name", pa.string()),
        pa.field("language", pa.string()),
        pa.field("started_at", _INSTANT),
        pa.field("ended_at", _INSTANT),
        pa.field("thumbnail_url", pa.string()),
        pa.field("watch_url", pa.string()),
        pa.field("is_mature", pa.bool_()),
        pa.field("tags", _TEXTS, nullable=False),
        pa.field("flags", _TEXTS, nullable=False),
    ]
)
SWEEP_SCHEMA = pa.schema(
    [
        pa.field("topic_partition", pa.int32(), nullable=False),
        pa.field("record_offset", pa.int64(), nullable=False),
        pa.field("sweep_id", pa.string(), nullable=False),
        pa.field("sampled_at", _INSTANT, nullable=False),
        pa.field("started_at", _INSTANT, nullable=False),
        pa.field("finished_at", _INSTANT, nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("scope", pa.string(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("requests", pa.int32(), nullable=False),
        pa.field("snapshots", pa.int32(), nullable=False),
        pa.field("duplicates", pa.int32(), nullable=False),
        pa.field("rejects", pa.int32(), nullable=False),
        pa.field("absent", _TEXTS, nullable=False),
        pa.field("viewer_floor", pa.int32()),
        pa.field("is_filtered", pa.bool_(), nullable=False),
        pa.field("unknown_fields", pa.string(), nullable=False, metadata={"is": "JSON object of records by field"}),
        pa.field("spend", pa.string(), nullable=False, metadata={"is": "JSON object of cost by quota bucket"}),
        pa.field("error", pa.string()),
        pa.field("end_offsets", pa.string(), nullable=False, metadata={"is": "JSON object of end offset by partition"}),
    ]
)

_SNAPSHOT_ORDER = ("broadcast_id", "sampled_at", "topic_partition", "record_offset")
_SWEEP_ORDER = ("topic_partition", "record_offset")


class SnapshotTables:
    """Makes tables of snapshots; values that stay from batch to batch are converted once."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Sequence[Any], pa.Array]] = {}

    def make(self, snapshots: SnapshotColumns) -> pa.Table:
        """Return one row per snapshot, those of a broadcast together and in time order."""
        columns = {field.name: self._to_column(field, getattr(snapshots, _name(field))) for field in SNAPSHOT_SCHEMA}
        # by the places of their values first: texts are compared once a value, and moved once a row
        order = pa.array(np.lexsort([columns[name].rank() for name in reversed(_SNAPSHOT_ORDER)]))
        return pa.table({name: column.take(order) for name, column in columns.items()}, schema=SNAPSHOT_SCHEMA)

    def _to_column(self, field: pa.Field, column: Sequence[Any]) -> _Column:
        if not isinstance(column, CodedColumn):
            return _Column(_to_array(column, field.type))
        values, converted = self._kept.get(field.name, ((), _to_array((), field.type)))
        if values is not column.values:
            converted = _to_array(column.values, field.type)
        elif len(converted) < len(values):
            converted = pa.concat_arrays([converted, _to_array(values[len(converted) :], field.type)])
        self._kept[field.name] = (column.values, converted)
        return _Column(converted, _to_array(column.codes, pa.int64()))


@dataclass(frozen=True, slots=True)
class _Column:
    """The values of rows, or distinct values and which of them each row has."""

    values: pa.Array
    codes: pa.Array | None = None

    def rank(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return a number a row that orders the rows as their values do."""
        if pa.types.is_string(self.values.type):
            ranks = pc.rank(self.values, tiebreaker="min").to_numpy()
        else:
            ranks = self.values.cast(pa.int64()).to_numpy()
        return ranks if self.codes is None else ranks[self.codes.to_numpy()]  # type: ignore[no-any-return]

    def take(self, rows: pa.Array) -> pa.Array:
        """Return the values of these rows."""
        return self.values.take(rows if self.codes is None else self.codes.take(rows))


def _name(field: pa.Field) -> str:
    return f"{field.name}_ms" if field.type == _INSTANT else str(field.name)


def snapshot_table(snapshots: SnapshotColumns) -> pa.Table:
    """Return one row per snapshot, those of a broadcast together and in time order."""
    return SnapshotTables().make(snapshots)


def sweep_table(sweeps: Sequence[SweepRecord]) -> pa.Table:
    """Return one row per sweep record, in the order of its topic."""
    rows = [
        {
            "topic_partition": record.topic_partition,
            "record_offset": record.record_offset,
            "sweep_id": record.sweep.sweep_id,
            "sampled_at": record.sweep.sampled_at,
            "started_at": record.sweep.started_at,
            "finished_at": record.sweep.finished_at,
            "outcome": record.sweep.outcome.value,
            "scope": record.sweep.scope.value,
            "pages": record.sweep.pages,
            "requests": record.sweep.requests,
            "snapshots": record.sweep.snapshots,
            "duplicates": record.sweep.duplicates,
            "rejects": record.sweep.rejects,
            "absent": list(record.sweep.absent),
            "viewer_floor": record.sweep.viewer_floor,
            "is_filtered": record.sweep.is_filtered,
            "unknown_fields": _write_map(record.sweep.unknown_fields),
            "spend": _write_map(record.sweep.spend),
            "error": record.sweep.error,
            "end_offsets": _write_map(record.sweep.end_offsets),
        }
        for record in sweeps
    ]
    return _sort(pa.Table.from_pylist(rows, schema=SWEEP_SCHEMA), _SWEEP_ORDER)


def write_parquet(table: pa.Table, metadata: Mapping[str, str]) -> bytes:
    """Return the table as one Parquet file, with `metadata` in its footer."""
    kept = {**(table.schema.metadata or {}), **metadata}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(kept), sink, compression="zstd", compression_level=3)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def digest_rows(table: pa.Table) -> str:
    """Return SHA-256, in hex, over names and values in row order: whatever wrote the file, and how."""
    digest = sha256(str(table.num_rows).encode())
    for name in table.column_names:
        digest.update(f"\n{name}\n".encode())
        for part in _canonical_parts(table.column(name).combine_chunks()):
            digest.update(part)
    return digest.hexdigest()


def digest_file(file: pq.ParquetFile) -> str:
    """Return what `digest_rows` returns of all rows of a file, with one column of one row group in memory at a time."""
    digest = sha256(str(file.metadata.num_rows).encode())
    for field in file.schema_arrow:
        digest.update(f"\n{field.name}\n".encode())
        # where a part says what kind of values follow: once, however many row groups there are
        kinds = (0, 3) if pa.types.is_list(field.type) else (0,)
        for number in range(_count_parts(field.type)):
            for group in range(file.num_row_groups):
                if group == 0 or number not in kinds:
                    column = file.read_row_group(group, columns=[field.name]).column(0).combine_chunks()
                    digest.update(_canonical_parts(column)[number])
    return digest.hexdigest()


def _count_parts(type_: pa.DataType) -> int:
    return len(_canonical_parts(pa.array([], type=type_)))


def _canonical_parts(column: pa.Array) -> list[bytes | memoryview]:
    """Return what kind of values these are, which are NULL, and the others in one layout; NULLs hold nothing."""
    validity = column.is_valid().to_numpy(zero_copy_only=False).tobytes()
    if pa.types.is_list(column.type):
        lengths = pc.fill_null(pc.list_value_length(column), 0)
        return [b"list", validity, _integers(lengths), *_canonical_parts(pc.list_flatten(column))]
    if pa.types.is_string(column.type):
        filled = pc.fill_null(column, "")
        return [b"text", validity, _integers(pc.binary_length(filled)), _text_of(filled)]
    if pa.types.is_boolean(column.type):
        return [b"boolean", validity, pc.fill_null(column, False).to_numpy(zero_copy_only=False).tobytes()]
    if pa.types.is_timestamp(column.type):
        return [b"instant", validity, _integers(pc.fill_null(column.cast(_INSTANT).cast(pa.int64()), 0))]
    return [b"integer", validity, _integers(pc.fill_null(column, 0))]


def _text_of(column: pa.Array) -> bytes | memoryview:
    """Return the UTF-8 of all texts of an array without NULLs, one after the other."""
    if not len(column):  # its buffers may be missing
        return b""
    _, offsets, text = column.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(text or b"")[bounds[0] : bounds[-1]]


def _integers(column: pa.Array) -> bytes:
    return column.to_numpy(zero_copy_only=False).astype("<i8").tobytes()  # type: ignore[no-any-return]


def _to_array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    if isinstance(values, array):
        return pa.array(np.asarray(values)).cast(type_)
    if pa.types.is_list(type_):
        # the same few lists repeat in very many rows: each is converted once
        distinct = {value: number for number, value in enumerate(dict.fromkeys(values))}
        dictionary = pa.array(list(distinct), type=type_)
        return dictionary.take(pa.array([distinct[value] for value in values], type=pa.int32()))
    return pa.array(values, type=type_)


def _sort(table: pa.Table, names: Sequence[str]) -> pa.Table:
    return table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in names]))


def _write_map(values: Mapping[int, int] | Mapping[str, int]) -> str:
    return json.dumps({str(name): value for name, value in values.items()}, sort_keys=True)
