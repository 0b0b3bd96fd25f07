"""What is told of a day, as tables of DuckDB: its snapshots lie apart by shares of the broadcasts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from airtide.domain.audited import NONE, Integers
from airtide.domain.periods import ZoneDay
from airtide.domain.recomputed import BroadcastBounds, DaySnapshots

_KEY_BITS = 63
_BITS = 4
"""Snapshots are set aside by so many leading bits of their broadcast's key."""
_ROWS_WAITING = 60_000
"""Of one share, until they are worth a statement."""

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


class ToldDay:
    """The tables zone_day, and for one group of shares after another snapshot and bound."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        day: ZoneDay,
        bounds: Iterable[Sequence[BroadcastBounds]],
    ) -> None:
        self._connection = connection
        self._rows = [0] * 2**_BITS
        self._waiting: list[list[pa.RecordBatch]] = [[] for _ in self._rows]
        starts_ms, ends_ms = day.period.start_ms, day.period.end_ms
        connection.execute(
            "CREATE TABLE zone_day AS SELECT $1::BIGINT AS starts_ms, $2::BIGINT AS ends_ms, "
            "$3::BIGINT AS starts_s, $4::BIGINT AS ends_s",
            [starts_ms, ends_ms, starts_ms // 1000, ends_ms // 1000],
        )
        self._insert("told_bound", _BOUND_SCHEMA.empty_table())
        for some in bounds:
            self._insert("told_bound", _to_bounds(some))

    def take(self, snapshots: Iterable[DaySnapshots]) -> None:
        """Set the snapshots aside; an error that reading them raises goes through as it is."""
        for share in range(len(self._rows)):
            self._insert(f"told_{share}", _SNAPSHOT_SCHEMA.empty_table())
        for part in snapshots:
            for share, batch in _divide(part):
                self._waiting[share].append(batch)
                if sum(map(len, self._waiting[share])) >= _ROWS_WAITING:
                    self._set_aside(share)
        for share in range(len(self._rows)):
            self._set_aside(share)

    def group_shares(self, rows: int) -> Iterator[range]:
        """Yield shares that follow one another and have about so many rows together; at least once."""
        first, held = 0, 0
        for share, count in enumerate(self._rows):
            if held and held + count > rows:
                yield range(first, share)
                first, held = share, 0
            held += count
        yield range(first, len(self._rows))

    def show(self, shares: range) -> None:
        """Let the statements see these shares alone."""
        tables = " UNION ALL ".join(f"SELECT * FROM told_{share}" for share in shares)  # noqa: S608
        self._connection.execute(f"CREATE OR REPLACE VIEW snapshot AS {tables}")
        self._connection.execute(
            "CREATE OR REPLACE VIEW bound AS SELECT * FROM told_bound WHERE broadcast_key >> "  # noqa: S608
            f"{_KEY_BITS - _BITS} BETWEEN {shares.start} AND {shares.stop - 1}"
        )

    def drop(self, shares: range) -> None:
        """Forget these shares."""
        for share in shares:
            self._connection.execute(f"DROP TABLE told_{share}")

    def _set_aside(self, share: int) -> None:
        if self._waiting[share]:
            rows = pa.Table.from_batches(self._waiting[share])
            self._insert(f"told_{share}", rows)
            self._rows[share] += rows.num_rows
            self._waiting[share] = []

    def _insert(self, name: str, rows: pa.Table) -> None:
        self._connection.register("told", rows)
        if rows.num_rows:
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM told")  # noqa: S608 - names of ours alone
        else:
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM told")  # noqa: S608
        self._connection.unregister("told")


def _divide(part: DaySnapshots) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the snapshots of each share."""
    of_share = part.broadcast_key >> (_KEY_BITS - _BITS)
    order = np.argsort(of_share, kind="stable")
    columns: list[Any] = [pa.array(np.full(len(order), part.life, dtype=np.int32))]
    for name in _SNAPSHOT_SCHEMA.names[1:-1]:
        values: Integers = getattr(part, name)[order]
        columns.append(pa.array(values, mask=values == NONE if name in _NULLABLE else None))
    columns.append(pa.array(part.languages, type=pa.string()).take(pa.array(part.language[order])))
    whole = pa.RecordBatch.from_arrays(columns, schema=_SNAPSHOT_SCHEMA)
    shares, starts = np.unique(of_share[order], return_index=True)
    for share, (start, end) in zip(shares.tolist(), pairwise([*starts.tolist(), len(order)]), strict=True):
        yield share, whole.slice(start, end - start)


def _to_bounds(bounds: Sequence[BroadcastBounds]) -> pa.Table:
    columns = list(zip(*bounds, strict=True)) or [()] * len(_BOUND_SCHEMA)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, _BOUND_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_BOUND_SCHEMA)
