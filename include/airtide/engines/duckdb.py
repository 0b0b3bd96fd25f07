"""A day recomputed by DuckDB, in a database of its own that is gone afterwards; what does not fit lies on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from airtide.domain.periods import ZoneDay
from airtide.domain.recomputed import BroadcastBounds, DaySnapshots, DayTable, Row
from airtide.engines.statements import DAY_STEPS, KEPT_STEPS, SHARE_STEPS, read_step
from airtide.engines.told import ToldDay

MEMORY_LIMIT = "1GB"
ROWS_A_SHARE = 1_000_000
"""Snapshots that are worked on together, about: more take longer each, since what they are sorted in lies on disk."""

_ROWS_AT_ONCE = 10_000


class DuckDbEngine:
    """Recomputes days; each on a connection of its own, with `threads` of its own or one a core."""

    def __init__(
        self, *, memory_limit: str = MEMORY_LIMIT, threads: int | None = None, rows_a_share: int = ROWS_A_SHARE
    ) -> None:
        self._memory_limit = memory_limit
        self._threads = threads
        self._rows_a_share = rows_a_share

    @contextmanager
    def recompute(
        self, day: ZoneDay, snapshots: Iterable[DaySnapshots], bounds: Iterable[Sequence[BroadcastBounds]]
    ) -> Iterator[DuckDbDay]:
        """Compute every table of one platform's day; `snapshots` are those from an hour before it to an hour after.

        Some of the broadcasts are worked on after others, so that memory and time a snapshot are the same on any day.
        """
        with (
            TemporaryDirectory(prefix="airtide-duckdb-") as folder,
            closing(duckdb.connect(":memory:", config=self._configure(folder))) as connection,
        ):
            connection.execute("SET enable_progress_bar = false")
            told = ToldDay(connection, day, bounds)
            told.take(snapshots)
            for number, shares in enumerate(told.group_shares(self._rows_a_share)):
                told.show(shares)
                _run_share(connection, is_first=number == 0)
                told.drop(shares)
            for step in DAY_STEPS:
                connection.execute(f"CREATE TABLE {step} AS {read_step(step)}")
            yield DuckDbDay(connection)

    def _configure(self, folder: str) -> dict[str, Any]:
        limits: dict[str, Any] = {"memory_limit": self._memory_limit, "temp_directory": folder}
        if self._threads is not None:
            limits["threads"] = self._threads
        # nothing is fetched from anywhere, and rows need no order but the one they are asked for in
        return {
            **limits,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }


class DuckDbDay:
    """The tables of a day, as long as its engine is open."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def read_rows(self, table: DayTable) -> Iterator[Row]:
        """Yield a table's rows in the order of their keys."""
        order = f" ORDER BY {', '.join(table.key)}" if table.key else ""
        # names of ours alone; a cursor of its own, so that tables can be read beside each other
        cursor = self._connection.cursor()
        cursor.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}{order}")  # noqa: S608
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def _run_share(connection: duckdb.DuckDBPyConnection, *, is_first: bool) -> None:
    for step in SHARE_STEPS:
        into = f"CREATE TABLE {step} AS" if is_first or step not in KEPT_STEPS else f"INSERT INTO {step}"
        connection.execute(f"{into} {read_step(step)}")
    for step in SHARE_STEPS:
        if step not in KEPT_STEPS:
            connection.execute(f"DROP TABLE {step}")
