"""Rows of fixed width as PostgreSQL's binary COPY format, built column by column with numpy."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
import psycopg

from airtide.domain.columns import OptionalIntegers

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL_LENGTH = -1
POSTGRES_EPOCH_MS = 946_684_800_000
"""2000-01-01 UTC, where timestamps count from."""


@dataclass(frozen=True, slots=True)
class FixedColumn:
    """The values of one column, and which of them are NULL; they are sent as they are, in network byte order."""

    values: np.ndarray[Any, Any]
    nulls: np.ndarray[Any, np.dtype[np.bool_]] | None = None


def integers(values: Sequence[int | None], *, bytes_each: int) -> FixedColumn:
    """Return a column of INTEGER (4 bytes) or BIGINT (8 bytes)."""
    return _fill(values, np.dtype(f"i{bytes_each}"))


def instants(epoch_ms: Sequence[int | None]) -> FixedColumn:
    """Return a TIMESTAMPTZ column of epoch milliseconds."""
    column = _fill(epoch_ms, np.dtype("i8"))
    return FixedColumn((column.values - POSTGRES_EPOCH_MS) * 1000, column.nulls)


def repeated(label: str, rows: int) -> FixedColumn:
    """Return a column of the same TEXT or enum label in every row."""
    return FixedColumn(np.full(rows, label.encode(), dtype=f"S{len(label.encode())}"))


def encode_rows(columns: Sequence[FixedColumn]) -> bytes:
    """Return the rows of parallel columns as one binary COPY stream."""
    rows = np.zeros(len(columns[0].values), dtype=_row_type(columns))
    rows["fields"] = len(columns)
    for number, column in enumerate(columns):
        rows[f"length{number}"] = column.values.dtype.itemsize
        rows[f"value{number}"] = column.values
        if column.nulls is not None:
            rows[f"length{number}"][column.nulls] = _NULL_LENGTH
    return _HEADER + _drop_null_bytes(rows, columns) + _TRAILER


def copy_rows(cursor: psycopg.Cursor, statement: LiteralString, columns: Sequence[FixedColumn]) -> None:
    """Send the rows with a `COPY … FROM STDIN (FORMAT BINARY)` statement."""
    with cursor.copy(statement) as copy:
        copy.write(encode_rows(columns))


def _fill(values: Sequence[int | None], type_: np.dtype[Any]) -> FixedColumn:
    if isinstance(values, OptionalIntegers):
        return FixedColumn(np.asarray(values.values).astype(type_), np.frombuffer(values.missing, dtype=np.bool_))
    if isinstance(values, array) or None not in values:
        return FixedColumn(np.array(values, dtype=type_))
    return FixedColumn(
        np.array([0 if value is None else value for value in values], dtype=type_),
        np.array([value is None for value in values], dtype=np.bool_),
    )


def _row_type(columns: Sequence[FixedColumn]) -> np.dtype[Any]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for number, column in enumerate(columns):
        fields += [(f"length{number}", ">i4"), (f"value{number}", column.values.dtype.newbyteorder(">").str)]
    return np.dtype(fields)


def _drop_null_bytes(rows: np.ndarray[Any, Any], columns: Sequence[FixedColumn]) -> bytes:
    if all(column.nulls is None for column in columns):
        return rows.tobytes()
    row_type = rows.dtype
    kept = np.ones((len(rows), row_type.itemsize), dtype=np.bool_)
    for number, column in enumerate(columns):
        if column.nulls is not None:
            offset = row_type.fields[f"value{number}"][1] if row_type.fields else 0
            kept[column.nulls, offset : offset + column.values.dtype.itemsize] = False
    return rows.view(np.uint8).reshape(len(rows), row_type.itemsize)[kept].tobytes()
