"""Everything a landing leaves behind, in one plain shape for the ledger in memory and for the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from airtide.domain.batches import OffsetRange
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, connect


class SampleRow(NamedTuple):
    """One row of live.sample."""

    detail_key: int
    viewers: int | None
    cadence_s: int


class Bounds(NamedTuple):
    """What is known of a broadcast's ends, in epoch milliseconds."""

    started_at_ms: int | None
    ended_at_ms: int | None
    ended_by: str | None
    first_sampled_at_ms: int | None
    last_sampled_at_ms: int | None


class BatchRow(NamedTuple):
    """One row of ingest.batch."""

    state: str
    ranges: tuple[OffsetRange, ...]
    topic_ids: Mapping[str, str]
    snapshots: int
    dead_letters: int
    expired: int
    planned_at: datetime
    min_sampled_at: datetime | None = None


@dataclass(slots=True)
class LandedView:
    """One platform's rows."""

    positions: dict[tuple[str, int], tuple[str, int, int]] = field(default_factory=dict)
    """(topic id, first offset, next offset) by (topic, topic partition)."""
    batches: dict[int, BatchRow] = field(default_factory=dict)
    losses: list[tuple[str, OffsetRange]] = field(default_factory=list)
    """Topic id and what was given up."""
    objects: dict[str, tuple[int | None, int, str]] = field(default_factory=dict)
    """(batch id, rows, digest) by key; a batch id of None for an object of a whole day."""
    retired: set[str] = field(default_factory=set)
    """Keys of objects that do not count any more."""
    dead_letters: dict[tuple[str, str, int, int], str] = field(default_factory=dict)
    """Reason by (topic, topic id, topic partition, record offset)."""
    sweeps: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    """Sweeps of which every message has landed."""
    samples: dict[tuple[int, int], SampleRow] = field(default_factory=dict)
    """By (sampled_at in epoch milliseconds, broadcast key)."""
    broadcasts: dict[int, Bounds] = field(default_factory=dict)
    flags: set[tuple[int, int, str]] = field(default_factory=set)
    """(broadcast key, sampled_at in epoch milliseconds, flag)"""
    channels: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """(handle, name) by channel id."""
    categories: dict[str, str | None] = field(default_factory=dict)
    details: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """(broadcast key, first seen in epoch milliseconds, title, language, tags) by detail key."""
    dirty_hours: list[tuple[int, int, bool]] = field(default_factory=list)
    """(batch id, hour in epoch milliseconds, with state), sorted."""
    dirty_days: list[tuple[int, str, str]] = field(default_factory=list)
    """(batch id, zone, day), sorted."""


def read_view(address: PostgresAddress, platform: Platform) -> LandedView:
    """Return the rows of one platform."""
    with connect(address) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query, {"platform": platform.value}).fetchall()

        return _assemble(rows)


def _assemble(rows: Callable[[str], list[tuple[Any, ...]]]) -> LandedView:
    return LandedView(
        positions={
            (topic, number): (topic_id, first, following)
            for topic, number, topic_id, first, following in rows(
                "SELECT topic, topic_partition, topic_id, first_offset, next_offset FROM ingest.position"
            )
        },
        batches={
            batch_id: BatchRow(state, tuple(OffsetRange(**part) for part in ranges), ids, *told)
            for batch_id, state, ranges, ids, *told in rows(
                "SELECT batch_id, state, ranges, topic_ids, COALESCE(snapshots, 0), COALESCE(dead_letters, 0), "
                "COALESCE(expired, 0), planned_at, min_sampled_at FROM ingest.batch "
                "WHERE platform = %(platform)s ORDER BY batch_id"
            )
        },
        losses=[
            (topic_id, OffsetRange(topic=topic, topic_partition=number, start_offset=start, end_offset=end))
            for topic_id, topic, number, start, end in rows(
                "SELECT topic_id, topic, topic_partition, start_offset, end_offset FROM ingest.loss ORDER BY loss_id"
            )
        ],
        objects={
            key: (batch_id, count, sha256)
            for key, batch_id, count, sha256 in rows(
                "SELECT object_key, batch_id, rows, sha256 FROM ingest.lake_object WHERE platform = %(platform)s"
            )
        },
        retired={
            row[0]
            for row in rows(
                "SELECT object_key FROM ingest.lake_object WHERE platform = %(platform)s AND retired_at IS NOT NULL"
            )
        },
        dead_letters={
            (topic, topic_id, number, offset): reason
            for topic, topic_id, number, offset, reason in rows(
                "SELECT topic, topic_id, topic_partition, record_offset, reason FROM ingest.dead_letter"
            )
        },
        sweeps={row[0] for row in rows("SELECT sweep_id FROM ingest.sweep WHERE platform = %(platform)s")},
        settled={
            row[0]
            for row in rows(
                "SELECT sweep_id FROM ingest.sweep WHERE platform = %(platform)s AND settled_at IS NOT NULL"
            )
        },
        samples={
            (_ms(sampled_at), key): SampleRow(detail_key, viewers, cadence_s)
            for sampled_at, key, detail_key, viewers, cadence_s in rows(
                "SELECT sampled_at, broadcast_key, detail_key, viewers, cadence_s FROM live.sample "
                "WHERE platform = %(platform)s"
            )
        },
        broadcasts={
            key: Bounds(_ms(started), _ms(ended), ended_by, _ms(first), _ms(last))
            for key, started, ended, ended_by, first, last in rows(
                "SELECT broadcast_key, started_at, ended_at, ended_by, first_sampled_at, last_sampled_at "
                "FROM live.broadcast WHERE platform = %(platform)s"
            )
        },
        flags={
            (key, _ms(sampled_at), flag)
            for key, sampled_at, flag in rows(
                "SELECT broadcast_key, sampled_at, flag FROM live.sample_flag WHERE platform = %(platform)s"
            )
        },
        channels={
            channel_id: (handle, name)
            for channel_id, handle, name in rows(
                "SELECT channel_id, handle, name FROM live.channel WHERE platform = %(platform)s"
            )
        },
        categories=dict(rows("SELECT category_id, name FROM live.category WHERE platform = %(platform)s")),
        details={
            detail_key: (key, _ms(seen), title, language, tuple(tags))
            for detail_key, key, seen, title, language, tags in rows(
                "SELECT detail_key, broadcast_key, observed_from, title, language, tags FROM live.broadcast_detail"
            )
        },
        dirty_hours=sorted(
            (batch_id, _ms(hour), with_state)
            for batch_id, hour, with_state in rows(
                "SELECT batch_id, hour, with_state FROM trends.dirty_hour WHERE platform = %(platform)s"
            )
        ),
        dirty_days=sorted(
            (batch_id, zone, day.isoformat())
            for batch_id, zone, day in rows(
                "SELECT batch_id, zone, day FROM trends.dirty_day WHERE platform = %(platform)s"
            )
        ),
    )


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)
