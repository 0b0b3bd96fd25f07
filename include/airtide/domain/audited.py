"""What is on record of landed messages, in the shape in which it is held against the messages themselves.

Offsets are Kafka's; a run is [start_offset, end_offset) of one place. Arrays are numpy's, times in them epoch
milliseconds UTC, and −1 stands for a hidden count or a key that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Integers: TypeAlias = "npt.NDArray[np.int64]"
NONE = -1
"""What arrays hold in place of NULL: counts and keys are never negative."""


class Place(NamedTuple):
    """One topic partition of one life of its topic."""

    topic: str
    topic_id: str
    topic_partition: int


class Run(NamedTuple):
    """Offsets that follow one another."""

    start_offset: int
    end_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPosition:
    """Where landing of a topic partition began and what it lands next."""

    place: Place
    first_offset: int
    next_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedBatch:
    """A batch that has landed, with what it says became of its messages."""

    batch_id: int
    planned_at: datetime
    min_sampled_at: datetime | None
    """The earliest in its objects; None when it has none."""
    runs: Sequence[tuple[Place, Run]]
    snapshots: int
    dead_letters: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object as its ledger row tells it."""

    object_key: str
    kind: str
    batch_id: int | None
    """None when it holds rows of many batches."""
    starts_at: datetime
    """The hour of its rows, or the start of their day when it holds a whole one."""
    is_of_day: bool
    rows: int
    sha256: str
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """All that the ledger says of one platform at one moment, but for the samples."""

    raw_age: timedelta
    positions: Sequence[AuditedPosition]
    batches: Sequence[AuditedBatch]
    """Those that have landed."""
    planned: Sequence[int]
    """The batches in work."""
    losses: Sequence[tuple[Place, Run]]
    dead_letters: Mapping[Place, Sequence[int]]
    """Their offsets."""
    objects: Sequence[ListedObject]
    """Retired ones among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSamples:
    """Rows of live.sample, in any order."""

    sampled_at_ms: Integers
    broadcast_key: Integers
    viewers: Integers
    cadence_s: Integers
    detail_of: Integers
    """The broadcast that the sample's detail belongs to; NONE without a detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRows:
    """The snapshots of an object that are samples, in any order."""

    sampled_at_ms: Integers
    broadcast_key: Integers
    viewers: Integers
    cadence_s: Integers
    record_offset: Integers
    place: Integers
    """The index in the object's places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRows:
    """What an object holds."""

    places: Sequence[Place]
    runs: Sequence[tuple[Place, Run]]
    """The offsets of its rows; a row that stands in it twice is in two runs."""
    samples: SnapshotRows | None
    """None of an object of sweeps."""
