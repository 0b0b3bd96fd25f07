"""Makes few large objects of the lake's many small ones, a day at a time.

Wherever it is broken off, every message is in one listed object: the new object is written before anything lists it,
one transaction swaps it for those it replaces, and these stay in the store for another day. What lands late for a day
is compacted into it by the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from airtide.domain.clock import Clock
from airtide.domain.compaction import Compaction, find_open_days
from airtide.domain.models import Platform
from airtide.pipeline.keeping import DayCompactor, ObjectLedger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactionOutcome:
    """What one run did."""

    objects_before: int = 0
    objects_after: int = 0
    rows: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    overtaken: int = 0
    """Days that something else changed in the meantime; the next run looks again."""

    def to_dict(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)


def compact_lake(
    platforms: Iterable[Platform],
    *,
    lake: DayCompactor,
    ledger: ObjectLedger,
    clock: Clock,
    closed_after: timedelta,
) -> CompactionOutcome:
    """Compact each day that has been over for `closed_after`, and of which nothing has begun to expire."""
    outcome = CompactionOutcome()
    for platform in platforms:
        days = find_open_days(clock.now(), raw_age=ledger.read_raw_age(platform), closed_after=closed_after)
        if days is None:
            continue
        for day, kind in ledger.find_scattered(platform, *days):
            outcome = _compact_day(outcome, platform, day, kind, lake, ledger, clock)
    return outcome


def _compact_day(
    outcome: CompactionOutcome,
    platform: Platform,
    day: date,
    kind: str,
    lake: DayCompactor,
    ledger: ObjectLedger,
    clock: Clock,
) -> CompactionOutcome:
    listed = {stored.object_key: stored for stored in ledger.list_day(platform, day, kind)}
    for compaction in lake.compact(platform, day.isoformat(), kind, list(listed.values())):
        if not ledger.swap(compaction, now=clock.now()):
            logger.warning("overtaken platform=%s day=%s kind=%s: the day's objects have changed", platform, day, kind)
            outcome = replace(outcome, overtaken=outcome.overtaken + 1)
            continue
        before = sum(listed[key].bytes for key in compaction.replaced)
        outcome = _count(outcome, compaction, before)
        logger.info(
            "compacted platform=%s day=%s kind=%s objects=%s rows=%s bytes_before=%s bytes_after=%s",
            platform,
            day,
            kind,
            len(compaction.replaced),
            compaction.compacted.rows,
            before,
            compaction.compacted.bytes,
        )
    return outcome


def _count(outcome: CompactionOutcome, compaction: Compaction, bytes_before: int) -> CompactionOutcome:
    return replace(
        outcome,
        objects_before=outcome.objects_before + len(compaction.replaced),
        objects_after=outcome.objects_after + 1,
        rows=outcome.rows + compaction.compacted.rows,
        bytes_before=outcome.bytes_before + bytes_before,
        bytes_after=outcome.bytes_after + compaction.compacted.bytes,
    )
