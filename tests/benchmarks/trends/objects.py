"""The days in the lake: an object for each landing, compacted ones, and one of a larger day."""

from __future__ import annotations

from collections.abc import Sequence
from io import SEEK_END
from itertools import pairwise
from json import dumps
from tempfile import TemporaryFile

import numpy as np
import pyarrow.compute as pc
from tests.benchmarks.trends.crowd import DAY, Crowd, Samples

from airtide.domain.batches import SNAPSHOTS, LakeObject
from airtide.lake.compacting import Compactor, write_groups
from airtide.lake.keys import RANGES
from airtide.lake.parquet import SNAPSHOT_SCHEMA, digest_rows, write_parquet
from airtide.lake.stores import ObjectStore

TOPIC_ID = "of-the-benchmark"
MINUTES_AN_OBJECT = 5
"""As much as a landing brings."""
ROWS_AT_ONCE = 200_000

_TOLD = {"topic": f"airtide.{SNAPSHOTS}.bench.v1", "topic_id": TOPIC_ID, "ranges": []}


def write_small(store: ObjectStore, crowd: Crowd) -> list[LakeObject]:
    """Write one object for each landing of the crowd's samples."""
    samples = crowd.samples
    landing = np.floor_divide(samples.minute, MINUTES_AN_OBJECT)
    bounds = [*np.flatnonzero(np.diff(landing, prepend=landing[0] - 1)).tolist(), len(landing)]
    written = []
    for start, end in pairwise(bounds):
        part = Samples(samples.broadcast[start:end], samples.minute[start:end], samples.viewers[start:end])
        [table] = crowd.tables(part, end - start, first_offset=start)
        table = table.take(
            pc.sort_indices(table, sort_keys=[("broadcast_id", "ascending"), ("sampled_at", "ascending")])
        )
        ticks = pc.min_max(table.column("sampled_at")).as_py()
        body, sha256 = write_parquet(table, {RANGES: dumps(_TOLD)}), digest_rows(table)
        day, hour = f"{ticks['min']:%Y-%m-%d}", ticks["min"].hour
        key = f"snapshots/v1/platform={crowd.platform}/day={day}/hour={hour:02}/{start:020}.parquet"
        store.put_if_absent(key, body, sha256=sha256)
        written.append(
            LakeObject(
                object_key=key,
                kind=SNAPSHOTS,
                platform=crowd.platform,
                day=day,
                hour=hour,
                rows=end - start,
                bytes=len(body),
                sha256=sha256,
                min_sampled_at=ticks["min"],
                max_sampled_at=ticks["max"],
            )
        )
    return written


def compact(store: ObjectStore, listed: Sequence[LakeObject]) -> list[LakeObject]:
    """Write one object for each UTC day of those listed."""
    days = sorted({told.day for told in listed})
    return [
        made.compacted
        for day in days
        for made in Compactor(store).compact(
            listed[0].platform, day, SNAPSHOTS, [told for told in listed if told.day == day]
        )
    ]


def write_whole(store: ObjectStore, crowd: Crowd) -> LakeObject:
    """Write all samples of a crowd as a compaction would, as one object."""
    order = np.lexsort((crowd.samples.minute, crowd.keys[crowd.samples.broadcast]))
    samples = Samples(*(getattr(crowd.samples, name)[order] for name in ("broadcast", "minute", "viewers")))
    key = f"compacted/v1/platform={crowd.platform}/day={DAY:%Y-%m-%d}/whole.parquet"
    with TemporaryFile() as file:
        sha256 = write_groups(file, crowd.tables(samples, ROWS_AT_ONCE), SNAPSHOT_SCHEMA, [_TOLD])
        store.put_if_absent(key, file, sha256=sha256)
        size = file.seek(0, SEEK_END)
    return LakeObject(
        object_key=key,
        kind=SNAPSHOTS,
        platform=crowd.platform,
        day=f"{DAY:%Y-%m-%d}",
        hour=None,
        rows=len(samples.minute),
        bytes=size,
        sha256=sha256,
        min_sampled_at=DAY,
        max_sampled_at=DAY,
    )
