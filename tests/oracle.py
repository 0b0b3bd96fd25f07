"""Invariant 1: every message that was landed is somewhere exactly once, and the samples are what the lake says.

Nothing lost: the landed ranges and the accepted losses of each topic partition tile its offsets from the first planned
to the position. Nothing twice: each offset in a landed range is a row of one listed object, a dead letter, or counted
as expired, and what each batch says of itself adds up to its ranges. And the samples are the first row per key of the
listed objects.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
from tests.landed_views import LandedView

from airtide.domain.batches import OffsetRange
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.parquet import digest_rows
from airtide.lake.stores import ObjectStore


def assert_whole(view: LandedView, store: ObjectStore, platform: Platform, *, oldest: datetime | None = None) -> None:
    """Fail with what is missing or double; `oldest` is where the raw age begins, None when nothing has expired."""
    landed = [
        (row.topic_ids[part.topic], part)
        for row in view.batches.values()
        if row.state == "landed"
        for part in row.ranges
    ]
    _assert_tiled(view, landed)
    rows = {key: _read_rows(store, key, digest) for key, (_, _, digest) in view.objects.items()}
    for key, (_, count, _) in view.objects.items():
        assert len(rows[key]) == count, key
    _assert_accounted(view, landed, rows)
    _assert_batches_add_up(view)
    _assert_samples(view, rows, platform, oldest)


def _assert_tiled(view: LandedView, landed: Iterable[tuple[str, OffsetRange]]) -> None:
    for (topic, number), (topic_id, first, following) in view.positions.items():
        parts = sorted(
            (part.start_offset, part.end_offset)
            for counted_in, part in [*landed, *view.losses]
            if (counted_in, part.topic, part.topic_partition) == (topic_id, topic, number)
            and part.start_offset < part.end_offset
        )
        reached = first
        for start, end in parts:
            assert start == reached, f"{topic}/{number}: {reached} to {start} is lost or landed twice"
            reached = end
        assert reached == following, f"{topic}/{number}: landed up to {reached}, but the position is {following}"


def _assert_accounted(
    view: LandedView, landed: Iterable[tuple[str, OffsetRange]], rows: dict[str, list[dict[str, Any]]]
) -> None:
    delivered = {
        (part.topic, topic_id, part.topic_partition, offset)
        for topic_id, part in landed
        for offset in range(part.start_offset, part.end_offset)
    }
    seen = Counter(view.dead_letters.keys())
    for key, found in rows.items():
        topic = key.rsplit("/", 1)[1].split("+")[0]
        topic_id = view.batches[view.objects[key][0]].topic_ids[topic]
        seen.update((topic, topic_id, row["topic_partition"], row["record_offset"]) for row in found)
    assert [place for place, count in seen.items() if count > 1] == []
    assert seen.keys() <= delivered
    expired = sum(row.expired for row in view.batches.values() if row.state == "landed")
    assert len(delivered) == len(seen) + expired


def _assert_batches_add_up(view: LandedView) -> None:
    sweeps: Counter[int] = Counter()
    for key, (batch_id, count, _) in view.objects.items():
        if key.startswith("sweeps/"):
            sweeps[batch_id] += count
    for batch_id, row in view.batches.items():
        if row.state == "landed":
            messages = sum(part.end_offset - part.start_offset for part in row.ranges)
            assert row.snapshots + sweeps[batch_id] + row.dead_letters + row.expired == messages, row


def _assert_samples(
    view: LandedView, rows: dict[str, list[dict[str, Any]]], platform: Platform, oldest: datetime | None
) -> None:
    first: dict[tuple[int, int], dict[str, Any]] = {}
    found = [(view.objects[key][0], row) for key, part in rows.items() if key.startswith("snapshots/") for row in part]
    for _, row in sorted(found, key=lambda told: (told[0], told[1]["record_offset"])):
        if row["ended_at"] is None and (oldest is None or row["sampled_at"] >= oldest):
            key = (round(row["sampled_at"].timestamp() * 1000), hash_id(platform, row["broadcast_id"]))
            first.setdefault(key, row)
    expected = {key: (row["viewers"], row["cadence_s"]) for key, row in first.items()}
    assert {key: (row.viewers, row.cadence_s) for key, row in view.samples.items()} == expected
    by_key = defaultdict(set)
    for (_, broadcast_key), row in view.samples.items():
        by_key[broadcast_key].add(row.detail_key)
    known = {detail_key: row[0] for detail_key, row in view.details.items()}
    for broadcast_key, detail_keys in by_key.items():
        assert {known[detail_key] for detail_key in detail_keys} == {broadcast_key}


def _read_rows(store: ObjectStore, key: str, digest: str) -> list[dict[str, Any]]:
    table = pq.read_table(io.BytesIO(store.get(key)))
    assert digest_rows(table) == digest, key
    return table.to_pylist()
