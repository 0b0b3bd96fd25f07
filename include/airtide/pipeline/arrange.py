"""From the messages of a batch to what is written of them: pure but for the keys it looks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from airtide.domain.batches import SNAPSHOTS, Batch, DeadLetter, ReadBatch, SnapshotColumns, SweepRecord, kind_of_topic
from airtide.domain.landed import Dimension, LandedRows, SampleColumns
from airtide.domain.models import Platform
from airtide.pipeline.attributes import RunAttributes, SnapshotKeys
from airtide.pipeline.bounds import find_bounds
from airtide.pipeline.dead_letters import Refusal, bury
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
        self._attributes = RunAttributes()

    def arrange(self, batch: Batch, read: ReadBatch, *, now: datetime) -> Arranged:
        """Return what is to be written of `read`.

        What is expired and what lies in the future is told by the time of planning, so that every try of a batch
        writes the same objects; a sample that has expired since then stays out of the warehouse.
        """
        oldest_ms = _epoch_ms(batch.planned_at - self._raw_age)
        fresh, future = self._sort_by_age(batch, read.snapshots, oldest_ms)
        snapshots, keys, collided = self._find_keys(batch, fresh)
        sweeps = [record for record in read.sweeps if _epoch_ms(record.sweep.sampled_at) >= oldest_ms]
        order = _order_samples(snapshots, keys.broadcast, oldest_ms=_epoch_ms(now - self._raw_age))
        detail_keys, details = self._attributes.find_details(snapshots, keys, order)
        runs = find_runs(snapshots, keys, order)
        rows = LandedRows(
            samples=SampleColumns(
                sampled_at_ms=[snapshots.sampled_at_ms[i] for i in order],
                broadcast_key=[keys.broadcast[i] for i in order],
                detail_key=detail_keys,
                viewers=[snapshots.viewers[i] for i in order],
                cadence_s=[snapshots.cadence_s[i] for i in order],
            ),
            channels=self._attributes.find_channels(snapshots, keys),
            categories=self._attributes.find_categories(snapshots, keys),
            broadcasts=find_bounds(snapshots, keys, order, runs),
            details=details,
            flags=runs.flags,
            sweeps=sweeps,
            dead_letters=[*read.dead_letters, *future, *collided],
            expired=len(read.snapshots) - len(fresh) - len(future) + len(read.sweeps) - len(sweeps),
        )
        return Arranged(snapshots=snapshots, sweeps=sweeps, rows=rows)

    def _sort_by_age(
        self, batch: Batch, snapshots: SnapshotColumns, oldest_ms: int
    ) -> tuple[SnapshotColumns, list[DeadLetter]]:
        newest_ms = _epoch_ms(batch.planned_at + FUTURE_TOLERANCE)
        ticks = snapshots.sampled_at_ms
        if not ticks or (min(ticks) >= oldest_ms and max(ticks) <= newest_ms):
            return snapshots, []
        future = [
            bury(
                self._platform,
                _snapshots_topic(batch),
                snapshots,
                i,
                Refusal.FUTURE,
                f"its tick is more than {FUTURE_TOLERANCE} ahead of {batch.planned_at.isoformat()}",
            )
            for i, tick in enumerate(ticks)
            if tick > newest_ms
        ]
        return snapshots.take([i for i, tick in enumerate(ticks) if oldest_ms <= tick <= newest_ms]), future

    def _find_keys(
        self, batch: Batch, snapshots: SnapshotColumns
    ) -> tuple[SnapshotColumns, SnapshotKeys, list[DeadLetter]]:
        """Return the snapshots whose ids have keys, with these, and dead letters of the others."""
        ids: dict[Dimension, Sequence[str | None]] = {
            Dimension.BROADCAST: snapshots.broadcast_id,
            Dimension.CHANNEL: snapshots.channel_id,
            Dimension.CATEGORY: snapshots.category_id,
        }
        keys = {dimension: self._keys.find_keys(dimension, text_ids) for dimension, text_ids in ids.items()}
        collided = {
            i: f"the key of {dimension} {ids[dimension][i]} belongs to another {dimension}"
            for dimension, found in keys.items()
            if None in found
            for i, key in enumerate(found)
            if key is None
        }
        topic = _snapshots_topic(batch)
        letters = [
            bury(self._platform, topic, snapshots, i, Refusal.KEY_COLLISION, detail)
            for i, detail in sorted(collided.items())
        ]
        if collided:
            snapshots = snapshots.take([i for i in range(len(snapshots)) if i not in collided])
        broadcast, channel, category = (
            [key for i, key in enumerate(found) if key is not None and i not in collided] for found in keys.values()
        )
        return snapshots, SnapshotKeys(broadcast=broadcast, channel=channel, category=category), letters


def _order_samples(snapshots: SnapshotColumns, broadcast_key: Sequence[int], *, oldest_ms: int) -> list[int]:
    """Return the indexes of the samples by (sampled_at, broadcast_key); of one key the lowest record offset stays."""
    ticks = snapshots.sampled_at_ms
    order = [i for i, ended_at in enumerate(snapshots.ended_at_ms) if ended_at is None and ticks[i] >= oldest_ms]
    # stable sorts, the least key first: cheaper than one sort by tuples
    order.sort(key=snapshots.record_offset.__getitem__)
    order.sort(key=broadcast_key.__getitem__)
    order.sort(key=ticks.__getitem__)
    kept = order[:1]
    for i in order[1:]:
        last = kept[-1]
        if ticks[i] != ticks[last] or broadcast_key[i] != broadcast_key[last]:
            kept.append(i)
    return kept


def _snapshots_topic(batch: Batch) -> str:
    return next(topic for topic in batch.topic_ids if kind_of_topic(topic) == SNAPSHOTS)


def _epoch_ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
