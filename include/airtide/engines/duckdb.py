"""A day recomputed by DuckDB, in a database of its own that is gone afterwards; what does not fit lies on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from airtide.domain.audited import NONE, Integers
from airtide.domain.periods import ZoneDay
from airtide.domain.recomputed import BroadcastBounds, DaySnapshots, DayTable, Row
from airtide.engines.statements import LAST_USES, STEPS, read_step

MEMORY_LIMIT = "1GB"
_ROWS_AT_ONCE = 10_000

_BOUND_SCHEMA = pa.schema(
    [
        ("broadcast_key", pa.int64()),
        ("channel_key", pa.int64()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),
        ("first_s", pa.int64()),
        ("last_s", pa.int64()),
        ("language_before", pa.string()),
    ]
)
_SNAPSHOT_SCHEMA = pa.schema(
    [
        ("life", pa.int32()),
        ("record_offset", pa.int64()),
        ("broadcast_key", pa.int64()),
        ("channel_key", pa.int64()),
        ("category_key", pa.int64()),
        ("at_s", pa.int64()),
        ("viewers", pa.int64()),
        ("cadence_s", pa.int64()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),
        ("language", pa.string()),
    ]
)
_NULLABLE = ("viewers", "started_ms", "ended_ms")


class DuckDbEngine:
    """Recomputes days; each on a connection of its own, with `threads` of its own or one a core."""

    def __init__(self, *, memory_limit: str = MEMORY_LIMIT, threads: int | None = None) -> None:
        self._memory_limit = memory_limit
        self._threads = threads

    @contextmanager
    def recompute(
        self, day: ZoneDay, snapshots: Iterable[DaySnapshots], bounds: Iterable[Sequence[BroadcastBounds]]
    ) -> Iterator[DuckDbDay]:
        """Compute every table of one platform's day; `snapshots` are those from an hour before it to an hour after."""
        with (
            TemporaryDirectory(prefix="airtide-duckdb-") as folder,
            closing(duckdb.connect(":memory:", config=self._configure(folder))) as connection,
        ):
            _fill(connection, day, snapshots, bounds)
            for step in STEPS:
                connection.execute(f"CREATE TABLE {step} AS {read_step(step)}")
                for spent in LAST_USES.get(step, ()):
                    connection.execute(f"DROP TABLE {spent}")
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


def _fill(
    connection: duckdb.DuckDBPyConnection,
    day: ZoneDay,
    snapshots: Iterable[DaySnapshots],
    bounds: Iterable[Sequence[BroadcastBounds]],
) -> None:
    starts_ms, ends_ms = day.period.start_ms, day.period.end_ms
    connection.execute(
        "CREATE TABLE zone_day AS SELECT $1::BIGINT AS starts_ms, $2::BIGINT AS ends_ms, $3::BIGINT AS starts_s, "
        "$4::BIGINT AS ends_s",
        [starts_ms, ends_ms, starts_ms // 1000, ends_ms // 1000],
    )
    _load(connection, "snapshot", _SNAPSHOT_SCHEMA, map(_to_batch, snapshots))
    _load(connection, "bound", _BOUND_SCHEMA, map(_to_bound_batch, bounds))


def _load(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> None:
    # not as one stream: an error of the lake's would come out of it as one of the engine's
    connection.register("told", schema.empty_table())
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM told")  # noqa: S608 - names of ours alone
    for batch in batches:
        connection.register("told", pa.Table.from_batches([batch]))
        connection.execute(f"INSERT INTO {name} SELECT * FROM told")  # noqa: S608
    connection.unregister("told")


def _to_batch(part: DaySnapshots) -> pa.RecordBatch:
    count = len(part.at_s)
    columns: list[Any] = [pa.array(np.full(count, part.life, dtype=np.int32))]
    for name in _SNAPSHOT_SCHEMA.names[1:-1]:
        values: Integers = getattr(part, name)
        columns.append(pa.array(values, mask=values == NONE if name in _NULLABLE else None))
    columns.append(pa.array(part.languages, type=pa.string()).take(pa.array(part.language)))
    return pa.RecordBatch.from_arrays(columns, schema=_SNAPSHOT_SCHEMA)


def _to_bound_batch(bounds: Sequence[BroadcastBounds]) -> pa.RecordBatch:
    columns = list(zip(*bounds, strict=True)) or [()] * len(_BOUND_SCHEMA)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, _BOUND_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_BOUND_SCHEMA)
