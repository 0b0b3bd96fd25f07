"""From the messages of a batch to what is written of them: pure but for the keys it looks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from airtide.domain.batches import SNAPSHOTS, Batch, DeadLetter, ReadBatch, SnapshotColumns, SweepRecord, kind_of_topic
from airtide.domain.landed import Dimension, LandedRows, SampleColumns
from airtide.domain.models import Platform
from airtide.pipeline.arrays import NEVER_MS, Integers, to_column, to_integers
from airtide.pipeline.attributes import RunAttributes
from airtide.pipeline.bounds import find_bounds
from airtide.pipeline.coding import Coded, SnapshotCoder
from airtide.pipeline.dead_letters import Refusal, bury
from airtide.pipeline.facts import NO_KEY, Facts
from airtide.pipeline.key_book import FindCollisions, KeyBook
from airtide.pipeline.runs import find_runs

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a tick may lie ahead of the landing's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A batch, sorted out: what the lake keeps of its messages and what the warehouse gets."""

    snapshots: SnapshotColumns
    """Every snapshot that is neither expired nor a dead letter, duplicates and ends among them."""
    sweeps: Sequence[SweepRecord]
    rows: LandedRows


class Arranger:
    """Arranges the batches of one run of one platform; remembers keys and attributes from batch to batch."""

    def __init__(self, platform: Platform, find_collisions: FindCollisions, raw_age: timedelta) -> None:
        self._platform = platform
        self._raw_age = raw_age
        self._keys = KeyBook(platform, find_collisions)
        self._coder = SnapshotCoder()
        self._known: Sequence[str] = ()
        """What the codes of `_facts` and `_attributes` mean."""
        self._facts = Facts()
        self._attributes = RunAttributes()

    def arrange(self, batch: Batch, read: ReadBatch, *, now: datetime) -> Arranged:
        """Return what is to be written of `read`.

        What is expired and what lies in the future is told by the time of planning, so that every try of a batch
        writes the same objects; a sample that has expired since then stays out of the warehouse.
        """
        oldest_ms = _epoch_ms(batch.planned_at - self._raw_age)
        fresh, future = self._sort_by_age(batch, read.snapshots, oldest_ms)
        snapshots, coded, collided = self._find_keys(batch, fresh)
        sweeps = [record for record in read.sweeps if _epoch_ms(record.sweep.sampled_at) >= oldest_ms]
        ticks, offsets = to_integers(snapshots.sampled_at_ms), to_integers(snapshots.record_offset)
        broadcast = self._facts.broadcast[coded.codes]
        is_sample = self._facts.ended_ms[coded.codes] == NEVER_MS
        is_sample &= ticks >= _epoch_ms(now - self._raw_age)
        order = _order_samples(np.flatnonzero(is_sample), ticks, broadcast, offsets)
        by_age = np.lexsort((-offsets, ticks))
        runs = find_runs(broadcast, snapshots.viewers, ticks, order)
        rows = LandedRows(
            samples=self._pick_samples(snapshots, coded, ticks, order),
            channels=self._attributes.find_channels(coded, self._facts, ticks, by_age),
            categories=self._attributes.find_categories(coded, self._facts, ticks, by_age),
            broadcasts=find_bounds(coded, self._facts, ticks, offsets, order, runs),
            details=self._attributes.find_details(coded, self._facts, ticks, order),
            flags=runs.find_flags(coded, self._facts),
            sweeps=sweeps,
            dead_letters=[*read.dead_letters, *future, *collided],
            expired=len(read.snapshots) - len(fresh) - len(future) + len(read.sweeps) - len(sweeps),
        )
        return Arranged(snapshots=snapshots, sweeps=sweeps, rows=rows)

    def _pick_samples(
        self, snapshots: SnapshotColumns, coded: Coded, ticks: Integers, order: Integers
    ) -> SampleColumns:
        codes = coded.codes[order]
        return SampleColumns(
            sampled_at_ms=to_column(ticks[order]),
            broadcast_key=to_column(self._facts.broadcast[codes]),
            detail_key=to_column(self._facts.detail[codes]),
            viewers=[snapshots.viewers[i] for i in order.tolist()],
            cadence_s=to_column(self._facts.cadence_s[codes]),
        )

    def _sort_by_age(
        self, batch: Batch, snapshots: SnapshotColumns, oldest_ms: int
    ) -> tuple[SnapshotColumns, list[DeadLetter]]:
        newest_ms = _epoch_ms(batch.planned_at + FUTURE_TOLERANCE)
        ticks = to_integers(snapshots.sampled_at_ms)
        is_fresh = (ticks >= oldest_ms) & (ticks <= newest_ms)
        if is_fresh.all():
            return snapshots, []
        detail = f"its tick is more than {FUTURE_TOLERANCE} ahead of {batch.planned_at.isoformat()}"
        future = [
            bury(self._platform, _snapshots_topic(batch), snapshots, i, Refusal.FUTURE, detail)
            for i in np.flatnonzero(ticks > newest_ms).tolist()
        ]
        return snapshots.take(np.flatnonzero(is_fresh).tolist()), future

    def _find_keys(self, batch: Batch, snapshots: SnapshotColumns) -> tuple[SnapshotColumns, Coded, list[DeadLetter]]:
        """Return the snapshots whose ids have keys, with their codes, and dead letters of the others."""
        coded = self._coder.code(snapshots)
        if coded.values["broadcast_id"] is not self._known:
            # the codes mean something else now; the warehouse knows what was handed over before
            self._known, self._facts, self._attributes = coded.values["broadcast_id"], Facts(), RunAttributes()
        self._attributes.learn(coded, self._facts, self._facts.learn(coded, self._keys))
        collided: dict[int, str] = {}
        for dimension in Dimension:
            ids = coded.values[f"{dimension}_id"]
            for i in np.flatnonzero(getattr(self._facts, dimension)[coded.codes] == NO_KEY).tolist():
                text_id = ids[coded.codes[i]]
                collided[i] = f"the key of {dimension} {text_id} belongs to another {dimension}"
        if not collided:
            return snapshots, coded, []
        topic = _snapshots_topic(batch)
        letters = [
            bury(self._platform, topic, snapshots, i, Refusal.KEY_COLLISION, detail)
            for i, detail in sorted(collided.items())
        ]
        kept = [i for i in range(len(snapshots)) if i not in collided]
        return snapshots.take(kept), coded.take(np.array(kept, dtype=np.int64)), letters


def _order_samples(rows: Integers, ticks: Integers, broadcast: Integers, offsets: Integers) -> Integers:
    """Return the rows by (sampled_at, broadcast_key); of one key the lowest record offset stays."""
    order = rows[np.lexsort((offsets[rows], broadcast[rows], ticks[rows]))]
    is_kept = np.ones(len(order), dtype=np.bool_)
    is_kept[1:] = (ticks[order[1:]] != ticks[order[:-1]]) | (broadcast[order[1:]] != broadcast[order[:-1]])
    return order[is_kept]


def _snapshots_topic(batch: Batch) -> str:
    return next(topic for topic in batch.topic_ids if kind_of_topic(topic) == SNAPSHOTS)


def _epoch_ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
