"""What one landing writes into the warehouse, computed and sorted beforehand.

Parallel columns again, in any form of `columns`; times are epoch milliseconds UTC. Under channels, categories and
details stands only what the run has not handed over before: the warehouse keeps what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from airtide.domain.batches import DeadLetter, SweepRecord


class Dimension(StrEnum):
    """A kind of thing that a key stands for."""

    BROADCAST = "broadcast"
    CHANNEL = "channel"
    CATEGORY = "category"


@dataclass(slots=True)
class SampleColumns:
    """Samples sorted by (sampled_at, broadcast_key), one per key."""

    sampled_at_ms: Sequence[int] = field(default_factory=list)
    broadcast_key: Sequence[int] = field(default_factory=list)
    detail_key: Sequence[int] = field(default_factory=list)
    viewers: Sequence[int | None] = field(default_factory=list)
    cadence_s: Sequence[int] = field(default_factory=list)


class ChannelRow(NamedTuple):
    """A channel as last observed in the batch."""

    channel_key: int
    channel_id: str
    handle: str | None
    name: str | None
    observed_at_ms: int


class CategoryRow(NamedTuple):
    """A category as last observed in the batch, with its name where the site tells it."""

    category_key: int
    category_id: str
    name: str | None
    observed_at_ms: int


@dataclass(slots=True)
class RunColumns:
    """Runs of equal counts, one a broadcast; all is None of a broadcast without a sample, and viewers where hidden."""

    viewers: Sequence[int | None] = field(default_factory=list)
    since_ms: Sequence[int | None] = field(default_factory=list)
    until_ms: Sequence[int | None] = field(default_factory=list)
    samples: Sequence[int | None] = field(default_factory=list)


@dataclass(slots=True)
class BroadcastColumns:
    """What a batch tells of each broadcast: earliest start and latest end told by the site, bounds of its samples."""

    broadcast_key: Sequence[int] = field(default_factory=list)
    broadcast_id: Sequence[str] = field(default_factory=list)
    channel_key: Sequence[int] = field(default_factory=list)
    started_at_ms: Sequence[int | None] = field(default_factory=list)
    ended_at_ms: Sequence[int | None] = field(default_factory=list)
    first_sampled_at_ms: Sequence[int | None] = field(default_factory=list)
    last_sampled_at_ms: Sequence[int | None] = field(default_factory=list)
    first_run: RunColumns = field(default_factory=RunColumns)
    """The samples from the first one on that have its count; None without a sample."""
    last_run: RunColumns = field(default_factory=RunColumns)
    """The samples up to the last one that have its count."""


class DetailRow(NamedTuple):
    """One set of attributes of a broadcast and when it was first seen in the batch."""

    detail_key: int
    broadcast_key: int
    observed_from_ms: int
    title: str | None
    category_key: int
    language: str | None
    thumbnail_url: str | None
    watch_url: str | None
    tags: tuple[str, ...]
    is_mature: bool | None


class FlagRow(NamedTuple):
    """Something odd about a count, at the first sample of the run it holds for."""

    broadcast_key: int
    sampled_at_ms: int
    flag: str
    is_first: bool
    """The run is the first of its broadcast in the batch, and may have begun before it."""


@dataclass(slots=True)
class LandedRows:
    """Everything one batch brings to the warehouse."""

    samples: SampleColumns
    channels: Sequence[ChannelRow]
    categories: Sequence[CategoryRow]
    broadcasts: BroadcastColumns
    details: Sequence[DetailRow]
    flags: Sequence[FlagRow]
    sweeps: Sequence[SweepRecord]
    dead_letters: Sequence[DeadLetter]
    expired: int
    """Snapshot and sweep messages older than the raw age: counted, written nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingCounts:
    """What one transaction changed."""

    samples: int
    duplicate_samples: int
    sweeps: int
    dead_letters: int
    expired: int
