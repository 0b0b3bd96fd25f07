"""What is drawn from daily buckets, kept in `ingest.quota_spend` so that all processes draw from one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg

from airtide.domain.errors import AirtideError
from airtide.domain.quota import Bucket, QuotaPeriod
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

KEPT_FOR = timedelta(weeks=8)
"""How long a day that is over stays on record."""


class WarehouseSpendBook:
    """Daily spend in Postgres, over one connection that is opened at the first call and anew after a failure.

    Its address is asked for then as well: only a site with daily buckets needs a warehouse to be polled. Every call is
    one statement in a transaction of its own. An answer that is lost may leave a booking without its call, never a
    call without its booking.
    """

    def __init__(self, find_address: Callable[[], PostgresAddress]) -> None:
        self._find_address = find_address
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def book(self, bucket: Bucket, period: QuotaPeriod, *, cost: int, limit: int, at: datetime) -> bool:
        """Take `cost` out of the bucket; False, with nothing taken, where less is left or the bucket is closed."""
        limits = {"cost": cost, "limit": limit, "forget_before": at - KEPT_FOR}
        with self._session() as connection:
            row = connection.execute(read_statement("book_quota"), {**_name(bucket, period, at), **limits}).fetchone()
        return row is not None

    def close_bucket(self, bucket: Bucket, period: QuotaPeriod, *, at: datetime) -> None:
        """Let nothing more be taken in `period`, since the site says that nothing is left."""
        with self._session() as connection:
            connection.execute(read_statement("close_quota"), _name(bucket, period, at))

    def read_spent(self, bucket: Bucket, period: QuotaPeriod) -> tuple[int, bool]:
        """Return what was taken in `period`, and whether the bucket is closed."""
        values = {"buckets": [bucket.value], "starts_at": [period.starts_at]}
        with self._session() as connection:
            ((_, spent, is_closed),) = connection.execute(read_statement("read_quota_spend"), values).fetchall()
        return int(spent), bool(is_closed)

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        address = self._find_address()
        if self._connection is None:
            self._connection = connect(address, Role.INGEST, is_for_poll=True)
        try:
            with translate_failures(address):
                yield self._connection
        except AirtideError:
            self.close()
            raise


def _name(bucket: Bucket, period: QuotaPeriod, at: datetime) -> dict[str, object]:
    return {"bucket": bucket.value, "starts_at": period.starts_at, "resets_at": period.resets_at, "at": at}
