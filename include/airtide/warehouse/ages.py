"""Texts and statistics of the warehouse that are older than their platform's policy allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import LiteralString

import psycopg
from psycopg import sql

from airtide.domain.errors import MisconfiguredError
from airtide.domain.forgetting import Forgotten, KeptAges
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

HOUR_TABLES = ("broadcast_hour", "broadcast_hour_mark", "platform_hour", "category_hour", "quality_check")
DAY_TABLES = ("broadcast_day", "channel_day", "category_day", "language_day", "platform_day")

_SLICE = 10_000
"""Rows that one statement changes at most: nobody waits long for it."""


class WarehouseAges:
    """The warehouse side of forgetting. Every slice is a transaction of its own."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def read_ages(self, platform: Platform) -> KeptAges:
        """Return the ages of `platform`."""
        with self._connection(Role.ROLLUP) as connection:
            row = connection.execute(read_statement("read_kept_ages"), {"platform": platform.value}).fetchone()
        if row is None:
            raise MisconfiguredError(f"no policy says how long data of {platform} may be kept: run `airtide up`")
        raw_age, text_age, statistics_age, picture_age = row
        return KeptAges(raw_age=raw_age, text_age=text_age, statistics_age=statistics_age, picture_age=picture_age)

    def count_forgettable(self, platform: Platform, *, text_before: datetime, statistics_before: datetime) -> Forgotten:
        """Count in one statement."""
        asked = {"platform": platform.value, "text_before": text_before, "statistics_before": statistics_before}
        with self._connection(Role.ROLLUP) as connection:
            [counts] = connection.execute(read_statement("count_forgettable"), asked).fetchall()
        hours, days, names, texts, addresses = counts
        return Forgotten(hour_rows=hours, day_rows=days, names=names, texts=texts, picture_addresses=addresses)

    def delete_statistics(self, platform: Platform, *, before: datetime) -> Forgotten:
        """Delete table after table."""
        asked = {"platform": platform.value, "before": before, "slice": _SLICE}
        with self._connection(Role.ROLLUP) as connection:
            return Forgotten(
                hour_rows=sum(_delete_rows(connection, "delete_old_hours", table, asked) for table in HOUR_TABLES),
                day_rows=sum(_delete_rows(connection, "delete_old_days", table, asked) for table in DAY_TABLES),
            )

    def empty_texts(self, platform: Platform, *, before: datetime, now: datetime) -> Forgotten:
        """Empty slice after slice."""
        asked = {"platform": platform.value, "before": before, "now": now, "slice": _SLICE}
        with self._connection(Role.INGEST) as connection:
            return Forgotten(
                texts=_repeat(connection, sql.SQL(read_statement("forget_texts")), asked),
                names=_repeat(connection, sql.SQL(read_statement("forget_names")), asked),
                picture_addresses=_repeat(connection, sql.SQL(read_statement("forget_picture_addresses")), asked),
            )

    def delete_untold(self, platform: Platform, *, before: datetime) -> Forgotten:
        """Delete slice after slice, broadcasts before their channels."""
        asked = {"platform": platform.value, "before": before, "slice": _SLICE}
        with self._connection(Role.INGEST) as connection:
            return Forgotten(
                broadcasts=_repeat(connection, sql.SQL(read_statement("delete_old_broadcasts")), asked),
                channels=_repeat(connection, sql.SQL(read_statement("delete_old_channels")), asked),
            )

    @contextmanager
    def _connection(self, role: Role) -> Iterator[psycopg.Connection]:
        with translate_failures(self._address), connect(self._address, role) as connection:
            yield connection


def _delete_rows(
    connection: psycopg.Connection, statement: LiteralString, table: str, asked: Mapping[str, object]
) -> int:
    query = sql.SQL(read_statement(statement)).format(table=sql.Identifier("trends", table))
    return _repeat(connection, query, asked)


def _repeat(connection: psycopg.Connection, query: sql.SQL | sql.Composed, asked: Mapping[str, object]) -> int:
    done = 0
    while slice_ := connection.execute(query, asked).rowcount:
        done += slice_
    return done
