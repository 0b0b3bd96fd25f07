"""The lake's side of landing: the messages of a batch, one object per kind and hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from airtide.domain.batches import SNAPSHOTS, SWEEPS, Batch, LakeObject, SnapshotColumns, SweepRecord
from airtide.lake.keys import RANGES, object_key, write_ranges
from airtide.lake.parquet import SnapshotTables, digest_rows, sweep_table, write_parquet
from airtide.lake.stores import ObjectStore

_HOUR_S = 3600
_HOUR_MS = 1000 * _HOUR_S


class SnapshotLake:
    """Objects in a store, each written before anything lists it; a second write of a batch is the same write."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._tables = SnapshotTables()

    def write_snapshots(self, batch: Batch, rows: SnapshotColumns) -> Sequence[LakeObject]:
        """Write one object per UTC hour of `sampled_at`; none when there are no rows."""
        by_hour = _group(np.asarray(rows.sampled_at_ms, dtype=np.int64) // _HOUR_MS)
        written = [
            self._write(batch, SNAPSHOTS, hour, self._tables.make(rows if len(by_hour) == 1 else rows.take(indexes)))
            for hour, indexes in by_hour.items()
        ]
        # the pool would keep the room of the tables while the next batch's messages take theirs
        pa.default_memory_pool().release_unused()
        return written

    def write_sweeps(self, batch: Batch, sweeps: Sequence[SweepRecord]) -> Sequence[LakeObject]:
        """Write the sweep records, one object per UTC hour of `sampled_at`; none when there are none."""
        by_hour = _group(np.array([int(r.sweep.sampled_at.timestamp()) for r in sweeps], dtype=np.int64) // _HOUR_S)
        return [
            self._write(batch, SWEEPS, hour, sweep_table([sweeps[i] for i in indexes]))
            for hour, indexes in by_hour.items()
        ]

    def _write(self, batch: Batch, kind: str, hour: int, table: pa.Table) -> LakeObject:
        starts_at = datetime.fromtimestamp(hour * _HOUR_MS // 1000, UTC)
        day = starts_at.date().isoformat()
        key = object_key(batch, kind, day=day, hour=starts_at.hour)
        sha256 = digest_rows(table)
        body = write_parquet(table, {RANGES: write_ranges(batch, kind)})
        self._store.put_if_absent(key, body, sha256=sha256)
        ticks = pc.min_max(table.column("sampled_at")).as_py()
        return LakeObject(
            object_key=key,
            kind=kind,
            platform=batch.platform,
            day=day,
            hour=starts_at.hour,
            rows=table.num_rows,
            bytes=len(body),
            sha256=sha256,
            min_sampled_at=ticks["min"],
            max_sampled_at=ticks["max"],
        )


def _group(hours: np.ndarray[Any, np.dtype[np.int64]]) -> dict[int, list[int]]:
    """Return the indexes of each hour, hours ascending."""
    return {int(hour): np.flatnonzero(hours == hour).tolist() for hour in np.unique(hours)}
