"""What moves through a landing: exact offset ranges, the columns read from them, and what is written of them.

Offsets are Kafka's; a range is [start_offset, end_offset). Times in columns are epoch milliseconds UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from airtide.domain.columns import take_rows
from airtide.domain.models import Platform, Sweep

SNAPSHOTS = "snapshots"
SWEEPS = "sweeps"


def kind_of_topic(topic: str) -> str:
    """Return what the messages of a topic are, `SNAPSHOTS` or `SWEEPS`: the second part of its name."""
    return topic.split(".")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetRange:
    """An exact slice of one topic partition."""

    topic: str
    topic_partition: int
    start_offset: int
    end_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFacts:
    """What the broker says of one topic at one moment: its id, and per partition the first kept and the end offset."""

    topic: str
    topic_id: str
    low_offsets: Mapping[int, int]
    end_offsets: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Exact ranges of the two topics of one platform, planned before they are read."""

    batch_id: int
    platform: Platform
    ranges: Sequence[OffsetRange]
    topic_ids: Mapping[str, str]
    planned_at: datetime


def count_messages(batch: Batch) -> int:
    """Return how many offsets a batch covers; markers of transactions count."""
    return sum(part.end_offset - part.start_offset for part in batch.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that can never be landed, with where it came from and why."""

    topic: str
    topic_partition: int
    record_offset: int
    reason: str
    detail: str
    raw: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(slots=True)
class SnapshotColumns:
    """Snapshot messages as parallel columns, one entry a message, in reading order.

    A column is a list, an `array` of integers, or a `CodedColumn`. What the log reads has `CodedColumn`s, with the same
    codes in all of them, in everything that changes from sweep to sweep for few broadcasts only.
    """

    topic_partition: Sequence[int] = field(default_factory=list)
    record_offset: Sequence[int] = field(default_factory=list)
    sweep_id: Sequence[str] = field(default_factory=list)
    sampled_at_ms: Sequence[int] = field(default_factory=list)
    fetched_at_ms: Sequence[int] = field(default_factory=list)
    broadcast_id: Sequence[str] = field(default_factory=list)
    channel_id: Sequence[str] = field(default_factory=list)
    viewers: Sequence[int | None] = field(default_factory=list)
    cadence_s: Sequence[int] = field(default_factory=list)
    channel_handle: Sequence[str | None] = field(default_factory=list)
    channel_name: Sequence[str | None] = field(default_factory=list)
    title: Sequence[str | None] = field(default_factory=list)
    category_id: Sequence[str | None] = field(default_factory=list)
    category_name: Sequence[str | None] = field(default_factory=list)
    language: Sequence[str | None] = field(default_factory=list)
    started_at_ms: Sequence[int | None] = field(default_factory=list)
    ended_at_ms: Sequence[int | None] = field(default_factory=list)
    thumbnail_url: Sequence[str | None] = field(default_factory=list)
    watch_url: Sequence[str | None] = field(default_factory=list)
    is_mature: Sequence[bool | None] = field(default_factory=list)
    tags: Sequence[tuple[str, ...]] = field(default_factory=list)
    flags: Sequence[tuple[str, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.record_offset)

    def take(self, indexes: Sequence[int]) -> SnapshotColumns:
        """Return the rows at `indexes`, in that order."""
        return SnapshotColumns(**take_rows({f.name: getattr(self, f.name) for f in fields(self)}, indexes))


ATTRIBUTES = (
    "broadcast_id",
    "channel_id",
    "cadence_s",
    "channel_handle",
    "channel_name",
    "title",
    "category_id",
    "category_name",
    "language",
    "started_at_ms",
    "ended_at_ms",
    "thumbnail_url",
    "watch_url",
    "is_mature",
    "tags",
    "flags",
)
"""Columns that share codes, in a message's order: what changes from sweep to sweep for few broadcasts only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """A sweep message and where it stood in its topic."""

    topic_partition: int
    record_offset: int
    sweep: Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatch:
    """All messages of a batch's ranges, decoded; what could not be decoded is a dead letter."""

    snapshots: SnapshotColumns
    sweeps: Sequence[SweepRecord]
    dead_letters: Sequence[DeadLetter]


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeObject:
    """One immutable object of the lake as its ledger row tells it; `sha256` is over the logical rows."""

    object_key: str
    kind: str
    """snapshots | sweeps"""
    platform: Platform
    day: str
    """UTC day of sampled_at, YYYY-MM-DD."""
    hour: int | None
    """UTC hour of sampled_at; None for one that holds a whole day."""
    rows: int
    bytes: int
    sha256: str
    min_sampled_at: datetime
    max_sampled_at: datetime
