"""Fakes of what a quota draws from; they pass the contract suite of the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError
from airtide.domain.quota import Bucket, BucketLimit, QuotaPeriod
from airtide.platforms.quota import Quota

PACIFIC = "America/Los_Angeles"
SITE_LIMITS = {
    Bucket.YOUTUBE_SEARCH: BucketLimit(100, "day", PACIFIC),
    Bucket.YOUTUBE_UNITS: BucketLimit(10_000, "day", PACIFIC),
}
"""What YouTube grants to a project."""


@dataclass
class MemorySpendBook:
    """Spend of daily buckets in memory."""

    spent: dict[tuple[Bucket, QuotaPeriod], int] = field(default_factory=dict)
    closed: set[tuple[Bucket, QuotaPeriod]] = field(default_factory=set)
    raises: AirtideError | None = None

    def book(self, bucket: Bucket, period: QuotaPeriod, *, cost: int, limit: int, at: datetime) -> bool:
        """Take `cost` out of the bucket where so much is left."""
        self._answer()
        taken = self.spent.get((bucket, period), 0) + cost
        if taken > limit or (bucket, period) in self.closed:
            return False
        self.spent[bucket, period] = taken
        return True

    def close_bucket(self, bucket: Bucket, period: QuotaPeriod, *, at: datetime) -> None:
        """Let nothing more be taken in `period`."""
        self._answer()
        self.closed.add((bucket, period))

    def read_spent(self, bucket: Bucket, period: QuotaPeriod) -> tuple[int, bool]:
        """Return what was taken, and whether the bucket is closed."""
        self._answer()
        return self.spent.get((bucket, period), 0), (bucket, period) in self.closed

    def _answer(self) -> None:
        if self.raises is not None:
            raise self.raises


def make_quota(clock: Clock, book: MemorySpendBook | None = None, limits: Mapping[Bucket, int] | None = None) -> Quota:
    """Return YouTube's quota on a book in memory, with other `limits` where given."""
    held = {bucket: BucketLimit(limit, "day", PACIFIC) for bucket, limit in (limits or {}).items()}
    return Quota({**SITE_LIMITS, **held}, clock=clock, spend_book=book or MemorySpendBook())
