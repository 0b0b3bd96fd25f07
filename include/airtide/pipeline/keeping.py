"""What compaction, retention and rebuilding need of the outside, as protocols like those of `ports`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from airtide.domain.batches import Batch, LakeObject, SnapshotColumns, SweepRecord
from airtide.domain.compaction import Compaction
from airtide.domain.landed import Dimension, LandedRows, LandingCounts
from airtide.domain.models import Platform
from airtide.domain.rebuilding import BrokenObject, WholeObject
from airtide.domain.retention import Expired, FoundObject, Leaf
from airtide.domain.spans import Span


class DayCompactor(Protocol):
    """The object store's side of compaction."""

    def compact(self, platform: Platform, day: str, kind: str, listed: Sequence[LakeObject]) -> Sequence[Compaction]:
        """Write one object of all that are listed for a day; one for each topic id, where a topic was made anew.

        What stands alone stays as it is. Nothing counts before it is listed; a second write is the same write.
        """
        ...


class ObjectLedger(Protocol):
    """Which objects of the lake count."""

    def read_raw_age(self, platform: Platform) -> timedelta:
        """Return the age after which raw data of `platform` may no longer be kept."""
        ...

    def find_scattered(self, platform: Platform, first_day: date, last_day: date) -> Sequence[tuple[date, str]]:
        """Return the days, and kinds, for which more than one object is listed, the oldest first."""
        ...

    def list_day(self, platform: Platform, day: date, kind: str) -> Sequence[LakeObject]:
        """Return the objects of a day that are listed and not retired."""
        ...

    def swap(self, compaction: Compaction, *, now: datetime) -> bool:
        """List the compacted object and retire those it replaces, in one transaction.

        False, and nothing done, when one of these is not listed any more, or the name is taken.
        """
        ...


class RawLedger(ObjectLedger, Protocol):
    """The raw data that the warehouse holds or lists."""

    def count_expired(self, platform: Platform, *, before: datetime, now: datetime) -> Expired:
        """Return how much would be removed; reads only."""
        ...

    def find_expired_leaves(self, platform: Platform, *, before: datetime) -> Sequence[Leaf]:
        """Return the leaves of samples that end at `before` or earlier, the oldest first."""
        ...

    def drop_leaf(self, platform: Platform, leaf: Leaf) -> bool:
        """Empty a leaf, then drop it; False when somebody reads it for too long: the next run tries again."""
        ...

    def delete_expired(self, platform: Platform, *, before: datetime) -> Expired:
        """Delete dead letters and flags, and empty the counts of broadcasts, a slice at a time."""
        ...

    def retire_expired(self, platform: Platform, *, before: datetime, now: datetime) -> int:
        """Retire the listed objects whose last sample is older than `before`; return how many."""
        ...

    def find_removable(self, platform: Platform, *, before: datetime, now: datetime, limit: int) -> Sequence[str]:
        """Return retired objects that may leave the store: a day after they were retired, expired ones at once."""
        ...

    def forget_objects(self, object_keys: Sequence[str]) -> None:
        """Drop the rows of retired objects that are in the store no longer."""
        ...

    def find_unlisted(self, objects: Sequence[FoundObject]) -> Sequence[FoundObject]:
        """Return those of which the ledger has no row."""
        ...

    def has_planned_since(self, platform: Platform, before: datetime) -> bool:
        """Tell whether a batch was planned before an instant and still is: it may yet list what it has written."""
        ...

    def condemn(self, platform: Platform, objects: Sequence[FoundObject], *, now: datetime) -> int:
        """Enter unlisted objects as retired, so that nothing can list them any more; return how many were entered."""
        ...


class RawStore(Protocol):
    """The objects that the store really holds."""

    def list_objects(self, platform: Platform) -> Iterator[FoundObject]:
        """Yield the objects of a platform, listed in the ledger or not."""
        ...

    def remove(self, object_key: str) -> None:
        """Remove an object; nothing happens when there is none."""
        ...


class WrittenLake(Protocol):
    """The objects of the lake read back, whatever a ledger lists."""

    def find_objects(self, platform: Platform, day: str) -> Iterator[WholeObject | BrokenObject]:
        """Yield the objects of a UTC day: those that are whole with what they hold, the others with the reason."""
        ...

    def read_snapshots(self, object_key: str) -> Iterator[SnapshotColumns]:
        """Yield an object's snapshots, some at a time, each time in the order of their topic."""
        ...

    def read_sweeps(self, platform: Platform, object_key: str) -> Sequence[SweepRecord]:
        """Return an object's sweep records."""
        ...

    def write_part(self, whole: WholeObject, spans: Mapping[int, Sequence[Span]]) -> LakeObject:
        """Write an object of those of an object's messages that are in `spans`; nothing lists it yet."""
        ...


class RebuildLedger(Protocol):
    """The warehouse side of a rebuild. What is there stays as it is: the first one wins, as in a landing."""

    def read_raw_age(self, platform: Platform) -> timedelta:
        """Return the age after which raw data of `platform` may no longer be kept."""
        ...

    def find_collisions(self, platform: Platform, dimension: Dimension, keys: Mapping[str, int]) -> Collection[str]:
        """Return those of the text ids in `keys` whose key already belongs to another text id."""
        ...

    def read_landed(self, platform: Platform) -> Mapping[tuple[str, str, int], Sequence[Span]]:
        """Return the offsets that have landed, by (topic, topic id, topic partition)."""
        ...

    def begin_rebuild(self, platform: Platform, topic_ids: Mapping[str, str], *, now: datetime) -> Batch:
        """Return a batch that has landed nothing yet. Raises `PermanentError` while a landing has one planned."""
        ...

    def land_rows(self, batch: Batch, rows: LandedRows, *, now: datetime) -> LandingCounts:
        """Write rows as a landing does, in one transaction; neither ranges nor positions."""
        ...

    def finish_rebuild(self, batch: Batch, stored: LakeObject, *, earlier_ids: Collection[str], now: datetime) -> None:
        """List the object, put the batch's ranges on record and move positions behind them, in one transaction.

        `earlier_ids` are those of lives that its topic had before. Raises `PermanentError` when a landing has planned a
        batch meanwhile, or the object is about to be removed.
        """
        ...

    def settle_rebuild(self, platform: Platform, *, now: datetime) -> int:
        """Put on record as lost what lies between landed ranges and is in no object, and infer ends anew.

        What was on record as lost and has been found is taken off it. Returns how many messages are newly lost.
        """
        ...
