"""Lends reader connections to short queries and keeps the idle ones for the next."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Full, LifoQueue
from typing import Any, TypeVar

from psycopg import Connection, IsolationLevel, OperationalError
from psycopg.errors import QueryCanceled

from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures

Answer = TypeVar("Answer")
Query = Callable[[Connection[Any]], Answer]

MOST_IDLE = 4


class WarehouseReader:
    """Runs queries as `airtide_reader`, each in one read-only transaction that sees one state of the warehouse.

    Threads may share it: every query has a connection to itself. A connection that has died while idle, as after a
    restart of PostgreSQL, is replaced once and unnoticed.
    """

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._idle: LifoQueue[Connection[Any]] = LifoQueue(MOST_IDLE)

    def read(self, query: Query[Answer]) -> Answer:
        """Return what `query` makes of an open connection.

        Raises `PartUnreachable` when the warehouse does not answer or takes longer than 5 s for a statement,
        `CredentialsRejected` and `MisconfiguredError` as `connect` does.
        """
        with translate_failures(self._address):
            idle = self._take_idle()
            if idle is not None:
                with suppress(_DiedIdleError):
                    return self._run(idle, query, was_idle=True)
            return self._run(self._open(), query, was_idle=False)

    def close(self) -> None:
        """Close the idle connections."""
        while (idle := self._take_idle()) is not None:
            idle.close()

    def _run(self, connection: Connection[Any], query: Query[Answer], *, was_idle: bool) -> Answer:
        try:
            with connection.transaction():
                return query(connection)
        except QueryCanceled:
            raise
        except OperationalError as error:
            if was_idle and connection.broken:
                raise _DiedIdleError from error
            raise
        finally:
            self._put_back(connection)

    def _open(self) -> Connection[Any]:
        connection: Connection[Any] = connect(self._address, Role.READER)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return connection

    def _take_idle(self) -> Connection[Any] | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _put_back(self, connection: Connection[Any]) -> None:
        if connection.closed:
            return
        try:
            self._idle.put_nowait(connection)
        except Full:
            connection.close()


class _DiedIdleError(Exception):
    """An idle connection turned out to be dead; the query has not been answered and may be asked again."""
