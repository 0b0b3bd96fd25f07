"""The ledger of the lake's objects: which ones count, and how one takes the place of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import psycopg

from airtide.domain.batches import LakeObject
from airtide.domain.compaction import Compaction
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.statements import read_statement


class WarehouseObjects:
    """The warehouse side of compaction; two at once never swap the same object twice."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def read_raw_age(self, platform: Platform) -> timedelta:
        """Return the platform's raw age."""
        with self._connection() as connection:
            return read_raw_age(connection, platform)

    def find_scattered(self, platform: Platform, first_day: date, last_day: date) -> Sequence[tuple[date, str]]:
        """Return the days and kinds for which more than one object is listed."""
        asked = {"platform": platform.value, "first_day": first_day, "last_day": last_day}
        with self._connection() as connection:
            return connection.execute(read_statement("find_scattered_days"), asked).fetchall()

    def list_day(self, platform: Platform, day: date, kind: str) -> Sequence[LakeObject]:
        """Return the objects of a day that count."""
        asked = {"platform": platform.value, "day": day, "kind": kind}
        with self._connection() as connection:
            rows = connection.execute(read_statement("read_day_objects"), asked).fetchall()
        return [
            LakeObject(
                object_key=key,
                kind=kind,
                platform=platform,
                day=day.isoformat(),
                hour=hour,
                rows=count,
                bytes=size,
                sha256=sha256,
                min_sampled_at=min_sampled_at,
                max_sampled_at=max_sampled_at,
            )
            for key, hour, count, size, sha256, min_sampled_at, max_sampled_at in rows
        ]

    def swap(self, compaction: Compaction, *, now: datetime) -> bool:
        """Retire and list in one transaction, by compare-and-set on the names; as a repeated call, it does nothing."""
        with self._connection() as connection, connection.transaction() as transaction:
            if not _swap(connection, compaction, now):
                raise psycopg.Rollback(transaction)
            return True
        return False

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            yield connection


def _swap(connection: psycopg.Connection, compaction: Compaction, now: datetime) -> bool:
    retired = connection.execute(
        read_statement("retire_objects"), {"object_keys": list(compaction.replaced), "now": now}
    ).rowcount
    made = compaction.compacted
    listed = connection.execute(
        read_statement("list_compacted"),
        {
            "object_key": made.object_key,
            "kind": made.kind,
            "platform": made.platform.value,
            "day": made.day,
            "rows": made.rows,
            "bytes": made.bytes,
            "sha256": made.sha256,
            "min_sampled_at": made.min_sampled_at,
            "max_sampled_at": made.max_sampled_at,
        },
    ).rowcount
    return retired == len(compaction.replaced) and listed == 1
