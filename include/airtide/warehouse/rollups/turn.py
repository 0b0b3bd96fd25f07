"""What every roll-up does around its statements: takes its turn, reads one moment's data, knows what is too old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from airtide.domain.errors import MisconfiguredError
from airtide.warehouse.statements import read_statement

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ages:
    """How long a platform's samples and statistics may be kept."""

    raw_age: timedelta
    statistics_age: timedelta

    def seals_hour(self, hour: datetime, now: datetime) -> bool:
        """Tell whether samples of an hour have begun to expire: it keeps its numbers and is never computed again."""
        return hour < now - self.raw_age

    def seals_day(self, starts_at: datetime, now: datetime) -> bool:
        """Tell whether states that a day is merged from have begun to expire."""
        return starts_at - HOUR < now - self.statistics_age


@contextmanager
def one_moment(connection: psycopg.Connection) -> Iterator[None]:
    """Run a transaction that sees the data of one moment, while no other roll-up runs; others wait for their turn.

    A landing may commit meanwhile: neither its rows nor its marks are seen, and its marks stay for the next run.
    """
    connection.execute("SELECT pg_advisory_lock(hashtext('airtide.roll_up'))")
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SET LOCAL work_mem = '64MB'")
            yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtext('airtide.roll_up'))")


@contextmanager
def joining_many(connection: psycopg.Connection) -> Iterator[None]:
    """Let the statements of this block join as suits very many rows, where the planner may take them for few.

    What was written a moment ago, in this transaction or just before it, has no statistics yet: each row would be
    paired with all others, one after the other.
    """
    connection.execute("SET LOCAL enable_nestloop = off")
    yield
    connection.execute("SET LOCAL enable_nestloop = on")


def read_ages(connection: psycopg.Connection, platforms: Iterable[str]) -> dict[str, Ages]:
    """Return the ages of the platforms given; raises `MisconfiguredError` when one has no policy."""
    known = {row[0]: Ages(row[1], row[2]) for row in connection.execute(read_statement("read_ages"))}
    missing = sorted(set(platforms) - known.keys())
    if missing:
        raise MisconfiguredError(f"no policy says how old data of {', '.join(missing)} may get: run `airtide up`")
    return known


def collect_edges(connection: psycopg.Connection, platform: str, hours: Sequence[datetime]) -> None:
    """Make the table hour_edge of this transaction from the states of `hours`."""
    bounds = {"from_at": min(hours), "until_at": max(hours) + HOUR}
    parameters = {"platform": platform, "hours": list(hours), **bounds}
    connection.execute(read_statement("collect_hour_edges"), parameters, prepare=False)
    _observe(connection, "hour_edge")


def collect_concurrents(connection: psycopg.Connection, scope: Mapping[str, object]) -> None:
    """Make the table hour_concurrent of this transaction for the platform and hours of `scope`.

    The table hour_edge has to hold these hours and those beside them.
    """
    connection.execute(read_statement("collect_hour_concurrents"), scope, prepare=False)
    _observe(connection, "hour_concurrent")


def collect_parts(connection: psycopg.Connection, of_day: Mapping[str, object]) -> None:
    """Make the table day_part of this transaction for one platform's day.

    The table hour_edge has to hold the day's hours and those beside them.
    """
    connection.execute(read_statement("collect_day_parts"), of_day, prepare=False)
    _observe(connection, "day_part")


def _observe(connection: psycopg.Connection, table: str) -> None:
    """Let the planner know a table of this transaction; a tenth of the usual sample tells few rows from many."""
    connection.execute("SET LOCAL default_statistics_target = 10")
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)), prepare=False)
