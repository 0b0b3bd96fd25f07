"""The warehouse's side of recomputing a day: its rows, and what is on record of it, all as they were at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.periods import Period, ZoneDay
from airtide.domain.recomputed import AROUND_MS, BroadcastBounds, DayObject, DayRecord, DayTable, Row
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.statements import read_statement

_ROWS_AT_ONCE = 10_000
_AROUND = timedelta(milliseconds=AROUND_MS)


class WarehouseDays:
    """Days of a warehouse; each is read in one read-only transaction on a connection of its own."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    @contextmanager
    def open_day(self, platform: Platform, zone: str, day: date) -> Iterator[WarehouseDay]:
        """Open a view that no landing and no roll-up changes; it may stand idle while objects are read.

        Raises `MisconfiguredError` for a zone that is not rolled up, and for a day that its calendar lacks.
        """
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                yield WarehouseDay(connection, platform, zone, day)


class WarehouseDay:
    """One platform's day in an open transaction."""

    def __init__(self, connection: psycopg.Connection, platform: Platform, zone: str, day: date) -> None:
        self._connection = connection
        self._asked: dict[str, Any] = {"platform": platform.value, "zone": zone, "day": day}
        self.record = self._read_record(platform)

    def read_bounds(self) -> Iterator[Sequence[BroadcastBounds]]:
        """Yield the broadcasts that may have a row in the day, some at a time."""
        with self._connection.cursor("day_bounds") as cursor:
            cursor.execute(read_statement("read_day_bounds"), self._asked)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield [BroadcastBounds(*row) for row in rows]

    def read_rows(self, table: DayTable) -> Iterator[Row]:
        """Yield the day's rows of a table in the order of their keys."""
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE zone = %(zone)s AND day = %(day)s "
            "AND platform = %(platform)s::live.platform {order}"
        ).format(
            columns=sql.SQL(", ").join(map(_select, table.columns)),
            table=sql.Identifier("trends", table.name),
            order=sql.SQL("ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, table.key)))
            if table.key
            else sql.SQL(""),
        )
        with self._connection.cursor(table.name) as cursor:
            cursor.execute(query, self._asked)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from rows

    def _read_record(self, platform: Platform) -> DayRecord:
        found = self._read("read_audited_day")
        if not found:
            raise MisconfiguredError(self._explain_absence())
        [(starts_at, ends_at, waits)] = found
        self._asked |= {"starts_at": starts_at, "ends_at": ends_at}
        period = Period(int(starts_at.timestamp()) * 1000, int(ends_at.timestamp()) * 1000)
        objects = self._read("read_day_snapshot_objects", from_at=starts_at - _AROUND, to_at=ends_at + _AROUND)
        return DayRecord(
            day=ZoneDay(self._asked["zone"], self._asked["day"].isoformat(), period),
            raw_age=read_raw_age(self._connection, platform),
            waits=waits,
            objects=[DayObject(object_key=object_key, rows=rows) for object_key, rows in objects],
            lives={topic_id: number for number, (topic_id,) in enumerate(self._read("read_topic_lives"))},
        )

    def _explain_absence(self) -> str:
        zone, day = self._asked["zone"], self._asked["day"]
        known = {name: (first, last) for name, first, last in self._read("read_zones")}
        if zone in known:
            return f"the calendar of {zone} has no {day}: it tells {known[zone][0]} to {known[zone][1]}"
        return f"there are no days of zone {zone}: days are kept of {', '.join(known) or 'no zone yet'}"

    def _read(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(read_statement(statement), {**self._asked, **values}).fetchall()


def _select(column: str) -> sql.Composable:
    """Return an expression of a column: instants as epoch seconds."""
    name = sql.Identifier(column)
    return sql.SQL("EXTRACT(EPOCH FROM {})::BIGINT AS {}").format(name, name) if column.endswith("_at") else name
