"""Which days may be compacted, and what comes of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from airtide.domain.batches import LakeObject

LEAST_RAW_AGE = timedelta(days=3)
"""Raw data that lives shorter goes by the hour: objects of a whole day would hold its morning back."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """One object, and the names of those whose messages it holds."""

    compacted: LakeObject
    replaced: Sequence[str]


def find_open_days(now: datetime, *, raw_age: timedelta, closed_after: timedelta) -> tuple[date, date] | None:
    """Return the first and the last UTC day that may be compacted, None when there is none.

    A day may be when it has been over for `closed_after`, and as long as nothing of it has begun to expire.
    """
    if raw_age < LEAST_RAW_AGE:
        return None
    first = _day_of(now - raw_age - timedelta(microseconds=1)) + _DAY
    last = _day_of(now - closed_after) - _DAY
    return (first, last) if first <= last else None


def start_of(day: date) -> datetime:
    """Return the first instant of a UTC day."""
    return datetime.combine(day, time(), UTC)


def _day_of(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
