"""What compaction and retention need of the outside, as protocols; what holds for `ports` holds for these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from airtide.domain.batches import LakeObject
from airtide.domain.compaction import Compaction
from airtide.domain.models import Platform
from airtide.domain.retention import Expired, FoundObject, Leaf


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
