"""Reads a day of every rollup table, batch by batch, all of it as it stood at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, LiteralString

from psycopg import Connection, IsolationLevel, sql

from airtide.domain.exports import Column, ExportTable, Kind
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

ROWS_AT_ONCE = 10_000
"""Rows in memory at a time."""

EXPORTED: Mapping[str, tuple[str, ...]] = {
    "platform_day": ("platform",),
    "channel_day": ("platform", "channel_key"),
    "broadcast_day": ("platform", "broadcast_key"),
    "category_day": ("platform", "category_key"),
    "language_day": ("platform", "language"),
    "platform_hour": ("platform", "hour"),
    "category_hour": ("platform", "hour", "category_key"),
}
"""The tables of `trends` that are exported where they exist, and what their rows are ordered by."""

_OF_DAY: LiteralString = "kept.zone = %(zone)s AND kept.day = %(day)s"
_OF_HOURS: LiteralString = "kept.hour >= %(starts_at)s AND kept.hour < %(ends_at)s"

_KINDS = {
    "integer": Kind.INTEGER,
    "bigint": Kind.LONG,
    "double precision": Kind.REAL,
    "boolean": Kind.FLAG,
    "date": Kind.DAY,
    "timestamp with time zone": Kind.INSTANT,
}
"""By the type of PostgreSQL; whatever else there is goes out as its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a key stands for: the table that knows, and its columns by the names they are exported under."""

    table: str
    columns: Mapping[str, str]


_NAMED = {
    "channel_key": _Named(
        table="channel", columns={"channel_id": "channel_id", "channel_handle": "handle", "channel_name": "name"}
    ),
    "broadcast_key": _Named(table="broadcast", columns={"broadcast_id": "broadcast_id"}),
    "category_key": _Named(table="category", columns={"category_id": "category_id", "category_name": "name"}),
}


class DayReader:
    """Reads one day of a zone over a connection that sees one moment's data."""

    def __init__(
        self, connection: Connection[Any], *, zone: str, day: date, starts_at: datetime, ends_at: datetime
    ) -> None:
        self._connection = connection
        self._asked = {"zone": zone, "day": day, "starts_at": starts_at, "ends_at": ends_at}

    def list_tables(self) -> list[ExportTable]:
        """Return those of the exported tables that there are, in the order of `EXPORTED`."""
        rows = self._connection.execute(read_statement("read_export_columns"), {"tables": list(EXPORTED)}).fetchall()
        own = {
            name: [Column(column, _KINDS.get(kind, Kind.TEXT)) for _, column, kind in columns]
            for name, columns in groupby(rows, key=lambda row: row[0])
        }
        return [
            ExportTable(
                name=name,
                columns=tuple(_add_names(own[name])),
                definitions_versions=self._read_versions(name, own[name]),
            )
            for name in EXPORTED
            if name in own
        ]

    def read_batches(self, table: ExportTable) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a table, in the order of its key, some at a time."""
        with self._connection.cursor(name=f"export_{table.name}") as cursor:
            cursor.execute(_compose(table), self._asked)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def _read_versions(self, table: str, columns: Sequence[Column]) -> tuple[int, ...]:
        query = sql.SQL("SELECT DISTINCT kept.definitions_version FROM {} AS kept WHERE {} ORDER BY 1").format(
            sql.Identifier("trends", table), _scope_of(columns)
        )
        return tuple(version for (version,) in self._connection.execute(query, self._asked))


@contextmanager
def open_day(
    address: PostgresAddress, *, zone: str, day: date, starts_at: datetime, ends_at: datetime
) -> Iterator[DayReader]:
    """Open a day of a zone for reading, as `airtide_reader`; raises as `connect` does."""
    with translate_failures(address), connect(address, Role.READER) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            yield DayReader(connection, zone=zone, day=day, starts_at=starts_at, ends_at=ends_at)


def _add_names(columns: Sequence[Column]) -> Iterator[Column]:
    for column in columns:
        yield column
        if column.name in _NAMED:
            yield from (Column(name, Kind.TEXT) for name in _NAMED[column.name].columns)


def _scope_of(columns: Sequence[Column]) -> sql.SQL:
    return sql.SQL(_OF_DAY if any(column.name == "zone" for column in columns) else _OF_HOURS)


def _compose(table: ExportTable) -> sql.Composed:
    names = {column.name for column in table.columns}
    keys = [key for key in _NAMED if key in names]
    named = {
        name: sql.Identifier(_NAMED[key].table, column) for key in keys for name, column in _NAMED[key].columns.items()
    }
    own = (
        sql.SQL("{}::TEXT" if column.kind is Kind.TEXT else "{}").format(
            named.get(column.name, sql.Identifier("kept", column.name))
        )
        for column in table.columns
    )
    joins = (
        sql.SQL("LEFT JOIN {} AS {} ON {} = {}").format(
            sql.Identifier("live", _NAMED[key].table),
            sql.Identifier(_NAMED[key].table),
            sql.Identifier(_NAMED[key].table, key),
            sql.Identifier("kept", key),
        )
        for key in keys
    )
    return sql.SQL("SELECT {} FROM {} AS kept {} WHERE {} ORDER BY {}").format(
        sql.SQL(", ").join(own),
        sql.Identifier("trends", table.name),
        sql.SQL(" ").join(joins),
        _scope_of(table.columns),
        sql.SQL(", ").join(sql.Identifier("kept", key) for key in EXPORTED[table.name]),
    )
