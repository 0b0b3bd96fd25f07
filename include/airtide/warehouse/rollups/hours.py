"""From samples to hourly states, and from these to the hours of a platform and of its categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby

import psycopg

from airtide.domain.models import Platform
from airtide.warehouse.rollups.marks import replace_hour_marks
from airtide.warehouse.rollups.tables import BROADCAST_HOUR, CATEGORY_HOUR, PLATFORM_HOUR, replace_rows
from airtide.warehouse.rollups.turn import HOUR, Ages, collect_concurrents, collect_edges, one_moment, read_ages
from airtide.warehouse.statements import read_statement

HOURS_AT_ONCE = 24
"""Hours of one transaction: enough to be quick, few enough to give others their turn."""


@dataclass(slots=True)
class HourlyOutcome:
    """What one run did; rows are counted where they are new or a number of theirs changed."""

    hours: int = 0
    """Platform hours computed."""
    sealed_hours: int = 0
    """Marked hours left as they are, because their samples have begun to expire."""
    changed_states: int = 0
    changed_hours: int = 0
    changed_category_hours: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Marks:
    with_state: bool
    dirty_ids: list[int]


def roll_up_hours(
    connection: psycopg.Connection,
    *,
    now: datetime,
    platform: Platform | None = None,
    open_hour_rest: timedelta = timedelta(0),
) -> HourlyOutcome:
    """Compute the hours that wait, of one platform or of all, and delete the marks that said so.

    An hour that has not ended is left to a later run when its numbers are younger than `open_hour_rest`.

    The connection is in autocommit and may write to `trends`. Hours are done in transactions of `HOURS_AT_ONCE`; what a
    crash leaves undone keeps its marks. What is marked while this runs waits for the next run.
    """
    parameters = {
        "platform": None if platform is None else platform.value,
        "now": now,
        "rests_since": now - open_hour_rest,
    }
    waiting = connection.execute(read_statement("read_stale_hours"), parameters).fetchall()
    ages = read_ages(connection, {name for name, _ in waiting})
    outcome = HourlyOutcome()
    for name, rows in groupby(waiting, key=lambda row: row[0]):
        hours = [hour for _, hour in rows]
        for start in range(0, len(hours), HOURS_AT_ONCE):
            with one_moment(connection):
                _replace_hours(connection, name, hours[start : start + HOURS_AT_ONCE], ages[name], now, outcome)
    return outcome


def _replace_hours(
    connection: psycopg.Connection,
    platform: str,
    hours: Sequence[datetime],
    ages: Ages,
    now: datetime,
    outcome: HourlyOutcome,
) -> None:
    """Replace states and hourly rows of those of `hours` that are marked and not sealed; delete their marks."""
    near = _with_neighbours(hours)
    marks = _read_marks(connection, platform, near)
    stale = {hour for hour in marks if not ages.seals_hour(hour, now)}
    stale -= _find_emptied(connection, platform, stale)
    # an hour reads its neighbours' states: where they are stale they are mended first, and keep their own marks
    stale_states = [hour for hour in near if hour in stale and marks[hour].with_state]
    stale_hours = [hour for hour in hours if hour in stale]
    if stale_states:
        scope = {"platform": platform, "hours": stale_states}
        outcome.changed_states += replace_rows(connection, BROADCAST_HOUR, scope, now=now)
    if stale_hours:
        scope = {"platform": platform, "hours": stale_hours}
        collect_edges(connection, platform, _with_neighbours(stale_hours))
        collect_concurrents(connection, scope)
        outcome.changed_hours += replace_rows(connection, PLATFORM_HOUR, scope, now=now)
        outcome.changed_category_hours += replace_rows(connection, CATEGORY_HOUR, scope, now=now)
        replace_hour_marks(connection, platform, stale_hours, now)
    outcome.hours += len(stale_hours)
    outcome.sealed_hours += sum(hour in marks and hour not in stale for hour in hours)
    dirty_ids = [dirty_id for hour in hours if hour in marks for dirty_id in marks[hour].dirty_ids]
    connection.execute(read_statement("delete_hour_marks"), {"dirty_ids": dirty_ids})


def _find_emptied(connection: psycopg.Connection, platform: str, hours: Iterable[datetime]) -> set[datetime]:
    """Return the hours whose samples are gone: they are sealed for good, though a longer age may be set by now."""
    asked = {"platform": platform, "hours": list(hours)}
    return {hour for (hour,) in connection.execute(read_statement("find_emptied_hours"), asked)}


def _read_marks(connection: psycopg.Connection, platform: str, hours: Sequence[datetime]) -> dict[datetime, _Marks]:
    rows = connection.execute(read_statement("read_hour_marks"), {"platform": platform, "hours": list(hours)})
    return {hour: _Marks(with_state, dirty_ids) for hour, with_state, dirty_ids in rows}


def _with_neighbours(hours: Iterable[datetime]) -> list[datetime]:
    return sorted({near for hour in hours for near in (hour - HOUR, hour, hour + HOUR)})
