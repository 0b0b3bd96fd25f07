"""Positions, planned batches, and the one transaction that lands a batch: Postgres alone says how far landing is.

A connection is opened for each call: a landing makes a handful of them, and an unknown commit needs a new one anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

from airtide.domain.batches import SNAPSHOTS, Batch, LakeObject, OffsetRange, TopicFacts, kind_of_topic
from airtide.domain.ends import MAX_SILENCE
from airtide.domain.errors import Fenced, PartUnreachable
from airtide.domain.landed import Dimension, LandedRows, LandingCounts
from airtide.domain.models import Platform
from airtide.domain.positions import AcceptedLosses
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.ends import infer_ends
from airtide.warehouse.landing import write_rows
from airtide.warehouse.planning import accept_loss, lock_topics, plan_batch
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.records import land_dead_letters, land_sweeps, list_objects
from airtide.warehouse.statements import read_statement

logger = logging.getLogger(__name__)


class WarehouseLedger:
    """The warehouse side of landing; safe to call from two landings at once, of which one is fenced."""

    def __init__(self, address: PostgresAddress, silences: Mapping[Platform, timedelta] | None = None) -> None:
        """Write to the warehouse at `address`; `silences` is how long a broadcast may be silent before it is over."""
        self._address = address
        self._silences = silences or {}

    def plan_batch(
        self, platform: Platform, topics: Sequence[TopicFacts], *, max_snapshots: int, now: datetime
    ) -> Batch | None:
        """Return the planned batch, or plan one, in one transaction that locks the platform's positions in order."""
        with self._transaction() as connection:
            return plan_batch(connection, platform, topics, max_snapshots=max_snapshots, now=now)

    def accept_loss(
        self,
        platform: Platform,
        topics: Sequence[TopicFacts],
        *,
        now: datetime,
        wanted: OffsetRange | None = None,
        dry_run: bool = False,
    ) -> AcceptedLosses:
        """Move positions past what is gone or given up and put it on record, in one transaction."""
        with self._transaction() as connection:
            return accept_loss(connection, platform, topics, now=now, wanted=wanted, dry_run=dry_run)

    def land_batch(
        self, batch: Batch, rows: LandedRows, objects: Sequence[LakeObject], *, now: datetime
    ) -> LandingCounts:
        """Write everything of a batch in one transaction; a commit whose answer is lost is looked up, never guessed."""
        counts: LandingCounts | None = None
        try:
            with self._transaction() as connection:
                counts = _land(connection, batch, rows, objects, now)
                self._infer_ends(connection, batch, now)
        except PartUnreachable:
            if counts is None or not self.is_landed(batch):
                raise
            logger.warning("commit of batch_id=%s was not answered, but it is landed", batch.batch_id)
        return counts

    def is_landed(self, batch: Batch) -> bool:
        """Read the batch's state on a new connection."""
        with self._connection() as connection:
            row = connection.execute("SELECT state FROM ingest.batch WHERE batch_id = %s", (batch.batch_id,)).fetchone()
        return row == ("landed",)

    def read_positions(self, platform: Platform) -> Mapping[tuple[str, int], int]:
        """Return next_offset by (topic, topic partition)."""
        with self._connection() as connection:
            rows = connection.execute(read_statement("read_positions"), {"platform": platform.value}).fetchall()
        return {(topic, topic_partition): next_offset for topic, topic_partition, next_offset in rows}

    def read_raw_age(self, platform: Platform) -> timedelta:
        """Return the platform's raw age."""
        with self._connection() as connection:
            return read_raw_age(connection, platform)

    def find_collisions(self, platform: Platform, dimension: Dimension, keys: Mapping[str, int]) -> Collection[str]:
        """Return the ids whose key another id holds."""
        asked = {"platform": platform.value, "keys": list(keys.values()), "text_ids": list(keys)}
        with self._connection() as connection:
            rows = connection.execute(read_statement(f"find_{dimension}_collisions"), asked).fetchall()
        return frozenset(row[0] for row in rows)

    def _infer_ends(self, connection: psycopg.Connection, batch: Batch, now: datetime) -> None:
        topic = next(topic for topic in batch.topic_ids if kind_of_topic(topic) == SNAPSHOTS)
        self._infer_platform_ends(connection, batch.platform, topic, now)

    def _infer_platform_ends(
        self, connection: psycopg.Connection, platform: Platform, topic: str, now: datetime
    ) -> None:
        infer_ends(connection, platform, topic, max_silence=self._silences.get(platform, MAX_SILENCE), now=now)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection]:
        with self._connection() as connection, connection.transaction():
            yield connection


def _land(
    connection: psycopg.Connection, batch: Batch, rows: LandedRows, objects: Sequence[LakeObject], now: datetime
) -> LandingCounts:
    # first of all, so that of two landings of one batch the second waits here and then does no work
    _move_positions(connection, batch, now)
    new_samples = write_rows(connection, batch, rows, raw_age=read_raw_age(connection, batch.platform))
    counts = LandingCounts(
        samples=new_samples,
        duplicate_samples=len(rows.samples.sampled_at_ms) - new_samples,
        sweeps=land_sweeps(connection, rows.sweeps, now=now),
        dead_letters=len(rows.dead_letters),
        expired=rows.expired,
    )
    land_dead_letters(connection, rows.dead_letters, batch.topic_ids, now=now)
    list_objects(connection, batch.batch_id, objects)
    marked = connection.execute(
        read_statement("mark_landed"),
        {
            "batch_id": batch.batch_id,
            "snapshots": sum(stored.rows for stored in objects if stored.kind == SNAPSHOTS),
            "dead_letters": counts.dead_letters,
            "expired": counts.expired,
            "min_sampled_at": min((stored.min_sampled_at for stored in objects), default=None),
            "now": now,
        },
    )
    if marked.rowcount != 1:
        raise _fenced(batch)
    return counts


def _move_positions(connection: psycopg.Connection, batch: Batch, now: datetime) -> None:
    lock_topics(connection, list(batch.topic_ids))
    moved = connection.execute(
        read_statement("move_positions"),
        {
            "ranges": Jsonb([asdict(part) for part in batch.ranges]),
            "topic_ids": Jsonb(dict(batch.topic_ids)),
            "now": now,
        },
    )
    if moved.rowcount != len(batch.ranges):
        raise _fenced(batch)


def _fenced(batch: Batch) -> Fenced:
    return Fenced(f"batch {batch.batch_id} of {batch.platform}: its positions have moved, another run landed it first")
