"""The warehouse side of a rebuild: rows as a landing writes them, and a ledger made whole again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from airtide.domain.batches import SNAPSHOTS, Batch, LakeObject, kind_of_topic
from airtide.domain.errors import PermanentError
from airtide.domain.landed import LandedRows, LandingCounts
from airtide.domain.models import Platform
from airtide.domain.spans import Span
from airtide.warehouse.landing import write_rows
from airtide.warehouse.ledger import WarehouseLedger
from airtide.warehouse.planning import lock_topics
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.records import land_dead_letters, land_sweeps
from airtide.warehouse.statements import read_statement

NO_OBJECT = "no object of the lake holds it"


class WarehouseRebuild(WarehouseLedger):
    """A ledger that is filled from objects. Every call is one transaction."""

    def read_landed(self, platform: Platform) -> Mapping[tuple[str, str, int], Sequence[Span]]:
        """Return what the platform's batches have landed, in joined spans."""
        with self._connection() as connection:
            rows = connection.execute(read_statement("read_landed_spans"), {"platform": platform.value}).fetchall()
        return {
            (topic, topic_id, number): list(zip(starts, ends, strict=True))
            for topic, topic_id, number, starts, ends in rows
        }

    def begin_rebuild(self, platform: Platform, topic_ids: Mapping[str, str], *, now: datetime) -> Batch:
        """Insert a landed batch without ranges: the marks of what its rows make stale bear its number."""
        values = {"platform": platform.value, "topic_ids": Jsonb(dict(topic_ids)), "now": now}
        with self._transaction() as connection:
            _refuse_planned(connection, platform)
            [(batch_id,)] = connection.execute(read_statement("begin_rebuild"), values).fetchall()
        return Batch(batch_id=batch_id, platform=platform, ranges=(), topic_ids=topic_ids, planned_at=now)

    def land_rows(self, batch: Batch, rows: LandedRows, *, now: datetime) -> LandingCounts:
        """Write rows; those that are known stay."""
        with self._transaction() as connection:
            samples = write_rows(connection, batch, rows, raw_age=read_raw_age(connection, batch.platform))
            sweeps = land_sweeps(connection, rows.sweeps, now=now)
            land_dead_letters(connection, rows.dead_letters, batch.topic_ids, now=now)
        return LandingCounts(
            samples=samples,
            duplicate_samples=len(rows.samples.sampled_at_ms) - samples,
            sweeps=sweeps,
            dead_letters=len(rows.dead_letters),
            expired=rows.expired,
        )

    def finish_rebuild(self, batch: Batch, stored: LakeObject, *, earlier_ids: Collection[str], now: datetime) -> None:
        """Make the object count, under locks that keep every landing of the platform away."""
        ranges = Jsonb([asdict(part) for part in batch.ranges])
        with self._transaction() as connection:
            lock_topics(connection, list(batch.topic_ids))
            _refuse_planned(connection, batch.platform)
            connection.execute(
                read_statement("finish_rebuild"),
                {
                    "batch_id": batch.batch_id,
                    "ranges": ranges,
                    "snapshots": stored.rows if stored.kind == SNAPSHOTS else 0,
                    "min_sampled_at": stored.min_sampled_at,
                },
            )
            connection.execute(
                read_statement("move_rebuilt_positions"),
                {
                    "ranges": ranges,
                    "topic_ids": Jsonb(dict(batch.topic_ids)),
                    "earlier_ids": list(earlier_ids),
                    "now": now,
                },
            )
            _list_rebuilt(connection, batch, stored)

    def settle_rebuild(self, platform: Platform, *, now: datetime) -> int:
        """Make ranges and losses cover everything, then judge ends as after a landing."""
        asked = {"platform": platform.value, "reason": NO_OBJECT, "now": now}
        with self._transaction() as connection:
            positions = connection.execute(read_statement("read_positions"), {"platform": platform.value}).fetchall()
            lock_topics(connection, sorted({topic for topic, _, _ in positions}))
            connection.execute(read_statement("carve_losses"), asked)
            lost = connection.execute(read_statement("record_holes"), asked).fetchall()
            for topic in sorted({topic for topic, _, _ in positions if kind_of_topic(topic) == SNAPSHOTS}):
                self._infer_platform_ends(connection, platform, topic, now)
        return sum(messages for (messages,) in lost)


def _refuse_planned(connection: psycopg.Connection, platform: Platform) -> None:
    planned = connection.execute(read_statement("find_planned_batch"), {"platform": platform.value}).fetchone()
    if planned is not None:
        raise PermanentError(
            f"batch {planned[0]} of {platform} is planned and not landed: a rebuild would move its positions. "
            f"Let land_{platform} land it, pause that Dag, and rebuild then"
        )


def _list_rebuilt(connection: psycopg.Connection, batch: Batch, stored: LakeObject) -> None:
    listed = connection.execute(
        read_statement("list_rebuilt"),
        {
            "object_key": stored.object_key,
            "kind": stored.kind,
            "batch_id": None if stored.hour is None else batch.batch_id,
            "platform": stored.platform.value,
            "day": stored.day,
            "hour": stored.hour,
            "rows": stored.rows,
            "bytes": stored.bytes,
            "sha256": stored.sha256,
            "min_sampled_at": stored.min_sampled_at,
            "max_sampled_at": stored.max_sampled_at,
        },
    ).rowcount
    if listed != 1:
        raise PermanentError(
            f"{stored.object_key} stands in ingest.lake_object already, though its messages have not landed: retention "
            "is about to remove it. Pause enforce_retention, delete its row, and rebuild then"
        )
