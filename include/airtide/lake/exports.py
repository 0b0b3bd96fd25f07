"""Writes exported tables as CSV and Parquet, batch by batch, each under a temporary name until it is whole."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from airtide.domain.exports import ExportSource, ExportTable, Kind
from airtide.domain.spreadsheets import to_cell

_TYPES = {
    Kind.INTEGER: pa.int32(),
    Kind.LONG: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.FLAG: pa.bool_(),
    Kind.DAY: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
}
SUFFIXES = ("csv", "parquet")

Rows = Sequence[Sequence[Any]]


class ExportFolder:
    """A folder that files of one export are written into; they turn up in it all at once, when all are whole."""

    def __init__(self, folder: Path, source: ExportSource) -> None:
        self._folder = folder
        self._source = source
        self._whole: dict[Path, Path] = {}

    def list_targets(self) -> list[Path]:
        """Return the files that the export will consist of."""
        return [
            self._folder / self._source.name_file(table, suffix) for table in self._source.tables for suffix in SUFFIXES
        ]

    def write(self, table: ExportTable, batches: Iterable[Rows]) -> int:
        """Write one table as both kinds of file and return how many rows it has."""
        self._folder.mkdir(parents=True, exist_ok=True)
        as_csv, as_parquet = (self._begin(table, suffix) for suffix in SUFFIXES)
        schema = _make_schema(table, self._source)
        rows = 0
        with (
            as_csv.open("w", encoding="utf-8", newline="") as out,
            pq.ParquetWriter(as_parquet, schema, compression="zstd", compression_level=3) as parquet,
        ):
            lines = csv.writer(out, lineterminator="\r\n")
            before, after = _tell_context(table, self._source)
            lines.writerow([*before, *(column.name for column in table.columns), *after])
            for batch in batches:
                parquet.write_batch(_to_record_batch(batch, schema))
                lines.writerows([*before.values(), *map(_to_csv_cell, row), *after.values()] for row in batch)
                rows += len(batch)
        return rows

    def publish(self) -> list[Path]:
        """Give every file its own name, and return them."""
        for temporary, target in self._whole.items():
            temporary.replace(target)
        return list(self._whole.values())

    def discard(self) -> None:
        """Remove what was not published."""
        for temporary in self._whole:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _begin(self, table: ExportTable, suffix: str) -> Path:
        target = self._folder / self._source.name_file(table.name, suffix)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._whole[temporary] = target
        return temporary


@contextmanager
def writing_into(folder: Path, source: ExportSource) -> Iterator[ExportFolder]:
    """Open a folder for one export; where this fails midway, nothing of it stays there."""
    files = ExportFolder(folder, source)
    try:
        yield files
    finally:
        files.discard()


def _make_schema(table: ExportTable, source: ExportSource) -> pa.Schema:
    return pa.schema(
        [pa.field(column.name, _TYPES[column.kind]) for column in table.columns],
        metadata={
            "airtide.table": table.name,
            "airtide.tables": ",".join(source.tables),
            "airtide.data": source.data,
            "airtide.zone": source.zone,
            "airtide.day": source.day.isoformat(),
            "airtide.starts_at": _write_instant(source.starts_at),
            "airtide.ends_at": _write_instant(source.ends_at),
            "airtide.is_provisional": str(source.is_provisional).lower(),
            "airtide.definitions_version": ",".join(map(str, table.definitions_versions)),
        },
    )


def _tell_context(table: ExportTable, source: ExportSource) -> tuple[dict[str, object], dict[str, object]]:
    """Return what every line of a CSV tells of its source before and after the table's own columns."""
    own = {column.name for column in table.columns}
    before: dict[str, object] = {
        name: value for name, value in (("zone", source.zone), ("day", source.day)) if name not in own
    }
    after: dict[str, object] = {
        "table": table.name,
        "tables": " ".join(source.tables),
        "data": source.data,
        "is_provisional": to_cell(source.is_provisional),
    }
    return before, after


def _to_record_batch(rows: Rows, schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _to_csv_cell(value: object) -> object:
    if isinstance(value, datetime):
        return _write_instant(value)
    return value.isoformat() if isinstance(value, date) else to_cell(value)


def _write_instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
