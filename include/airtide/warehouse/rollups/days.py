"""From hourly states to days of a zone: broadcasts, channels, categories, languages, platforms."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import date, datetime

import psycopg

from airtide.warehouse.rollups.hours import roll_up_hours
from airtide.warehouse.rollups.marks import write_broadcast_marks
from airtide.warehouse.rollups.tables import (
    BROADCAST_DAY,
    CATEGORY_DAY,
    CHANNEL_DAY,
    LANGUAGE_DAY,
    PLATFORM_DAY,
    replace_rows,
)
from airtide.warehouse.rollups.turn import HOUR, Ages, collect_edges, collect_parts, joining_many, one_moment, read_ages
from airtide.warehouse.rollups.versions import mark_older_hours, read_oldest_version
from airtide.warehouse.statements import read_statement


@dataclass(slots=True)
class DailyOutcome:
    """What one run did; rows are counted where they are new or a number of theirs changed."""

    days: int = 0
    """Platform days computed."""
    postponed_days: int = 0
    """Marked days that wait for the next run: an hour of theirs was marked meanwhile, or the calendar lacks them."""
    sealed_days: int = 0
    """Marked days left as they are, because states they are merged from have begun to expire."""
    changed_broadcasts: int = 0
    changed_marks: int = 0
    """Broadcasts whose marks are others than before."""
    changed_channels: int = 0
    changed_categories: int = 0
    changed_languages: int = 0
    changed_platforms: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _StaleDay:
    platform: str
    zone: str
    day: date

    def parameters(self) -> dict[str, object]:
        return asdict(self)


def roll_up_days(connection: psycopg.Connection, *, now: datetime, zone: str | None = None) -> DailyOutcome:
    """Compute the days that wait, of one zone or of all, and delete the marks that said so.

    Hours that wait are rolled up before, since days are merged from them. The connection is in autocommit and may write
    to `trends`. Each platform's day is a transaction of its own; what a crash leaves undone keeps its marks.
    """
    mark_older_hours(connection, zone=zone, now=now)
    roll_up_hours(connection, now=now)
    waiting = [_StaleDay(*row) for row in connection.execute(read_statement("read_stale_days"), {"zone": zone})]
    ages = read_ages(connection, {stale.platform for stale in waiting})
    outcome = DailyOutcome()
    queue = deque(waiting)
    while queue:
        stale = queue.popleft()
        with one_moment(connection):
            following = _replace_day(connection, stale, ages[stale.platform], now, outcome)
        queue.extendleft(day for day in following if day not in queue)
    return outcome


def _replace_day(
    connection: psycopg.Connection, stale: _StaleDay, ages: Ages, now: datetime, outcome: DailyOutcome
) -> list[_StaleDay]:
    """Replace the rows of one day; return days that it made stale in turn."""
    marks = connection.execute(read_statement("read_day_marks"), stale.parameters()).fetchone()
    if marks is None:
        outcome.postponed_days += 1
        return []
    starts_at, ends_at, hours_wait, dirty_ids = marks
    if ages.seals_day(starts_at, now):
        outcome.sealed_days += 1
        connection.execute(read_statement("delete_day_marks"), {"dirty_ids": dirty_ids})
        return []
    if hours_wait:
        outcome.postponed_days += 1
        return []
    collect_edges(connection, stale.platform, _hours_around(starts_at, ends_at))
    parameters = {**stale.parameters(), "starts_at": starts_at, "ends_at": ends_at}
    collect_parts(connection, parameters)
    parameters["definitions_version"] = read_oldest_version(connection, parameters)
    with joining_many(connection):
        outcome.changed_broadcasts += replace_rows(connection, BROADCAST_DAY, parameters, now=now)
    outcome.changed_marks += write_broadcast_marks(connection, parameters, now=now)
    outcome.changed_channels += replace_rows(connection, CHANNEL_DAY, parameters, now=now)
    outcome.changed_categories += replace_rows(connection, CATEGORY_DAY, parameters, now=now)
    outcome.changed_languages += replace_rows(connection, LANGUAGE_DAY, parameters, now=now)
    outcome.changed_platforms += replace_rows(connection, PLATFORM_DAY, parameters, now=now)
    outcome.days += 1
    connection.execute(read_statement("delete_day_marks"), {"dirty_ids": dirty_ids})
    marked = connection.execute(read_statement("mark_following_day"), parameters)
    return [_StaleDay(stale.platform, stale.zone, day) for (day,) in marked]


def _hours_around(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """Return the starts of the hours of [starts_at, ends_at), of the one before and of the one after."""
    return [starts_at + step * HOUR for step in range(-1, (ends_at - starts_at) // HOUR + 1)]
