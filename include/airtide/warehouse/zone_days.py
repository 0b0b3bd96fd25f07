"""Keeps the calendar: where each day of a zone begins and ends. Nothing else works out local time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from airtide.domain.errors import MisconfiguredError
from airtide.domain.periods import Period, ZoneDay
from airtide.warehouse.statements import read_statement

CALENDAR_BACK = timedelta(days=400)
"""Farther than any raw data is kept."""
CALENDAR_AHEAD = timedelta(days=40)

_HOUR = timedelta(hours=1)
_FARTHEST = timedelta(hours=26)
"""No zone's day begins or ends farther than this from the UTC day of the same date."""


def ensure_calendar(connection: psycopg.Connection, zones: Iterable[str], *, now: datetime) -> None:
    """Write the days of `zones` that landing and roll-ups may need around `now`, like `ensure_zone_days`."""
    first_day, last_day = ((now + span).astimezone(UTC).date() for span in (-CALENDAR_BACK, CALENDAR_AHEAD))
    ensure_zone_days(connection, zones, first_day=first_day, last_day=last_day)


def ensure_zone_days(connection: psycopg.Connection, zones: Iterable[str], *, first_day: date, last_day: date) -> None:
    """Write the days of `zones` from `first_day` to `last_day`, both included; again, nothing changes.

    Days that are new to the calendar are marked to be rolled up where something was live in them. Raises
    `MisconfiguredError` for a zone that is unknown or not a whole number of hours away from UTC in that time.
    """
    calendars = {zone: find_zone_days(zone, first_day, last_day) for zone in zones}
    with connection.transaction():
        for zone, days in calendars.items():
            connection.execute(
                read_statement("write_zone_days"),
                {
                    "zone": zone,
                    "days": [date.fromisoformat(day.day) for day in days],
                    "starts_at": [_instant(day.period.start_ms) for day in days],
                    "ends_at": [_instant(day.period.end_ms) for day in days],
                },
            )


def find_zone_days(zone: str, first_day: date, last_day: date) -> list[ZoneDay]:
    """Return the days of a zone in time order. An hour belongs to the local date of its first instant.

    A date that the zone skipped has no day. Raises `MisconfiguredError` like `ensure_zone_days`.
    """
    try:
        calendar = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MisconfiguredError(
            f"trends.zones names {zone!r}, which is no time zone: use a name like Asia/Seoul"
        ) from error
    hour = datetime.combine(first_day, time(), UTC) - _FARTHEST
    end = datetime.combine(last_day, time(), UTC) + timedelta(days=1) + _FARTHEST
    dated = []
    while hour <= end:
        local = hour.astimezone(calendar)
        _refuse_parts_of_hours(zone, local)
        dated.append((local.date(), hour))
        hour += _HOUR
    starts = [(day, next(hours)[1]) for day, hours in groupby(dated, key=lambda pair: pair[0])]
    days = [(day, start, after) for (day, start), (_, after) in pairwise(starts) if first_day <= day <= last_day]
    return [ZoneDay(zone, day.isoformat(), Period(_epoch_ms(start), _epoch_ms(end))) for day, start, end in days]


def _refuse_parts_of_hours(zone: str, local: datetime) -> None:
    offset = local.utcoffset() or timedelta()
    if offset % _HOUR:
        raise MisconfiguredError(
            f"trends.zones names {zone}, which is {offset} away from UTC on {local.date()}: "
            "only zones of whole hours can be rolled up, since hours are not cut"
        )


def _epoch_ms(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000


def _instant(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms // 1_000, UTC)
