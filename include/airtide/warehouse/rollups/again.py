"""Computes hours and days again that nothing has landed for: after a change of the definitions, a repair, a backfill.

Nothing is removed before: each hour and day keeps its rows until the transaction that replaces them, and rows whose
numbers come out as they were stay untouched. What is sealed is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import psycopg

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.warehouse.rollups.days import roll_up_days
from airtide.warehouse.rollups.turn import HOUR
from airtide.warehouse.statements import read_statement

_ONE_DAY, _ONE_WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DayAgain:
    """A day of a platform and a zone that may be computed again."""

    platform: str
    zone: str
    day: date
    starts_at: datetime
    ends_at: datetime
    is_sealed: bool
    """Samples or states that it is made from have begun to expire: it keeps its numbers."""


def find_days(
    connection: psycopg.Connection,
    platforms: Sequence[Platform],
    zones: Sequence[str],
    *,
    first_day: date,
    last_day: date,
    now: datetime,
    ends_at: datetime | None = None,
) -> list[DayAgain]:
    """Return the days between two dates, both included, that have begun; with `ends_at` only those that end then."""
    asked = {
        "platforms": [platform.value for platform in platforms],
        "zones": list(zones),
        "first_day": first_day,
        "last_day": last_day,
        "now": now,
        "ends_at": ends_at,
    }
    return [DayAgain(*row) for row in connection.execute(read_statement("find_days_again"), asked)]


def find_days_ending(
    connection: psycopg.Connection,
    platforms: Sequence[Platform],
    zones: Sequence[str],
    ends_at: datetime,
    now: datetime,
) -> list[DayAgain]:
    """Return the days of any zone that end at this instant."""
    first_day, last_day = ends_at.date() - 2 * _ONE_DAY, ends_at.date() + _ONE_DAY
    return find_days(connection, platforms, zones, first_day=first_day, last_day=last_day, now=now, ends_at=ends_at)


def mark_days(connection: psycopg.Connection, days: Sequence[DayAgain], *, now: datetime) -> None:
    """Mark days that are not sealed, and what depends on their hours, for the next roll-up."""
    mark_stretches(connection, [(day.platform, day.starts_at, day.ends_at) for day in days if not day.is_sealed], now)


def mark_hour(connection: psycopg.Connection, platforms: Sequence[Platform], hour: datetime, *, now: datetime) -> None:
    """Mark one hour, and what depends on it, for the next roll-up, which leaves it where it is sealed."""
    mark_stretches(connection, [(platform.value, hour, hour + HOUR) for platform in platforms], now)


def mark_stretches(
    connection: psycopg.Connection, stretches: Sequence[tuple[str, datetime, datetime]], now: datetime
) -> None:
    """Mark what whole hours of platforms, given from their starts to their ends, have a part in."""
    platforms, starts_at, ends_at = ([stretch[place] for stretch in stretches] for place in range(3))
    asked = {"platforms": platforms, "starts_at": starts_at, "ends_at": ends_at, "now": now}
    connection.execute(read_statement("mark_days_again"), asked)


def recompute_days(connection: psycopg.Connection, days: Sequence[DayAgain], clock: Clock) -> Mapping[str, int]:
    """Mark and roll up week after week, and return what was computed and changed, days beside them included.

    A run that is cut off has done whole days, and its marks see to the rest of the week under way.
    """
    done: Counter[str] = Counter(sealed_days=sum(day.is_sealed for day in days))
    for _, of_week in groupby(days, key=lambda day: (day.day - days[0].day) // _ONE_WEEK):
        now = clock.now()
        mark_days(connection, list(of_week), now=now)
        done.update(roll_up_days(connection, now=now).to_dict())
    return done
