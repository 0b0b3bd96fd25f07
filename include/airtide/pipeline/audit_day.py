"""Recomputes a day from the lake on another engine, and holds what the warehouse tells of it against that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.periods import Period
from airtide.domain.recomputed import AROUND_MS, DAY_TABLES, DayRecord, TableReport, compare_rows
from airtide.pipeline.recomputing import DayEngine, DayLake, DayWarehouse

logger = logging.getLogger(__name__)

CLOSES_AFTER = timedelta(hours=1)
"""A sample can change a day until so long after its end."""


class Unaudited(StrEnum):
    """Why a day was not recomputed."""

    OPEN = "it is still open"
    WAITS = "it waits to be rolled up: run the Dag roll_up_days, then ask again"
    SEALED = "it is sealed: its samples have begun to expire"
    NOTHING = "nothing of it is on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """What an audit of one platform's day came to."""

    platform: Platform
    zone: str
    day: str
    unaudited: Unaudited | None
    """None where it was recomputed."""
    objects: int = 0
    """Objects that were read."""
    tables: Sequence[TableReport] = ()

    @property
    def is_equal(self) -> bool:
        """Tell whether no row differs, and none may differ that could have been looked at."""
        return self.unaudited not in (Unaudited.OPEN, Unaudited.WAITS) and all(table.is_equal for table in self.tables)


def audit_day(
    platform: Platform,
    day: date,
    zone: str,
    *,
    warehouse: DayWarehouse,
    lake: DayLake,
    engine: DayEngine,
    clock: Clock,
) -> DayReport:
    """Recompute one platform's day and compare every row; changes nothing.

    The warehouse is read as it was at one moment, and of the lake the objects listed then that hold a tick between an
    hour before the day and an hour after. Raises what the ports raise when a part cannot be asked, or an object is not
    what it is listed as.
    """
    with warehouse.open_day(platform, zone, day) as kept:
        record = kept.record
        unaudited = _find_hindrance(record, clock.now())
        if unaudited is not None:
            return DayReport(platform=platform, zone=zone, day=record.day.day, unaudited=unaudited)
        around = Period(record.day.period.start_ms - AROUND_MS, record.day.period.end_ms + AROUND_MS)
        snapshots = lake.read_snapshots(platform, record.objects, record.lives, around)
        with engine.recompute(record.day, snapshots, kept.read_bounds()) as recomputed:
            tables = [compare_rows(table, kept.read_rows(table), recomputed.read_rows(table)) for table in DAY_TABLES]
    logger.info(
        "audited platform=%s zone=%s day=%s objects=%s equal=%s different=%s",
        platform,
        zone,
        record.day.day,
        len(record.objects),
        sum(table.equal for table in tables),
        sum(table.different.total() for table in tables),
    )
    is_empty = not any(table.equal or table.different for table in tables)
    return DayReport(
        platform=platform,
        zone=zone,
        day=record.day.day,
        unaudited=Unaudited.NOTHING if is_empty else None,
        objects=len(record.objects),
        tables=() if is_empty else tables,
    )


def _find_hindrance(record: DayRecord, now: datetime) -> Unaudited | None:
    """Return why a day cannot be recomputed, or what would not be told of it yet."""
    period = record.day.period
    if now < _instant(period.end_ms) + CLOSES_AFTER:
        return Unaudited.OPEN
    if _instant(period.start_ms - AROUND_MS) < now - record.raw_age:
        return Unaudited.SEALED
    return Unaudited.WAITS if record.waits else None


def _instant(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms // 1000, UTC)
