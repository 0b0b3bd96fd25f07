"""Reads objects back: what they hold, whether it is whole, and their messages as they had landed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtide.domain.batches import SNAPSHOTS, LakeObject, SnapshotColumns, SweepRecord, kind_of_topic
from airtide.domain.models import Outcome, Platform, Scope, Sweep
from airtide.domain.rebuilding import BrokenObject, WholeObject
from airtide.domain.retention import FoundObject
from airtide.domain.spans import Span
from airtide.lake.compacting import read_ranges, write_groups
from airtide.lake.found import StoredObjects
from airtide.lake.keys import compacted_key
from airtide.lake.parquet import SNAPSHOT_SCHEMA, SWEEP_SCHEMA, digest_file
from airtide.lake.stores import ObjectStore

ROWS_AT_ONCE = 25_000
_PLACE = ["topic_partition", "record_offset"]


class LakeReader:
    """Objects of a store, whatever the ledger lists; one row group at a time lies in memory."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def find_objects(self, platform: Platform, day: str) -> Iterator[WholeObject | BrokenObject]:
        """Yield the objects of a UTC day: those that are whole with what they hold, the others with the reason."""
        for found in StoredObjects(self._store).list_objects(platform):
            if found.starts_at.date().isoformat() == day:
                yield self._examine(platform, found)

    def read_snapshots(self, object_key: str) -> Iterator[SnapshotColumns]:
        """Yield an object's snapshots, some at a time, each time in the order of their topic."""
        with self._open(object_key) as file:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
                table = pa.Table.from_batches([batch])
                order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in _PLACE])
                yield _to_columns(table.take(order))

    def read_sweeps(self, platform: Platform, object_key: str) -> Sequence[SweepRecord]:
        """Return an object's sweep records."""
        with self._open(object_key) as file:
            return [_to_sweep(platform, row) for row in file.read().to_pylist()]

    def write_part(self, whole: WholeObject, spans: Mapping[int, Sequence[Span]]) -> LakeObject:
        """Write an object of those of an object's messages that are in `spans`; nothing lists it yet."""
        exact = [
            {"topic_partition": number, "start_offset": start, "end_offset": end}
            for number, parts in sorted(spans.items())
            for start, end in parts
        ]
        told = [{"topic": whole.topic, "topic_id": whole.topic_id, "ranges": exact}]
        name = f"{whole.stored.object_key}#{blake2b(json.dumps(exact).encode(), digest_size=8).hexdigest()}"
        key = compacted_key(
            whole.stored.platform,
            day=whole.stored.day,
            kind=whole.stored.kind,
            topic_id=whole.topic_id,
            replaced=[name],
        )
        ticks: list[datetime] = []
        schema = SNAPSHOT_SCHEMA if whole.stored.kind == SNAPSHOTS else SWEEP_SCHEMA
        with self._open(whole.stored.object_key) as source, TemporaryFile() as part:
            groups = (
                table.filter(pa.array(_is_in(table, spans))).select(schema.names)
                for table in (source.read_row_group(number) for number in range(source.num_row_groups))
            )
            digest = write_groups(part, _note_ticks(groups, ticks), schema, told)
            size = part.seek(0, 2)
            self._store.put_if_absent(key, part, sha256=digest)
        return replace(
            whole.stored,
            object_key=key,
            hour=None,
            rows=sum(end - start for parts in spans.values() for start, end in parts),
            bytes=size,
            sha256=digest,
            min_sampled_at=min(ticks),
            max_sampled_at=max(ticks),
        )

    def _examine(self, platform: Platform, found: FoundObject) -> WholeObject | BrokenObject:
        stored = self._store.head(found.object_key)
        try:
            with self._open(found.object_key) as file:
                if stored is None or digest_file(file) != stored.sha256:
                    return BrokenObject(
                        object_key=found.object_key, reason="its rows are not those it was written with"
                    )
                return _describe(platform, found, file, stored.sha256)
        except (pa.ArrowException, KeyError, ValueError, IndexError) as error:
            return BrokenObject(object_key=found.object_key, reason=f"it cannot be read ({type(error).__name__})")

    @contextmanager
    def _open(self, object_key: str) -> Iterator[pq.ParquetFile]:
        with TemporaryFile() as file:
            self._store.copy_to(object_key, file)
            yield pq.ParquetFile(file)


def _describe(platform: Platform, found: FoundObject, file: pq.ParquetFile, sha256: str) -> WholeObject:
    [(topic, topic_id)] = {(told["topic"], told["topic_id"]) for told in read_ranges(file)}
    kind = kind_of_topic(topic)
    made_at = "fetched_at" if kind == SNAPSHOTS else "finished_at"
    ticks = pc.min_max(file.read(columns=["sampled_at"]).column(0)).as_py()
    made_from = pc.min(file.read(columns=[made_at]).column(0).cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64()))
    is_of_day = found.object_key.startswith("compacted/")
    return WholeObject(
        stored=LakeObject(
            object_key=found.object_key,
            kind=kind,
            platform=platform,
            day=found.starts_at.date().isoformat(),
            hour=None if is_of_day else found.starts_at.hour,
            rows=file.metadata.num_rows,
            bytes=found.bytes,
            sha256=sha256,
            min_sampled_at=ticks["min"],
            max_sampled_at=ticks["max"],
        ),
        topic=topic,
        topic_id=topic_id,
        spans=_find_spans(file.read(columns=_PLACE)),
        made_from_ms=made_from.as_py(),
    )


def _find_spans(table: pa.Table) -> dict[int, list[Span]]:
    numbers, offsets = (table.column(name).to_numpy() for name in _PLACE)
    spans: dict[int, list[Span]] = defaultdict(list)
    for number in np.unique(numbers).tolist():
        mine = np.unique(offsets[numbers == number])
        breaks = np.flatnonzero(np.diff(mine) != 1) + 1
        starts, lasts = mine[np.r_[0, breaks]].tolist(), mine[np.r_[breaks - 1, -1]].tolist()
        spans[number] = [(start, last + 1) for start, last in zip(starts, lasts, strict=True)]
    return spans


def _is_in(table: pa.Table, spans: Mapping[int, Sequence[Span]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    numbers, offsets = (table.column(name).to_numpy() for name in _PLACE)
    is_in = np.zeros(len(offsets), dtype=np.bool_)
    for number, parts in spans.items():
        if not parts:
            continue
        starts, ends = np.array(parts, dtype=np.int64).T
        place = np.searchsorted(starts, offsets, side="right") - 1
        is_in |= (numbers == number) & (place >= 0) & (offsets < ends[place])
    return is_in


def _note_ticks(groups: Iterator[pa.Table], ticks: list[datetime]) -> Iterator[pa.Table]:
    for group in groups:
        if len(group):
            ticks += pc.min_max(group.column("sampled_at")).as_py().values()
            yield group


def _to_columns(table: pa.Table) -> SnapshotColumns:
    columns: dict[str, list[Any]] = {}
    for field in SNAPSHOT_SCHEMA:
        column = table.column(field.name)
        if pa.types.is_timestamp(field.type):
            columns[f"{field.name}_ms"] = column.cast(field.type).cast(pa.int64()).to_pylist()
        elif pa.types.is_list(field.type):
            columns[field.name] = [tuple(texts) for texts in column.to_pylist()]
        else:
            columns[field.name] = column.to_pylist()
    return SnapshotColumns(**columns)


def _to_sweep(platform: Platform, row: Mapping[str, Any]) -> SweepRecord:
    told = {name: value for name, value in row.items() if name not in _PLACE}
    told |= {name: value.astimezone(UTC) for name, value in told.items() if isinstance(value, datetime)}
    told |= {name: json.loads(told[name]) for name in ("unknown_fields", "spend")}
    told |= {
        "platform": platform,
        "outcome": Outcome(told["outcome"]),
        "scope": Scope(told["scope"]),
        "absent": tuple(told["absent"]),
        "end_offsets": {int(number): offset for number, offset in json.loads(told["end_offsets"]).items()},
    }
    return SweepRecord(topic_partition=row["topic_partition"], record_offset=row["record_offset"], sweep=Sweep(**told))
